/**
 * What a careful hand writes to read the canonical forms, and no more: each field by its type and its bounds, spans and times
 * into milliseconds, unknown fields refused. Durations that were met before are kept in a Map, as the hand that measures would.
 * It tells of what is wrong no more than that it is: null.
 */
import type { EndCause, RestartPolicy, RestartRule, RestartStatus } from 'restart-policy';

type Mutable<A> = { -readonly [K in keyof A]: A[K] };

const isObject = (u: unknown): u is Record<string, unknown> => typeof u === 'object' && u !== null && !Array.isArray(u);

// ---------------------------------------------------------------------------
// spans and times
// ---------------------------------------------------------------------------

const units: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  µs: 1e-3,
  us: 1e-3,
  ns: 1e-6,
};

const whole = /^(?:\d+(?:\.\d+)?(?:h|ms|m|s|µs|us|ns))+$/;
const terms = /(\d+(?:\.\d+)?)(h|ms|m|s|µs|us|ns)/g;

const met = new Map<string, number>();

const spanOf = (u: unknown): number | null => {
  if (typeof u !== 'string') return null;
  const known = met.get(u);
  if (known !== undefined) return known;
  const text = u.trim();
  if (!whole.test(text)) return null;
  let span = 0;
  for (const [, number, unit] of text.matchAll(terms)) span += Number(number) * (units[unit as string] ?? Number.NaN);
  if (!(span > 0)) return null;
  if (met.size >= 1_000) met.clear();
  met.set(u, span);
  return span;
};

const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

const timeOf = (u: unknown): number | null => {
  if (typeof u !== 'string' || !utc.test(u)) return null;
  const at = Date.parse(u);
  return Number.isNaN(at) ? null : at;
};

const isCount = (u: unknown): u is number => typeof u === 'number' && Number.isSafeInteger(u) && u >= 0;

// ---------------------------------------------------------------------------
// the two forms
// ---------------------------------------------------------------------------

export const policyByHand = (u: unknown): RestartPolicy | null => {
  if (!isObject(u)) return null;
  for (const key of Object.keys(u)) {
    switch (key) {
      case 'policy':
      case 'backoff':
      case 'max_attempts':
      case 'stable_after':
      case 'max_backoff':
      case 'backoff_factor':
      case 'backoff_from':
      case 'jitter':
      case 'limit_interval':
      case 'cooldown':
      case 'start_timeout':
      case 'rules':
        break;
      default:
        return null;
    }
  }
  const { policy: mode, backoff: backoffText = '5s', stable_after: stableText = '10m0s', max_attempts: most = 0 } = u;
  if (mode !== 'never' && mode !== 'always' && mode !== 'on_failure') return null;
  const backoff = spanOf(backoffText);
  const stableAfter = spanOf(stableText);
  if (backoff === null || stableAfter === null || !isCount(most)) return null;
  const policy: Mutable<RestartPolicy> = { mode, backoff, maxAttempts: most, stableAfter };
  if (u['max_backoff'] !== undefined) {
    const maxBackoff = spanOf(u['max_backoff']);
    if (maxBackoff === null || maxBackoff < backoff) return null;
    policy.maxBackoff = maxBackoff;
  }
  const { backoff_factor: factor, backoff_from: from, jitter } = u;
  if (factor !== undefined) {
    if (typeof factor !== 'number' || !(factor > 1 && factor <= 100) || policy.maxBackoff === undefined) return null;
    policy.backoffFactor = factor;
  }
  if (from !== undefined) {
    if (from !== 'exit' && from !== 'attempt') return null;
    if (from === 'exit') policy.backoffFrom = from;
  }
  if (jitter !== undefined) {
    if (typeof jitter !== 'number' || !(jitter >= 0 && jitter <= 1)) return null;
    if (jitter > 0) policy.jitter = jitter;
  }
  if (u['limit_interval'] !== undefined) {
    const limitInterval = spanOf(u['limit_interval']);
    if (limitInterval === null || most < 1 || most > 100) return null;
    policy.limitInterval = limitInterval;
  }
  if (u['cooldown'] !== undefined) {
    const cooldown = spanOf(u['cooldown']);
    if (cooldown === null || most < 1 || cooldown < (policy.limitInterval ?? 0)) return null;
    policy.cooldown = cooldown;
  }
  if (u['start_timeout'] !== undefined) {
    const startTimeout = spanOf(u['start_timeout']);
    if (startTimeout === null) return null;
    policy.startTimeout = startTimeout;
  }
  if (u['rules'] !== undefined) {
    const { rules } = u;
    if (!Array.isArray(rules) || rules.length < 1 || rules.length > 20) return null;
    const read: Array<RestartRule> = [];
    for (const rule of rules) {
      const one = ruleByHand(rule);
      if (one === null) return null;
      read.push(one);
    }
    policy.rules = read;
  }
  return policy;
};

