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
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { RestartAction } from '../action.js';
import { nextWakeAt } from '../decide.js';
import { attemptFailed, type InstanceObservation, type InstanceState, observed } from '../event.js';
import { failed } from '../ports/hypervisor.js';
import type { Lease } from '../ports/leases.js';
import type { Conflict, InstanceId, Revision, StoredRecord, StoreFailed } from '../ports/store.js';
import type { RestartStatus, Timestamp } from '../status.js';
import { type Committed, commit, commitIfAdmitted } from './commit.js';
import type { Context, Fault } from './context.js';
import { attemptPermit, isStopped, stopPermit } from './permits.js';

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

export const reconcile = async (context: Context, id: InstanceId): Promise<Reconciliation> => {
  const { ports, observations, admission } = context;
  let repaired = false;

  while (!context.isClosed()) {
    const loaded = await ports.load(id); // 1
    if (loaded._tag === 'Left') return giveUp(context, { id, during: 'load', error: loaded.left });
    if (loaded.right._tag === 'None') {
      context.disarm(id);
      observations.forget(id);
      admission?.forget(id);
      // Should it fail: a lease on an instance that is gone stops nobody.
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
        admission?.forget(id);
        return done;
      }
      lease = held.right;
    }

    const inspected = await ports.inspect(id); // 2
    if (inspected._tag === 'Left') return giveUp(context, { id, during: 'inspect', error: inspected.left });
    const instance = observations.complete(id, inspected.right);
    admission?.see(id, instance.state === 'initializing' ? 'in_flight' : 'landed');

    if (isAlive[instance.state] && status.blockedReason === 'manual_stop' && !repaired) {
      // 3. Not what is paused: that runs on. Once in a reconciliation: if it still runs after that, the next notification or resync finds it.
      repaired = true;
      const stopped = await ports.stop(id, stopPermit(ports, id, revision));
      if (stopped._tag === 'Left' && stopped.left._tag !== 'Superseded') {
        return giveUp(context, { id, during: 'stop', error: stopped.left });
      }
      continue;
    }

    const committed = await commitAdmitted(context, id, loaded.right.value, instance); // 4, 4a, 5
    if (committed._tag === 'Left') {
      if (committed.left._tag === 'Conflict') continue;
      return giveUp(context, { id, during: 'save', error: committed.left });
    }
    if (committed.right === null) {
      context.disarm(id); // admission asks for the next look
      return done;
    }

    const { status: decided, actions } = committed.right;
    const action = actions[0];
    if (action === undefined) {
      admission?.withdraw(id);
      if (instance.state === 'initializing' && isGivenUp(decided)) admission?.see(id, 'landed');
      const wakeAt = nextWakeAt(policy, decided, instance); // 11
      if (wakeAt === null) context.disarm(id);
      else context.arm(id, wakeAt);
      return done;
    }
    admission?.begin(id, 'attempt');
    const acted = await act(context, id, action, decided, committed.right.revision, lease);
    if (acted._tag === 'Left') return acted;
  }
  return done;
};

/** 4 and 5; null: 4a, an attempt is due, and waits until there is room for it. */
const commitAdmitted = (
  context: Context,
  id: InstanceId,
  record: StoredRecord,
  instance: InstanceObservation,
): Promise<Either<StoreFailed | Conflict, Committed | null>> => {
  const { admission } = context;
  if (admission === null) return commit(context, id, record, observed(instance));
  return commitIfAdmitted(context, id, record, observed(instance), (now) => {
    // An attempt while it is initializing says that the start before did not come to a run in time: it makes room for
    // others, and waits for its turn like them. Else instances that never get going would hold all places for ever.
    admission.see(id, 'landed');
    return admission.ask(id, dueSince(record, instance, now));
  });
};

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

const giveUp = (context: Context, fault: Omit<Fault, '_tag'>): Reconciliation => {
  context.fault(fault);
  if (fault.id !== null) context.admission?.miss(fault.id);
  return left({ _tag: 'Fault', ...fault });
};

/** 6 to 10: carries out a committed attempt. Superseded charges nobody: the next round inspects and decides again. */
const act = async (
  context: Context,
  id: InstanceId,
  action: RestartAction,
  attempt: RestartStatus,
  revision: Revision,
  lease: Lease | null,
): Promise<Reconciliation> => {
  const { ports } = context;
  const permit = attemptPermit(ports, id, revision, lease);
  switch (action._tag) {
    case 'Start':
      break;
    case 'Restart': {
      const stopped = await ports.stop(id, permit); // 6
      if (stopped._tag === 'Right') break;
      if (stopped.left._tag === 'Superseded') return done;
      context.fault({ id, during: 'stop', error: stopped.left });
      await chargeFailure(context, id, action.attempt, attempt);
      return done;
    }
    default: {
      const error = failed(`no such action: ${JSON.stringify(action satisfies never)}`);
      return giveUp(context, { id, during: 'start', error });
    }
  }
  const started = await ports.start(id, permit); // 7
  if (started._tag === 'Left') {
    if (started.left._tag === 'Superseded') return done; // 8
    context.fault({ id, during: 'start', error: started.left });
    await chargeFailure(context, id, action.attempt, attempt); // 9
  }
  await stopIfStopped(context, id, revision); // 10
  return done;
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

    const committed = await commit(
      context,
      id,
      loaded.right.value,
      attemptFailed(number, context.observations.saltOf(id)),
    );
    if (committed._tag === 'Right') return;
    if (committed.left._tag !== 'Conflict') return context.fault({ id, during: 'save', error: committed.left });
  }
};

/**
 * After a start, successful or failed: what a person stopped meanwhile is stopped at once. Repair (3) would find it
 * too; this only shortens the window. Answers whether a person stopped it.
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
