/**
 * A person's word: stop, start, delete, a new policy, a reset. Each answers only when what it promises is durable.
 *
 * A word is first written, then carried out. Between the two anything may happen: another person, another controller,
 * a crash. The record decides who was last, and permits ask it at the last moment.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
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
import { eqRestartPolicy, policyDefaults, type RestartPolicy } from '../policy.js';
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
import { commitWord, type Found } from './commit.js';
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

type Answer<A = Acknowledged> = Promise<Either<ActionError, A>>;

// ---------------------------------------------------------------------------
// stop and delete
// ---------------------------------------------------------------------------

export const stop = (context: Context, id: InstanceId): Answer => stopBy(context, id, manuallyStopped);

const stopBy = async (context: Context, id: InstanceId, event: RestartEvent): Answer => {
  const { ports } = context;
  let wasGone = false;
  for (;;) {
    const recorded = await record(context, id, event); // 1, 2
    if (recorded._tag === 'Left') return recorded;
    const { revision } = recorded.right;
    const undo = undoOnce(context, id, recorded.right);
    const stopped = await ports.stop(id, { ...stopPermit(ports, id, revision), onRefused: undo.onRefused }); // 3

    if (stopped._tag === 'Right') {
      context.request(id); // its wake-up is no longer wanted
      return right({ revision }); // 6
    }
    switch (stopped.left._tag) {
      case 'Superseded':
        return stopped;
      case 'Refused': {
        const answer = await answerRefused(context, id, stopped.left, undo); // 4
        if (answer !== 'gone') return left(answer);
        // Once: a hypervisor that refuses to stop what does not run would be asked for ever.
        if (wasGone) return stopped;
        wasGone = true;
        continue;
      }
      default:
        context.request(id); // 5: the marker stays, and repair finishes the stop
        return stopped;
    }
  }
};

/** 4: nothing was done, so nothing is to be left behind. 'gone': the run ended meanwhile, so the stop is made again. */
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
  // A repair drawn from the marker may be on its way: the run is given a tag that it must not kill. Not where what was
  // put back is another person's stop: that one is still to end the run, and the tag would shield the run from it.
  const { ports } = context;
  const tagged = await ports.retag(id, startPermit(ports, id, undone.right));
  return tagged._tag === 'Right' && tagged.right === 'gone' ? 'gone' : refusal;
};

export const remove = async (context: Context, id: InstanceId): Answer => {
  const { ports } = context;
  for (;;) {
    const stopped = await stopBy(context, id, deleteRequested);
    if (stopped._tag === 'Left') return stopped;
    // A start in flight that nothing holds back may land after this: the marker stays as a tombstone to stop it.
    if (context.exclusion === 'none') return stopped;

    const removed = await ports.remove(id, stopped.right.revision);
    if (removed._tag === 'Right') return stopped;
    if (removed.left._tag === 'StoreFailed') return left(removed.left);
    const loaded = await ports.load(id);
    if (loaded._tag === 'Left') return loaded;
    if (loaded.right._tag === 'None') return stopped;
    if (!isStopped(loaded.right)) return left(superseded);
    // Stopped again by another, who may not have carried it out yet: so it is done from the beginning.
  }
};

// ---------------------------------------------------------------------------
// start
// ---------------------------------------------------------------------------

/** Runs in the instance's lane: no observation is decided between the record and the start. */
export const start = async (context: Context, id: InstanceId): Answer => {
  const { ports } = context;
  const recorded = await record(context, id, manuallyStarted); // 1, 2
  if (recorded._tag === 'Left') return recorded;
  const undo = undoOnce(context, id, recorded.right);
  let { revision } = recorded.right;

  for (;;) {
    const started = await ports.start(id, { ...startPermit(ports, id, revision), onRefused: undo.onRefused }); // 3
    context.request(id);
    if (started._tag === 'Right') break;
    switch (started.left._tag) {
      case 'Superseded': {
        const current = await currentRevision(context, id); // 4
        if (current._tag === 'Left') return current;
        if (current.right === revision) return left(failed('the hypervisor has seen a later revision than the store'));
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

  if (await stopIfStopped(context, id, revision)) return left(superseded); // 5
  return right({ revision }); // 6
};

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
  policy: RestartPolicy,
): Promise<Either<Superseded | StoreFailed | InvalidRecord, Acknowledged & { readonly changed: boolean }>> => {
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
    const saved = await commitWord(context, id, { ...recordOf(former), policy }, policyUpdated);
    if (saved._tag === 'Left') {
      if (saved.left._tag === 'Conflict') continue;
      return left(saved.left);
    }
    context.request(id);
    return right({ revision: saved.right.revision, changed: true });
  }
};

/** null: there is no record, so there is nothing to reset. */
export const reset = async (
  context: Context,
  id: InstanceId,
): Promise<Either<StoreFailed | InvalidRecord, Acknowledged | null>> => {
  for (;;) {
    const loaded = await context.ports.load(id);
    if (loaded._tag === 'Left') return loaded;
    if (loaded.right._tag === 'None') return right(null);
    const saved = await commitWord(context, id, loaded.right.value, instanceReset);
    if (saved._tag === 'Left') {
      if (saved.left._tag === 'Conflict') continue;
      return left(saved.left);
    }
    context.request(id);
    return right({ revision: saved.right.revision });
  }
};

// ---------------------------------------------------------------------------
// writing a word down, and taking it back
// ---------------------------------------------------------------------------

interface Recorded {
  readonly revision: Revision;
  /** What stood there before. */
  readonly former: Option<StoredRecord>;
}

/** Writes a word down, on whatever stands there now. */
const record = async (
  context: Context,
  id: InstanceId,
  event: RestartEvent,
): Promise<Either<StoreFailed | InvalidRecord, Recorded>> => {
  for (;;) {
    const loaded = await context.ports.load(id);
    if (loaded._tag === 'Left') return loaded;
    const former = loaded.right;
    const saved = await commitWord(context, id, recordOf(former), event);
    if (saved._tag === 'Right') return right({ revision: saved.right.revision, former });
    if (saved.left._tag !== 'Conflict') return left(saved.left);
  }
};

/** An instance without a policy has a record all the same: a stop must hold against a policy that comes later. */
const recordOf = (former: Option<StoredRecord>): Found =>
  former._tag === 'Some' ? former.value : { policy: policyDefaults, status: initialStatus, revision: null };

interface Undo {
  /** What the record said before: 'stopped' by a person's word, or 'supervised'. */
  readonly former: 'stopped' | 'supervised';
  /**
   * Puts the former record back, once, however often it is called. Answers with its revision; null: not put back,
   * because somebody has written since.
   */
  readonly run: () => Promise<Either<StoreFailed, Revision | null>>;
  /** The same, for a permit. */
  readonly onRefused: Task<void>;
}

const undoOnce = (context: Context, id: InstanceId, { former, revision }: Recorded): Undo => {
  let running: Promise<Either<StoreFailed, Revision | null>> | null = null;

  const putBack = async (): Promise<Either<StoreFailed, Revision | null>> => {
    // Where there was no record, one that says nothing is put there: to a repair on its way, a record that is gone would
    // be as good as a stop.
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

/** What was refused, and could not be put back either, is a failure. */
const halfUndone = (refusal: Refused, cause: StoreFailed): Failed =>
  failed(`refused (${refusal.message}), and its record could not be put back`, cause);
