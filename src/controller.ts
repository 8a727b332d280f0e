/**
 * The thin shell around the decision: it loads, inspects, decides, saves, acts, and arms the next wake-up. Serial per
 * instance, parallel across instances. The protocol, and what each step is for, is in ARCHITECTURE.md.
 *
 * @packageDocumentation
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { createAdmission } from './controller/admission.js';
import { createAllRecords } from './controller/all-records.js';
import { createCalls } from './controller/calls.js';
import { type CloseOptions, type CloseReport, createClosing } from './controller/closing.js';
import type { Acknowledged, SupervisionAcknowledged } from './controller/commands/answers.js';
import { type InvalidPolicy, reset, updatePolicy } from './controller/commands/policy.js';
import { start } from './controller/commands/start.js';
import { remove, stop } from './controller/commands/stop.js';
import { pause, resume } from './controller/commands/supervision.js';
import type { Context, Fault } from './controller/context.js';
import { faultOf } from './controller/fault.js';
import { guardPorts } from './controller/guarded-ports.js';
import { createHealthReports, type HealthReport } from './controller/health.js';
import { createLanes } from './controller/lanes.js';
import { type InstanceList, type ListOptions, listPage } from './controller/list.js';
import { createObservations } from './controller/observations.js';
import { type CompleteOptions, type ControllerOptions, checkControllerOptions } from './controller/options.js';
import { type Reconciliation, reconcile } from './controller/reconcile.js';
import type { InstanceReport } from './controller/report.js';
import { createReporting } from './controller/reporting.js';
import { createResync } from './controller/resync.js';
import { createWakeUps } from './controller/wake-ups.js';
import { isLeft, isRight, left, map, right } from './either.js';
import {
  deleteRequested,
  instanceReset,
  manuallyStarted,
  manuallyStopped,
  policyUpdated,
  type RestartEvent,
  supervisionPaused,
  supervisionResumed,
} from './event.js';
import { pipe } from './function.js';
import type { InvalidOptions } from './options.js';
import type { RestartPolicy } from './policy.js';
import type { ActionError, Failed, Superseded } from './ports/hypervisor.js';
import type { InstanceId, InvalidRecord, StoreFailed } from './ports/store.js';
import { swallowErrors } from './swallow-errors.js';

export {
  type Admission,
  type AdmissionState,
  admit,
  nothingAdmitted,
  type StartLimits,
  type WaitingAttempt,
} from './admission.js';
export type { AdmissionOptions } from './controller/admission.js';
export type { CloseOptions, CloseReport } from './controller/closing.js';
export type { CommandRecord } from './controller/command-record.js';
export type { Acknowledged, SupervisionAcknowledged } from './controller/commands/answers.js';
export { type InvalidPolicy, invalidPolicy } from './controller/commands/policy.js';
export type { DecisionRecord, Fault } from './controller/context.js';
export type { DeadlineOptions } from './controller/deadlines.js';
export { faultSteps } from './controller/fault-steps.js';
export type { HealthReport } from './controller/health.js';
export type { InstanceList, ListedInstance, ListOptions } from './controller/list.js';
export type { ControllerOptions } from './controller/options.js';
export type { InstanceReport } from './controller/report.js';
export type { InvalidOptions, OptionError } from './options.js';
export type { CallSignal, PortCall } from './ports/call.js';
export type { Cancel, Clock } from './ports/clock.js';
export { type HostFault, type HostResource, hostFault, hostResources } from './ports/host-fault.js';
export {
  type ActionError,
  type Exclusion,
  exclusions,
  type Failed,
  failed,
  type GuestReboot,
  guestReboots,
  type Hypervisor,
  type HypervisorCapabilities,
  type Permit,
  type Refused,
  refused,
  type Superseded,
  superseded,
} from './ports/hypervisor.js';
export type { Lease, Leases } from './ports/leases.js';
export {
  asItStands,
  type Conflict,
  conflict,
  type InstanceId,
  type InvalidRecord,
  invalidRecord,
  type ListedRecord,
  type ReadableParts,
  type RecordPage,
  type RecordToSave,
  type RestartRecord,
  type Revision,
  type Store,
  type StoredRecord,
  type StoreFailed,
  storeFailed,
} from './ports/store.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * The controller was closed: nothing was done.
 *
 * @since 0.1.0
 */
