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
import { attemptFailed, type InstanceObservation, observed, type RestartEvent } from '../event.js';
import { eqRestartPolicy, type RestartPolicy } from '../policy.js';
import type { RestartReason } from '../reason.js';
import { saltOf } from '../salt.js';
import { initialStatus, type RestartStatus, type Timestamp } from '../status.js';
import { type Random, randomOf } from './random.js';
import type { TimelineEntry } from './timeline.js';
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

export interface Instance {
  /** When something happens next, in the order of the moments; Infinity: nothing does. */
  readonly nextAt: () => Timestamp;
  /** Lets that happen. */
  readonly step: () => void;
  /** Lets all happen that comes before a moment, unless there are more entries than so many. */
  readonly runUntil: (end: Timestamp, mostEntries: number) => void;
  /** Looks at the instance at that moment, which is not before the last one. */
  readonly look: (at: Timestamp) => void;
  readonly entries: ReadonlyArray<TimelineEntry>;
  /** What was wrong with what the workload answered; null: nothing so far. Nothing happens any more after it. */
  readonly problem: () => string | null;
}

interface Given {
  readonly id: string;
  readonly seed: number;
  readonly policy: RestartPolicy;
  readonly workload: Workload;
  /** In order; the first is the person's start with which it begins. */
  readonly words: ReadonlyArray<PersonAct>;
  readonly gate: Gate | null;
}

const never: Timestamp = Number.POSITIVE_INFINITY;

