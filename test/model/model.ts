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

import type { Health, InstanceObservation, InstanceState } from '../../src/event.js';
import { eqRestartPolicy, policyDefaults, type RestartPolicy } from '../../src/policy.js';
import type { Exclusion } from '../../src/ports/hypervisor.js';
import type { InstanceId, StoredRecord } from '../../src/ports/store.js';
import { initialStatus, type Timestamp } from '../../src/status.js';
import type { StartScript, StopScript } from '../../src/testing/scripted-hypervisor.js';

// ---------------------------------------------------------------------------
// what is known
// ---------------------------------------------------------------------------

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
  policy: RestartPolicy;

  run: Run | null;
  /** The last run, when none goes on; null: it never ran. */
  past: { readonly since: Timestamp; readonly until: Timestamp | null; readonly exitCode: number | null } | null;
  /** An attempt was made for its health, and no run began since: if it is down it is ours to bring back. */
  isOurs: boolean;

  /** The failure window. */
  attempts: number;
  lastAttemptAt: Timestamp | null;
  waitsUntil: Timestamp | null;
  isUsedUp: boolean;
  isForHealth: boolean;
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
  readonly endsAt: Timestamp | null;
  readonly exitCode: number | null;
  readonly scripts: ReadonlyArray<StartScript>;
  readonly starts: number;
  readonly runs: number;
}

