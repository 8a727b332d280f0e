/**
 * One simulated instance: what happens to it next, and what is decided then.
 *
 * Nothing is decided here. What happens is decided on by `decide`, and `nextWakeAt` says when to look again, in the order in
 * which the controller has it (src/controller/reconcile.ts): an attempt is counted, then made, then looked at; a failed
 * start is charged before the next look; a person's word is recorded, then carried out, then looked at. Of what comes at one
 * moment a change of the instance is first, then the wake-up, then a person.
 */
import type { RestartAction } from '../action.js';
import { decide, nextWakeAt } from '../decide.js';
import type { Millis } from '../duration.js';
import { attemptFailed, type InstanceObservation, observed, type RestartEvent } from '../event.js';
import { eqRestartPolicy, type RestartPolicy, type RestartRule } from '../policy.js';
import type { RestartReason } from '../reason.js';
import { saltOf } from '../salt.js';
import { initialStatus, type RestartStatus, type Timestamp } from '../status.js';
import { type Random, randomOf } from './random.js';
import { Tally } from './tally.js';
import type { Summary, TimelineEntry } from './timeline.js';
import type { PersonAct } from './words.js';
import { type Run, type Workload, whatIsWrong } from './workload.js';

/** The admission of a fleet's starts, as one instance sees it. */
export interface Gate {
  /** Whether an attempt that is due since then may be made now. false: `look` is called when it may. */
  readonly ask: (dueAt: Timestamp) => boolean;
  /** A start is made now. */
  readonly begin: (by: 'attempt' | 'person') => void;
  /** It was looked at, and whatever was in flight has come to an end or has not. */
  readonly see: (is: 'in_flight' | 'landed') => void;
  /** It was decided on, and no attempt is due. */
  readonly withdraw: () => void;
}

interface Given {
  readonly id: string;
  readonly seed: number;
  readonly policy: RestartPolicy;
  readonly workload: Workload;
  /** In order; the first is the person's start with which it begins. */
  readonly words: ReadonlyArray<PersonAct>;
  readonly gate: Gate | null;
  /** Told of each span in which it was not up. */
  readonly onOutage: ((length: Millis) => void) | null;
}

const never: Timestamp = Number.POSITIVE_INFINITY;

/**
 * A class, for speed: functions made anew for every instance, over variables around them, are slow until each has been
 * compiled again, which takes longer than most simulations.
 */
export class Instance {
  readonly entries: Array<TimelineEntry> = [];
  /** What was wrong with what the workload answered; null: nothing so far. Nothing happens any more after it. */
  problem: string | null = null;

  readonly #given: Given;
  readonly #tally: Tally;
  readonly #salt: number;
  readonly #random: Random;
  #policy: RestartPolicy;
  #status: RestartStatus = initialStatus;
  #now: Timestamp = 0;

  #instance: InstanceObservation;
  /** The same object as long as nothing changes: most looks are at what was seen before. */
  #seen: RestartEvent;
  #run: Run | null = null;
  #starts = 0;
  /** Of the run: when it turns unhealthy and ends. */
  #unhealthyAt: Timestamp;
  #endsAt: Timestamp;

  /** When something happens next: to the instance, by `nextWakeAt`, and by a person. */
  #changeAt: Timestamp;
  #wakeAt: Timestamp;
  #wordAt: Timestamp;
  #word = 0;

  constructor(given: Given) {
    this.#given = given;
    this.#tally = new Tally(given.onOutage);
    this.#salt = saltOf(given.id);
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
    this.#unhealthyAt = never;
    this.#endsAt = never;
    this.#changeAt = never;
    this.#wakeAt = never;
    this.#wordAt = given.words[0]?.at ?? never;
  }

  // -- what comes next --------------------------------------------------------

  /** When something happens next, in the order of the moments; Infinity: nothing does. */
  nextAt(): Timestamp {
    return Math.min(this.#changeAt, this.#wakeAt, this.#wordAt);
  }

  /** Lets that happen. */
  step(): void {
    this.#now = this.nextAt();
    if (this.#now === this.#changeAt) {
      this.#change();
      this.#look();
    } else if (this.#now === this.#wakeAt) {
      this.#look();
    } else {
      const { words } = this.#given;
      const said = words[this.#word++] as PersonAct;
      this.#wordAt = words[this.#word]?.at ?? never;
      this.#say(said);
    }
  }

  /** Lets all happen that comes before a moment, unless there are more entries than so many. */
  runUntil(end: Timestamp, mostEntries: number): void {
    while (this.nextAt() < end && this.entries.length <= mostEntries && this.problem === null) this.step();
  }

  /** Looks at the instance at that moment, which is not before the last one. */
  lookAt(at: Timestamp): void {
    this.#now = at;
    this.#look();
  }

  /** The summary of what came before a moment. Once, when all of it has happened. */
  summaryAt(end: Timestamp): Summary {
    return this.#tally.endAt(end);
  }

  // -- the instance -----------------------------------------------------------

  #show(next: InstanceObservation): void {
    this.#instance = next;
    this.#seen = { _tag: 'Observed', instance: next };
  }

  #isAlive(): boolean {
    return this.#instance.state === 'running' || this.#instance.state === 'initializing';
  }

