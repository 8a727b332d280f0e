/**
 * A person's commands: stop, start, delete, pause, resume, a new policy, a reset. Each answers only when what it promises is durable.
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
  supervisionPaused,
  supervisionResumed,
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
import type { Conflict, InstanceId, InvalidRecord, Revision, StoredRecord, StoreFailed } from '../ports/store.js';
import type { RestartReason } from '../reason.js';
import { type BlockedReason, initialStatus, type RestartStatus } from '../status.js';
import { type Committed, commit, commitCommand, type Found } from './commit.js';
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
 * What a person said of an instance's supervision is recorded, at `revision`. `reason` is the decision's: what came of it.
 *
 * @since 0.2.0
 */
export interface SupervisionAcknowledged extends Acknowledged {
  readonly reason: RestartReason;
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

  context.admission?.begin(id, 'person');
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

/** Whether a person's start is still made when this came after it. */
const goesOn: Readonly<Record<BlockedReason, boolean>> = {
  manual_stop: false,
  max_attempts_exceeded: false,
  // It suspends what is done without a person. The instance is started, and left alone from then on.
  paused: true,
};

/** The revision that a start may still be made under; Superseded if what came after it won. */
const currentRevision = async (context: Context, id: InstanceId): Answer<Revision> => {
  const loaded = await context.ports.load(id);
  if (loaded._tag === 'Left') return loaded;
  if (loaded.right._tag === 'None') return left(superseded);
  const { revision, status } = loaded.right.value;
  return status.blockedReason === null || goesOn[status.blockedReason] ? right(revision) : left(superseded);
};

// ---------------------------------------------------------------------------
// pause and resume
// ---------------------------------------------------------------------------

type SupervisionAnswer<E = never, A = never> = Promise<
  Either<StoreFailed | InvalidRecord | E, SupervisionAcknowledged | A>
>;

/**
 * Asks nothing of the hypervisor. The revision that it writes voids the permit of an attempt that was decided on and has
 * not begun.
 */
export const pause = (context: Context, id: InstanceId): SupervisionAnswer<Superseded> =>
  saveOrCreate(context, id, async (found) => {
    // A person's stop is the stronger word, and nothing is written over it. If it is refused, it takes back what stands
    // there, which it could not under another revision.
    const save = found.status.blockedReason === 'manual_stop' ? commit : commitCommand;
    return acknowledge(context, id, await save(context, id, found, supervisionPaused));
  });

/** null: there is no record, so there is nothing to resume. */
export const resume = (context: Context, id: InstanceId): SupervisionAnswer<never, null> =>
  saveOver(context, id, async (former) => {
    if (former._tag === 'None') return right(null);
    // What is not paused is left alone: a new revision would void an attempt that was counted, and keep a person's start
    // or stop that is refused from taking back what it wrote.
    return acknowledge(context, id, await commit(context, id, former.value, supervisionResumed));
  });

/** The reconciliation cancels the wake-up of what is paused, and looks at once at what was resumed. */
const acknowledge = <E>(
  context: Context,
  id: InstanceId,
  saved: Either<E, Committed>,
): Either<E, SupervisionAcknowledged> => {
  if (saved._tag === 'Left') return saved;
  context.request(id);
  return right({ revision: saved.right.revision, reason: saved.right.reason });
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
  return saveOrCreate<Acknowledged & { readonly changed: boolean }>(context, id, async (found) => {
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
  saveOver(context, id, async (former) => {
    if (former._tag === 'None') return right(null);
    const saved = await commitCommand(context, id, former.value, instanceReset);
    if (saved._tag === 'Left') return saved;
    context.request(id);
    return right({ revision: saved.right.revision });
  });

// ---------------------------------------------------------------------------
// saving a command, and undoing it
// ---------------------------------------------------------------------------

interface Recorded {
  readonly revision: Revision;
  /** The record before. */
  readonly former: Option<StoredRecord>;
}

/** What a save answers: Conflict where somebody else has saved since the record was loaded. */
type Saving<A> = Promise<Either<StoreFailed | Conflict, A>>;

/** Saves what is made of the record that there is now, again from the start for as long as somebody else is faster. */
const saveOver = async <A>(
  { ports }: Context,
  id: InstanceId,
  save: (former: Option<StoredRecord>) => Saving<A>,
): Promise<Either<StoreFailed | InvalidRecord, A>> => {
  for (;;) {
    const loaded = await ports.load(id);
    if (loaded._tag === 'Left') return loaded;
    const saved = await save(loaded.right);
    if (saved._tag === 'Right') return saved;
    if (saved.left._tag !== 'Conflict') return left(saved.left);
  }
};

/**
 * The same, and creates a record that is not there. Superseded: it was deleted meanwhile, and to create it anew would undo
 * a person's delete, and may start what they stopped.
 */
const saveOrCreate = async <A extends object>(
  context: Context,
  id: InstanceId,
  save: (found: Found) => Saving<A>,
): Promise<Either<Superseded | StoreFailed | InvalidRecord, A>> => {
  let existed = false;
  const saved = await saveOver<A | null>(context, id, async (former) => {
    if (existed && former._tag === 'None') return right(null);
    existed = former._tag === 'Some';
    return save(recordOf(former));
  });
  if (saved._tag === 'Left') return saved;
  return saved.right === null ? left(superseded) : right(saved.right);
};

/** Saves a command over whatever record there is now. */
const record = (
  context: Context,
  id: InstanceId,
  event: RestartEvent,
): Promise<Either<StoreFailed | InvalidRecord, Recorded>> =>
  saveOver(context, id, async (former) => {
    const saved = await commitCommand(context, id, recordOf(former), event);
    return saved._tag === 'Right' ? right({ revision: saved.right.revision, former }) : saved;
  });

/** An instance without a policy has a record all the same: a stop must hold against a policy that comes later. */
const recordOf = (former: Option<StoredRecord>): Found =>
  former._tag === 'Some' ? former.value : { policy: policyDefaults, status: initialStatus, revision: null };

interface Undo {
  /** What the record said before: 'stopped' by a person, or 'supervised', which what is paused will be again. */
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
