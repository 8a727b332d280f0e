/**
 * Scenes by hand: for each row of the tables in src/decide.ts what it means, at its edges too. They are questions only; the
 * answers come from the decision, and the second implementation has to give the same.
 *
 * All moments are seconds after noon. Where nothing else is said the policy is always, three attempts at least 10 s apart, and
 * a run of 100 s is stable.
 */

import {
  attemptFailed,
  deleteRequested,
  type InstanceObservation,
  instanceReset,
  manuallyStarted,
  manuallyStopped,
  observed,
  policyUpdated,
  type RestartEvent,
  supervisionPaused,
  supervisionResumed,
} from '../../src/event.js';
import { initialStatus, type RestartStatus, type Timestamp } from '../../src/status.js';
import type { RestartPolicyWire } from '../../src/wire.js';

export interface Question {
  readonly now: Timestamp;
  readonly event: RestartEvent;
  /** In force from this step on. */
  readonly policy?: unknown;
}

export interface Scene {
  /** Which row it is about; one of its steps is answered by it. */
  readonly row: string;
  readonly name: string;
  readonly policy: unknown;
  readonly status: RestartStatus;
  readonly steps: ReadonlyArray<Question>;
}

// ---------------------------------------------------------------------------
// what scenes are made of
// ---------------------------------------------------------------------------

const noon: Timestamp = Date.UTC(2026, 0, 5, 12);
const lastMoment: Timestamp = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

const moment = (seconds: number): Timestamp => noon + Math.round(seconds * 1_000);
const momentOrNull = (seconds: number | null): Timestamp | null => (seconds === null ? null : moment(seconds));

const policyOf = (part: Partial<RestartPolicyWire> = {}): Partial<RestartPolicyWire> => ({
  policy: 'always',
  backoff: '10s',
  max_attempts: 3,
  stable_after: '1m40s',
  ...part,
});

/** The same without a limit. */
const unlimited = (part: Partial<RestartPolicyWire> = {}): Partial<RestartPolicyWire> => ({
  policy: 'always',
  backoff: '10s',
  stable_after: '1m40s',
  ...part,
});

const onFailure = policyOf({ policy: 'on_failure' });
const never = policyOf({ policy: 'never' });

interface Window {
  readonly attempts?: number;
  readonly last?: number;
  readonly next?: number;
  readonly blocked?: RestartStatus['blockedReason'];
  readonly reason?: RestartStatus['lastReason'];
  readonly recent?: ReadonlyArray<number>;
}

const windowOf = ({ attempts = 0, last, next, blocked = null, reason = null, recent }: Window = {}): RestartStatus => ({
  ...initialStatus,
  attempts,
  lastAttemptAt: last === undefined ? null : moment(last),
  nextAttemptAt: next === undefined ? null : moment(next),
  blockedReason: blocked,
  lastReason: reason,
  ...(recent === undefined ? {} : { recentAttempts: recent.map(moment) }),
});

interface Seen extends Pick<Partial<InstanceObservation>, 'exitCode' | 'health' | 'cause' | 'salt'> {
  readonly began?: number | null;
  readonly ended?: number | null;
}

const seen = (state: InstanceObservation['state'], { began = 0, ended = null, ...facts }: Seen): RestartEvent =>
  observed({
    state,
    startedAt: momentOrNull(began),
    stoppedAt: momentOrNull(ended),
    exitCode: null,
    health: 'unknown',
    ...facts,
  });

/** A run from 0 to 5 that failed. */
const stopped = (part: Seen = {}): RestartEvent => seen('stopped', { ended: 5, exitCode: 1, ...part });
/** A run that began at 0, without health checks. */
const running = (part: Seen = {}): RestartEvent => seen('running', part);
const initializing = (part: Seen = {}): RestartEvent => seen('initializing', part);
const unhealthy = running({ health: 'unhealthy' });
const healthy = running({ health: 'healthy' });
const neverRan = stopped({ began: null, ended: null, exitCode: null });

const at = (seconds: number, event: RestartEvent, policy?: unknown): Question => ({
  now: moment(seconds),
  event,
  ...(policy === undefined ? {} : { policy }),
});

const health = { reason: 'health_check_failed' } as const;
const slowStart = { reason: 'start_timeout' } as const;
const atLimit = { blocked: 'max_attempts_exceeded' } as const;

/** One row: its scenes by their names. */
const about = (row: string, scenes: Readonly<Record<string, Omit<Scene, 'row' | 'name'>>>): ReadonlyArray<Scene> =>
  Object.entries(scenes).map(([name, scene]) => ({ row, name, ...scene }));

const play = (policy: unknown, window: Window, ...steps: ReadonlyArray<Question>): Omit<Scene, 'row' | 'name'> => ({
  policy,
  status: windowOf(window),
  steps,
});

// ---------------------------------------------------------------------------
// an observation
// ---------------------------------------------------------------------------

