/**
 * A look at one instance: load, inspect, decide, save, act, and again until there is nothing left to do but to wait.
 *
 * What is durable before what is done:
 * - an attempt is counted in the store before the start that it counts;
 * - a person's stop is in the store before the instance is stopped, and stands there until a person says otherwise;
 * - so whatever crashes between two steps, the next look finds in the store what to repair, and nothing uncounted.
 *
 * The numbers are those of the protocol in ARCHITECTURE.md.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { RestartAction } from '../action.js';
import { nextWakeAt } from '../decide.js';
import { attemptFailed, observed } from '../event.js';
import type { Lease } from '../ports/leases.js';
import type { InstanceId, Revision } from '../ports/store.js';
import type { RestartStatus } from '../status.js';
import { commit } from './commit.js';
import type { Context, Fault } from './context.js';
import { attemptPermit, isStopped, stopPermit } from './permits.js';

/** Left: the look could not be completed; the fault has been told. */
export type Looked = Either<Fault, void>;

const done: Looked = right(undefined);

export const look = async (context: Context, id: InstanceId): Promise<Looked> => {
  const { ports, health } = context;
  let repaired = false;

  while (!context.isClosed()) {
    const loaded = await ports.load(id); // 1
    if (loaded._tag === 'Left') return giveUp(context, { id, during: 'load', error: loaded.left });
    if (loaded.right._tag === 'None') {
      context.disarm(id);
      health.forget(id);
      // Should that fail: the lease of what is gone is in nobody's way.
      if (ports.leases !== null) await ports.leases.release(id);
      return done;
    }
    const { policy, status, revision } = loaded.right.value;

    let lease: Lease | null = null;
    if (ports.leases !== null) {
      const held = await ports.leases.hold(id); // 1a
      if (held._tag === 'Left') return giveUp(context, { id, during: 'hold', error: held.left });
      if (held.right === null) {
        context.disarm(id);
        return done;
      }
      lease = held.right;
    }

    const inspected = await ports.inspect(id); // 2
    if (inspected._tag === 'Left') return giveUp(context, { id, during: 'inspect', error: inspected.left });
    const instance = health.merge(id, inspected.right);

    const alive = instance.state === 'running' || instance.state === 'initializing';
    if (alive && status.blockedReason === 'manual_stop' && !repaired) {
      // 3. Once a look: should it still run after that, the next notification or resync finds it.
      repaired = true;
      const stopped = await ports.stop(id, stopPermit(ports, id, revision));
      if (stopped._tag === 'Left' && stopped.left._tag !== 'Superseded') {
        return giveUp(context, { id, during: 'stop', error: stopped.left });
      }
      continue;
    }

    const committed = await commit(context, id, loaded.right.value, observed(instance)); // 4, 5
    if (committed._tag === 'Left') {
      if (committed.left._tag === 'Conflict') continue;
      return giveUp(context, { id, during: 'save', error: committed.left });
    }

    const { status: decided, actions } = committed.right;
    const action = actions[0];
    if (action === undefined) {
      const wakeAt = nextWakeAt(policy, decided, instance); // 11
      if (wakeAt === null) context.disarm(id);
      else context.arm(id, wakeAt);
      return done;
    }
    await act(context, id, action, decided, committed.right.revision, lease);
  }
  return done;
};

const giveUp = (context: Context, fault: Omit<Fault, '_tag'>): Looked => {
  context.fault(fault);
  return left({ _tag: 'Fault', ...fault });
};

/** 6 to 10: carries out a committed attempt. Superseded charges nobody: the next round looks again. */
const act = async (
  context: Context,
  id: InstanceId,
  action: RestartAction,
  attempt: RestartStatus,
  revision: Revision,
  lease: Lease | null,
): Promise<void> => {
  const { ports } = context;
  const permit = attemptPermit(ports, id, revision, lease);
  if (action._tag === 'Restart') {
    const stopped = await ports.stop(id, permit); // 6
    if (stopped._tag === 'Left') {
      if (stopped.left._tag === 'Superseded') return;
      context.fault({ id, during: 'stop', error: stopped.left });
      return chargeFailure(context, id, action.attempt, attempt);
    }
  } else {
    action._tag satisfies 'Start';
  }
  const started = await ports.start(id, permit); // 7
  if (started._tag === 'Left') {
    if (started.left._tag === 'Superseded') return; // 8
    context.fault({ id, during: 'start', error: started.left });
    await chargeFailure(context, id, action.attempt, attempt); // 9
  }
  await stopIfStopped(context, id, revision); // 10
};

/** 9: the wait counts from the failure, unless the record is no longer of that attempt. */
const chargeFailure = async (
  context: Context,
  id: InstanceId,
  number: number,
  attempt: RestartStatus,
): Promise<void> => {
  for (;;) {
    const loaded = await context.ports.load(id);
    if (loaded._tag === 'Left') return context.fault({ id, during: 'load', error: loaded.left });
    if (loaded.right._tag === 'None') return;
    const { status } = loaded.right.value;
    if (status.attempts !== number || status.lastAttemptAt !== attempt.lastAttemptAt) return;

    const committed = await commit(context, id, loaded.right.value, attemptFailed(number));
    if (committed._tag === 'Right') return;
    if (committed.left._tag !== 'Conflict') return context.fault({ id, during: 'save', error: committed.left });
  }
};

/**
 * After a start, successful or failed: what a person stopped meanwhile is stopped at once. Repair (3) would find it
 * too; this only shortens the window. Answers whether it was stopped by a person's word.
 */
export const stopIfStopped = async (context: Context, id: InstanceId, revision: Revision): Promise<boolean> => {
  const { ports } = context;
  const loaded = await ports.load(id);
  if (loaded._tag === 'Left') {
    context.fault({ id, during: 'load', error: loaded.left });
    return false;
  }
  if (!isStopped(loaded.right)) return false;
  const at = loaded.right._tag === 'Some' ? loaded.right.value.revision : revision;
  const stopped = await ports.stop(id, stopPermit(ports, id, at));
  if (stopped._tag === 'Left' && stopped.left._tag !== 'Superseded') {
    context.fault({ id, during: 'stop', error: stopped.left });
  }
  return true;
};
