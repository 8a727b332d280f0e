/**
 * What people are promised, in a fifth of the lines: what they asked for last, what the policy owes the instance, and
 * when.
 *
 * How to read this. A person's command, a fact about the instance and the passing of time each change the model, and
 * then `reconcile` does at once what is owed at once. There are no interleavings, no revisions, no writes: to the model
 * every command happens at one moment, and time goes from one moment at which something is owed to the next.
 *
 * It says less than the library does in one place: while an instance's store fails (`isBlind`) its guesses are not
 * compared, and afterwards it takes over (`adopt`) what was counted meanwhile.
 */

import type { HealthReport } from '../../src/controller.js';
import type { Millis } from '../../src/duration.js';
import type { Health, InstanceObservation, InstanceState } from '../../src/event.js';
import { eqRestartPolicy, policyDefaults, type RestartPolicy } from '../../src/policy.js';
import type { Exclusion } from '../../src/ports/hypervisor.js';
import type { InstanceId, StoredRecord } from '../../src/ports/store.js';
import { saltOf, shareOf } from '../../src/salt.js';
import { initialStatus, type LastReason, type Timestamp } from '../../src/status.js';
import type { StartScript, StopScript } from '../../src/testing/scripted-hypervisor.js';

// ---------------------------------------------------------------------------
// what is known
// ---------------------------------------------------------------------------

interface Verdict extends HealthReport {
  /** When it was last found well, of a run that was ill before. null: it never was ill. */
  readonly illUntil: Timestamp | null;
}

interface Run {
  readonly since: Timestamp;
  state: InstanceState;
  health: Health;
  /** It will end by itself at that time, with that code; null: it will not. */
  endsAt: Timestamp | null;
  readonly exitCode: number | null;
}

interface Instance {
  readonly id: InstanceId;
  /** What people want of it: nothing yet, that it stays down, or what its policy says. */
  intent: 'nothing' | 'stopped' | 'supervised';
  /** While it is supervised: a person suspended that. */
  isPaused: boolean;
  policy: RestartPolicy;

  run: Run | null;
  /** The last run, when none goes on; null: it never ran. */
  past: { readonly since: Timestamp; readonly until: Timestamp | null; readonly exitCode: number | null } | null;
  /**
   * The last verdict. It names its run by when that began: when the clock was set, that may be when another one began.
   * null: none.
   */
  verdict: Verdict | null;

  /** The failure window. */
  attempts: number;
  lastAttemptAt: Timestamp | null;
  waitsUntil: Timestamp | null;
  isUsedUp: boolean;
  /** Why its last attempt was made, or the next will be; null: for an exit, or there is none. */
  reason: LastReason | null;
  /** When the attempts were made that count towards the limit of an interval. */
  recent: ReadonlyArray<Timestamp>;
  /** A start under way that fails at that time. */
  failsAt: Timestamp | null;

  /** How the next starts go, and every stop of a run. */
  scripts: Array<StartScript>;
  stops: StopScript;

  /** So far. */
  starts: number;
  runs: number;

  /** Its hypervisor answers when it is asked what the instance looks like. */
  isSeen: boolean;
  /** Its store fails, so that nobody knows what is counted. */
  isBlind: boolean;
  /** While blind: a stop was acknowledged, and nothing was asked for since that may start it. */
  isPromisedStopped: boolean;
}

/** What an instance comes to after the store failed: all that the model does not know by then. */
export interface Findings {
  readonly record: StoredRecord | null;
  readonly seen: InstanceObservation;
  readonly verdict: HealthReport | null;
  readonly endsAt: Timestamp | null;
  readonly exitCode: number | null;
  readonly scripts: ReadonlyArray<StartScript>;
  readonly starts: number;
  readonly runs: number;
}

export type Answer =
  | 'done'
  | 'unchanged'
  | 'no record'
  | 'Refused'
  | 'Failed'
  | 'StaleRun'
  | 'pause_recorded'
  | 'paused'
  | 'resumed'
  | 'not_paused'
  | 'manual_stop';

/** Why it is to be started again. */
interface Cause {
  readonly reason: LastReason | null;
  readonly isCounted: boolean;
}

export type Model = ReturnType<typeof createModel>;