const ofObservations: ReadonlyArray<Scene> = [
  ...about('manual_stop', {
    'what a person stopped stays down, whatever it looks like and however long it takes': play(
      policyOf(),
      { blocked: 'manual_stop' },
      at(20, stopped()),
      at(20, unhealthy),
      at(20, initializing()),
      at(20, neverRan),
      at(1_000_000, stopped()),
      at(1_000_001, attemptFailed(1)),
    ),
    'a stop holds under a policy of never too': play(never, { blocked: 'manual_stop' }, at(20, stopped())),
    'a stop during a life ends all that was counted': play(
      policyOf(),
      {},
      at(6, stopped()),
      at(7, manuallyStopped),
      at(8, stopped({ began: 6.5, ended: 7 })),
    ),
  }),
  ...about('never', {
    'a policy of never restarts nothing': play(never, {}, at(20, stopped()), at(20, unhealthy), at(20, running())),
    'what was counted stays readable': play(never, { attempts: 2, last: 1, next: 11 }, at(20, stopped())),
    'a policy of never comes before a pause': play(never, { blocked: 'paused' }, at(20, stopped())),
    'a failed attempt under it changes nothing': play(never, { attempts: 1, last: 1 }, at(2, attemptFailed(1))),
    'nothing set is a policy of never': play({}, {}, at(20, stopped())),
  }),
  ...about('paused', {
    'what a person paused is left as it is': play(
      policyOf(),
      { attempts: 1, last: 1, blocked: 'paused' },
      at(20, stopped()),
      at(20, unhealthy),
      at(20, running()),
      at(1_000, running()),
    ),
    'a failed attempt while paused changes nothing': play(
      policyOf(),
      { attempts: 1, last: 1, blocked: 'paused' },
      at(2, attemptFailed(1)),
    ),
    'of a failed attempt a pause is told before a policy of never': play(
      never,
      { attempts: 1, last: 1, blocked: 'paused' },
      at(2, attemptFailed(1)),
    ),
    'the clock is not repaired while paused': play(
      policyOf(),
      { attempts: 1, last: 500, blocked: 'paused' },
      at(20, stopped()),
    ),
  }),
  ...about('clock_repair', {
    'an attempt that lies ahead is cut to now, and the wait counts from there': play(
      policyOf(),
      { attempts: 1, last: 500 },
      at(20, stopped()),
      at(30, stopped()),
    ),
    'a wait that lies further ahead than it can is cut to the longest': play(
      policyOf(),
      { attempts: 1, last: 10, next: 500 },
      at(20, stopped()),
    ),
    'the longest wait is the one with all the jitter, whatever the salt': play(
      policyOf({ jitter: 0.5 }),
      { attempts: 1, last: 10, next: 500 },
      at(20, stopped({ salt: 7 })),
    ),
    'the longest wait has grown with the attempts; from the exit it is one step further': play(
      policyOf({ max_backoff: '10m', backoff_from: 'exit', max_attempts: 9 }),
      { attempts: 3, last: 10, next: 5_000 },
      at(20, stopped()),
    ),
    'what is cooling is cut to the cooldown, which may be longer than the longest wait': play(
      policyOf({ cooldown: '5m' }),
      { attempts: 3, last: 10, next: 5_000, ...atLimit },
      at(20, stopped()),
      at(320, stopped()),
    ),
    'a cooldown that the policy no longer has is over at once': play(
      policyOf(),
      { attempts: 3, last: 1, next: 300, ...atLimit },
      at(20, stopped()),
    ),
    'the times within the interval are cut too, and are counted where they then lie': play(
      policyOf({ limit_interval: '1m' }),
      { attempts: 3, last: 500, recent: [10, 400, 500] },
      at(20, stopped()),
    ),
    'it is made of what runs, whatever follows': play(policyOf(), { attempts: 1, last: 500 }, at(20, running())),
    'and of what is in a state that is not acted on': play(
      policyOf(),
      { attempts: 1, last: 500 },
      at(20, seen('other', {})),
    ),
  }),
  ...about('stable', {
    'a run that has lasted long enough ends the window': play(
      policyOf(),
      { attempts: 2, last: 0 },
      at(99.999, running()),
      at(100, running()),
      at(101, running()),
    ),
    'the time counts from the last attempt where the run seems to be older': play(
      policyOf(),
      { attempts: 2, last: 50 },
      at(100, running()),
      at(150, running()),
    ),
    'it lifts a limit that was reached, and a cooldown': play(
      policyOf({ cooldown: '1h' }),
      { attempts: 3, last: 0, next: 3_600, ...atLimit },
      at(99, running()),
      at(100, healthy),
    ),
    'what was restarted for its health is stable only when it is healthy': play(
      policyOf(),
      { attempts: 1, last: 0, ...health },
      at(100, running()),
      at(101, healthy),
    ),
    'what was restarted for its start is stable without a verdict': play(
      policyOf({ start_timeout: '30s' }),
      { attempts: 1, last: 0, ...slowStart },
      at(100, running()),
    ),
    'a fraction of a millisecond is rounded up': play(
      policyOf({ stable_after: '100.0002ms' }),
      { attempts: 1, last: 0 },
      at(0.1, running()),
      at(0.101, running()),
    ),
    'times within the interval are gone with the window': play(
      policyOf({ limit_interval: '10m' }),
      { attempts: 2, last: 0, recent: [-20, 0] },
      at(100, running()),
    ),
  }),
  ...about('unhealthy', {
    'what runs and is unhealthy is restarted': play(policyOf(), {}, at(20, unhealthy)),
    'under on_failure too, and it waits like any attempt': play(
      onFailure,
      { attempts: 1, last: 15 },
      at(20, unhealthy),
      at(25, unhealthy),
    ),
    'an unhealthy run is never stable': play(policyOf(), { attempts: 1, last: 0 }, at(1_000, unhealthy)),
    'at the limit it is left running': play(policyOf(), { attempts: 3, last: 0 }, at(20, unhealthy)),
    'a wait from the exit does not concern it': play(policyOf({ backoff_from: 'exit' }), {}, at(20, unhealthy)),
    'no rule is asked': play(policyOf({ rules: [{ action: 'stop' }] }), {}, at(20, unhealthy)),
  }),
  ...about('moot', {
    'what runs again by itself is no longer waited for': play(
      policyOf(),
      { attempts: 1, last: 0, next: 10 },
      at(8, running()),
    ),
    'a restart for bad health is called off by a healthy verdict, not by an unknown one': play(
      policyOf(),
      { attempts: 1, last: 0, next: 10, ...health },
      at(8, running()),
      at(9, healthy),
    ),
    'what did not get going in time has got going': play(
      policyOf({ start_timeout: '30s' }),
      { attempts: 1, last: 0, next: 40, ...slowStart },
      at(39, running()),
    ),
    'what a policy update kept is forgotten once it is healthy': play(
      policyOf(),
      { last: 0, ...health },
      at(8, healthy),
    ),
  }),
  ...about('running', {
    'what runs is left alone': play(policyOf(), {}, at(20, running()), at(20, healthy)),
    'the reason of the attempt that made it stays': play(
      policyOf(),
      { attempts: 1, last: 0, ...health },
      at(20, healthy),
    ),
    'a run whose beginning is not known is not stable': play(
      policyOf(),
      { attempts: 1, last: 0 },
      at(1_000, running({ began: null })),
    ),
    'what is blocked does not recover before it is stable': play(
      policyOf(),
      { attempts: 3, last: 0, ...atLimit },
      at(8, running()),
    ),
  }),
  ...about('start_timeout', {
    'what is still initializing when its time is up is restarted': play(
      policyOf({ start_timeout: '30s' }),
      {},
      at(29.999, initializing()),
      at(30, initializing()),
    ),
    'the time counts from the last attempt where the run seems to be older or its beginning is not known': play(
      policyOf({ start_timeout: '30s' }),
      { attempts: 1, last: 20 },
      at(49, initializing()),
      at(49, initializing({ began: null })),
      at(50, initializing({ began: null })),
    ),
    'it waits for the backoff': play(
      policyOf({ start_timeout: '5s' }),
      { attempts: 1, last: 0 },
      at(5, initializing()),
      at(9.999, initializing()),
      at(10, initializing()),
    ),
    'it is blocked at the limit': play(
      policyOf({ start_timeout: '30s' }),
      { attempts: 3, last: 0 },
      at(29, initializing()),
      at(30, initializing()),
    ),
    'and cools down there': play(
      policyOf({ start_timeout: '30s', cooldown: '1m' }),
      { attempts: 3, last: 0 },
      at(30, initializing()),
      at(89, initializing()),
      at(90, initializing()),
    ),
    'after a resume a limit that was reached is told when the start times out, due or not': play(
      policyOf({ start_timeout: '30s', max_backoff: '10m' }),
      { attempts: 3, last: 0, blocked: 'paused', ...slowStart },
      at(10, supervisionResumed),
      at(11, initializing()),
      at(30, initializing()),
    ),
    'a fraction of a millisecond is rounded up': play(
      policyOf({ start_timeout: '30.0000001s' }),
      {},
      at(30, initializing()),
      at(30.001, initializing()),
    ),
  }),
  ...about('initializing', {
    'what is initializing may take for ever without a time-out': play(policyOf(), {}, at(1_000_000, initializing())),
    'whatever its health': play(policyOf(), {}, at(20, initializing({ health: 'unhealthy' }))),
    'it is not stable': play(policyOf(), { attempts: 1, last: 0 }, at(1_000, initializing())),
    'where nothing says since when, it is not given up': play(
      policyOf({ start_timeout: '30s' }),
      {},
      at(1_000, initializing({ began: null })),
    ),
    'a wait for another cause does not move its time-out': play(
      policyOf({ start_timeout: '30s' }),
      { attempts: 1, last: 0, next: 35 },
      at(26, initializing()),
    ),
  }),
  ...about('other_state', {
    'what is paused or in standby is not acted on': play(
      policyOf({ start_timeout: '1s' }),
      {},
      at(20, seen('other', { ended: 5, exitCode: 1, health: 'unhealthy' })),
    ),
  }),
  ...about('never_started', {
    'whether it first runs is up to a person': play(policyOf(), {}, at(20, neverRan)),
    'also where the status says that its health failed': play(policyOf(), { ...health }, at(20, neverRan)),
    'a rule has no say': play(policyOf({ rules: [{ action: 'restart' }] }), {}, at(20, neverRan)),
    'what waits is left waiting': play(policyOf(), { next: 30 }, at(20, neverRan)),
  }),
  ...about('stable_end', {
    'a stable run that ended unseen ends the window': play(
      policyOf(),
      { attempts: 3, last: 0, ...atLimit },
      at(200, stopped({ ended: 100 })),
    ),
    'one that was a moment too short does not': play(
      policyOf(),
      { attempts: 2, last: 0 },
      at(200, stopped({ ended: 99.999 })),
      at(201, stopped({ began: 200, ended: 300 })),
    ),
    'the spacing stays': play(
      policyOf({ stable_after: '5s' }),
      { attempts: 3, last: 0, recent: [0] },
      at(6, stopped({ ended: 5 })),
      at(10, stopped({ ended: 5 })),
    ),
    'it comes before the clean exit, which keeps the time of the last attempt': play(
      onFailure,
      { attempts: 2, last: 0, next: 205 },
      at(200, stopped({ ended: 150, exitCode: 0 })),
    ),
    'it comes before the rules': play(
      policyOf({ rules: [{ action: 'stop' }], cooldown: '1h' }),
      { attempts: 3, last: 0, next: 3_600, ...atLimit },
      at(200, stopped({ ended: 150 })),
    ),
    'a window that is new already keeps what waits in it': play(
      policyOf({ backoff_from: 'exit', stable_after: '5s' }),
      {},
      at(6, stopped({ ended: 5 })),
      at(7, stopped({ ended: 5 })),
      at(15, stopped({ ended: 5 })),
    ),
  }),
  ...about('own_stop', {
    'what we stopped for its health comes back, a clean exit notwithstanding': play(
      onFailure,
      { attempts: 1, last: 20, ...health },
      at(21, stopped({ ended: 20.5, exitCode: 0 })),
      at(30, stopped({ ended: 20.5, exitCode: 0 })),
    ),
    'what we stopped for its start comes back': play(
      policyOf({ policy: 'on_failure', start_timeout: '30s' }),
      { attempts: 1, last: 30, ...slowStart },
      at(40, stopped({ ended: 31, exitCode: 0 })),
    ),
    'no rule is asked': play(
      policyOf({ rules: [{ action: 'stop' }] }),
      { attempts: 1, last: 20, ...health },
      at(30, stopped({ ended: 20.5 })),
    ),
    'a run that began at the very time of the attempt ends by itself': play(
      onFailure,
      { attempts: 1, last: 0, ...health },
      at(30, stopped({ exitCode: 0 })),
      at(31, stopped({ began: -1, exitCode: 0 })),
    ),
    'a beginning that is not known is none since': play(
      onFailure,
      { attempts: 1, last: 0, ...health },
      at(30, stopped({ began: null, exitCode: 0 })),
    ),
    'a wait from the exit does not concern it': play(
      policyOf({ backoff_from: 'exit' }),
      { attempts: 1, last: 20, ...health },
      at(30, stopped({ ended: 29 })),
    ),
  }),
  ...about('rule_stop', {
    'a rule leaves down what always would start': play(
      policyOf({ rules: [{ exit_codes: [1], action: 'stop' }] }),
      {},
      at(20, stopped()),
      at(20, stopped({ exitCode: 2 })),
    ),
    'what waited for an earlier exit waits no more, and the count stays': play(
      policyOf({ rules: [{ exit_codes: [78], action: 'stop' }] }),
      { attempts: 1, last: 0, next: 10 },
      at(6, stopped({ began: 1, exitCode: 78 })),
    ),
    'a block and a cooldown stay': play(
      policyOf({ rules: [{ action: 'stop' }], cooldown: '1h' }),
      { attempts: 3, last: 0, next: 3_600, ...atLimit },
      at(6, stopped()),
    ),
    'the first rule that matches decides': play(
      policyOf({
        rules: [
          { causes: ['signal'], exit_codes: [[128, 255]], action: 'restart' },
          { causes: ['signal', 'panic'], action: 'stop' },
          { exit_codes: [0, [3, 5]], action: 'stop' },
        ],
      }),
      {},
      at(20, stopped({ cause: 'signal', exitCode: null })),
      at(20, stopped({ cause: 'panic', exitCode: 137 })),
      at(20, stopped({ exitCode: 5 })),
      at(20, stopped({ cause: 'host', exitCode: 3 })),
      at(20, stopped({ cause: 'signal', exitCode: 128 })),
    ),
    'without a cause it is an exit where the code is known, else unknown': play(
      policyOf({
        rules: [
          { causes: ['unknown'], action: 'stop' },
          { causes: ['exit'], exit_codes: [-1], action: 'stop' },
        ],
      }),
      {},
      at(20, stopped({ exitCode: null })),
      at(20, stopped({ exitCode: -1 })),
      at(20, stopped({ exitCode: 0, cause: 'unknown' })),
      at(20, stopped({ exitCode: 1 })),
    ),
  }),
  ...about('rule_restart', {
    'a rule starts what on_failure would take for a clean exit': play(
      policyOf({ policy: 'on_failure', rules: [{ exit_codes: [0], action: 'restart' }] }),
      {},
      at(20, stopped({ exitCode: 0 })),
    ),
    'the host may end a run five times under a limit of three': play(
      policyOf({ rules: [{ causes: ['host'], action: 'restart_uncounted' }] }),
      {},
      ...[0, 1, 2, 3, 4].map((n) =>
        at(20 * n + 10, stopped({ began: 20 * n + 1, ended: 20 * n + 9, cause: 'host', exitCode: null })),
      ),
    ),
    'when all counted attempts are used up, an end that does not count is answered all the same': play(
      policyOf({ rules: [{ causes: ['host'], action: 'restart_uncounted' }] }),
      { attempts: 3, last: 0 },
      at(6, stopped({ began: 1, cause: 'host' })),
      at(10, stopped({ began: 1, cause: 'host' })),
    ),
    'but what is blocked stays blocked': play(
      policyOf({ rules: [{ causes: ['host'], action: 'restart_uncounted' }] }),
      { attempts: 3, last: 0, ...atLimit },
      at(20, stopped({ began: 1, cause: 'host' })),
    ),
    'one end is answered once for nothing': play(
      policyOf({ rules: [{ action: 'restart_uncounted' }] }),
      { attempts: 1, last: 0 },
      at(10, stopped({ began: 1, ended: 2 })),
      at(20, stopped({ began: 1, ended: 2 })),
    ),
    'a run that began at the very time of the attempt counts, and so does one that begins later than now': play(
      policyOf({ rules: [{ action: 'restart_uncounted' }], max_attempts: 5 }),
      { attempts: 1, last: 0 },
      at(10, stopped({ began: 0, ended: 2 })),
      at(20, stopped({ began: 25, ended: 26 })),
      at(30, stopped({ began: null, ended: null })),
    ),
    'an uncounted attempt is none within the interval': play(
      policyOf({ limit_interval: '1m', rules: [{ causes: ['host'], action: 'restart_uncounted' }] }),
      { attempts: 2, last: 0, recent: [-70, 0] },
      at(10, stopped({ began: 1, cause: 'host' })),
      at(20, stopped({ began: 11, ended: 12, cause: 'exit' })),
    ),
  }),
  ...about('clean_exit', {
    'a clean exit under on_failure is left down': play(onFailure, {}, at(20, stopped({ exitCode: 0 }))),
    'what waited for an earlier exit waits no more': play(
      onFailure,
      { attempts: 1, last: 0, next: 10 },
      at(6, stopped({ began: 1, exitCode: 0 })),
    ),
    'a block stays': play(onFailure, { attempts: 3, last: 0, ...atLimit }, at(6, stopped({ exitCode: 0 }))),
    'a host that ends a run with 0 makes a clean exit': play(
      onFailure,
      {},
      at(20, stopped({ exitCode: 0, cause: 'host' })),
    ),
  }),
  ...about('exit', {
    'what failed is started': play(onFailure, {}, at(20, stopped())),
    'an unknown exit code is a failure': play(onFailure, {}, at(20, stopped({ exitCode: null }))),
    'under always a clean exit is started too': play(policyOf(), {}, at(20, stopped({ exitCode: 0 }))),
    'a run that lasted longer than the backoff is started at once': play(
      policyOf(),
      { attempts: 1, last: 0 },
      at(40, stopped({ began: 1, ended: 40 })),
    ),
    'a first attempt that came to nothing is followed by others': play(
      policyOf(),
      { attempts: 1, last: 0 },
      at(5, neverRan),
      at(10, neverRan),
    ),
    'a bad verdict on what has ended does not matter': play(policyOf(), {}, at(20, stopped({ health: 'unhealthy' }))),
    'an unknown exit code is in no range of a rule': play(
      policyOf({ rules: [{ exit_codes: [[-255, 255]], action: 'stop' }] }),
      {},
      at(20, stopped({ exitCode: null })),
    ),
  }),
];

