/**
 * A person's word: stop, start, delete, a new policy, a reset. Each answers only when what it promises is durable.
 *
 * A word is first written, then carried out. Between the two anything may happen: another person, another controller,
 * a crash. The record decides who was last, and permits ask it at the last moment.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { Option } from 'fp-ts/lib/Option.js';
import {
  type ActionError,
  type Failed,
  failed,
  type Refused,
  type Superseded,
  superseded,
} from '../adapters/hypervisor.js';
import type { InstanceId, InvalidRecord, Revision, StoredRecord, StoreFailed } from '../adapters/store.js';
import { decide } from '../decide.js';
import {
  deleteRequested,
  manualStart as manualStartEvent,
  manualStop as manualStopEvent,
  policyUpdated,
  type RestartEvent,
  reset as resetEvent,
} from '../event.js';
import { equalPolicy, policyDefaults, type RestartPolicy } from '../policy.js';
import { initialStatus } from '../status.js';
import type { Context } from './context.js';
import { stopIfStopped, told } from './look.js';
import { isStopped, startPermit, stopPermit } from './permits.js';

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

export const stop = (context: Context, id: InstanceId): Answer => stopBy(context, id, manualStopEvent);

const stopBy = async (context: Context, id: InstanceId, event: RestartEvent): Answer => {
  const { ports } = context;
  for (;;) {
    const recorded = await record(context, id, event); // 1, 2
    if (recorded._tag === 'Left') return recorded;
    const { revision } = recorded.right;
    const undo = undoOnce(context, id, recorded.right);
    const stopped = await ports.stop(id, { ...stopPermit(ports, id, revision), onRefused: undo.run }); // 3

    if (stopped._tag === 'Right') {
      context.request(id); // its wake-up is no longer wanted
      return right({ revision }); // 6
    }
    switch (stopped.left._tag) {
      case 'Superseded':
        return stopped;
      case 'Refused': {
        const answer = await answerRefused(context, id, stopped.left, undo); // 4
        if (answer === 'gone') continue;
        return left(answer);
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
  await undo.run();
  context.request(id);
  const undone = undo.outcome();
  if (undone._tag === 'Left') {
    return failed(`refused (${refusal.message}), and its record could not be put back`, undone.left);
  }
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
  const recorded = await record(context, id, manualStartEvent); // 1, 2
  if (recorded._tag === 'Left') return recorded;
  const undo = undoOnce(context, id, recorded.right);
  let { revision } = recorded.right;

  for (;;) {
    const started = await ports.start(id, { ...startPermit(ports, id, revision), onRefused: undo.run }); // 3
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
        await undo.run();
        const undone = undo.outcome();
        return undone._tag === 'Left'
          ? left(failed(`refused (${started.left.message}), and its record could not be put back`, undone.left))
          : started;
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
    if (former._tag === 'Some' && equalPolicy(former.value.policy, policy)) {
      return right({ revision: former.value.revision, changed: false });
    }
    const saved = await saveWord(context, id, policyUpdated, former, policy);
    if (saved._tag === 'Left') {
      if (saved.left._tag === 'Conflict') continue;
      return left(saved.left);
    }
    context.request(id);
    return right({ revision: saved.right, changed: true });
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
    const saved = await saveWord(context, id, resetEvent, loaded.right, loaded.right.value.policy);
    if (saved._tag === 'Left') {
      if (saved.left._tag === 'Conflict') continue;
      return left(saved.left);
    }
    context.request(id);
    return right({ revision: saved.right });
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

/** Saves what the event makes of the record; always a new revision, so that every permit drawn before is void. */
const record = async (
  context: Context,
  id: InstanceId,
  event: RestartEvent,
): Promise<Either<StoreFailed | InvalidRecord, Recorded>> => {
  for (;;) {
    const loaded = await context.ports.load(id);
    if (loaded._tag === 'Left') return loaded;
    const former = loaded.right;
    // An instance without a policy gets a record all the same: a stop must hold against a policy that comes later.
    const policy = former._tag === 'Some' ? former.value.policy : policyDefaults;
    const saved = await saveWord(context, id, event, former, policy);
    if (saved._tag === 'Right') return right({ revision: saved.right, former });
    if (saved.left._tag !== 'Conflict') return left(saved.left);
  }
};

const saveWord = async (
  context: Context,
  id: InstanceId,
  event: RestartEvent,
  former: Option<StoredRecord>,
  policy: RestartPolicy,
) => {
  const before = former._tag === 'Some' ? former.value.status : initialStatus;
  const expected = former._tag === 'Some' ? former.value.revision : null;
  const now = context.clock.now();
  const decision = decide(policy, before, event, now);
  const saved = await context.ports.save(id, { policy, status: decision.status }, expected);
  if (saved._tag === 'Right') {
    context.tell({ ...told(decision), id, event, policy, before, revision: saved.right, now });
  }
  return saved;
};

interface Undo {
  /** What the record said before: 'stopped' by a person's word, or 'supervised'. */
  readonly former: 'stopped' | 'supervised';
  /** Puts the former record back, unless somebody has written since. Runs once, however often it is called. */
  readonly run: () => Promise<void>;
  /** The revision of the record put back; null: not put back, because somebody has written since. */
  readonly outcome: () => Either<StoreFailed, Revision | null>;
}

const undoOnce = (context: Context, id: InstanceId, { former, revision }: Recorded): Undo => {
  const { ports } = context;
  let outcome: Either<StoreFailed, Revision | null> = right(null);
  let running: Promise<void> | null = null;

  const putBack = async (): Promise<void> => {
    // Where there was no record, one that says nothing is put there: to a repair on its way, a record that is gone would
    // be as good as a stop.
    const { policy, status } =
      former._tag === 'Some' ? former.value : { policy: policyDefaults, status: initialStatus };
    const saved = await ports.save(id, { policy, status }, revision);
    if (saved._tag === 'Right') outcome = saved;
    else if (saved.left._tag === 'StoreFailed') outcome = left(saved.left);
  };

  return {
    former: former._tag === 'Some' && isStopped(former) ? 'stopped' : 'supervised',
    run: () => {
      running ??= putBack();
      return running;
    },
    outcome: () => outcome,
  };
};