export const createModel = (ids: ReadonlyArray<InstanceId>, exclusion: Exclusion, start: Timestamp) => {
  const instances = new Map(ids.map((id) => [id, unheardOf(id)]));
  let now = start;
  let isUp = true;

  const of = (id: InstanceId): Instance => {
    const instance = instances.get(id);
    if (instance === undefined) throw new Error(`no instance ${id}`);
    return instance;
  };

  // -------------------------------------------------------------------------
  // what is owed
  // -------------------------------------------------------------------------

  /** Why it is to be started again; null: it is not. */
  const causeOf = (i: Instance): Cause | null => {
    const { run, past, policy } = i;
    if (run?.state === 'running') return run.health === 'unhealthy' ? because('health_check_failed') : null;
    if (run !== null) return (timesOutAt(i) ?? Number.POSITIVE_INFINITY) <= now ? because('start_timeout') : null;
    if (past === null) return null;
    if (i.reason !== null && hasNotBegunSince(i)) return because(i.reason);
    const answer = answerOf(policy, past.exitCode);
    if (answer === 'stop') return null;
    if (answer === null) return policy.mode === 'on_failure' && past.exitCode === 0 ? null : because(null);
    const isNew = past.since > (i.lastAttemptAt ?? Number.NEGATIVE_INFINITY) && past.since <= now;
    return { reason: null, isCounted: answer === 'restart' || !isNew };
  };

  /** When the run that goes on will have lasted; null: it does not count, or there is nothing to forgive. */
  const lastsAt = ({ run, verdict, attempts, lastAttemptAt, reason, policy }: Instance): Timestamp | null => {
    if (run === null || run.state !== 'running' || attempts === 0) return null;
    const isSound = run.health === 'healthy' || (run.health === 'unknown' && reason !== 'health_check_failed');
    const illUntil = verdict?.startedAt === run.since ? Math.min(verdict.illUntil ?? run.since, now) : run.since;
    const since = Math.max(run.since, illUntil, lastAttemptAt ?? run.since);
    return isSound ? since + Math.ceil(policy.stableAfter) : null;
  };

  /** When it has been initializing for too long; null: it is not initializing, or may do so for ever. */
  const timesOutAt = ({ run, lastAttemptAt, policy: { startTimeout } }: Instance): Timestamp | null =>
    run?.state === 'initializing' && startTimeout !== undefined
      ? Math.max(run.since, lastAttemptAt ?? run.since) + Math.ceil(startTimeout)
      : null;

  /** `isAfterExit`: it waits for that its run has ended, and not for its health. */
  const dueAt = (i: Instance, isAfterExit = false): Timestamp => {
    const { waitsUntil, lastAttemptAt, past, policy } = i;
    const due = Math.max(waitsUntil ?? now, lastAttemptAt === null ? now : lastAttemptAt + waitOf(i));
    if (policy.backoffFrom !== 'exit' || !isAfterExit || past === null) return due;
    const isNew = waitsUntil === null || (past.since > waitsUntil && past.since <= now);
    return isNew ? Math.max(due, Math.min(past.until ?? now, now) + waitOf(i, i.attempts)) : due;
  };

  const isSupervised = (i: Instance): boolean =>
    isUp && i.isSeen && i.failsAt === null && i.intent === 'supervised' && !i.isPaused && i.policy.mode !== 'never';

  /** The next moment at which the controller owes it something; null: there is none before something happens. */
  const owedAt = (i: Instance): Timestamp | null => {
    if (!isSupervised(i)) return null;
    const timeOut = timesOutAt(i);
    if (timeOut !== null) {
      if (i.isUsedUp) return i.waitsUntil === null ? null : Math.max(timeOut, i.waitsUntil);
      return i.reason === 'start_timeout' ? Math.max(timeOut, i.waitsUntil ?? timeOut) : timeOut;
    }
    if (causeOf(i) === null) return lastsAt(i);
    return i.isUsedUp ? i.waitsUntil : dueAt(i);
  };

  const reconcile = (i: Instance): void => {
    if (isUp && i.isSeen && i.intent === 'stopped' && (i.run?.state === 'running' || i.run?.state === 'initializing')) {
      stopRun(i);
    }
    if (!isSupervised(i)) return;
    // A clock that was set back makes nobody wait longer than the longest wait, or the cooldown.
    if (i.lastAttemptAt !== null) i.lastAttemptAt = Math.min(i.lastAttemptAt, now);
    if (i.waitsUntil !== null) i.waitsUntil = Math.min(i.waitsUntil, now + longestOf(i));
    i.recent = i.recent.map((at) => Math.min(at, now));
    // A run that lasts is forgiven what went before, also when it has ended by the time.
    if ((lastsAt(i) ?? Number.POSITIVE_INFINITY) <= now) forgive(i);
    if (i.run === null && hasLasted(i) && isAnything(i)) forgive(i, i.lastAttemptAt);

    const cause = causeOf(i);
    if (cause === null) callOff(i);
    else pursue(i, cause);
  };

  const pursue = (i: Instance, { reason, isCounted }: Cause): void => {
    if (i.isUsedUp) {
      if ((i.waitsUntil ?? Number.POSITIVE_INFINITY) > now) return;
      forgive(i, i.lastAttemptAt); // it has cooled down
    }
    i.reason = reason;
    const due = dueAt(i, reason === null);
    if (isCounted && isSpent(i, Math.max(now, due))) useUp(i);
    else if (due <= now) attempt(i, isCounted);
    else i.waitsUntil = due;
  };

  /** What it waited for is moot. Bad health is over when the instance is said to be healthy, not before. */
  const callOff = (i: Instance): void => {
    if (i.isUsedUp) return;
    const isForHealth = i.reason === 'health_check_failed';
    const isOver = i.run?.state === 'running' && (!isForHealth || i.run.health === 'healthy');
    if (isOver && (i.waitsUntil !== null || i.attempts === 0)) i.reason = null;
    if (isOver || (i.run === null && i.past !== null)) i.waitsUntil = null;
  };

  const useUp = (i: Instance): void => {
    i.isUsedUp = true;
    i.waitsUntil = i.policy.cooldown === undefined ? null : now + Math.ceil(i.policy.cooldown);
  };

  const attempt = (i: Instance, isCounted: boolean): void => {
    i.waitsUntil = null;
    if (isCounted) {
      i.attempts++;
      if (i.policy.limitInterval !== undefined) i.recent = [...recentOf(i, now), now];
    }
    i.lastAttemptAt = now;
    const script = stopRun(i) === 'done' ? nextScript(i) : null;
    if (script?.wait !== undefined) i.failsAt = now + (script.wait.ms ?? 0);
    else if (script === null || begin(i, script) !== 'done') failAttempt(i);
    else reconcile(i);
  };

  const failAttempt = (i: Instance): void => {
    i.failsAt = null;
    if (isSpent(i, now + waitOf(i))) useUp(i);
    else i.waitsUntil = now + waitOf(i);
    reconcile(i);
  };

  // -------------------------------------------------------------------------
  // what happens to a run
  // -------------------------------------------------------------------------

  const nextScript = (i: Instance): StartScript => {
    i.starts++;
    return i.scripts.shift() ?? {};
  };

  const begin = (i: Instance, { outcome = 'done', exits }: StartScript): Answer => {
    if (outcome === 'refused') return 'Refused';
    if (outcome !== 'failed' && i.run === null) {
      const endsAt = exits === undefined ? null : now + exits.afterMs;
      i.run = { since: now, state: 'running', health: healthAt(i, now), endsAt, exitCode: exits?.exitCode ?? null };
      i.past = null;
      i.runs++;
    }
    return outcome === 'done' ? 'done' : 'Failed';
  };

  const end = (i: Instance, exitCode: number | null): void => {
    if (i.run !== null) i.past = { since: i.run.since, until: now, exitCode };
    i.run = null;
  };

  const stopRun = (i: Instance): Answer => {
    const { outcome = 'done', exitCode = null } = i.stops;
    if (i.run === null) return 'done';
    if (outcome === 'refused') return 'Refused';
    if (outcome !== 'failed') end(i, exitCode);
    return outcome === 'done' ? 'done' : 'Failed';
  };

  // -------------------------------------------------------------------------
  // time
  // -------------------------------------------------------------------------

  const momentsOf = (i: Instance): ReadonlyArray<Timestamp> =>
    [i.failsAt, i.run?.endsAt ?? null, owedAt(i)].filter((at) => at !== null);

  const nextMoment = (): Timestamp | null => {
    const moments = [...instances.values()].flatMap(momentsOf);
    return moments.length === 0 ? null : Math.min(...moments);
  };

  const advanceTo = (to: Timestamp): void => {
    for (let at = nextMoment(); at !== null && at <= to; at = nextMoment()) {
      now = Math.max(now, at);
      for (const i of instances.values()) {
        if (i.run !== null && (i.run.endsAt ?? Number.POSITIVE_INFINITY) <= now) end(i, i.run.exitCode);
        if ((i.failsAt ?? Number.POSITIVE_INFINITY) <= now) failAttempt(i);
        else reconcile(i);
      }
    }
    now = to;
  };

  /** What was refused leaves nothing behind; what failed half-way is gone on with. */
  const stop = (i: Instance): Answer => {
    const answer = stopRun(i);
    if (answer !== 'Refused') {
      Object.assign(i, { intent: 'stopped', isPaused: false });
      forgive(i);
      reconcile(i);
    } else if (i.intent === 'nothing') i.intent = 'supervised';
    return answer;
  };

  return {
    of,
    instances: [...instances.values()],
    now: () => now,
    advanceTo,
    nextMoment,
    owedAt,

    /** Somebody sets the clock. No run is older for it, but a verdict on its health names it no more. */
    setClock: (to: Timestamp): void => {
      const by = to - now;
      now = to;
      for (const i of instances.values()) {
        if (i.run !== null) i.run = movedBy(by, i.run, i);
        if (i.past !== null) i.past = { ...i.past, since: i.past.since + by, until: movedTime(by, i.past.until) };
        reconcile(i);
      }
    },

    // -----------------------------------------------------------------------
    // what people ask for, and what they are answered
    // -----------------------------------------------------------------------

    stop: (id: InstanceId): Answer => stop(of(id)),

    /** A person's stop comes after the next attempt was counted, and before it is made. */
    stopAttempt: (id: InstanceId): Answer => {
      nextScript(of(id));
      return stop(of(id));
    },

    /** Where nothing holds back a start on its way, the record of the stop outlives the instance. */
    remove: (id: InstanceId): Answer => {
      const i = of(id);
      const answer = stop(i);
      if (answer !== 'done') return answer;
      i.past = null;
      if (exclusion !== 'none') Object.assign(i, { intent: 'nothing', policy: policyDefaults, verdict: null });
      return answer;
    },

    start: (id: InstanceId): Answer => {
      const i = of(id);
      const answer = begin(i, nextScript(i));
      if (answer !== 'Refused') {
        forgive(i);
        i.isPaused = false;
      }
      if (answer !== 'Refused' || i.intent === 'nothing') i.intent = 'supervised';
      reconcile(i);
      return answer;
    },

    update: (id: InstanceId, policy: RestartPolicy): Answer => {
      const i = of(id);
      if (i.intent !== 'nothing' && eqRestartPolicy.equals(i.policy, policy)) return 'unchanged';
      i.policy = policy;
      if (i.intent === 'nothing') i.intent = 'supervised';
      // What we have stopped, or are about to, comes back whatever code it ended with.
      const { lastAttemptAt, reason } = i;
      const isOwed = reason !== null && (i.isPaused || i.waitsUntil !== null || i.attempts === 0 || isUnderWay(i));
      forgive(i);
      if (isOwed) Object.assign(i, { lastAttemptAt, reason });
      reconcile(i);
      return 'done';
    },

    reset: (id: InstanceId): Answer => {
      const i = of(id);
      if (i.intent === 'nothing') return 'no record';
      Object.assign(i, { intent: 'supervised', isPaused: false });
      forgive(i);
      reconcile(i);
      return 'done';
    },

    /** What runs runs on. */
    pause: (id: InstanceId): Answer => {
      const i = of(id);
      if (i.intent === 'stopped') return 'manual_stop';
      if (i.isPaused) return 'paused';
      Object.assign(i, { intent: 'supervised', isPaused: true, waitsUntil: null, isUsedUp: false });
      return 'pause_recorded';
    },

    resume: (id: InstanceId): Answer => {
      const i = of(id);
      if (i.intent === 'nothing') return 'no record';
      const { isPaused } = i;
      i.isPaused = false;
      // What we stopped is owed a start.
      if (isPaused && i.reason !== null) i.waitsUntil = now;
      reconcile(i);
      return isPaused ? 'resumed' : 'not_paused';
    },

    // -----------------------------------------------------------------------
    // what happens
    // -----------------------------------------------------------------------

    exit: (id: InstanceId, exitCode: number | null): void => {
      end(of(id), exitCode);
      reconcile(of(id));
    },

    turn: (id: InstanceId, state: InstanceState): void => {
      const { run } = of(id);
      if (run !== null) run.state = state;
      reconcile(of(id));
    },

    reportHealth: (id: InstanceId, health: Health): Answer => {
      const i = of(id);
      if (!i.isSeen && i.run?.health !== health) return 'Failed';
      if (i.run !== null) {
        const { verdict } = i;
        const { since } = i.run;
        const isOfThis = verdict?.startedAt === since;
        const wasIll = isOfThis && verdict.health === 'unhealthy';
        const before = isOfThis ? verdict.illUntil : null;
        i.run.health = health;
        i.verdict = { startedAt: since, health, illUntil: wasIll ? now : before };
      }
      reconcile(i);
      return 'done';
    },

    /** The instance is made anew, as by a restored snapshot: it has never run. */
    forget: (id: InstanceId): void => {
      of(id).past = null;
    },

    stopsGo: (id: InstanceId, stops: StopScript): void => {
      of(id).stops = stops;
      reconcile(of(id));
    },

    startsGo: (id: InstanceId, script: StartScript, times: number): void => {
      of(id).scripts.push(...new Array<StartScript>(times).fill(script));
    },

    see: (id: InstanceId, isSeen: boolean): void => {
      of(id).isSeen = isSeen;
      reconcile(of(id));
    },

    /** A person's stop is recorded when the controller crashes, and may be carried out too. */
    stopHalfway: (id: InstanceId, isCarriedOut: boolean): void => {
      const i = of(id);
      Object.assign(i, { intent: 'stopped', isPaused: false });
      forgive(i);
      if (isCarriedOut) stopRun(i);
    },

    /** An attempt under way is spent. Reported health is forgotten. */
    restartController: (downUntil: Timestamp): void => {
      isUp = false;
      for (const i of instances.values()) i.failsAt = null;
      advanceTo(downUntil);
      isUp = true;
      for (const i of instances.values()) {
        i.verdict = null;
        if (i.run !== null) i.run.health = 'unknown';
        reconcile(i);
      }
    },

    // -----------------------------------------------------------------------
    // what is not known
    // -----------------------------------------------------------------------

    blind: (id: InstanceId): void => {
      const i = of(id);
      if (i.isBlind) return;
      i.isBlind = true;
      i.isPromisedStopped = i.intent === 'stopped' && i.run === null;
    },

    adopt: (id: InstanceId, { record, seen, endsAt, exitCode, scripts, starts, runs, ...found }: Findings): void => {
      const known = of(id).verdict;
      // What it was before that verdict, nobody is asked.
      const illUntil = known?.startedAt === found.verdict?.startedAt ? (known?.illUntil ?? null) : null;
      const verdict = found.verdict === null ? null : { ...found.verdict, illUntil };
      const status = record?.status ?? initialStatus;
      const { attempts, lastAttemptAt, nextAttemptAt, blockedReason, lastReason, recentAttempts = [] } = status;
      const { state, startedAt: since, stoppedAt: until, health } = seen;
      Object.assign(of(id), {
        intent: intentOf(record),
        policy: record?.policy ?? policyDefaults,
        run: state === 'stopped' || since === null ? null : { since, state, health, endsAt, exitCode },
        past: state !== 'stopped' || since === null ? null : { since, until, exitCode: seen.exitCode },
        verdict,
        attempts,
        lastAttemptAt,
        waitsUntil: nextAttemptAt,
        isUsedUp: blockedReason === 'max_attempts_exceeded',
        reason: lastReason,
        recent: recentAttempts,
        isPaused: blockedReason === 'paused',
        failsAt: null,
        scripts: [...scripts],
        starts,
        runs,
        isBlind: false,
      });
    },
  };
};

