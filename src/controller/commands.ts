/**
 * A person's commands: stop, start, delete, a new policy, a reset. Each answers only when what it promises is durable.
 *
 * A command is first saved, then carried out. Between the two anything may happen: another person, another controller,
 * a crash. The record decides whose command was the last, and permits check it at the last moment.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import type { Option } from 'fp-ts/lib/Option.js';
import type { Task } from 'fp-ts/lib/Task.js';
import {
  deleteRequested,
  instanceReset,
  manuallyStarted,
  manuallyStopped,
  policyUpdated,
  type RestartEvent,
} from '../event.js';
import { checkPolicy, eqRestartPolicy, type PolicyError, policyDefaults, type RestartPolicy } from '../policy.js';
import {
  type ActionError,
  type Failed,
  failed,
  type Refused,
  type Superseded,
  superseded,
} from '../ports/hypervisor.js';
import type { InstanceId, InvalidRecord, Revision, StoredRecord, StoreFailed } from '../ports/store.js';
import { initialStatus } from '../status.js';
import { commitCommand, type Found } from './commit.js';
import type { Context } from './context.js';
import { isStopped, startPermit, stopPermit } from './permits.js';
import { stopIfStopped } from './reconcile.js';

/**
 * What a person asked for is done, and recorded at `revision`.
 *
 * @since 0.1.0
 */
export interface Acknowledged {
  readonly revision: Revision;
}

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

type Answer<A = Acknowledged> = Promise<Either<ActionError, A>>;

// ---------------------------------------------------------------------------
// stop and delete
// ---------------------------------------------------------------------------

export const stop = (context: Context, id: InstanceId): Answer => stopBy(context, id, manuallyStopped);

const stopBy = async (context: Context, id: InstanceId, event: RestartEvent): Answer => {
  const { ports } = context;
  let wasGone = false;
  for (;;) {
    const recorded = await record(context, id, event);
    if (recorded._tag === 'Left') return recorded;
    const { revision } = recorded.right;
    const undo = undoOnce(context, id, recorded.right);
    const stopped = await ports.stop(id, { ...stopPermit(ports, id, revision), onRefused: undo.onRefused });

    if (stopped._tag === 'Right') {
      context.request(id); // which cancels its wake-up
      return right({ revision });
    }
    switch (stopped.left._tag) {
      case 'Superseded':
        return stopped;
      case 'Refused': {
        const answer = await answerRefused(context, id, stopped.left, undo);
        if (answer !== 'gone') return left(answer);
        // Only once: a hypervisor that refuses to stop what does not run would be asked for ever.
        if (wasGone) return stopped;
        wasGone = true;
        continue;
      }
      default:
        context.request(id); // the marker stays, and repair finishes the stop
        return stopped;
    }
  }
};

/** Nothing was done, so the record is put back. 'gone': the run ended meanwhile, so the stop is made again. */
const answerRefused = async (
  context: Context,
  id: InstanceId,
  refusal: Refused,
  undo: Undo,
): Promise<Refused | Failed | 'gone'> => {
  const undone = await undo.run();
  context.request(id);
  if (undone._tag === 'Left') return halfUndone(refusal, undone.left);
  if (undone.right === null || undo.former === 'stopped') return refusal;
  // A repair whose permit was drawn from the marker may be on its way: the run is given a tag that this repair must not
  // kill. Not if the record that was put back is another person's stop: the tag would shield the run from that stop too.
  const { ports } = context;
  const tagged = await ports.retag(id, startPermit(ports, id, undone.right));
  return tagged._tag === 'Right' && tagged.right === 'gone' ? 'gone' : refusal;
};

export const remove = async (context: Context, id: InstanceId): Answer => {
  const { ports } = context;
  const stopped = await stopBy(context, id, deleteRequested);
  if (stopped._tag === 'Left') return stopped;
  // Here a start in flight may take effect after the delete: the marker stays as a tombstone, to stop it.
  if (context.exclusion === 'none') return stopped;

  let { revision } = stopped.right;
  for (;;) {
    const removed = await ports.remove(id, revision);
    if (removed._tag === 'Right') return right({ revision });
    if (removed.left._tag === 'StoreFailed') return left(removed.left);
    const loaded = await ports.load(id);
    if (loaded._tag === 'Left') return loaded;
    if (loaded.right._tag === 'None') return right({ revision });
    if (!isStopped(loaded.right)) return left(superseded);
    // Another person stopped it again, and may not have carried that out yet: so it is stopped under their command.
    // To save this delete once more would void theirs, and two deletes at once would do that to each other for ever.
    revision = loaded.right.value.revision;
    const again = await ports.stop(id, stopPermit(ports, id, revision));
    if (again._tag === 'Left') return again;
  }
};

// ---------------------------------------------------------------------------
// start
// ---------------------------------------------------------------------------

/** Runs in the instance's lane: no observation is decided between the record and the start. */
export const start = async (context: Context, id: InstanceId): Answer => {
  const { ports } = context;
  const recorded = await record(context, id, manuallyStarted);
  if (recorded._tag === 'Left') return recorded;
  const undo = undoOnce(context, id, recorded.right);
  let { revision } = recorded.right;

  for (;;) {
    const started = await ports.start(id, { ...startPermit(ports, id, revision), onRefused: undo.onRefused });
    context.request(id);
    if (started._tag === 'Right') break;
    switch (started.left._tag) {
      case 'Superseded': {
        const current = await currentRevision(context, id);
        if (current._tag === 'Left') return current;
        if (current.right === revision) return left(failed(restoredStore));
        revision = current.right;
        continue;
      }
      case 'Refused': {
        const undone = await undo.run();
        return undone._tag === 'Left' ? left(halfUndone(started.left, undone.left)) : started;
      }
      default:
        await stopIfStopped(context, id, revision);
        return started; // supervision is on
    }
  }

  if (await stopIfStopped(context, id, revision)) return left(superseded);
  return right({ revision });
};

