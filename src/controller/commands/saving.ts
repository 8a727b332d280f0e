/**
 * Saving a command: over whatever record there is, again from the start for as long as somebody else is faster.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { Option } from 'fp-ts/lib/Option.js';
import { left, right } from '../../either.js';
import type { RestartEvent } from '../../event.js';
import { policyDefaults } from '../../policy.js';
import { type Superseded, superseded } from '../../ports/hypervisor.js';
import type { Conflict, InstanceId, InvalidRecord, Revision, StoredRecord, StoreFailed } from '../../ports/store.js';
import { initialStatus } from '../../status.js';
import { afterConflict } from '../breath.js';
import { commitCommand, commitOver, type Found } from '../commit.js';
import type { Context } from '../context.js';

/** The record before a command: there may be none, or one that cannot be read. */
export type Former = Option<StoredRecord> | InvalidRecord;

/** A command that is durable. */
export interface Recorded {
  readonly revision: Revision;
  readonly former: Former;
}

/** What a save answers: Conflict where somebody else has saved since the record was loaded. */
export type Saving<A> = Promise<Either<StoreFailed | Conflict | InvalidRecord, A>>;

/** Saves what is made of the record that there is now, for as long as somebody else is faster. */
export const saveOver = async <A>(
  { ports, clock }: Context,
  id: InstanceId,
  save: (former: Former) => Saving<A>,
): Promise<Either<StoreFailed | InvalidRecord, A>> => {
  for (;;) {
    const loaded = await ports.load(id);
    const former = loaded._tag === 'Left' ? loaded.left : loaded.right;
    if (former._tag === 'StoreFailed') return left(former);
    const saved = await save(former);
    if (saved._tag === 'Right') return saved;
    if (saved.left._tag !== 'Conflict') return left(saved.left);
    await afterConflict(clock);
  }
};

/** The same, for a command that needs to read the record. */
export const saveOverReadable = <A>(
  context: Context,
  id: InstanceId,
  save: (former: Option<StoredRecord>) => Saving<A>,
): Promise<Either<StoreFailed | InvalidRecord, A>> =>
  saveOver(context, id, async (former) => (former._tag === 'InvalidRecord' ? left(former) : save(former)));

/**
 * The same, and creates a record that is not there. Superseded: it was deleted meanwhile, and to create it anew would undo
 * a person's delete, and may start what they stopped.
 */
export const saveOrCreate = async <A extends object>(
  context: Context,
  id: InstanceId,
  save: (found: Found | InvalidRecord) => Saving<A>,
): Promise<Either<Superseded | StoreFailed | InvalidRecord, A>> => {
  let existed = false;
  const saved = await saveOver<A | null>(context, id, async (former) => {
    if (existed && former._tag === 'None') return right(null);
    existed = former._tag !== 'None';
    return save(former._tag === 'InvalidRecord' ? former : recordOf(former));
  });
  if (saved._tag === 'Left') return saved;
  return saved.right === null ? left(superseded) : right(saved.right);
};

/** Saves a start over whatever record there is. One that cannot be read is left alone: it may forbid the start. */
export const recordStart = (
  context: Context,
  id: InstanceId,
  event: RestartEvent,
): Promise<Either<StoreFailed | InvalidRecord, Recorded>> =>
  saveOverReadable(context, id, async (former) => {
    const saved = await commitCommand(context, id, recordOf(former), event);
    return saved._tag === 'Right' ? right({ revision: saved.right.revision, former }) : saved;
  });

/** Saves a stop over whatever stands there, whether or not it can be read: a person can always stop an instance. */
export const recordStop = (
  context: Context,
  id: InstanceId,
  event: RestartEvent,
): Promise<Either<StoreFailed | InvalidRecord, Recorded>> =>
  saveOver(context, id, async (former) => {
    const saved =
      former._tag === 'InvalidRecord'
        ? await commitOver(context, id, former, event)
        : await commitCommand(context, id, recordOf(former), event);
    return saved._tag === 'Right' ? right({ revision: saved.right.revision, former }) : saved;
  });

/** An instance without a policy has a record all the same: a stop must hold against a policy that comes later. */
export const recordOf = (former: Option<StoredRecord>): Found =>
  former._tag === 'Some' ? former.value : { policy: policyDefaults, status: initialStatus, revision: null };
