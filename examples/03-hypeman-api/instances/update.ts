/** Update: a new restart policy, a new health check. Both are read before either is written. */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { neverPolicy, policyChange } from 'restart-policy/hypeman';
import { badRequest, notFound, type Refusal, refusalOf, refuse } from '../answers.js';
import { readHealthCheck } from '../health/check.js';
import type { Parts } from '../parts.js';
import type { UpdateBody } from '../routes/schemas.js';
import type { Definition } from './definition.js';

export const update = async (
  { beyond, controller, definitions, checks }: Parts,
  { id }: Definition,
  body: UpdateBody,
): Promise<Either<Refusal, Definition>> => {
  const stored = await controller.status(id)();
  if (stored._tag === 'Left') return left(refusalOf(stored.left));
  if (stored.right === null) return left(notFound);
  const change = policyChange(body, stored.right.policy, { beyond });
  if (change._tag === 'Left') return left(badRequest(change.left));
  const healthCheck = readHealthCheck(body.health_check);
  if (healthCheck._tag === 'Left') return left(refuse(400, 'invalid_health_check', healthCheck.left));

  // Keep is no update: given to the controller, it would end the failure window.
  if (change.right._tag !== 'Keep') {
    const policy = change.right._tag === 'Replace' ? change.right.policy : neverPolicy;
    const updated = await controller.updatePolicy(id, policy)();
    if (updated._tag === 'Left') return left(refusalOf(updated.left));
  }
  const changed = definitions.change(id, body.health_check === undefined ? {} : { healthCheck: healthCheck.right });
  checks.reconcile(id);
  return changed === null ? left(notFound) : right(changed);
};