// ---------------------------------------------------------------------------
// the attempt rule
// ---------------------------------------------------------------------------

/** Ends as soon as it begins, as often as it is started. */
const crashes = (moments: ReadonlyArray<number>, facts: Seen = {}): ReadonlyArray<Question> =>
  moments.map((second) => at(second, stopped({ began: second - 0.5, ended: second, ...facts })));

const ofAttempts: ReadonlyArray<Scene> = [
  ...about('blocked', {
    'what used up its attempts stays down, and its counters stay readable': play(
      policyOf(),
      { attempts: 3, last: 0, ...atLimit },
      at(1_000, stopped()),
      at(1_000, unhealthy),
    ),
    'also where the limit alone would allow more': play(
      unlimited(),
      { attempts: 3, last: 0, ...atLimit },
      at(20, stopped()),
    ),
    'also where its attempts have left the interval': play(
      policyOf({ limit_interval: '1m' }),
      { attempts: 3, last: 0, recent: [-20, -10, 0], ...atLimit },
      at(500, stopped()),
    ),
  }),
  ...about('cooling', {
    'at the limit it waits for the cooldown': play(
      policyOf({ cooldown: '5m' }),
      { attempts: 3, last: 0 },
      at(6, stopped()),
      at(305.999, stopped()),
      at(305.999, unhealthy),
    ),
  }),
  ...about('cooled_down', {
    'then a new window begins': play(
      policyOf({ cooldown: '5m' }),
      { attempts: 3, last: 0, next: 300, ...health, ...atLimit },
      at(300, stopped({ began: 1 })),
      at(305, stopped({ began: 301, ended: 302 })),
    ),
    'the spacing stays': play(
      policyOf({ backoff: '10m', cooldown: '5m', limit_interval: '1m' }),
      { attempts: 3, last: 0, next: 300, recent: [-2, -1, 0], ...atLimit },
      at(300, stopped({ began: 1 })),
      at(600, stopped({ began: 1 })),
    ),
    'a fraction of a millisecond is rounded up': play(
      policyOf({ cooldown: '1m0.0005s' }),
      { attempts: 3, last: 0 },
      at(6, stopped()),
      at(66, stopped()),
      at(66.001, stopped()),
    ),
    'from the exit there is a wait in the new window too': play(
      policyOf({ backoff_from: 'exit', cooldown: '5s' }),
      { attempts: 3, last: 0, next: 5, ...atLimit },
      at(6, stopped({ began: 1, ended: 4 })),
      at(14, stopped({ began: 1, ended: 4 })),
    ),
  }),
  ...about('limit', {
    'the limit is found before the wait': play(policyOf(), { attempts: 3, last: 0 }, at(1, stopped())),
    'a crash loop is blocked at its limit': play(policyOf(), {}, ...crashes([1, 11, 21, 22, 100])),
    'an interval looks at the attempts within it alone': play(
      policyOf({ limit_interval: '1m' }),
      {},
      ...crashes([1, 30, 50, 61, 70, 91]),
    ),
    'an attempt that was made less than the interval ago is within it': play(
      policyOf({ max_attempts: 1, limit_interval: '30s', backoff: '1s' }),
      { attempts: 1, last: 0, recent: [0] },
      at(29.999, stopped({ began: 1 })),
    ),
    'one that was made as long ago as the interval is not': play(
      policyOf({ max_attempts: 1, limit_interval: '30s', backoff: '1s' }),
      { attempts: 1, last: 0, recent: [0] },
      at(30, stopped({ began: 1 })),
      at(30.5, stopped({ began: 30.1, ended: 30.2 })),
    ),
    'an interval is looked at when the attempt will be due': play(
      policyOf({ max_attempts: 2, limit_interval: '12s' }),
      { attempts: 2, last: 0, recent: [-1, 0] },
      at(1, stopped()),
    ),
    'a fraction of a millisecond makes the interval longer': play(
      policyOf({ max_attempts: 1, limit_interval: '30.0000001s' }),
      { attempts: 1, last: 0, recent: [0] },
      at(30, stopped({ began: 1 })),
    ),
    'a cooldown that cannot be written ends at the last moment that can': {
      policy: policyOf({ cooldown: '1h' }),
      status: { ...windowOf({ attempts: 3 }), lastAttemptAt: lastMoment - 60_000 },
      steps: [{ now: lastMoment - 30_000, event: observed(observationOf(lastMoment - 50_000, lastMoment - 40_000)) }],
    },
  }),
  ...about('backoff', {
    'an attempt waits for the backoff, and nothing changes while it waits': play(
      policyOf(),
      { attempts: 1, last: 0 },
      at(6, stopped()),
      at(7, stopped()),
      at(9.999, stopped()),
      at(10, stopped()),
    ),
    'a wait that changes its cause says so': play(
      policyOf(),
      { attempts: 1, last: 0, next: 10, ...health },
      at(7, stopped()),
    ),
    'the wait grows by two up to the longest': play(
      unlimited({ max_backoff: '35s' }),
      {},
      ...crashes([1, 2, 11, 12, 31, 32, 66, 67]),
    ),
    'the wait grows by its factor, to the nearest nanosecond and then up': play(
      unlimited({ backoff: '1s', max_backoff: '1m', backoff_factor: 1.1 }),
      { attempts: 3, last: 0 },
      at(1, stopped()),
      at(1.21, stopped()),
    ),
    'jitter lengthens it by the share of the attempt and the salt, and what waits longer is not shortened': play(
      policyOf({ jitter: 0.5 }),
      { attempts: 1, last: 0 },
      at(6, stopped({ salt: 7 })),
      at(7, stopped({ salt: 4_294_967_295 })),
      at(8, stopped()),
    ),
    'from the exit there is a wait before the first attempt too': play(
      policyOf({ backoff_from: 'exit' }),
      {},
      at(50, stopped({ ended: 45 })),
      at(55, stopped({ ended: 45 })),
    ),
    'where it is not known when it ended, from when it was seen': play(
      policyOf({ backoff_from: 'exit' }),
      {},
      at(50, stopped({ ended: null })),
      at(55, stopped({ ended: null })),
      at(60, stopped({ ended: null })),
    ),
    'an end that lies ahead counts from now': play(
      policyOf({ backoff_from: 'exit' }),
      {},
      at(50, stopped({ ended: 80 })),
    ),
    'a run that began after the wait is waited for anew': play(
      policyOf({ backoff_from: 'exit' }),
      { attempts: 1, last: 0, next: 10 },
      at(30, stopped({ began: 11, ended: 29 })),
      at(49, stopped({ began: 11, ended: 29 })),
    ),
    'from the exit a wait has jitter, grows, and one that is pending stays': play(
      unlimited({ backoff_from: 'exit', jitter: 1, max_backoff: '5m' }),
      { attempts: 2, last: 0 },
      at(30, stopped({ began: 1, ended: 29, salt: 7 })),
      at(31, stopped({ began: 1, ended: 30, salt: 8 })),
    ),
    'a wait that is as long as it can be is no sign of a clock that was set back': play(
      policyOf({ jitter: 0.5 }),
      { attempts: 1, last: 20, next: 35 },
      at(20, stopped({ salt: 7 })),
    ),
    'attempts that will have left the interval when the next is due do not block it': play(
      policyOf({ max_attempts: 2, limit_interval: '10s' }),
      { attempts: 2, last: 0, recent: [-1, 0] },
      at(1, stopped()),
      at(10, stopped()),
    ),
  }),
  ...about('attempt', {
    'an attempt is counted and made now': play(policyOf(), { attempts: 1, last: 0, next: 10 }, at(12, stopped())),
    'without an interval nobody asks when attempts were made': play(
      policyOf(),
      { attempts: 2, last: 0, recent: [-5, 0] },
      at(12, stopped()),
    ),
    'what has left the interval is forgotten': play(
      policyOf({ limit_interval: '30s' }),
      { attempts: 3, last: 0, recent: [-40, -19, 0] },
      at(12, stopped()),
    ),
    'a count that can grow no more stays what it is': play(
      unlimited(),
      { attempts: 9_007_199_254_740_991, last: 0 },
      at(12, stopped()),
    ),
    'unlimited attempts go on': play(unlimited(), { attempts: 1_000_000, last: 0 }, at(12, stopped())),
    'a life: crash, failure, recovery, stable': play(
      policyOf({ max_backoff: '1m', jitter: 0.1 }),
      {},
      at(1, stopped({ ended: 1, salt: 99 })),
      at(2, attemptFailed(1, 99)),
      at(12, stopped({ ended: 1, salt: 99 })),
      at(14, stopped({ ended: 1, salt: 99 })),
      at(20, running({ began: 14.5, salt: 99 })),
      at(120, running({ began: 14.5, salt: 99 })),
    ),
    'under a policy that counts anew by an interval, attempts of before are not known': play(
      policyOf({ limit_interval: '10m' }),
      { attempts: 3, last: 0 },
      at(20, stopped({ began: 1 })),
    ),
  }),
];

