/**
 * Lives that a seed draws. Of many that are drawn, those are kept in which something happens that is rare among the kept:
 * so a few hundred short ones show most of what can happen.
 */
import { decide, nextWakeAt } from '../../src/decide.js';
import {
  attemptFailed,
  deleteRequested,
  endCauses,
  healths,
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
import type { RestartPolicy, RestartRule } from '../../src/policy.js';
import { saltOf } from '../../src/salt.js';
import { initialStatus, type RestartStatus, type Timestamp } from '../../src/status.js';
import { createRandom, type Random } from '../crash/random.js';
import { observationWith } from '../support/values.js';
import type { Story } from './story.js';

const seed = 15;
const kept = 225;
/** How often each thing that can happen is wanted among the kept. */
const wanted = 3;

type Question = Story['questions'][number];

export const drawLives = (): ReadonlyArray<Story> => {
  const random = createRandom(seed);
  const met = new Map<string, number>();
  const lives: Array<Story> = [];
  while (lives.length < kept) {
    const { questions, happened } = drawLife(random);
    if (!happened.some((what) => (met.get(what) ?? 0) < wanted) && random.chance(0.98)) continue;
    for (const what of happened) met.set(what, (met.get(what) ?? 0) + 1);
    lives.push({ id: `drawn ${lives.length + 1}`, questions });
  }
  return lives;
};

interface Drawn {
  readonly questions: ReadonlyArray<Question>;
  /** Each reason, with what there was of the fields beyond the reference. */
  readonly happened: ReadonlyArray<string>;
}

const drawLife = (random: Random): Drawn => {
  const salt = random.chance(0.25) ? undefined : random.pick([0, saltOf('web-1'), 2 ** 32 - 1]);
  const salted = salt === undefined ? {} : { salt };
  let policy = drawPolicy(random);
  let status: RestartStatus = initialStatus;
  let now: Timestamp = Date.UTC(2026, 0, 5, 12) + random.between(0, 999);
  let seen: InstanceObservation = observationWith({ state: 'running', startedAt: now - 500, ...salted });
  const questions: Array<Question> = [];
  const happened: Array<string> = [];
  const length = random.between(3, 7);
  for (let count = 0; count < length; count += 1) {
    const event =
      count === 0 ? observed(drawSight(random, status, now, salt)) : drawEvent(random, status, seen, now, salt);
    if (event._tag === 'Observed') seen = event.instance;
    if (event._tag === 'PolicyUpdated') policy = drawPolicy(random);
    questions.push({ policy, event, now });
    const decision = decide(policy, status, event, now);
    happened.push(tellingOf(policy, status, event, decision.reason));
    status = decision.status;
    now = nextMoment(random, policy, status, seen, now);
  }
  return { questions, happened };
};

const tellingOf = (policy: RestartPolicy, status: RestartStatus, event: RestartEvent, reason: string): string => {
  const { mode, maxBackoff, backoffFrom, jitter, limitInterval, cooldown, startTimeout, rules } = policy;
  const fields = [maxBackoff, backoffFrom, jitter, limitInterval, cooldown, startTimeout, rules];
  const present = fields.map((field) => (field === undefined ? '-' : '+')).join('');
  const state = event._tag === 'Observed' ? event.instance.state : '';
  return [event._tag, state, mode, status.blockedReason, status.lastReason, reason, present.slice(3)].join(' ');
};

/** Often when something is due, a little before or after it; now and then the clock is set back. */
const nextMoment = (
  random: Random,
  policy: RestartPolicy,
  status: RestartStatus,
  seen: InstanceObservation,
  now: Timestamp,
): Timestamp => {
  const wakeAt = nextWakeAt(policy, status, seen) ?? status.nextAttemptAt ?? now;
  if (wakeAt > now && random.chance(0.6)) return Math.max(wakeAt + random.pick([-1, 0, 0, 0, 1]), now);
  if (random.chance(0.05)) return now - random.pick([1, 1_500, 3_600_000]);
  return now + random.pick([0, 1, 250, 1_000, 2_000, 5_000, 30_000]);
};

const drawEvent = (
  random: Random,
  status: RestartStatus,
  seen: InstanceObservation,
  now: Timestamp,
  salt: number | undefined,
): RestartEvent => {
  if (random.chance(0.25)) return observed(seen);
  if (random.chance(0.65)) return observed(drawSight(random, status, now, salt));
  if (random.chance(0.35)) return attemptFailed(status.attempts + random.pick([0, 0, 0, 1]), salt);
  const isHeld = status.blockedReason === 'paused' || status.blockedReason === 'manual_stop';
  if (isHeld && random.chance(0.6)) {
    return status.blockedReason === 'paused' ? supervisionResumed : manuallyStarted;
  }
  return random.pick<RestartEvent>([
    supervisionPaused,
    supervisionPaused,
    supervisionResumed,
    policyUpdated,
    { _tag: 'PolicyUpdated', attemptUnderWay: true },
    manuallyStopped,
    manuallyStarted,
    deleteRequested,
    instanceReset,
  ]);
};

const states = [
  ...(['stopped', 'stopped', 'stopped', 'stopped', 'stopped'] as const),
  ...(['running', 'running', 'initializing', 'initializing', 'other'] as const),
];

const drawSight = (
  random: Random,
  status: RestartStatus,
  now: Timestamp,
  salt: number | undefined,
): InstanceObservation => {
  const origin = random.chance(0.6) ? (status.lastAttemptAt ?? now) : now;
  const startedAt = random.chance(0.05) ? null : origin + random.pick([-20_000, -2_000, -1, 0, 1, 1, 400]);
  const state = random.pick(states);
  const hasEnded = state === 'stopped';
  const stoppedAt = startedAt === null || random.chance(0.2) ? null : startedAt + random.pick([0, 300, 2_000, 20_000]);
  const cause = hasEnded && random.chance(0.5) ? { cause: random.pick(endCauses) } : {};
  return observationWith({
    state,
    startedAt,
    stoppedAt: hasEnded ? stoppedAt : null,
    exitCode: hasEnded ? random.pick([0, 1, 2, 78, 137, null]) : null,
    health: hasEnded ? 'unknown' : random.pick([...healths, 'unhealthy', 'healthy'] as const),
    ...cause,
    ...(salt === undefined ? {} : { salt }),
  });
};

const drawPolicy = (random: Random): RestartPolicy => {
  const backoff = random.pick([1_000, 2_000, 1_500.5, 250]);
  const maxAttempts = random.pick([0, 1, 1, 2, 2, 3]);
  const hasLimit = maxAttempts > 0;
  const limitInterval = random.pick([3_000, 10_000, 60_000]);
  const hasInterval = hasLimit && random.chance(0.4);
  return {
    mode: random.chance(0.05) ? 'never' : random.pick(['always', 'on_failure']),
    backoff,
    maxAttempts,
    stableAfter: random.pick([2_000, 20_000, 600_000]),
    ...(random.chance(0.4) ? { maxBackoff: backoff * random.pick([1, 3, 10]), ...drawFactor(random) } : {}),
    ...(random.chance(0.3) ? { backoffFrom: 'exit' } : {}),
    ...(random.chance(0.4) ? { jitter: random.pick([0.1, 0.5, 1]) } : {}),
    ...(hasInterval ? { limitInterval } : {}),
    ...(hasLimit && random.chance(0.5) ? { cooldown: (hasInterval ? limitInterval : 0) + 4_000 } : {}),
    ...(random.chance(0.4) ? { startTimeout: random.pick([500, 1_500, 5_000]) } : {}),
    ...(random.chance(0.5) ? { rules: drawRules(random) } : {}),
  };
};

const drawFactor = (random: Random): Pick<RestartPolicy, 'backoffFactor'> =>
  random.chance(0.5) ? {} : { backoffFactor: random.pick([1.1, 1.5, 3]) };

const drawRules = (random: Random): ReadonlyArray<RestartRule> =>
  Array.from({ length: random.between(1, 2) }, () => {
    const causes = random.chance(0.6) ? { causes: [random.pick(endCauses)] } : {};
    const exitCodes = random.chance(0.5) ? { exitCodes: random.pick([[78], [[1, 2]], [0, [100, 200]]] as const) } : {};
    return {
      ...causes,
      ...exitCodes,
      action: random.pick(['restart', 'restart_uncounted', 'restart_uncounted', 'stop']),
    };
  });