export type Answer = 'done' | 'unchanged' | 'no record' | 'Refused' | 'Failed' | 'StaleRun';

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
  const cause = ({ run, past, isOurs, policy }: Instance): 'exit' | 'health' | null => {
    if (run !== null) return run.state === 'running' && run.health === 'unhealthy' ? 'health' : null;
    if (past === null) return null;
    if (isOurs) return 'health';
    return policy.mode === 'on_failure' && past.exitCode === 0 ? null : 'exit';
  };

  /** When the run that goes on will have lasted; null: it does not count, or there is nothing to forgive. */
  const lastsAt = ({ run, attempts, lastAttemptAt, isForHealth, policy }: Instance): Timestamp | null => {
    if (run === null || run.state !== 'running' || attempts === 0) return null;
    const isSound = run.health === 'healthy' || (run.health === 'unknown' && !isForHealth);
    return isSound ? Math.max(run.since, lastAttemptAt ?? run.since) + Math.ceil(policy.stableAfter) : null;
  };

  const dueAt = ({ waitsUntil, lastAttemptAt, policy }: Instance): Timestamp =>
    Math.max(waitsUntil ?? now, lastAttemptAt === null ? now : lastAttemptAt + Math.ceil(policy.backoff));

  const isSupervised = (i: Instance): boolean =>
    isUp && i.isSeen && i.failsAt === null && i.intent === 'supervised' && i.policy.mode !== 'never';

  /** The next moment at which the controller owes it something; null: there is none before something happens. */
  const owedAt = (i: Instance): Timestamp | null => {
    if (!isSupervised(i)) return null;
    if (cause(i) === null) return lastsAt(i);
    return i.isUsedUp ? null : dueAt(i);
  };

  const reconcile = (i: Instance): void => {
    if (isUp && i.isSeen && i.intent === 'stopped' && (i.run?.state === 'running' || i.run?.state === 'initializing')) {
      stopRun(i);
    }
    if (!isSupervised(i)) return;
    // A clock that was set back makes nobody wait longer than one backoff.
    if (i.lastAttemptAt !== null) i.lastAttemptAt = Math.min(i.lastAttemptAt, now);
    if (i.waitsUntil !== null) i.waitsUntil = Math.min(i.waitsUntil, now + Math.ceil(i.policy.backoff));
    // A run that lasts is forgiven what went before, also when it has ended by the time.
    if ((lastsAt(i) ?? Number.POSITIVE_INFINITY) <= now) forgive(i);
    if (i.run === null && hasLasted(i)) forgive(i, i.lastAttemptAt);

    const why = cause(i);
    if (why === null) callOff(i);
    else if (!i.isUsedUp) pursue(i, why);
  };

  const pursue = (i: Instance, why: 'exit' | 'health'): void => {
    i.isForHealth = why === 'health';
    // Decided by the times alone: an attempt on this very run counts, also when it had recovered from that one.
    if (i.isForHealth && i.run !== null) i.isOurs = i.run.since < (i.lastAttemptAt ?? i.run.since);
    const due = dueAt(i);
    i.isUsedUp = isSpent(i);
    i.waitsUntil = i.isUsedUp || due <= now ? null : due;
    if (!i.isUsedUp && due <= now) attempt(i);
  };

  /** What it waited for is moot. Bad health is over when the instance is said to be healthy, not before. */
  const callOff = (i: Instance): void => {
    const isOver = i.run?.state === 'running' && (!i.isForHealth || i.run.health === 'healthy');
    if (isOver && (i.waitsUntil !== null || i.attempts === 0)) Object.assign(i, { isForHealth: false, isOurs: false });
    if (isOver || (i.run === null && i.past !== null)) i.waitsUntil = null;
  };

  const attempt = (i: Instance): void => {
    i.attempts++;
    i.lastAttemptAt = now;
    i.isOurs = i.isForHealth;
    const script = stopRun(i) === 'done' ? nextScript(i) : null;
    if (script?.wait !== undefined) i.failsAt = now + (script.wait.ms ?? 0);
    else if (script === null || begin(i, script) !== 'done') failAttempt(i);
    else reconcile(i);
  };

  const failAttempt = (i: Instance): void => {
    i.failsAt = null;
    i.isUsedUp = isSpent(i);
    i.waitsUntil = i.isUsedUp ? null : now + Math.ceil(i.policy.backoff);
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
      i.run = { since: now, state: 'running', health: 'unknown', endsAt, exitCode: exits?.exitCode ?? null };
      i.past = null;
      i.isOurs = false;
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
      i.intent = 'stopped';
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

    /** Somebody sets the clock. */
    setClock: (to: Timestamp): void => {
      now = to;
      for (const i of instances.values()) reconcile(i);
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
      if (exclusion !== 'none') Object.assign(i, { intent: 'nothing', policy: policyDefaults });
      return answer;
    },

    start: (id: InstanceId): Answer => {
      const i = of(id);
      const answer = begin(i, nextScript(i));
      if (answer !== 'Refused') forgive(i);
      if (answer !== 'Refused' || i.intent === 'nothing') i.intent = 'supervised';
      reconcile(i);
      return answer;
    },

    update: (id: InstanceId, policy: RestartPolicy): Answer => {
      const i = of(id);
      if (i.intent !== 'nothing' && eqRestartPolicy.equals(i.policy, policy)) return 'unchanged';
      i.policy = policy;
      if (i.intent === 'nothing') i.intent = 'supervised';
      // What waits to be restarted for its health, stopped by us or not yet, comes back whatever code it ended with.
      const { lastAttemptAt, isForHealth, isOurs, waitsUntil } = i;
      forgive(i);
      if (isForHealth && waitsUntil !== null) Object.assign(i, { lastAttemptAt, isForHealth, isOurs });
      reconcile(i);
      return 'done';
    },

    reset: (id: InstanceId): Answer => {
      const i = of(id);
      if (i.intent === 'nothing') return 'no record';
      i.intent = 'supervised';
      forgive(i);
      reconcile(i);
      return 'done';
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
      if (i.run !== null) i.run.health = health;
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
      i.intent = 'stopped';
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

    adopt: (id: InstanceId, { record, seen, endsAt, exitCode, scripts, starts, runs }: Findings): void => {
      const { attempts, lastAttemptAt, nextAttemptAt, blockedReason, lastReason } = record?.status ?? initialStatus;
      const { state, startedAt: since, stoppedAt: until, health } = seen;
      Object.assign(of(id), {
        intent: intentOf(record),
        policy: record?.policy ?? policyDefaults,
        run: state === 'stopped' || since === null ? null : { since, state, health, endsAt, exitCode },
        past: state !== 'stopped' || since === null ? null : { since, until, exitCode: seen.exitCode },
        isOurs: lastReason !== null && since !== null && lastAttemptAt !== null && since < lastAttemptAt,
        attempts,
        lastAttemptAt,
        waitsUntil: nextAttemptAt,
        isUsedUp: blockedReason === 'max_attempts_exceeded',
        isForHealth: lastReason !== null,
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
  isOurs: false,
  attempts: 0,
  lastAttemptAt: null,
  waitsUntil: null,
  isUsedUp: false,
  isForHealth: false,
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
    isForHealth: false,
    isOurs: false,
  });
};

const isSpent = ({ attempts, policy }: Instance): boolean => policy.maxAttempts > 0 && attempts >= policy.maxAttempts;

/** It began after the last attempt, and ended after it had lasted. */
const hasLasted = ({ past, lastAttemptAt, policy }: Instance): boolean =>
  past !== null &&
  past.until !== null &&
  past.since >= (lastAttemptAt ?? past.since) &&
  past.until - past.since >= policy.stableAfter;
