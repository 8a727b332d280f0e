/**
 * Whether a policy has a trap, seen in what happens under it: of what lints say nothing here is reckoned by their own sums.
 *
 * Jitter only lengthens waits, and what is seen here is seen without it.
 */
import { decide } from '../../src/decide.js';
import type { LintCode } from '../../src/describe.js';
import type { Millis } from '../../src/duration.js';
import { type EndCause, endCauses, observed } from '../../src/event.js';
import { policyDefaults, type RestartPolicy, type RestartRule } from '../../src/policy.js';
import { initialStatus } from '../../src/status.js';
import { type Attempt, drive, type Life, type Run, type Workload } from './drive.js';

// ---------------------------------------------------------------------------
// ends
// ---------------------------------------------------------------------------

export interface End {
  readonly exitCode: number | null;
  readonly cause: EndCause;
}

/** On both sides of every border that the rules of the tests have, and as far away as it gets. */
const exitCodes = [
  null,
  2 ** 53 - 1,
  1 - 2 ** 53,
  ...[-6, -5, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  136,
  137,
  138,
  200,
  201,
];

export const everyEnd: ReadonlyArray<End> = endCauses.flatMap((cause) =>
  exitCodes.map((exitCode) => ({ exitCode, cause })),
);

type Answer = 'counted' | 'uncounted' | 'left';

/** How a policy answers an end, whatever it waits before. */
export const answerTo = ({ mode, rules }: RestartPolicy, end: End): Answer => {
  const policy = { ...policyDefaults, mode, ...(rules === undefined ? {} : { rules }) };
  const instance = { state: 'stopped', startedAt: 1_000, stoppedAt: 1_001, health: 'unknown', ...end } as const;
  const [action] = decide(policy, { ...initialStatus, lastAttemptAt: 0 }, observed(instance), 1_000_000).actions;
  if (action === undefined) return 'left';
  return action.attempt === 0 ? 'uncounted' : 'counted';
};

const answered = new WeakMap<object, ReadonlyArray<Answer>>();

/** How each of the ends is answered; asked again and again about the same rules. */
const answersOf = (policy: RestartPolicy): ReadonlyArray<Answer> => {
  const known = policy.rules && answered.get(policy.rules);
  const answers = known ?? everyEnd.map((end) => answerTo(policy, end));
  if (policy.rules !== undefined) answered.set(policy.rules, answers);
  return answers;
};

const endAnswered = (policy: RestartPolicy, answer: Answer): End | undefined =>
  everyEnd[answersOf(policy).indexOf(answer)];

// ---------------------------------------------------------------------------
// lives
// ---------------------------------------------------------------------------

/** So many attempts show what goes on for ever: the growth has come to its end, and the limit had its chance after that. */
export const forEver = ({ backoff, maxBackoff = backoff, backoffFactor = 2, maxAttempts }: RestartPolicy): number =>
  Math.ceil(Math.log(maxBackoff / backoff) / Math.log(backoffFactor)) + 2 * maxAttempts + 5;

/** Not at its very beginning: a run that begins with an attempt counts as begun after it. */
const unhealthyAtOnce: Run = { runsFor: Number.POSITIVE_INFINITY, unhealthyAfter: 1 };

/**
 * Every run ends after the same time with an end that is counted. Where there is none: turns unhealthy after that time, or does
 * not even start.
 */
export const crashes = (policy: RestartPolicy, runsFor: Millis): Workload => {
  const end = endAnswered(policy, 'counted');
  if (end !== undefined) return () => ({ runsFor, ...end });
  const again: Run = runsFor === 0 ? { runsFor, startFails: true } : { ...unhealthyAtOnce, unhealthyAfter: runsFor };
  return (attempt) => (attempt === 0 ? unhealthyAtOnce : again);
};

export const crashLoop = (policy: RestartPolicy, runsFor: Millis, most: number): Life =>
  drive(policy, crashes(policy, runsFor), most);

const withoutLimit = ({ limitInterval: _, cooldown: __, ...policy }: RestartPolicy): RestartPolicy => ({
  ...policy,
  maxAttempts: 0,
});

const withoutJitter = ({ jitter: _, ...policy }: RestartPolicy): RestartPolicy => policy;

/** How long it was waited before an attempt, by where waits begin. */
const waitsBefore = (policy: RestartPolicy, attempts: ReadonlyArray<Attempt>): ReadonlyArray<Millis> => {
  const isFromExit = policy.backoffFrom === 'exit' && endAnswered(policy, 'counted') !== undefined;
  return attempts.map(({ at, pause }, index) => (isFromExit ? pause : at - (attempts[index - 1]?.at ?? at)));
};

// ---------------------------------------------------------------------------
// traps
// ---------------------------------------------------------------------------

/** A crash loop that ends at once never reaches the limit. */
export const isSpreadTooFar = (policy: RestartPolicy): boolean =>
  policy.limitInterval !== undefined && crashLoop(policy, 0, forEver(policy)).blockedAfter === null;

/** A crash loop of stable runs never reaches the limit, and would if only runs as long as the interval were stable. */
export const isForgottenTooSoon = (policy: RestartPolicy): boolean => {
  const { limitInterval, maxAttempts } = policy;
  if (limitInterval === undefined || endAnswered(policy, 'counted') === undefined) return false;
  const run = Math.ceil(policy.stableAfter);
  return (
    crashLoop({ ...policy, stableAfter: limitInterval }, run, maxAttempts + 1).blockedAfter !== null &&
    crashLoop(policy, run, forEver(policy)).blockedAfter === null
  );
};

/** Attempts come less than a second after each other, for ever. */
export const isTight = (policy: RestartPolicy): boolean => {
  const { attempts, blockedAfter } = crashLoop(policy, 0, forEver(policy));
  return blockedAfter === null && waitsBefore(policy, attempts).every((wait) => wait < 1_000);
};

export const isTightUncounted = (policy: RestartPolicy): boolean => {
  const end = endAnswered(policy, 'uncounted');
  if (end === undefined) return false;
  const { attempts, blockedAfter } = drive(policy, () => ({ beginsAfter: 1, runsFor: 0, ...end }), forEver(policy));
  const isFromExit = policy.backoffFrom === 'exit';
  return (
    blockedAfter === null &&
    attempts.every(({ at, pause }, index) => (isFromExit ? pause : at - (attempts[index - 1]?.at ?? at)) < 1_000)
  );
};

const grows = ({ backoff, maxBackoff = backoff }: RestartPolicy): boolean => Math.ceil(maxBackoff) > Math.ceil(backoff);

/** The limit leaves no room for the longest wait, however long runs below a stable one last. */
export const isGrowthCutByLimit = (policy: RestartPolicy): boolean => {
  const { maxBackoff = 0, maxAttempts, limitInterval, stableAfter } = policy;
  const uncounted = endAnswered(policy, 'uncounted');
  // Attempts that are not counted may spread the others as far as one likes.
  if (!grows(policy) || maxAttempts === 0 || (uncounted !== undefined && limitInterval !== undefined)) return false;
  const run = Math.max(0, Math.ceil(stableAfter) - 1);
  const { blockedAfter } = crashLoop(policy, run, forEver(policy));
  if (blockedAfter === null) return false;
  const waits = waitsBefore(policy, crashLoop(withoutLimit(policy), 0, blockedAfter).attempts);
  return Math.max(...waits, longestUncounted(policy, uncounted)) < Math.ceil(maxBackoff);
};

/** The wait before an attempt that is not counted, after all that the limit allows. */
const longestUncounted = (policy: RestartPolicy, end: End | undefined): Millis => {
  if (end === undefined) return 0;
  const { maxAttempts } = policy;
  const counted = crashes(policy, 0);
  const { attempts } = drive(
    policy,
    (attempt) => (attempt === maxAttempts ? { beginsAfter: 1, runsFor: 0, ...end } : counted(attempt)),
    maxAttempts + 1,
  );
  const [before, last] = attempts.slice(-2);
  if (last === undefined || attempts.length <= maxAttempts) throw new Error('there was no such attempt');
  return policy.backoffFrom === 'exit' ? last.pause : last.at - (before?.at ?? last.at);
};

/** A crash loop of stable runs is down after each of them (from the exit on: for longer than it ran), and never for longer. */
export const isGrowthCutByRuns = (policy: RestartPolicy): boolean => {
  if (!grows(policy) || endAnswered(policy, 'counted') === undefined) return false;
  const run = Math.ceil(policy.stableAfter);
  const [, ...pauses] = crashLoop(policy, run, 6).attempts.map(({ pause }) => pause);
  return pauses.length === 5 && pauses.every((pause) => pause > (policy.backoffFrom === 'exit' ? run : 0));
};

/** The attempt after the limit comes no later than it would without a limit. */
export const isCooldownTooShort = (policy: RestartPolicy): boolean => {
  const { maxAttempts, cooldown } = policy;
  if (cooldown === undefined) return false;
  const limited = crashLoop(policy, 0, maxAttempts + 1);
  const unlimited = crashLoop(withoutLimit(policy), 0, maxAttempts + 1);
  const [after, without] = [limited, unlimited].map(({ attempts }) => attempts[maxAttempts]?.pause);
  if (after === undefined || without === undefined) throw new Error('there was no such attempt');
  return limited.blockedAfter === maxAttempts && after <= without;
};

/** A person's start is unhealthy, and after that no start gets going. */
export const hangs: Workload = (attempt) => (attempt === 0 ? unhealthyAtOnce : { bootsFor: null, runsFor: 0 });

/** After an attempt whose start hangs the next one comes later than the time-out. */
export const isStartTimeoutTooShort = (policy: RestartPolicy): boolean => {
  const { startTimeout } = policy;
  if (startTimeout === undefined) return false;
  const { attempts, blockedAfter } = drive(policy, hangs, 2);
  return blockedAfter === null && (attempts[1]?.pause ?? 0) > Math.ceil(startTimeout);
};

const withRule = (policy: RestartPolicy, index: number, ...rules: ReadonlyArray<RestartRule>): RestartPolicy => {
  const { rules: former = [], ...others } = policy;
  const next = [...former.slice(0, index), ...rules, ...former.slice(index + 1)];
  return next.length === 0 ? others : { ...others, rules: next };
};

/** Whatever the rule says, every end is answered in the same way. */
export const isRuleUnreachable = (policy: RestartPolicy, index: number): boolean => {
  const rule = policy.rules?.[index];
  if (rule === undefined) return false;
  const [stopped, uncounted] = (['stop', 'restart_uncounted'] as const).map((action) =>
    answersOf(withRule(policy, index, { ...rule, action })),
  );
  return String(stopped) === String(uncounted);
};

/** Without the rule every end is answered in the same way. */
export const isRuleIdle = (policy: RestartPolicy, index: number): boolean => {
  const isCountAsked = policy.maxAttempts > 0 || grows(policy) || policy.jitter !== undefined;
  const seen = (by: RestartPolicy): string =>
    String(answersOf(by).map((answer) => (answer === 'uncounted' && !isCountAsked ? 'counted' : answer)));
  return !isRuleUnreachable(policy, index) && seen(policy) === seen(withRule(policy, index));
};

const anyRule = (policy: RestartPolicy, has: (policy: RestartPolicy, index: number) => boolean): number =>
  (policy.rules ?? []).filter((_, index) => has(policy, index)).length;

/** How many warnings of each code a policy should have. */
export const trapsOf = (given: RestartPolicy): Readonly<Record<LintCode, number>> => {
  const policy = withoutJitter(given);
  const isNever = policy.mode === 'never';
  const count = (...traps: ReadonlyArray<(policy: RestartPolicy) => boolean>): number =>
    isNever ? 0 : traps.filter((has) => has(policy)).length;
  return {
    limit_unreachable: count(isSpreadTooFar, isForgottenTooSoon),
    tight_loop: Math.min(1, count(isTight, isTightUncounted)),
    growth_unreachable: count(isGrowthCutByLimit, isGrowthCutByRuns),
    cooldown_below_wait: count(isCooldownTooShort),
    rule_unreachable: isNever ? 0 : anyRule(given, isRuleUnreachable),
    rule_without_effect: isNever ? 0 : anyRule(given, isRuleIdle),
    start_timeout_without_effect: count(isStartTimeoutTooShort),
    never_with_fields:
      isNever && JSON.stringify({ ...policyDefaults, ...given }) !== JSON.stringify(policyDefaults) ? 1 : 0,
  };
};
