/**
 * The floor: the least code that answers the paths as `decide` does, written by hand for them alone. It knows no health, no
 * clock that goes back, no stable run that nobody saw, and no person's command but the stop. The four paths have one
 * function, as `decide` is one; each path of a larger policy has its own, which knows no other.
 */
import {
  type Decision,
  type InstanceObservation,
  initialStatus,
  type RestartAction,
  type RestartEvent,
  type RestartPolicy,
  type RestartStatus,
  type Timestamp,
} from 'restart-policy';

const noActions: ReadonlyArray<RestartAction> = Object.freeze([]);

export const decideByHand = (
  policy: RestartPolicy,
  status: RestartStatus,
  event: RestartEvent,
  now: Timestamp,
): Decision => {
  if (event._tag !== 'Observed') return { status, actions: noActions, reason: 'not_actionable' };
  if (status.blockedReason === 'manual_stop') return { status, actions: noActions, reason: 'manual_stop' };
  if (policy.mode === 'never') return { status, actions: noActions, reason: 'policy_never' };
  const { state, startedAt, exitCode } = event.instance;
  switch (state) {
    case 'running':
      if (status.attempts > 0 && startedAt !== null && now >= startedAt + policy.stableAfter) {
        return { status: initialStatus, actions: noActions, reason: 'stable' };
      }
      return { status, actions: noActions, reason: 'running' };
    case 'stopped': {
      if (policy.mode === 'on_failure' && exitCode === 0) return { status, actions: noActions, reason: 'clean_exit' };
      if (policy.maxAttempts > 0 && status.attempts >= policy.maxAttempts) {
        return {
          status: { ...status, blockedReason: 'max_attempts_exceeded' },
          actions: noActions,
          reason: 'max_attempts_exceeded',
        };
      }
      if (status.nextAttemptAt !== null && now < status.nextAttemptAt) {
        return { status, actions: noActions, reason: 'waiting_for_backoff' };
      }
      return attemptByHand(status, now);
    }
    default:
      return { status, actions: noActions, reason: 'not_actionable' };
  }
};

/** Waits that grow and are spread. Powers by the operator, whose last digit may differ from engine to engine. */
export const waitByHand = (
  policy: RestartPolicy,
  status: RestartStatus,
  event: RestartEvent,
  now: Timestamp,
): Decision => {
  if (event._tag !== 'Observed') return { status, actions: noActions, reason: 'not_actionable' };
  if (status.blockedReason !== null) return { status, actions: noActions, reason: 'max_attempts_exceeded' };
  const { maxBackoff = policy.backoff, jitter = 0 } = policy;
  const grown = Math.min(maxBackoff, policy.backoff * 2 ** (status.attempts - 1));
  const wait = Math.ceil(grown * (1 + jitter * shareByHand(status.attempts, event.instance.salt ?? 0)));
  const due = (status.lastAttemptAt ?? now) + wait;
  return now < due
    ? { status: { ...status, nextAttemptAt: due }, actions: noActions, reason: 'waiting_for_backoff' }
    : attemptByHand(status, now);
};

/** MurmurHash3 of one block of four bytes. */
const shareByHand = (block: number, seed: number): number => {
  let key = Math.imul(block, 0xcc9e2d51);
  key = Math.imul((key << 15) | (key >>> 17), 0x1b873593);
  let hash = seed ^ key;
  hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) ^ 4;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
};

/** The end of a run under rules, and no backoff that is still to pass. */
export const ruleByHand = (
  policy: RestartPolicy,
  status: RestartStatus,
  event: RestartEvent,
  now: Timestamp,
): Decision => {
  if (event._tag !== 'Observed') return { status, actions: noActions, reason: 'not_actionable' };
  if (status.blockedReason !== null) return { status, actions: noActions, reason: 'max_attempts_exceeded' };
  for (const { causes, exitCodes, action } of policy.rules ?? []) {
    if (causes !== undefined && !causes.includes(event.instance.cause ?? 'unknown')) continue;
    if (exitCodes !== undefined && !hasCode(exitCodes, event.instance.exitCode)) continue;
    if (action === 'stop') return { status, actions: noActions, reason: 'stopped_by_rule' };
    break;
  }
  return attemptByHand(status, now);
};

const hasCode = (
  codes: ReadonlyArray<number | readonly [number, number]>,
  code: InstanceObservation['exitCode'],
): boolean => {
  if (code === null) return false;
  for (const one of codes) if (typeof one === 'number' ? one === code : one[0] <= code && code <= one[1]) return true;
  return false;
};

const attemptByHand = (status: RestartStatus, now: Timestamp): Decision => {
  const attempt = status.attempts + 1;
  return {
    status: { attempts: attempt, lastAttemptAt: now, nextAttemptAt: null, blockedReason: null, lastReason: null },
    actions: [{ _tag: 'Start', attempt }],
    reason: 'restart_after_exit',
  };
};