/** A run that failed, by its moments in milliseconds. */
function observationOf(startedAt: Timestamp, stoppedAt: Timestamp): InstanceObservation {
  return { state: 'stopped', startedAt, stoppedAt, exitCode: 1, health: 'unknown' };
}

// ---------------------------------------------------------------------------
// any other event
// ---------------------------------------------------------------------------

const full: Window = { attempts: 2, last: 0, next: 10, recent: [-5, 0], ...health };

const ofOtherEvents: ReadonlyArray<Scene> = [
  ...about('stop', {
    'nothing is left but the marker': play(policyOf(), full, at(1, manuallyStopped), at(2, manuallyStopped)),
    'whatever the policy, and over a pause': play(never, { blocked: 'paused' }, at(1, manuallyStopped)),
  }),
  ...about('delete', {
    'a delete leaves the marker of a stop': play(never, full, at(1, deleteRequested), at(2, deleteRequested)),
    'over a pause too': play(policyOf(), { ...full, blocked: 'paused' }, at(1, deleteRequested)),
  }),
  ...about('start', {
    'a person starts a new window': play(policyOf(), full, at(1, manuallyStarted), at(2, manuallyStarted)),
    'also from a stop and from a pause': play(
      policyOf(),
      { blocked: 'manual_stop' },
      at(1, manuallyStarted),
      at(2, supervisionPaused),
      at(3, manuallyStarted),
    ),
  }),
  ...about('pause', {
    'a pause keeps what was counted, and nothing is pending': play(
      policyOf(),
      full,
      at(1, supervisionPaused),
      at(2, supervisionPaused),
      at(3, stopped()),
    ),
    'a stop by a person is the stronger word': play(policyOf(), { blocked: 'manual_stop' }, at(1, supervisionPaused)),
    'a block and its cooldown give way': play(
      policyOf({ cooldown: '5m' }),
      { attempts: 3, last: 0, next: 300, ...atLimit },
      at(1, supervisionPaused),
      at(2, supervisionResumed),
      at(6, stopped()),
    ),
  }),
  ...about('resume', {
    'the window goes on where it was': play(
      policyOf(),
      { attempts: 2, last: 0, blocked: 'paused' },
      at(20, supervisionResumed),
      at(21, stopped()),
    ),
    'what we stopped is due now': play(
      onFailure,
      { attempts: 1, last: 0, blocked: 'paused', ...health },
      at(20, supervisionResumed),
      at(21, stopped({ began: -1, exitCode: 0 })),
    ),
    'what is not paused stays as it is': play(
      policyOf(),
      { blocked: 'manual_stop' },
      at(1, supervisionResumed),
      at(2, manuallyStarted),
      at(3, supervisionResumed),
    ),
  }),
  ...about('reset', {
    'a fork begins a new life': play(policyOf(), full, at(1, instanceReset), at(2, instanceReset)),
    'a stop does not outlive it': play(policyOf(), { blocked: 'manual_stop' }, at(1, instanceReset)),
  }),
  ...about('new_policy', {
    'a new policy begins a new window': play(policyOf(), { attempts: 2, last: 0 }, at(1, policyUpdated, onFailure)),
    'what a person stopped stays so': play(policyOf(), { blocked: 'manual_stop' }, at(1, policyUpdated, onFailure)),
    'a pause stays, and what we stopped is remembered under it': play(
      onFailure,
      { attempts: 2, last: 0, blocked: 'paused', ...health },
      at(1, policyUpdated, policyOf({ policy: 'on_failure', backoff: '20s' })),
      at(2, supervisionResumed),
      at(3, stopped({ began: -1, exitCode: 0 })),
      at(20, stopped({ began: -1, exitCode: 0 })),
    ),
    'a pause of what ended by itself stays, and nothing else': play(
      policyOf(),
      { attempts: 2, last: 0, blocked: 'paused' },
      at(1, policyUpdated, onFailure),
    ),
    'what we stopped and are about to start comes back': play(
      onFailure,
      { attempts: 1, last: 0, next: 10, ...health },
      at(1, policyUpdated, policyOf({ policy: 'on_failure', max_attempts: 1 })),
      at(10, stopped({ began: -1, exitCode: 0 })),
    ),
    'what was restarted and runs is forgotten': play(
      onFailure,
      { attempts: 1, last: 0, ...health },
      at(20, policyUpdated, policyOf()),
    ),
    'while a restart is under way what we stopped comes back too': play(
      onFailure,
      { attempts: 1, last: 0, ...health },
      at(1, { _tag: 'PolicyUpdated', attemptUnderWay: true }, policyOf({ policy: 'on_failure', backoff: '20s' })),
      at(2, stopped({ began: -1, exitCode: 0 })),
      at(20, stopped({ began: -1, exitCode: 0 })),
    ),
    'an attempt under way for an exit is nothing that we stopped': play(
      policyOf(),
      { attempts: 1, last: 0 },
      at(1, { _tag: 'PolicyUpdated', attemptUnderWay: true }, onFailure),
    ),
    'a limit that was reached is lifted': play(
      policyOf(),
      { attempts: 3, last: 0, ...atLimit },
      at(20, policyUpdated, policyOf({ max_attempts: 4 })),
      at(21, stopped()),
    ),
  }),
  ...about('stale', {
    'a failure of another attempt than the last': play(
      policyOf(),
      { attempts: 2, last: 0 },
      at(1, attemptFailed(1)),
      at(1, attemptFailed(3)),
      at(1, attemptFailed(0)),
    ),
    'a failure where no attempt is known': play(policyOf(), {}, at(1, attemptFailed(0)), at(1, attemptFailed(1))),
    'number 0 is stale without rules': play(policyOf(), { last: 0 }, at(1, attemptFailed(0))),
    'a number below 0 is stale with rules too': play(
      policyOf({ rules: [{ action: 'restart_uncounted' }] }),
      { last: 0 },
      at(1, attemptFailed(-1)),
    ),
  }),
  ...about('failed_attempt', {
    'the next attempt is one wait from the failure': play(
      policyOf(),
      { attempts: 1, last: 0 },
      at(3, attemptFailed(1)),
      at(12, stopped({ began: -5, ended: -1 })),
      at(13, stopped({ began: -5, ended: -1 })),
    ),
    'the wait has grown, and jitter by the salt': play(
      policyOf({ max_backoff: '1m', jitter: 1 }),
      { attempts: 2, last: 0 },
      at(3, attemptFailed(2, 7)),
      at(4, attemptFailed(2)),
    ),
    'from the exit it is the wait of the attempt all the same': play(
      policyOf({ backoff_from: 'exit', max_backoff: '1m' }),
      { attempts: 2, last: 0 },
      at(3, attemptFailed(2)),
    ),
    'the last attempt that the limit allows blocks': play(
      policyOf(),
      { attempts: 3, last: 0, ...health },
      at(3, attemptFailed(3)),
      at(4, attemptFailed(3)),
    ),
    'or begins the cooldown': play(policyOf({ cooldown: '5m' }), { attempts: 3, last: 0 }, at(3, attemptFailed(3))),
    'an interval is looked at when the next one will be due': play(
      policyOf({ max_attempts: 2, limit_interval: '16s' }),
      { attempts: 2, last: 0, recent: [-2, 0] },
      at(3, attemptFailed(2)),
    ),
    'and is not exceeded where one will have left it by then': play(
      policyOf({ max_attempts: 2, limit_interval: '15s' }),
      { attempts: 2, last: 0, recent: [-2, 0] },
      at(3, attemptFailed(2)),
    ),
    'an uncounted first attempt bears the number 0': play(
      policyOf({ rules: [{ action: 'restart_uncounted' }] }),
      {},
      at(20, stopped()),
      at(21, attemptFailed(0)),
      at(31, stopped()),
    ),
    'the clock is repaired first': play(policyOf(), { attempts: 1, last: 500 }, at(20, attemptFailed(1))),
    'a wait that cannot be written ends at the last moment that can': {
      policy: policyOf(),
      status: { ...windowOf({ attempts: 1 }), lastAttemptAt: lastMoment - 6_000 },
      steps: [{ now: lastMoment - 5_000, event: attemptFailed(1) }],
    },
    'of what is blocked or cools that is told': play(
      policyOf({ cooldown: '5m' }),
      { attempts: 3, last: 0, next: 300, ...atLimit },
      at(6, attemptFailed(3)),
    ),
  }),
];

export const scenes: ReadonlyArray<Scene> = [...ofObservations, ...ofAttempts, ...ofOtherEvents];
