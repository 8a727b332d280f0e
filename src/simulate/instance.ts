/**
 * One simulated instance: what happens to it next, and what is decided then.
 *
 * Nothing is decided here. What happens is decided on by `decide`, and `nextWakeAt` says when to look again, in the order in
 * which the controller has it (src/controller/reconcile.ts): an attempt is counted, then made, then looked at; a failed
 * start is charged before the next look; a person's word is recorded, then carried out, then looked at. Of what comes at one
 * moment a change of the instance is first, then the wake-up, then a person.
 */
import type { RestartAction } from '../action.js';
import { type Decision, decide, nextWakeAt } from '../decide.js';
import {
  attemptFailed,
  type EndCause,
  type Health,
  type InstanceObservation,
  type InstanceState,
  observed,
  type RestartEvent,
} from '../event.js';
import { eqRestartPolicy, type RestartPolicy, type RestartRule } from '../policy.js';
import type { RestartReason } from '../reason.js';
import { saltOf } from '../salt.js';
import { initialStatus, type RestartStatus, type Timestamp } from '../status.js';
import type { Gate } from './gate.js';
import { LastRun } from './last-run.js';
import { type Random, randomOf } from './random.js';
import { Recording } from './recording.js';
import { type Listener, Tally } from './tally.js';
import { phaseOf, type Summary, type TimelineEntry } from './timeline.js';
import type { PersonAct } from './words.js';
import type { Run, Workload } from './workload.js';

export interface Given {
  readonly id: string;
  readonly seed: number;
  readonly policy: RestartPolicy;
  readonly workload: Workload;
  /** In order; the first is the person's start with which it begins. */
  readonly words: ReadonlyArray<PersonAct>;
  readonly gate: Gate | null;
  readonly listener: Listener | null;
  /** Where each decision is kept; null: nowhere. */
  readonly entries: Array<TimelineEntry> | null;
}

const never: Timestamp = Number.POSITIVE_INFINITY;

/**
 * A class, for speed: functions made anew for every instance, over variables around them, are slow until each has been
 * compiled again, which takes longer than most simulations.
 */
export class Instance {
  readonly given: Given;
  readonly recording = new Recording();
  /** How many there were. */
  decisions = 0;
  /** What was wrong with what the workload answered; null: nothing so far. Nothing happens any more after it. */
  problem: string | null = null;

  readonly #entries: Array<TimelineEntry> | null;
  readonly #tally: Tally;
  readonly #salt: number;
  readonly #random: Random;
  #policy: RestartPolicy;
  #status: RestartStatus = initialStatus;
  #now: Timestamp;

  /** Written over where no entry keeps it: most of what a new one costs is the garbage that it becomes. */
  #instance: { -readonly [K in keyof InstanceObservation]: InstanceObservation[K] };
  #seen: RestartEvent;
  /** Of the last decision. */
  #reason: RestartReason = 'never_started';
  #starts = 0;
  readonly #run = new LastRun();
  /** Of the run: when it turns unhealthy, when and how it ends. */
  #unhealthyAt: Timestamp;
  #endsAt: Timestamp;
  #exitCode: number | null = null;
  #cause: Run['cause'];

  /** When something happens next: to the instance, by `nextWakeAt`, and by a person. */
  #changeAt: Timestamp;
  #wakeAt: Timestamp;
  #wordAt: Timestamp;
  #word = 0;

