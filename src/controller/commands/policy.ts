/**
 * A new policy, and a reset.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import { left, right } from '../../either.js';
import { instanceReset, policyUpdated, type RestartEvent } from '../../event.js';
import { checkPolicy, eqRestartPolicy, type PolicyError, type RestartPolicy } from '../../policy.js';
import type { Superseded } from '../../ports/hypervisor.js';
import type { InstanceId, InvalidRecord, StoreFailed } from '../../ports/store.js';
import type { RestartStatus } from '../../status.js';
import { commitCommand, savePolicyOver } from '../commit.js';
import type { Context } from '../context.js';
import type { Acknowledged } from './answers.js';
import { type Saving, saveOrCreate, saveOverReadable } from './saving.js';

/**
 * What was handed in as a policy is none: an Either that was not unwrapped, a wire form that was not decoded, or a value
 * with wrong fields. `message` has all of `errors`. Nothing was loaded or saved.
 *
 * @since 0.2.0
 */
export interface InvalidPolicy {
  readonly _tag: 'InvalidPolicy';
  readonly message: string;
  readonly errors: NonEmptyArray<PolicyError>;
}

export const updatePolicy = async (
  context: Context,
  id: InstanceId,
  given: RestartPolicy,
): Promise<
  Either<Superseded | StoreFailed | InvalidRecord | InvalidPolicy, Acknowledged & { readonly changed: boolean }>
> => {
  const checked = checkPolicy(given);
  if (checked._tag === 'Left') return left(invalidPolicy(checked.left));
  const policy = checked.right;
  return saveOrCreate<Acknowledged & { readonly changed: boolean }>(context, id, async (found) => {
    if ('problems' in found) return updateUnread(context, id, found, policy);
    if (found.revision !== null && eqRestartPolicy.equals(found.policy, policy)) {
      return right({ revision: found.revision, changed: false });
    }
    const event = (await isAttemptUnderWay(context, id, found.status)) ? updatedDuringAttempt : policyUpdated;
    const saved = await commitCommand(context, id, { ...found, policy }, event);
    if (saved._tag === 'Left') return saved;
    context.request(id);
    return right({ revision: saved.right.revision, changed: true });
  });
};

/** Of a record that cannot be read whole: what of it is no policy stays as it stands. */
const updateUnread = async (
  context: Context,
  id: InstanceId,
  found: InvalidRecord,
  policy: RestartPolicy,
): Saving<Acknowledged & { readonly changed: boolean }> => {
  if (found.policy !== null && eqRestartPolicy.equals(found.policy, policy)) {
    return right({ revision: found.revision, changed: false });
  }
  const saved = await savePolicyOver(context, id, found, policy);
  if (saved._tag === 'Left') return saved;
  context.request(id);
  return right({ revision: saved.right, changed: true });
};

const updatedDuringAttempt: RestartEvent = { _tag: 'PolicyUpdated', attemptUnderWay: true };

/**
 * Whether we have stopped a run for its health (or because it did not get going), or are about to, and none has begun
 * since. The new policy voids the start that was to follow, and without a word about it a workload that heeds a stop and
 * ends with 0 would be taken for one that ended by itself (D17).
 *
 * It is not remembered in this process, because the attempt may be another controller's, or of one that died half-way. The
 * record says that an attempt was made, and the hypervisor whether a run has begun since. The record was loaded before,
 * and the save compares its revision: so an attempt that is answered "not begun" here, and begins then, is said to be
 * under way for nothing, which costs no more than the wait after it; and none goes unsaid.
 */
const isAttemptUnderWay = async (
  { ports }: Context,
  id: InstanceId,
  { attempts, lastAttemptAt, nextAttemptAt, blockedReason, lastReason }: RestartStatus,
): Promise<boolean> => {
  // Where an attempt is still to be made, the decision sees from the status that it must keep that. Where the limit was
  // reached, none is under way.
  const isMade = attempts > 0 && lastAttemptAt !== null && nextAttemptAt === null;
  if (lastReason === null || blockedReason !== null || !isMade) return false;
  const inspected = await ports.inspect(id);
  // If nobody knows, it may be under way.
  return inspected._tag === 'Left' || (inspected.right.startedAt ?? lastAttemptAt - 1) < lastAttemptAt;
};

/**
 * What is answered to whoever handed in a policy with these errors.
 *
 * @since 0.2.0
 */
export const invalidPolicy = (errors: NonEmptyArray<PolicyError>): InvalidPolicy => ({
  _tag: 'InvalidPolicy',
  message: errors.map(({ message }) => message).join('; '),
  errors,
});

/** null: there is no record, so there is nothing to reset. */
export const reset = (
  context: Context,
  id: InstanceId,
): Promise<Either<StoreFailed | InvalidRecord, Acknowledged | null>> =>
  saveOverReadable(context, id, async (former) => {
    if (former._tag === 'None') return right(null);
    const saved = await commitCommand(context, id, former.value, instanceReset);
    if (saved._tag === 'Left') return saved;
    context.request(id);
    return right({ revision: saved.right.revision });
  });