export const createInstance = (given: Given): Instance => {
  const { id, workload, words, gate } = given;
  const salt = saltOf(id);
  const random = randomOf(given.seed, id);
  const entries: Array<TimelineEntry> = [];
  let { policy } = given;
  let status: RestartStatus = initialStatus;
  let now: Timestamp = 0;

  let instance: InstanceObservation = {
    state: 'stopped',
    startedAt: null,
    stoppedAt: null,
    exitCode: null,
    health: 'unknown',
    salt,
  };
  /** The same object as long as nothing changes: most looks are at what was seen before. */
  let seen: RestartEvent = observed(instance);
  let run: Run | null = null;
  let starts = 0;
  /** Of the run: when it comes to run, turns unhealthy and ends. */
  let runsAt: Timestamp = never;
  let unhealthyAt: Timestamp = never;
  let endsAt: Timestamp = never;

  let changeAt: Timestamp = never;
  let wakeAt: Timestamp = never;
  let word = 0;
  let wordAt: Timestamp = words[0]?.at ?? never;
  let problem: string | null = null;

  // -- the instance -----------------------------------------------------------

  const show = (next: InstanceObservation): void => {
    instance = next;
    seen = { _tag: 'Observed', instance };
  };

  const isAlive = (): boolean => instance.state === 'running' || instance.state === 'initializing';

  /** Not by spread: a copy costs more than a decision. */
  const isRunning = (startedAt: Timestamp | null): void => {
    changeAt = unhealthyAt > now ? Math.min(unhealthyAt, endsAt) : endsAt;
    const health = unhealthyAt > now ? 'healthy' : 'unhealthy';
    show({ state: 'running', startedAt, stoppedAt: null, exitCode: null, health, salt });
  };

  const ends = (exitCode: number | null, cause: Run['cause']): void => {
    const { startedAt } = instance;
    changeAt = never;
    show(
      cause === undefined
        ? { state: 'stopped', startedAt, stoppedAt: now, exitCode, health: 'unknown', salt }
        : { state: 'stopped', startedAt, stoppedAt: now, exitCode, health: 'unknown', cause, salt },
    );
  };

  /** What was to happen to the instance now. */
  const change = (): void => {
    if (now >= endsAt) ends(run?.exitCode ?? null, run?.cause);
    else isRunning(instance.startedAt);
  };

  /** Answers whether the start has succeeded. */
  const start = (): boolean => {
    const next = nextRun(workload, ++starts, random);
    if (typeof next === 'string') {
      problem = next;
      return false;
    }
    if (next.startFails === true) return false;
    run = next;
    const { bootsFor = 0, runsFor, unhealthyAfter } = next;
    runsAt = now + Math.ceil(bootsFor);
    endsAt = runsFor === null ? never : runsAt + Math.ceil(runsFor);
    unhealthyAt = unhealthyAfter === undefined ? never : runsAt + Math.ceil(unhealthyAfter);
    if (bootsFor > 0) {
      changeAt = runsAt;
      show({ state: 'initializing', startedAt: now, stoppedAt: null, exitCode: null, health: 'unknown', salt });
    } else {
      isRunning(now);
    }
    return true;
  };

  // -- decisions --------------------------------------------------------------

  const note = (event: RestartEvent, reason: RestartReason, action: RestartAction | null): void => {
    entries.push({ at: now, state: instance.state, event, reason, status, action });
  };

  const settle = (event: RestartEvent): void => {
    const decision = decide(policy, status, event, now);
    status = decision.status;
    note(event, decision.reason, null);
  };

  const act = (action: RestartAction): void => {
    if (action._tag === 'Restart') ends(null, undefined);
    if (!start() && problem === null) settle(attemptFailed(action.attempt, salt));
  };

  const look = (): void => {
    while (problem === null) {
      gate?.see(instance.state === 'initializing' ? 'in_flight' : 'landed');
      const before = status;
      const decision = decide(policy, before, seen, now);
      const action = decision.actions.length === 0 ? undefined : decision.actions[0];
      if (action === undefined) {
        status = decision.status;
        note(seen, decision.reason, null);
        wakeAt = nextWakeAt(policy, status, instance) ?? never;
        if (gate !== null) leaveQueue(gate);
        return;
      }
      if (gate !== null && !isAdmitted(gate)) {
        note(seen, decision.reason, null);
        wakeAt = never;
        return;
      }
      status = decision.status;
      note(seen, decision.reason, action);
      gate?.begin('attempt');
      act(action);
    }
  };

  const leaveQueue = (at: Gate): void => {
    at.withdraw();
    // A start that timed out, and is not attempted again just now.
    const isGivenUp =
      status.lastReason === 'start_timeout' && (status.nextAttemptAt !== null || status.blockedReason !== null);
    if (instance.state === 'initializing' && isGivenUp) at.see('landed');
  };

  const isAdmitted = (at: Gate): boolean => {
    // An attempt while it is initializing says that the start before did not come to a run in time: it makes room.
    at.see('landed');
    const dueAt = nextWakeAt(policy, status, instance);
    const endedAt = instance.state === 'stopped' ? instance.stoppedAt : null;
    return at.ask(
      dueAt === null && endedAt === null ? now : Math.min(now, Math.max(dueAt ?? -never, endedAt ?? -never)),
    );
  };

  // -- people -----------------------------------------------------------------

  const say = ({ event, policy: updated }: PersonAct): void => {
    if (updated !== undefined) {
      // An unchanged policy is not an update.
      if (eqRestartPolicy.equals(policy, updated)) return;
      policy = updated;
    }
    settle(event);
    if (event._tag === 'ManualStop' && isAlive()) ends(null, undefined);
    if (event._tag === 'ManualStart') {
      gate?.begin('person');
      if (!isAlive()) start();
    }
    look();
  };

  /** By comparisons: what Math.min answers is a new number, and this is asked of every step. */
  const next = (): Timestamp => {
    const first = changeAt <= wakeAt ? changeAt : wakeAt;
    return first <= wordAt ? first : wordAt;
  };

  const step = (): void => {
    now = next();
    if (now === changeAt) {
      change();
      look();
    } else if (now === wakeAt) {
      look();
    } else {
      const said = words[word++] as PersonAct;
      wordAt = words[word]?.at ?? never;
      say(said);
    }
  };

  return {
    nextAt: next,
    step,
    runUntil: (end, mostEntries) => {
      while (next() < end && entries.length <= mostEntries && problem === null) step();
    },
    look: (at) => {
      now = at;
      look();
    },
    entries,
    problem: () => problem,
  };
};

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
