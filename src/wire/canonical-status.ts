/**
 * A status in its canonical form, read in a straight line; null and missing are the same here too, and fields that are not
 * known are not looked at. Whatever is not as it should be is left to the strict reader: here no error is ever told.
 */
import { right } from '../either.js';
import { isCount } from '../reading.js';
import { type BlockedReason, initialStatus, type LastReason, type RestartStatus, type Timestamp } from '../status.js';
import { readCanonicalTime } from './canonical-time.js';
import { isPlainObject, type PlainObject, type Read } from './fields.js';
import { givenOf, refuseOther, refuseUnreadable } from './own-fields.js';
import { itemsOf } from './own-items.js';
import { mostRecentAttempts, type RestartStatusWire, readStatusFields } from './status-wire.js';

/** What its fields hold; undefined where one is not there. */
export type StatusValues = { readonly [K in keyof RestartStatusWire]-?: unknown };

/** Those that are known, each once and in the order of the strict reader. Throws where a getter or a proxy does. */
export const statusValuesOf = (object: PlainObject): StatusValues => {
  let attempts = false;
  let lastAttemptAt = false;
  let nextAttemptAt = false;
  let blockedReason = false;
  let lastReason = false;
  let recentAttempts = false;
  // Not for-in, which is quicker: it asks a proxy for its prototype, and for fields that are not its own, as the strict reader does not.
  for (const key of Object.keys(object)) {
    switch (key) {
      case 'attempts':
        attempts = true;
        break;
      case 'last_attempt_at':
        lastAttemptAt = true;
        break;
      case 'next_attempt_at':
        nextAttemptAt = true;
        break;
      case 'blocked_reason':
        blockedReason = true;
        break;
      case 'last_reason':
        lastReason = true;
        break;
      case 'recent_attempts':
        recentAttempts = true;
        break;
    }
  }
  return {
    attempts: attempts ? object['attempts'] : undefined,
    last_attempt_at: lastAttemptAt ? object['last_attempt_at'] : undefined,
    next_attempt_at: nextAttemptAt ? object['next_attempt_at'] : undefined,
    blocked_reason: blockedReason ? object['blocked_reason'] : undefined,
    last_reason: lastReason ? object['last_reason'] : undefined,
    // A list is read once, too: from here on it is a copy.
    recent_attempts: recentAttempts ? listOf(object['recent_attempts']) : undefined,
  };
};

const listOf = (u: unknown): unknown => itemsOf(u, mostRecentAttempts) ?? u;

export const canonicalStatus = (values: StatusValues): RestartStatus | null => {
  const attempts = values.attempts ?? 0;
  if (!isCount(attempts)) return null;
  const last = values.last_attempt_at ?? null;
  const lastAttemptAt = last === null ? null : readCanonicalTime(last, 'down');
  if (lastAttemptAt === null && last !== null) return null;
  const next = values.next_attempt_at ?? null;
  // Rounded up: a wait is never cut short.
  const nextAttemptAt = next === null ? null : readCanonicalTime(next, 'up');
  if (nextAttemptAt === null && next !== null) return null;
  const blockedReason = values.blocked_reason ?? null;
  if (blockedReason !== null && !isBlockedReason(blockedReason)) return null;
  const lastReason = values.last_reason ?? null;
  if (lastReason !== null && !isLastReason(lastReason)) return null;
  const recent = values.recent_attempts ?? null;
  // `+ 0` for -0.
  const status = { attempts: attempts + 0, lastAttemptAt, nextAttemptAt, blockedReason, lastReason };
  if (recent === null) return status;
  const recentAttempts = timesIn(recent);
  return recentAttempts === null || recentAttempts.length > attempts ? null : { ...status, recentAttempts };
};

// One by one, which V8 does faster than it looks through a list. A reason that is added and forgotten here is left to the strict
// reader, which asks the list.
const isBlockedReason = (u: unknown): u is BlockedReason =>
  u === 'manual_stop' || u === 'max_attempts_exceeded' || u === 'paused';

const isLastReason = (u: unknown): u is LastReason => u === 'health_check_failed' || u === 'start_timeout';

/** null: they are no list that is not empty, or in no order. */
const timesIn = (u: unknown): ReadonlyArray<Timestamp> | null => {
  if (!Array.isArray(u) || u.length === 0 || u.length > mostRecentAttempts) return null;
  const times: Array<Timestamp> = [];
  for (const item of u) {
    const time = readCanonicalTime(item, 'down');
    if (time === null || time < (times.at(-1) ?? time)) return null;
    times.push(time);
  }
  return times;
};

/** As the strict reader does it, and quicker where the status is as we write it. */
export const readStatus: Read<RestartStatus> = (u) => {
  if (u === undefined || u === null) return right(initialStatus);
  try {
    if (!isPlainObject(u)) return refuseOther();
    const values = statusValuesOf(u);
    const status = canonicalStatus(values);
    return status === null ? readStatusFields(givenOf(Object.keys(values), values)) : right(status);
  } catch {
    return refuseUnreadable();
  }
};
