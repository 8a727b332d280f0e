/** Create and fork: a new instance under a policy. */
import type { Hypeman } from '@onkernel/hypeman';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { RestartPolicy } from 'restart-policy';
import { policyFromCreate } from 'restart-policy/hypeman';
import { badRequest, notFound, type Refusal, refusalOf, refuse } from '../answers.js';
import { readHealthCheck } from '../health/check.js';
import type { Parts } from '../parts.js';
import { commandLine, type Definition, define } from './definition.js';
import { remove } from './remove.js';
import { stateOf } from './state.js';

type Created = Promise<Either<Refusal, Definition>>;

/** As in hypeman, to create is to start. When the first start does not succeed, nothing is left behind. */
export const create = async (parts: Parts, body: Hypeman.InstanceCreateParams): Created => {
  const policy = policyFromCreate(body, { beyond: parts.beyond });
  if (policy._tag === 'Left') return left(badRequest(policy.left));
  const healthCheck = readHealthCheck(body.health_check);
  if (healthCheck._tag === 'Left') return left(refuse(400, 'invalid_health_check', healthCheck.left));
  const command = commandLine(body);
  if (command.length === 0) {
    return left(
      refuse(400, 'invalid_request', 'cmd or entrypoint is required: no image is pulled that would have one'),
    );
  }

  const workload = { image: body.image, command, env: body.env ?? {}, healthCheck: healthCheck.right };
  const definition = define(body.name, workload, parts.clock.now());
  const added = await add(parts, definition, policy.right, refuse(400, 'name_conflict', nameTaken(body.name)));
  return added._tag === 'Left' ? added : startOrRemove(parts, definition);
};

/**
 * A fork has its source's workload and policy, and no past: it is left stopped unless the client asks for a run. As in
 * hypeman, a running instance is forked only by a client that says it knows.
 */
export const fork = async (parts: Parts, source: Definition, body: Hypeman.InstanceForkParams): Created => {
  if (body.target_state === 'Standby') return left(noStandby);
  const { state, report } = await stateOf(parts, source);
  if (report === null) return left(notFound);
  if (state === 'Running' && body.from_running !== true) {
    return left(refuse(409, 'invalid_state', 'the source is running: stop it, or say from_running'));
  }

  const definition = define(body.name, source, parts.clock.now());
  const added = await add(parts, definition, report.policy, refuse(409, 'name_conflict', nameTaken(body.name)));
  if (added._tag === 'Left') return added;
  const reset = await parts.controller.reset(definition.id)();
  if (reset._tag === 'Left') {
    await remove(parts, definition);
    return left(refusalOf(reset.left));
  }
  return body.target_state === 'Running' ? startOrRemove(parts, definition) : right(definition);
};

/** A memory snapshot is what no child process has. */
export const noStandby = refuse(501, 'not_supported', 'child processes have no standby');

const nameTaken = (name: string): string => `an instance named ${name} exists`;

/** The definition first: the record that follows makes it count (see `sweep`). */
const add = async (
  { definitions, controller }: Parts,
  definition: Definition,
  policy: RestartPolicy,
  conflict: Refusal,
): Promise<Either<Refusal, void>> => {
  if (!definitions.insert(definition)) return left(conflict);
  const recorded = await controller.updatePolicy(definition.id, policy)();
  if (recorded._tag === 'Right') return right(undefined);
  definitions.remove(definition.id);
  return left(refusalOf(recorded.left));
};

const startOrRemove = async (parts: Parts, definition: Definition): Created => {
  const started = await parts.controller.manualStart(definition.id)();
  // Superseded: somebody was quick to stop it, which is no reason to take it away.
  if (started._tag === 'Right' || started.left._tag === 'Superseded') return right(definition);
  const removed = await remove(parts, definition);
  // What could not be taken away stands in the way of the same name.
  return left({ ...refusalOf(started.left), ...(removed._tag === 'Left' && { repeatable: false }) });
};