export interface Closed {
  readonly _tag: 'Closed';
}

/**
 * A health report is of a run that is no longer (or not yet) the current one: it was dropped.
 *
 * @since 0.1.0
 */
export interface StaleRun {
  readonly _tag: 'StaleRun';
}

/**
 * How much a controller has in hand; for gauges.
 *
 * @since 0.1.0
 */
export interface Activity {
  /** Instances with an armed wake-up. */
  readonly armed: number;
  /** Instances that wait to be reconciled. */
  readonly queued: number;
  /** Instances that are being reconciled or started by a person. */
  readonly active: number;
  /**
   * Instances whose attempt is due and held back by the option `starts`; 0 without it.
   *
   * @since 0.2.0
   */
  readonly waiting: number;
  /**
   * Instances that were started and not yet seen running, stopped or failed; counted for the option `starts`, 0 without it.
   *
   * @since 0.2.0
   */
  readonly inFlight: number;
}

/**
 * Supervises the instances of one store on one hypervisor. Every method but `activity` answers with an effect, a Task or
 * a TaskEither: nothing happens before that is called too, `await controller.manualStop(id)()`. None rejects.
 * `restart-policy/promises` has the same methods with Promises.
 *
 * Lefts that several share: `StoreFailed`, the store did not answer, and whether the command was recorded is not known;
 * `InvalidRecord`, what is stored cannot be read, and was left alone; `Closed`. A stop, a delete and a new policy are recorded
 * over what cannot be read.
 *
 * Each call of a port has a deadline (`DeadlineOptions`): no method waits for any one of them longer.
 *
 * @since 0.1.0
 */