const unheardOf = (id: InstanceId): Instance => ({
  id,
  intent: 'nothing',
  policy: policyDefaults,
  run: null,
  past: null,
  verdict: null,
  isPaused: false,
  attempts: 0,
  lastAttemptAt: null,
  waitsUntil: null,
  isUsedUp: false,
  reason: null,
  recent: [],
  failsAt: null,
  scripts: [],
  stops: {},
  starts: 0,
  runs: 0,
  isSeen: true,
  isBlind: false,
  isPromisedStopped: false,
});

const intentOf = (record: StoredRecord | null): Instance['intent'] => {
  if (record === null) return 'nothing';
  return record.status.blockedReason === 'manual_stop' ? 'stopped' : 'supervised';
};

/** The window is over; what is kept of it is when the next attempt may be made at the earliest. */
const forgive = (i: Instance, lastAttemptAt: Timestamp | null = null): void => {
  Object.assign(i, {
    attempts: 0,
    lastAttemptAt,
    waitsUntil: null,
    isUsedUp: false,
    reason: null,
    recent: [],
  });
};

const because = (reason: LastReason | null): Cause => ({ reason, isCounted: true });

/** How the first rule that matches answers that a run ended by itself; null: none does. */
const answerOf = ({ rules = [] }: RestartPolicy, exitCode: number | null) => {
  const why = exitCode === null ? 'unknown' : 'exit';
  const matching = rules.find(
    ({ causes, exitCodes }) =>
      (causes?.includes(why) ?? true) &&
      (exitCodes?.some((codes) => {
        const [low, high] = typeof codes === 'number' ? [codes, codes] : codes;
        return exitCode !== null && low <= exitCode && exitCode <= high;
      }) ??
        true),
  );
  return matching?.action ?? null;
};