const causes: ReadonlySet<unknown> = new Set(['exit', 'signal', 'out_of_memory', 'panic', 'host', 'unknown']);

const ruleByHand = (u: unknown): RestartRule | null => {
  if (!isObject(u)) return null;
  for (const key of Object.keys(u)) if (key !== 'causes' && key !== 'exit_codes' && key !== 'action') return null;
  const { causes: of, exit_codes: codes, action } = u;
  if (action !== 'restart' && action !== 'restart_uncounted' && action !== 'stop') return null;
  const rule: Partial<Mutable<RestartRule>> = {};
  if (of !== undefined) {
    if (!Array.isArray(of) || of.length < 1 || of.length > 6 || !of.every((cause) => causes.has(cause))) return null;
    rule.causes = [...of] as ReadonlyArray<EndCause>;
  }
  if (codes !== undefined) {
    if (!Array.isArray(codes) || codes.length < 1 || codes.length > 256) return null;
    const read: Array<number | readonly [number, number]> = [];
    for (const code of codes) {
      if (Number.isSafeInteger(code)) read.push(code);
      else if (
        Array.isArray(code) &&
        code.length === 2 &&
        Number.isSafeInteger(code[0]) &&
        Number.isSafeInteger(code[1]) &&
        code[0] <= code[1]
      ) {
        read.push([code[0], code[1]]);
      } else return null;
    }
    rule.exitCodes = read;
  }
  rule.action = action;
  return rule as RestartRule;
};

export const statusByHand = (u: unknown): RestartStatus | null => {
  if (!isObject(u)) return null;
  const {
    attempts = 0,
    last_attempt_at: last,
    next_attempt_at: next,
    blocked_reason: blocked,
    last_reason: reason,
  } = u;
  if (!isCount(attempts)) return null;
  let lastAttemptAt: number | null = null;
  if (last !== undefined && last !== null) {
    lastAttemptAt = timeOf(last);
    if (lastAttemptAt === null) return null;
  }
  let nextAttemptAt: number | null = null;
  if (next !== undefined && next !== null) {
    nextAttemptAt = timeOf(next);
    if (nextAttemptAt === null) return null;
  }
  const blockedReason = blocked ?? null;
  if (
    blockedReason !== null &&
    blockedReason !== 'manual_stop' &&
    blockedReason !== 'max_attempts_exceeded' &&
    blockedReason !== 'paused'
  ) {
    return null;
  }
  const lastReason = reason ?? null;
  if (lastReason !== null && lastReason !== 'health_check_failed' && lastReason !== 'start_timeout') return null;
  const status: Mutable<RestartStatus> = { attempts, lastAttemptAt, nextAttemptAt, blockedReason, lastReason };
  const recent = u['recent_attempts'] ?? null;
  if (recent !== null) {
    if (!Array.isArray(recent) || recent.length > 100 || recent.length > attempts) return null;
    const times: Array<number> = [];
    for (const text of recent) {
      const at = timeOf(text);
      if (at === null || at < (times.at(-1) ?? at)) return null;
      times.push(at);
    }
    if (times.length > 0) status.recentAttempts = times;
  }
  return status;
};