export interface Controller {
  /**
   * Records that a person stopped the instance, and stops it. Right: it is stopped, and no automatic attempt starts it
   * until a person starts it (G1, G9). An id without a record gets one, so that the stop holds against a later policy.
   *
   * Left: `Superseded`, a start after this stop won, and nothing was stopped; `Refused`, nothing was done and the
   * record is as it was; `Failed`, whatever went wrong after the stop was recorded: it is not yet done, or not known to be,
   * and the controller goes on trying.
   */
  readonly manualStop: (id: InstanceId) => TaskEither<ActionError | Closed, Acknowledged>;
  /**
   * Records that a person started the instance, and starts it; the failure window begins afresh, and a pause ends. Right:
   * it was started or ran already.
   *
   * Left: `Superseded`, a stop or a delete after this start won, or the attempts of the policy were used up before it was
   * made; `Refused`, nothing was done and the record is as it was; `Failed`, supervision is on, and goes on by the policy.
   */
  readonly manualStart: (id: InstanceId) => TaskEither<ActionError | Closed, Acknowledged>;
  /**
   * Suspends supervision: from the answer on no automatic start or stop begins, whatever happens to the instance, until a
   * person resumes it, starts it or resets it (G1p). The instance is left as it is: what runs runs on. One that was on
   * its way already may still take effect. An id without a record gets one, so that the pause holds against a later policy.
   *
   * Right: `reason` is `pause_recorded`; `paused`, it was already; or `manual_stop`, a person stopped the instance, which
   * is the stronger word: nothing is paused, and the next start is supervised. A pause while an unhealthy instance is
   * between its stop and its start leaves it down until the resume. Left: `Superseded`, the record was deleted during this
   * call, and is not created anew.
   */
  readonly pause: (
    id: InstanceId,
  ) => TaskEither<Superseded | StoreFailed | InvalidRecord | Closed, SupervisionAcknowledged>;
  /**
   * Takes supervision up again, and reconciles the instance at once. The failure window goes on where it was: a limit that
   * was reached holds, and its cooldown begins anew. What was stopped for a restart comes back.
   *
   * Right: `reason` is `resumed`, or `not_paused`, and nothing was changed; it never undoes a person's stop. null: there
   * is no record.
   */
  readonly resume: (id: InstanceId) => TaskEither<StoreFailed | InvalidRecord | Closed, SupervisionAcknowledged | null>;
  /**
   * Puts the instance under a policy; creates its record if there is none. An equal policy is not an update: Right
   * with `changed: false`, and nothing is cleared. A manual stop stays, and so does a pause.
   *
   * Left: `InvalidPolicy`, what was handed in is no policy, and nothing was loaded or saved; `Superseded`, the record was
   * deleted during this call, and is not created anew.
   */
  readonly updatePolicy: (
    id: InstanceId,
    policy: RestartPolicy,
  ) => TaskEither<
    InvalidPolicy | Superseded | StoreFailed | InvalidRecord | Closed,
    Acknowledged & { readonly changed: boolean }
  >;
  /**
   * A stop, then the removal of the record. On a hypervisor of class `none` the record stays as a tombstone, blocked,
   * so that a start in flight is stopped when it lands. Lefts as for `manualStop`.
   *
   * The hypervisor still knows its last run: call `forget(id)` before the id is used again, or a policy starts it.
   */
  readonly requestDelete: (id: InstanceId) => TaskEither<ActionError | Closed, Acknowledged>;
  /**
   * The instance was forked or restored from a snapshot: its counts and a person's stop are forgotten. If it ran before,
   * its policy may start it at once. null: there is no record.
   */
  readonly reset: (id: InstanceId) => TaskEither<StoreFailed | InvalidRecord | Closed, Acknowledged | null>;
  /**
   * Takes a verdict on a run, and reconciles the instance if it is a new one; one that repeats what is known is taken
   * without asking the hypervisor. A run that was unhealthy ends no failure window before it has been well again for
   * `stableAfter`; in decisions on it `startedAt` is when it was unhealthy last. Not stored: report each verdict, or at
   * least report again after the controller restarted. Left: `StaleRun`, dropped; `Failed`, the hypervisor did not answer.
   */
  readonly reportHealth: (id: InstanceId, report: HealthReport) => TaskEither<StaleRun | Failed | Closed, void>;
  /** Reconciles the instance now. Right: there is nothing left to do for it but to wait. */
  readonly reconcile: (id: InstanceId) => TaskEither<Fault | Closed, void>;
  /** Reconciles every instance that has a record. Right: each was reconciled; what did not work went to `onFault`. */
  readonly reconcileAll: () => TaskEither<StoreFailed | Closed, void>;
  /** What is known of the instance; null: it has no record. */
  readonly status: (id: InstanceId) => TaskEither<StoreFailed | InvalidRecord, InstanceReport | null>;
  /**
   * What is known of the instances that have a record, a page at a time, in the order of their ids. The hypervisor is asked
   * for those of the page only. Whoever is created or deleted between two pages may be missing; nobody else is, or comes
   * twice.
   *
   * Left: `StoreFailed`, the ids could not be listed; `InvalidOptions`, nothing was asked of anyone. A record that cannot
   * be read is a Left of its own place in the page.
   *
   * @since 0.2.0
   */
  readonly list: (page?: ListOptions) => TaskEither<StoreFailed | InvalidOptions | Closed, InstanceList>;
  readonly activity: () => Activity;
  /**
   * Cancels wake-ups, lets what has begun finish, and answers when it has, or the time is up (`within`). After its answer
   * nothing begins: a call that has not passed its permit's check by then is not made, and whoever still waits is answered.
   * It stops no instance and charges nobody; a host that drains closes the controller first, for a drain is not a manual stop.
   * Idempotent: a second call may shorten the time, and has the same answer.
   *
   * Left: `InvalidOptions`, and nothing was closed.
   */
  readonly close: (options?: CloseOptions) => TaskEither<InvalidOptions, CloseReport>;
}

// ---------------------------------------------------------------------------
// constructor
// ---------------------------------------------------------------------------