  constructor(given: Given) {
    const from = given.words[0]?.at ?? 0;
    this.given = given;
    this.#salt = saltOf(given.id);
    this.#entries = given.entries;
    this.#tally = new Tally(from, given.listener);
    this.#random = randomOf(given.seed, given.id);
    this.#policy = given.policy;
    this.#instance = {
      state: 'stopped',
      startedAt: null,
      stoppedAt: null,
      exitCode: null,
      health: 'unknown',
      salt: this.#salt,
    };
    this.#seen = observed(this.#instance);
    // Not where they are declared: V8 keeps a field that begins with Infinity as a double, and what is read of it is a new
    // object.
    this.#now = from;
    this.#unhealthyAt = never;
    this.#endsAt = never;
    this.#changeAt = never;
    this.#wakeAt = never;
    this.#wordAt = from;
  }

  // -- what comes next --------------------------------------------------------

  /** When something happened last. */
  get now(): Timestamp {
    return this.#now;
  }

  /** When something happens next, in the order of the moments; Infinity: nothing does. */
  nextAt(): Timestamp {
    return Math.min(this.#changeAt, this.#wakeAt, this.#wordAt);
  }

  /** Lets that happen. */
  step(): void {
    this.#stepTo(this.nextAt());
  }

  /** Lets all happen that comes before a moment, unless there are more decisions than so many. */
  runUntil(end: Timestamp, most: number): void {
    for (let at = this.nextAt(); at < end; at = this.nextAt()) {
      if (this.decisions > most || this.problem !== null) return;
      this.#stepTo(at);
    }
  }

  /** Looks at the instance at that moment, which is not before the last one. */
  lookAt(at: Timestamp): void {
    this.recording.calls.push({ at, after: this.decisions });
    this.#passUntil(at);
    this.#look();
  }

  /** The summary of what came before a moment. Once, when all of it has happened. */
  summaryAt(end: Timestamp): Summary {
    this.#passUntil(end);
    return this.#tally.endAt(end);
  }

  #stepTo(at: Timestamp): void {
    this.#passUntil(at);
    if (at === this.#changeAt) {
      this.#change();
      this.#look();
    } else if (at === this.#wakeAt) {
      this.#look();
    } else {
      this.#say(this.#word++);
    }
  }

  #passUntil(at: Timestamp): void {
    if (at === this.#now) return;
    this.#tally.spend(this.#now, at, phaseOf(this.#instance.state, this.#instance.health, this.#reason));
    this.#now = at;
  }

  // -- the instance -----------------------------------------------------------

  /** Not by spread: a copy costs more than a decision. */
  #show(
    state: InstanceState,
    startedAt: Timestamp | null,
    stoppedAt: Timestamp | null,
    exitCode: number | null,
    health: Health,
    cause?: EndCause,
  ): void {
    if (this.#entries !== null) {
      const salt = this.#salt;
      this.#instance =
        cause === undefined
          ? { state, startedAt, stoppedAt, exitCode, health, salt }
          : { state, startedAt, stoppedAt, exitCode, health, cause, salt };
      this.#seen = { _tag: 'Observed', instance: this.#instance };
      return;
    }
    const instance = this.#instance;
    instance.state = state;
    instance.startedAt = startedAt;
    instance.stoppedAt = stoppedAt;
    instance.exitCode = exitCode;
    instance.health = health;
    if (instance.cause !== cause) (instance as { cause: EndCause | undefined }).cause = cause;
  }

  #isAlive(): boolean {
    return this.#instance.state === 'running' || this.#instance.state === 'initializing';
  }

  #isRunning(startedAt: Timestamp | null): void {
    const isHealthy = this.#unhealthyAt > this.#now;
    this.#changeAt = isHealthy && this.#unhealthyAt < this.#endsAt ? this.#unhealthyAt : this.#endsAt;
    this.#show('running', startedAt, null, null, isHealthy ? 'healthy' : 'unhealthy');
  }

  #ends(exitCode: number | null, cause: Run['cause']): void {
    this.#changeAt = never;
    this.#show('stopped', this.#instance.startedAt, this.#now, exitCode, 'unknown', cause);
  }

  /** What was to happen to the instance now. */
  #change(): void {
    if (this.#now >= this.#endsAt) this.#ends(this.#exitCode, this.#cause);
    else this.#isRunning(this.#instance.startedAt);
  }

  /**
   * When a run begins that is started now. An end is uncounted only where its run began after the attempt, so hypervisors let it
   * begin in the next millisecond (`startedAt` is rounded up); at the very time of it, every such end from the second on would
   * be counted. No other decision depends on it, so that elsewhere no figure is off by milliseconds.
   */
  #beginsAt(): Timestamp {
    const { rules } = this.#policy;
    const isAttempt = rules !== undefined && this.#status.lastAttemptAt === this.#now;
    return isAttempt && rules.some(isUncounted) ? this.#now + 1 : this.#now;
  }

  /** Answers whether the start has succeeded. */
  #start(): boolean {
    const run = this.#run;
    this.problem = run.next(this.given.workload, ++this.#starts, this.#random);
    if (this.problem !== null) return false;
    this.recording.addRun(run);
    if (run.startFails === true) return false;
    const startedAt = this.#beginsAt();
    const { bootsFor = 0, runsFor, exitCode = null, cause, unhealthyAfter } = run;
    const runsAt = startedAt + Math.ceil(bootsFor);
    this.#endsAt = runsFor === null ? never : runsAt + Math.ceil(runsFor);
    this.#unhealthyAt = unhealthyAfter === undefined ? never : runsAt + Math.ceil(unhealthyAfter);
    this.#exitCode = exitCode;
    this.#cause = cause;
    if (bootsFor > 0) {
      this.#changeAt = runsAt;
      this.#show('initializing', startedAt, null, null, 'unknown');
    } else {
      this.#isRunning(startedAt);
    }
    return true;
  }

  // -- decisions --------------------------------------------------------------

  /** What is decided now on an event. */
  #decide(event: RestartEvent): Decision {
    const decision = decide(this.#policy, this.#status, event, this.#now);
    this.#reason = decision.reason;
    return decision;
  }

  #note(event: RestartEvent, action: RestartAction | null): void {
    this.decisions++;
    if (this.#entries !== null) this.#keep(this.#entries, event, action);
  }

  // Apart, so that what is asked for each decision is small enough for V8 to inline it.
  #keep(entries: Array<TimelineEntry>, event: RestartEvent, action: RestartAction | null): void {
    entries.push({
      at: this.#now,
      state: this.#instance.state,
      event,
      reason: this.#reason,
      status: this.#status,
      action,
    });
  }

  #adopt(status: RestartStatus): void {
    this.#status = status;
    if (status.blockedReason !== null) this.#noteBlocked(status.blockedReason);
  }

  // Apart, as what is kept of a decision: nearly no status is blocked.
  #noteBlocked(by: RestartStatus['blockedReason']): void {
    if (by === 'max_attempts_exceeded') this.#tally.reachLimit(this.#now);
  }

  #settle(event: RestartEvent): void {
    this.#adopt(this.#decide(event).status);
    this.#note(event, null);
  }

  #act(action: RestartAction): void {
    if (action._tag === 'Restart') this.#ends(null, undefined);
    if (this.#start() || this.problem !== null) return;
    this.#settle(attemptFailed(action.attempt, this.#salt));
  }

  #look(): void {
    const { gate } = this.given;
    while (this.problem === null) {
      gate?.see(this.#instance.state === 'initializing' ? 'in_flight' : 'landed');
      const { status, actions } = this.#decide(this.#seen);
      const action = actions.length === 0 ? undefined : actions[0];
      if (action === undefined) {
        this.#adopt(status);
        this.#note(this.#seen, null);
        this.#wakeAt = nextWakeAt(this.#policy, status, this.#instance) ?? never;
        if (gate !== null) this.#leaveQueue(gate);
        return;
      }
      if (gate !== null && !this.#isAdmitted(gate)) {
        this.#note(this.#seen, null);
        this.#wakeAt = never;
        return;
      }
      this.#adopt(status);
      this.#note(this.#seen, action);
      this.#tally.countAttempt(this.#now);
      gate?.begin('attempt');
      this.#act(action);
    }
  }

  #leaveQueue(gate: Gate): void {
    const { lastReason, nextAttemptAt, blockedReason } = this.#status;
    gate.withdraw();
    // A start that timed out, and is not attempted again just now.
    const isGivenUp = lastReason === 'start_timeout' && (nextAttemptAt !== null || blockedReason !== null);
    if (this.#instance.state === 'initializing' && isGivenUp) gate.see('landed');
  }

  #isAdmitted(gate: Gate): boolean {
    // An attempt while it is initializing says that the start before did not come to a run in time: it makes room.
    gate.see('landed');
    const dueAt = nextWakeAt(this.#policy, this.#status, this.#instance);
    const endedAt = this.#instance.state === 'stopped' ? this.#instance.stoppedAt : null;
    const isAdmitted = gate.ask(
      dueAt === null && endedAt === null
        ? this.#now
        : Math.min(this.#now, Math.max(dueAt ?? -never, endedAt ?? -never)),
    );
    this.recording.answers.push(isAdmitted);
    return isAdmitted;
  }

  // -- people -----------------------------------------------------------------

  #say(act: number): void {
    const { words } = this.given;
    const { event, policy: updated } = words[act] as PersonAct;
    this.#wordAt = words[act + 1]?.at ?? never;
    if (updated !== undefined) {
      // An unchanged policy is not an update.
      if (eqRestartPolicy.equals(this.#policy, updated)) return;
      this.#policy = updated;
    }
    this.#settle(event);
    if (event._tag === 'ManualStop' && this.#isAlive()) this.#ends(null, undefined);
    if (event._tag === 'ManualStart') {
      this.given.gate?.begin('person');
      if (!this.#isAlive()) this.#start();
    }
    this.#look();
  }
}

const isUncounted = ({ action }: RestartRule): boolean => action === 'restart_uncounted';

const alive: Array<Instance> = [];

/**
 * V8 throws the code of a class away when none of its objects is alive at a major collection: so from the first simulation on one
 * is, which nothing happens to.
 */
export const keepCode = (policy: RestartPolicy): void => {
  if (alive.length > 0) return;
  const workload: Workload = () => ({ runsFor: null });
  alive.push(new Instance({ id: '', seed: 0, policy, workload, words: [], gate: null, listener: null, entries: null }));
};