/** The wait after so many attempts, or (`steps`) after so many times that it grew. */
const waitOf = (
  i: Instance,
  steps = Math.max(i.attempts, 1) - 1,
  share = shareOf(i.attempts, saltOf(i.id)),
): number => {
  const { backoff, maxBackoff = backoff, backoffFactor = 2, jitter = 0 } = i.policy;
  return Math.ceil(Math.min(maxBackoff, backoff * backoffFactor ** steps) * (1 + jitter * share));
};

const longestOf = (i: Instance): number => {
  if (i.isUsedUp) return Math.ceil(i.policy.cooldown ?? 0);
  return waitOf(i, i.policy.backoffFrom === 'exit' ? i.attempts : undefined, 1);
};

const recentOf = ({ recent, policy: { limitInterval = 0 } }: Instance, at: Timestamp): ReadonlyArray<Timestamp> =>
  recent.filter((madeAt) => madeAt > at - Math.ceil(limitInterval));

const isSpent = (i: Instance, at: Timestamp): boolean => {
  const { maxAttempts, limitInterval } = i.policy;
  return maxAttempts > 0 && (limitInterval === undefined ? i.attempts : recentOf(i, at).length) >= maxAttempts;
};

/** An attempt was made, and no run began since: if it is down, it is ours to bring back. */
const hasNotBegunSince = ({ run, past, lastAttemptAt }: Instance): boolean =>
  lastAttemptAt !== null && ((run ?? past)?.since ?? Number.NEGATIVE_INFINITY) < lastAttemptAt;

/** The same, as far as a new policy can know it: where nobody sees the instance, it may be so. */
const isUnderWay = (i: Instance): boolean => !i.isUsedUp && (!i.isSeen || hasNotBegunSince(i));

const healthAt = ({ verdict }: Instance, since: Timestamp): Health =>
  verdict?.startedAt === since ? verdict.health : 'unknown';

const movedBy = (by: Millis, run: Run, of: Instance): Run => {
  const since = run.since + by;
  return { ...run, since, endsAt: movedTime(by, run.endsAt), health: healthAt(of, since) };
};

const movedTime = (by: Millis, at: Timestamp | null): Timestamp | null => (at === null ? null : at + by);

/** There is something to forgive. */
const isAnything = ({ attempts, reason, isUsedUp, recent }: Instance): boolean =>
  attempts > 0 || reason !== null || isUsedUp || recent.length > 0;

/** It began after the last attempt, and ended after it had lasted. */
const hasLasted = ({ past, lastAttemptAt, policy }: Instance): boolean =>
  past !== null &&
  past.until !== null &&
  past.since >= (lastAttemptAt ?? past.since) &&
  past.until - past.since >= policy.stableAfter;