const restoredStore =
  'the hypervisor knows a later revision than the store holds; was the store restored from a backup?';

/** The revision that a start may still be made under; Superseded if the instance is blocked or deleted by now. */
const currentRevision = async (context: Context, id: InstanceId): Answer<Revision> => {
  const loaded = await context.ports.load(id);
  if (loaded._tag === 'Left') return loaded;
  return loaded.right._tag === 'Some' && loaded.right.value.status.blockedReason === null
    ? right(loaded.right.value.revision)
    : left(superseded);
};

// ---------------------------------------------------------------------------
// policy and reset
// ---------------------------------------------------------------------------

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
  let existed = false;
  for (;;) {
    const loaded = await context.ports.load(id);
    if (loaded._tag === 'Left') return loaded;
    const former = loaded.right;
    // Deleted meanwhile: to create it anew would undo a person's delete, and may start what they stopped.
    if (existed && former._tag === 'None') return left(superseded);
    existed = former._tag === 'Some';
    if (former._tag === 'Some' && eqRestartPolicy.equals(former.value.policy, policy)) {
      return right({ revision: former.value.revision, changed: false });
    }
    const saved = await commitCommand(context, id, { ...recordOf(former), policy }, policyUpdated);
    if (saved._tag === 'Left') {
      if (saved.left._tag === 'Conflict') continue;
      return left(saved.left);
    }
    context.request(id);
    return right({ revision: saved.right.revision, changed: true });
  }
};

const invalidPolicy = (errors: NonEmptyArray<PolicyError>): InvalidPolicy => ({
  _tag: 'InvalidPolicy',
  message: errors.map(({ message }) => message).join('; '),
  errors,
});

/** null: there is no record, so there is nothing to reset. */
export const reset = async (
  context: Context,
  id: InstanceId,
): Promise<Either<StoreFailed | InvalidRecord, Acknowledged | null>> => {
  for (;;) {
    const loaded = await context.ports.load(id);
    if (loaded._tag === 'Left') return loaded;
    if (loaded.right._tag === 'None') return right(null);
    const saved = await commitCommand(context, id, loaded.right.value, instanceReset);
    if (saved._tag === 'Left') {
      if (saved.left._tag === 'Conflict') continue;
      return left(saved.left);
    }
    context.request(id);
    return right({ revision: saved.right.revision });
  }
};

// ---------------------------------------------------------------------------
// saving a command, and undoing it
// ---------------------------------------------------------------------------

interface Recorded {
  readonly revision: Revision;
  /** The record before. */
  readonly former: Option<StoredRecord>;
}

/** Saves a command over whatever record there is now. */
const record = async (
  context: Context,
  id: InstanceId,
  event: RestartEvent,
): Promise<Either<StoreFailed | InvalidRecord, Recorded>> => {
  for (;;) {
    const loaded = await context.ports.load(id);
    if (loaded._tag === 'Left') return loaded;
    const former = loaded.right;
    const saved = await commitCommand(context, id, recordOf(former), event);
    if (saved._tag === 'Right') return right({ revision: saved.right.revision, former });
    if (saved.left._tag !== 'Conflict') return left(saved.left);
  }
};

/** An instance without a policy has a record all the same: a stop must hold against a policy that comes later. */
const recordOf = (former: Option<StoredRecord>): Found =>
  former._tag === 'Some' ? former.value : { policy: policyDefaults, status: initialStatus, revision: null };

interface Undo {
  /** What the record said before: 'stopped' by a person, or 'supervised'. */
  readonly former: 'stopped' | 'supervised';
  /**
   * Puts the former record back, once, however often it is called. Answers with its revision; null: not put back,
   * because somebody else has saved since.
   */
  readonly run: () => Promise<Either<StoreFailed, Revision | null>>;
  /** The same, for a permit. */
  readonly onRefused: Task<void>;
}

const undoOnce = (context: Context, id: InstanceId, { former, revision }: Recorded): Undo => {
  let running: Promise<Either<StoreFailed, Revision | null>> | null = null;

  const putBack = async (): Promise<Either<StoreFailed, Revision | null>> => {
    // If there was no record, an initial one is put there: a repair on its way would take a record that is gone for a
    // stop.
    const { policy, status } = recordOf(former);
    const saved = await context.ports.save(id, { policy, status }, revision);
    if (saved._tag === 'Right') return saved;
    return saved.left._tag === 'Conflict' ? right(null) : left(saved.left);
  };

  const run: Undo['run'] = () => {
    running ??= putBack();
    return running;
  };

  return {
    former: former._tag === 'Some' && isStopped(former) ? 'stopped' : 'supervised',
    run,
    onRefused: async () => {
      await run();
    },
  };
};

/** A refusal whose record could not be put back is a failure. */
const halfUndone = (refusal: Refused, cause: StoreFailed): Failed =>
  failed(`refused (${refusal.message}), and its record could not be put back`, cause);
