/**
 * Reconciles one instance: load, inspect, decide, save, act, and again until there is nothing left to do but to wait.
 *
 * What is durable before what is done:
 * - an attempt is counted in the store before the start that it counts;
 * - a person's stop is in the store before the instance is stopped, and stands there until a person says otherwise;
 * - so after a crash between two steps the next reconciliation finds in the store what to repair, and nothing uncounted.
 *
 * The numbers are those of the protocol in ARCHITECTURE.md.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { RestartAction } from '../action.js';
import { nextWakeAt } from '../decide.js';
import { left, right } from '../either.js';
import { attemptFailed, type InstanceObservation, type InstanceState, observed } from '../event.js';
import { some } from '../option.js';
import { failed } from '../ports/hypervisor.js';
import type { Lease } from '../ports/leases.js';
import type { InstanceId, InvalidRecord, Revision, StoredRecord } from '../ports/store.js';
import { saltOf } from '../salt.js';
import type { RestartStatus, Timestamp } from '../status.js';
import { afterConflict } from './breath.js';
import { type Answer, type Committed, commit, commitIfAdmitted } from './commit.js';
import type { Context, Fault } from './context.js';
import { faultOf } from './fault.js';
import type { Ports } from './guarded-ports.js';
import { attemptPermit, isMarked, isMarkedUnread, isStopped, stopPermit } from './permits.js';

/** How a reconciliation ended. Left: it could not be completed, and its fault was notified. */
export type Reconciliation = Either<Fault, void>;

const done: Reconciliation = right(undefined);

/** Whether there is something to stop. */
const isAlive: Readonly<Record<InstanceState, boolean>> = {
  initializing: true,
  running: true,
  stopped: false,
  other: false,
};

/** `listed`: the record, where it was listed just now and nobody has looked at it since; null: it is loaded. */
export const reconcile = async (
  context: Context,
  id: InstanceId,
  listed: StoredRecord | null = null,
): Promise<Reconciliation> => {
  const { ports, observations, admission } = context;
  let known = listed;
  let repaired = false;

  while (!context.isClosed()) {
    const loaded = known === null ? await loadAfresh(context, id) : right(some(known)); // 1
    known = null;
    let record: StoredRecord | InvalidRecord;
    if (loaded._tag === 'Left') {
      if (!isMarkedUnread(loaded.left)) return giveUp(context, { id, during: 'load', error: loaded.left });
      record = loaded.left;
    } else if (loaded.right._tag === 'Some') {
      record = loaded.right.value;
    } else {
      context.disarm(id);
      observations.forget(id);
      admission?.forget(id);
      await releaseLease(context, id);
      return done;
    }

    let lease: Lease | null = null;
    if (ports.leases !== null) {
      const held = await ports.leases.hold(id); // 1a
      if (held._tag === 'Left') return giveUp(context, { id, during: 'hold', error: held.left });
      if (held.right === null) {
        context.disarm(id);
        admission?.forget(id);
        return done;
      }
      lease = held.right;
    }

    const inspected = await ports.inspect(id); // 2
    if (inspected._tag === 'Left') return giveUp(context, { id, during: 'inspect', error: inspected.left });
    const instance = observations.toDecideOn(id, inspected.right, () => context.clock.now());
    admission?.see(id, instance.state === 'initializing' ? 'in_flight' : 'landed');

    if (isAlive[instance.state] && isMarked(record) && !repaired && !isStopAwaited(context, id)) {
      // 3. Not what is paused: that runs on. Once in a reconciliation: if it still runs after that, the next notification or resync finds it.
      repaired = true;
      const stopped = await ports.stop(id, stopPermit(ports, id, record.revision), 'person');
      if (stopped._tag === 'Left' && stopped.left._tag !== 'Superseded') {
        return giveUp(context, { id, during: 'stop', error: stopped.left });
      }
      continue;
    }
    // Nothing but a person's stop is carried out on what cannot be read.
    if ('problems' in record) return giveUp(context, { id, during: 'load', error: record });

    const { policy } = record;
    const answer = commitAdmitted(context, id, record, instance); // 4, 4a, 5
    const committed = answer instanceof Promise ? await answer : answer;
    if (committed._tag === 'Left') {
      if (committed.left._tag !== 'Conflict') return giveUp(context, { id, during: 'save', error: committed.left });
      await afterConflict(context.clock);
      continue;
    }
    if (committed.right === null) {
      context.disarm(id); // admission, or the answer to the unanswered call, asks for the next look
      return done;
    }

    const { status: decided, actions } = committed.right;
    const action = actions[0];
    if (action === undefined) {
      admission?.withdraw(id);
      if (instance.state === 'initializing' && isGivenUp(decided)) admission?.see(id, 'landed');
      const wakeAt = nextWakeAt(policy, decided, instance); // 11
      if (wakeAt === null) context.disarm(id, instance.salt);
      else context.arm(id, wakeAt, instance.salt);
      return done;
    }
    admission?.begin(id, 'attempt');
    const acted = await act(context, id, action, decided, committed.right.revision, lease);
    if (acted._tag === 'Left') return acted;
    known = acted.right;
  }
  return done;
};

const loadAfresh = ({ ports, lookAfresh }: Context, id: InstanceId): ReturnType<Ports['load']> => {
  lookAfresh(id);
  return ports.load(id);
};

/** Should it fail: a lease on an instance that is gone stops nobody. */
const releaseLease = async ({ ports, calls }: Context, id: InstanceId): Promise<void> => {
  // While a start that was asked for here may still take effect, no other controller is to make one.
  if (ports.leases === null || calls.isAttemptUnanswered(id)) return;
  await ports.leases.release(id);
};

