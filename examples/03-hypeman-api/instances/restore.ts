/** Snapshots: taken of a stopped instance, and put back in its place. */
import { randomUUID } from 'node:crypto';
import type { Hypeman } from '@onkernel/hypeman';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { notFound, type Refusal, refusalOf, refuse } from '../answers.js';
import type { Parts } from '../parts.js';
import { noStandby } from './create.js';
import type { Definition } from './definition.js';
import type { Snapshot } from './snapshots.js';
import { stateOf } from './state.js';

export const takeSnapshot = async (
  parts: Parts,
  definition: Definition,
  body: Hypeman.Instances.SnapshotCreateParams,
): Promise<Either<Refusal, Snapshot>> => {
  if (body.kind === 'Standby') return left(noStandby);
  const { state, report } = await stateOf(parts, definition);
  if (report === null) return left(notFound);
  if (state !== 'Stopped')
    return left(refuse(409, 'invalid_state', `a Stopped snapshot needs a stopped instance: it is ${state}`));
  const { id, name, createdAt: _, ...workload } = definition;
  const snapshot: Snapshot = {
    id: randomUUID(),
    name: body.name ?? null,
    createdAt: parts.clock.now(),
    instanceId: id,
    instanceName: name,
    workload,
    policy: report.policy,
  };
  parts.snapshots.insert(snapshot);
  return right(snapshot);
};

/**
 * In place: what runs is stopped, and what the snapshot holds takes over. It is a person's act, so the window is reset;
 * and what it leaves behind has never run, so that no policy starts it: only the client does, by `target_state`.
 *
 * The stop comes first and the reset last. In between the instance is blocked, so that nothing starts it half-way, and
 * should a step fail it stays stopped.
 */
export const restoreSnapshot = async (
  { controller, definitions, snapshots, hypervisor, checks }: Parts,
  { id }: Definition,
  snapshotId: string,
  targetState: Hypeman.Instances.SnapshotRestoreParams['target_state'],
): Promise<Either<Refusal, Definition>> => {
  if (targetState === 'Standby') return left(noStandby);
  const snapshot = snapshots.get(snapshotId, id);
  if (snapshot === null) return left(notFound);

  const stopped = await controller.manualStop(id)();
  if (stopped._tag === 'Left') return left(refusalOf(stopped.left));
  const forgotten = await hypervisor.forget(id)();
  if (forgotten._tag === 'Left') return left(refusalOf(forgotten.left));
  const restored = definitions.change(id, snapshot.workload);
  if (restored === null) return left(notFound);
  const updated = await controller.updatePolicy(id, snapshot.policy)();
  if (updated._tag === 'Left') return left(refusalOf(updated.left));
  const reset = await controller.reset(id)();
  if (reset._tag === 'Left') return left(refusalOf(reset.left));
  checks.reconcile(id);

  if (targetState === 'Running') {
    const started = await controller.manualStart(id)();
    if (started._tag === 'Left') return left(refusalOf(started.left));
  }
  return right(restored);
};