  /** Not by spread: a copy costs more than a decision. */
  #isRunning(startedAt: Timestamp | null): void {
    const isHealthy = this.#unhealthyAt > this.#now;
    this.#changeAt = isHealthy && this.#unhealthyAt < this.#endsAt ? this.#unhealthyAt : this.#endsAt;
    const health = isHealthy ? 'healthy' : 'unhealthy';
    this.#show({ state: 'running', startedAt, stoppedAt: null, exitCode: null, health, salt: this.#salt });
  }

  #ends(exitCode: number | null, cause: Run['cause']): void {
    const { startedAt } = this.#instance;
    const stoppedAt = this.#now;
    const salt = this.#salt;
    this.#changeAt = never;
    this.#show(
      cause === undefined
        ? { state: 'stopped', startedAt, stoppedAt, exitCode, health: 'unknown', salt }
        : { state: 'stopped', startedAt, stoppedAt, exitCode, health: 'unknown', cause, salt },
    );
  }

  /** What was to happen to the instance now. */
  #change(): void {
    if (this.#now >= this.#endsAt) this.#ends(this.#run?.exitCode ?? null, this.#run?.cause);
    else this.#isRunning(this.#instance.startedAt);
  }

  /**
   * When a run begins that is started now. An end is uncounted only where its run began after the attempt, so hypervisors let it
   * begin in the next millisecond (`startedAt` is rounded up); at the very time of it, every such end from the second on would
   * be counted. No other decision depends on it, so that elsewhere no figure is off by milliseconds.
   */
  #beginsAt(): Timestamp {
    const isAttempt = this.#status.lastAttemptAt === this.#now;
    return isAttempt && this.#policy.rules?.some(isUncounted) === true ? this.#now + 1 : this.#now;
  }

  /** Answers whether the start has succeeded. */
  #start(): boolean {
    const run = nextRun(this.#given.workload, ++this.#starts, this.#random);
    if (typeof run === 'string') {
      this.problem = run;
      return false;
    }
    if (run.startFails === true) return false;
    this.#run = run;
    const startedAt = this.#beginsAt();
    const { bootsFor = 0, runsFor, unhealthyAfter } = run;
    const runsAt = startedAt + Math.ceil(bootsFor);
    this.#endsAt = runsFor === null ? never : runsAt + Math.ceil(runsFor);
    this.#unhealthyAt = unhealthyAfter === undefined ? never : runsAt + Math.ceil(unhealthyAfter);
    if (bootsFor > 0) {
      const salt = this.#salt;
      this.#changeAt = runsAt;
      this.#show({ state: 'initializing', startedAt, stoppedAt: null, exitCode: null, health: 'unknown', salt });
    } else {
      this.#isRunning(startedAt);
    }
    return true;
  }

  // -- decisions --------------------------------------------------------------

  #note(event: RestartEvent, reason: RestartReason, action: RestartAction | null): void {
    const entry = { at: this.#now, state: this.#instance.state, event, reason, status: this.#status, action };
    this.entries.push(entry);
    this.#tally.add(entry);
  }

  #settle(event: RestartEvent): void {
    const { status, reason } = decide(this.#policy, this.#status, event, this.#now);
    this.#status = status;
    this.#note(event, reason, null);
  }

  #act(action: RestartAction): void {
    if (action._tag === 'Restart') this.#ends(null, undefined);
    if (!this.#start() && this.problem === null) this.#settle(attemptFailed(action.attempt, this.#salt));
  }

  #look(): void {
    const { gate } = this.#given;
    while (this.problem === null) {
      gate?.see(this.#instance.state === 'initializing' ? 'in_flight' : 'landed');
      const { status, actions, reason } = decide(this.#policy, this.#status, this.#seen, this.#now);
      const action = actions.length === 0 ? undefined : actions[0];
      if (action === undefined) {
        this.#status = status;
        this.#note(this.#seen, reason, null);
        this.#wakeAt = nextWakeAt(this.#policy, status, this.#instance) ?? never;
        if (gate !== null) this.#leaveQueue(gate);
        return;
      }
      if (gate !== null && !this.#isAdmitted(gate)) {
        this.#note(this.#seen, reason, null);
        this.#wakeAt = never;
        return;
      }
      this.#status = status;
      this.#note(this.#seen, reason, action);
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
    return gate.ask(
      dueAt === null && endedAt === null
        ? this.#now
        : Math.min(this.#now, Math.max(dueAt ?? -never, endedAt ?? -never)),
    );
  }

  // -- people -----------------------------------------------------------------

  #say({ event, policy: updated }: PersonAct): void {
    if (updated !== undefined) {
      // An unchanged policy is not an update.
      if (eqRestartPolicy.equals(this.#policy, updated)) return;
      this.#policy = updated;
    }
    this.#settle(event);
    if (event._tag === 'ManualStop' && this.#isAlive()) this.#ends(null, undefined);
    if (event._tag === 'ManualStart') {
      this.#given.gate?.begin('person');
      if (!this.#isAlive()) this.#start();
    }
    this.#look();
  }
}

const isUncounted = ({ action }: RestartRule): boolean => action === 'restart_uncounted';

/** A text: what is wrong with the answer of the workload, which may be anybody's. */
const nextRun = (workload: Workload, run: number, random: Random): Run | string => {
  let answered: Run;
  try {
    answered = workload(run, random);
  } catch (cause) {
    return `workload(${run}) threw: ${String(cause)}`;
  }
  const wrong = whatIsWrong(answered);
  return wrong === null ? answered : `workload(${run})${wrong}`;
};