/**
 * In class `section` a call that has no answer keeps the section until it has ended: a stop that waits behind it is made
 * then, and a second one would only wait behind the first.
 */
const isStopAwaited = (context: Context, id: InstanceId): boolean => holdsSection(context, id) === 'stop';

/**
 * 4 and 5; null: 4a, an attempt is due, and waits: until there is room for it, or in class `section` until an earlier call
 * has ended. Else every attempt would be counted, and fail behind that call, until none is left.
 */
const commitAdmitted = (
  context: Context,
  id: InstanceId,
  record: StoredRecord,
  instance: InstanceObservation,
): Answer<Committed | null> => {
  const { admission } = context;
  const isHeldUp = holdsSection(context, id) !== null;
  if (admission === null && !isHeldUp) return commit(context, id, record, observed(instance));
  return commitIfAdmitted(context, id, record, observed(instance), (now) => {
    if (isHeldUp || admission === null) return false;
    // An attempt while it is initializing says that the start before did not come to a run in time: it makes room for
    // others, and waits for its turn like them. Else instances that never get going would hold all places for ever.
    admission.see(id, 'landed');
    return admission.ask(id, dueSince(record, instance, now));
  });
};

/** The unanswered call that keeps the instance's section; null: none does, or no section keeps calls apart. */
export const holdsSection = ({ exclusion, calls }: Context, id: InstanceId): 'start' | 'stop' | null =>
  exclusion === 'section' ? calls.unansweredAction(id) : null;

/** Since when an attempt is due; null: nothing says so, for it is the first, of a run that is unhealthy or ended unseen. */
const dueSince = (
  { policy, status }: StoredRecord,
  instance: InstanceObservation,
  now: Timestamp,
): Timestamp | null => {
  const dueAt = nextWakeAt(policy, status, instance);
  const endedAt = instance.state === 'stopped' ? instance.stoppedAt : null;
  if (dueAt === null && endedAt === null) return null;
  return Math.min(now, Math.max(dueAt ?? Number.NEGATIVE_INFINITY, endedAt ?? Number.NEGATIVE_INFINITY));
};

/** Of an instance that is initializing: whether the start timed out, and no attempt is under way. */
const isGivenUp = ({ lastReason, nextAttemptAt, blockedReason }: RestartStatus): boolean =>
  lastReason === 'start_timeout' && (nextAttemptAt !== null || blockedReason !== null);

const giveUp = (context: Context, fault: Omit<Fault, '_tag'>): Either<Fault, never> => {
  context.fault(fault);
  if (fault.id !== null) context.admission?.miss(fault.id);
  return left(faultOf(fault));
};

/**
 * 6 to 10: carries out a committed attempt. Superseded charges nobody: the next round inspects and decides again. Right: the
 * record as it was read after the start, for the next round; null: it was not.
 */
const act = async (
  context: Context,
  id: InstanceId,
  action: RestartAction,
  attempt: RestartStatus,
  revision: Revision,
  lease: Lease | null,
): Promise<Either<Fault, StoredRecord | null>> => {
  const { ports } = context;
  const permit = attemptPermit(ports, id, revision, lease);
  switch (action._tag) {
    case 'Start':
      break;
    case 'Restart': {
      const stopped = await ports.stop(id, permit, 'policy'); // 6
      if (stopped._tag === 'Right') break;
      if (stopped.left._tag === 'Superseded') return unread;
      context.fault({ id, during: 'stop', error: stopped.left });
      await chargeFailure(context, id, action.attempt, attempt);
      return unread;
    }
    default: {
      const error = failed(`no such action: ${JSON.stringify(action satisfies never)}`);
      return giveUp(context, { id, during: 'start', error });
    }
  }
  const started = await ports.start(id, permit, 'policy'); // 7
  if (started._tag === 'Left') {
    if (started.left._tag === 'Superseded') return unread; // 8
    context.fault({ id, during: 'start', error: started.left });
    await chargeFailure(context, id, action.attempt, attempt); // 9
  }
  context.lookAfresh(id);
  const { record } = await stopIfStopped(context, id, revision); // 10
  return right(record);
};

const unread: Either<never, null> = right(null);

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

    const committed = await commit(context, id, loaded.right.value, attemptFailed(number, saltOf(id)));
    if (committed._tag === 'Right') return;
    if (committed.left._tag !== 'Conflict') return context.fault({ id, during: 'save', error: committed.left });
    await afterConflict(context.clock);
  }
};

/**
 * After a start, successful or failed: what a person stopped meanwhile is stopped at once. Repair (3) would find it
 * too; this only shortens the window. Answers whether a person stopped it, and else with the record; null: it could not be
 * read.
 */
export const stopIfStopped = async (
  context: Context,
  id: InstanceId,
  revision: Revision,
): Promise<{ readonly isStopped: boolean; readonly record: StoredRecord | null }> => {
  const { ports } = context;
  const loaded = await ports.load(id);
  if (loaded._tag === 'Left') {
    context.fault({ id, during: 'load', error: loaded.left });
    return { isStopped: isMarkedUnread(loaded.left), record: null };
  }
  if (!isStopped(loaded.right)) {
    return { isStopped: false, record: loaded.right._tag === 'Some' ? loaded.right.value : null };
  }
  // Where an unanswered call keeps the section, repair does it when that has ended.
  if (holdsSection(context, id) === null) {
    const at = loaded.right._tag === 'Some' ? loaded.right.value.revision : revision;
    const stopped = await ports.stop(id, stopPermit(ports, id, at), 'person');
    if (stopped._tag === 'Left' && stopped.left._tag !== 'Superseded') {
      context.fault({ id, during: 'stop', error: stopped.left });
    }
  }
  return { isStopped: true, record: null };
};