const closed: Closed = Object.freeze({ _tag: 'Closed' });
const staleRun: StaleRun = Object.freeze({ _tag: 'StaleRun' });
const resync = Symbol('resync');
const admissions = Symbol('admissions');

/**
 * Starts to supervise: every instance that has a record is reconciled once, and from then on at notifications, wake-ups
 * and resyncs. Left: all that is wrong with the options, unknown ones included, and nothing was begun.
 *
 * @since 0.1.0
 */
export const createController = (options: ControllerOptions): Either<InvalidOptions, Controller> =>
  pipe(checkControllerOptions(options), map(begin));

const begin = (options: CompleteOptions): Controller => {
  const { store, hypervisor, clock, leases, concurrency, resyncEvery, starts, deadlines } = options;
  const { onDecision, onCommand, onFault } = options;
  const fault = (what: Omit<Fault, '_tag'>): void => swallowErrors(() => onFault(faultOf(what)));
  const calls = createCalls({ clock, deadlines, fault, onLate: (id) => lanes.request(id) });
  const ports = guardPorts(calls, store, hypervisor, leases);
  // Reading goes on when the controller has closed, and nothing waits for it.
  const reads = createCalls({ clock, deadlines, fault, onLate: () => {} });
  const readings = guardPorts(reads, store, hypervisor);
  const health = createHealthReports();
  const observations = createObservations(health);
  let isClosed = false;
  /** Commands under way outside the lanes. */
  const pending = new Set<Promise<unknown>>();
  /** Lists under way: nothing ends what they wait for when the time to close is up, so they go on after that. */
  const lists = new Set<Promise<unknown>>();

  const context: Context = {
    ports,
    calls,
    exclusion: hypervisor.capabilities.exclusion,
    clock,
    observations,
    admission:
      starts === undefined
        ? null
        : createAdmission(starts, {
            clock,
            request: (id) => lanes.request(id),
            arm: (at) => (at === null ? wakeUps.disarm(admissions) : wakeUps.arm(admissions, at)),
            fault: (id, error) => context.fault({ id, during: 'priority', error }),
          }),
    notify: (decision) => swallowErrors(() => onDecision(decision)),
    fault: (what) => {
      if (!calls.isTold(what.error) && !calls.isEnded()) fault(what);
    },
    request: (id) => lanes.request(id),
    lookAfresh: (id) => {
      lanes.lookAfresh(id);
      records.touch(id);
    },
    arm: (id, at, salt) => wakeUps.arm(id, at, salt),
    disarm: (id, salt) => wakeUps.disarm(id, salt),
    isClosed: () => isClosed,
  };
  const { admission } = context;
  const lanes = createLanes<Reconciliation>(
    concurrency,
    clock,
    admission === null
      ? (id, listed) => reconcile(context, id, listed)
      : async (id, listed) => {
          const reconciled = await reconcile(context, id, listed);
          admission.finish(id);
          return reconciled;
        },
  );
  const records = createAllRecords(ports, lanes.fewerThan, context.isClosed);
  const wakeUps = createWakeUps<InstanceId | typeof resync | typeof admissions>(clock, (key) => {
    if (key === resync) resyncs.request();
    else if (key === admissions) admission?.wake();
    else lanes.request(key);
  });
  const resyncs = createResync({
    records,
    reconcile: lanes.reconcile,
    calls,
    admission,
    clock,
    every: resyncEvery,
    arm: (at) => wakeUps.arm(resync, at),
    onFault: (error) => context.fault({ id: null, during: 'list', error }),
    isClosed: context.isClosed,
  });
  const reporting = createReporting({ ports: readings, calls, observations, wakesAt: wakeUps.armedAt, admission });

  /** Commands do not wait for the lane: a stop must not queue behind the start that it is to stop. */
  const command =
    <E, A>(run: () => Promise<Either<E, A>>, among = pending): TaskEither<E | Closed, A> =>
    async () => {
      if (isClosed) return left(closed);
      const running = run();
      among.add(running);
      try {
        return await running;
      } finally {
        among.delete(running);
      }
    };

  /** Notifies of a person's command when it is answered, before whoever gave it goes on. */
  const told =
    <E extends ActionError | InvalidPolicy | Closed, A>(
      id: InstanceId,
      event: RestartEvent,
      run: TaskEither<E, A>,
    ): TaskEither<E, A> =>
    async () => {
      const answer = await run();
      const error: ActionError | InvalidPolicy | Closed | null = answer._tag === 'Left' ? answer.left : null;
      if (error?._tag !== 'Closed') swallowErrors(() => onCommand({ id, event, error, now: clock.now() }));
      return answer;
    };

  const commanded = <E extends ActionError | InvalidPolicy, A>(
    id: InstanceId,
    event: RestartEvent,
    run: () => Promise<Either<E, A>>,
  ): TaskEither<E | Closed, A> => told(id, event, command(run));

  const startInLane =
    (id: InstanceId): TaskEither<ActionError | Closed, Acknowledged> =>
    async () =>
      (await lanes.exclusive(id, () => start(context, id))) ?? left(closed);

  const reportHealth = async (id: InstanceId, report: HealthReport): Promise<Either<StaleRun | Failed, void>> => {
    const ticket = health.ticket();
    const isNew = !health.isKept(id, report);
    if (isNew) {
      const inspected = await ports.inspect(id);
      if (inspected._tag === 'Left') return inspected;
      const { state, startedAt } = inspected.right;
      if (state !== 'running' || startedAt !== report.startedAt) return left(staleRun);
    }
    health.keep(id, report, ticket, clock.now());
    if (isNew) lanes.request(id);
    return right(undefined);
  };

  const close = createClosing({
    begin: () => {
      isClosed = true;
      for (const subscribed of subscriptions) if (isRight(subscribed)) swallowErrors(subscribed.right);
      wakeUps.close();
      admission?.close();
      calls.rest();
      reads.rest();
    },
    finish: () => Promise.all([lanes.close(), ...pending, ...lists]),
    settle: () => Promise.all([lanes.close(), ...pending]),
    calls,
    clock,
    leases,
    deadline: deadlines.leases,
    fault,
  });

  const subscriptions = ports.subscribe(
    (id) => (id === null ? resyncs.request() : lanes.request(id)),
    (id, error) => context.fault({ id, during: 'host', error }),
  );
  // Not at once: the host's listener may use the controller, which it does not have yet.
  void Promise.resolve().then(() => {
    for (const { left: error } of subscriptions.filter(isLeft)) context.fault({ id: null, during: 'subscribe', error });
  });
  if (admission === null) resyncs.request();
  else void resyncs.reconcileAll().then(admission.open);

  return {
    manualStop: (id) => commanded(id, manuallyStopped, () => stop(context, id)),
    manualStart: (id) => told(id, manuallyStarted, startInLane(id)),
    updatePolicy: (id, policy) => commanded(id, policyUpdated, () => updatePolicy(context, id, policy)),
    pause: (id) => commanded(id, supervisionPaused, () => pause(context, id)),
    resume: (id) => commanded(id, supervisionResumed, () => resume(context, id)),
    requestDelete: (id) => commanded(id, deleteRequested, () => remove(context, id)),
    reset: (id) => commanded(id, instanceReset, () => reset(context, id)),
    reportHealth: (id, report) => command(() => reportHealth(id, report)),
    reconcile: (id) => async () => (await lanes.reconcile(id)) ?? left(closed),
    reconcileAll: () => command(resyncs.reconcileAll),
    status: (id) => () => reporting.ofId(id),
    list: (page) => command(() => listPage(readings, reporting, concurrency, page), lists),
    activity: () => ({
      armed: wakeUps.size() - ([resync, admissions] as const).filter((key) => wakeUps.armedAt(key) !== null).length,
      queued: lanes.queued(),
      active: lanes.running(),
      waiting: admission?.waiting() ?? 0,
      inFlight: admission?.inFlight() ?? 0,
    }),
    close,
  };
};
