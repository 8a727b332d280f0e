/**
 * The status on the wire. It is persisted state: fields of a later version pass, but what is malformed is an error, for
 * a default in its place could start what a person stopped.
 */
import { isRight, mapLeft } from '../either.js';
import { map as mapAll } from '../non-empty-array.js';
import { listOf, objectOf, oneOf, type Reader, type Readers, readAll, readCount } from '../reading.js';
import {
  type BlockedReason,
  blockedReasons,
  eqRestartStatus,
  initialStatus,
  type LastReason,
  lastReasons,
  type RestartStatus,
} from '../status.js';
import { formatTime, isTimestamp, notTime, type Rounding, readMoment } from '../time.js';
import type { Validation } from '../validation.js';
import { type Flaw, type Given, inDomain, onWire, scopeOf } from './fields.js';

/**
 * A status as JSON, in its canonical form: null fields are left out, and `attempts` only where all the others are.
 *
 * @since 0.1.0
 */
export interface RestartStatusWire {
  /** A whole number from 0. */
  readonly attempts?: number;
  /** RFC 3339, in UTC. */
  readonly last_attempt_at?: string;
  /** RFC 3339, in UTC. */
  readonly next_attempt_at?: string;
  readonly blocked_reason?: BlockedReason;
  readonly last_reason?: LastReason;
  /** 1 to 100, each RFC 3339 in UTC, ascending, and no more than `attempts`. */
  readonly recent_attempts?: ReadonlyArray<string>;
}

/** What each field is called on the wire. A field that is added to the status and not named here does not compile. */
export const statusNames: Readonly<Record<keyof RestartStatus, keyof RestartStatusWire>> = {
  attempts: 'attempts',
  lastAttemptAt: 'last_attempt_at',
  nextAttemptAt: 'next_attempt_at',
  blockedReason: 'blocked_reason',
  lastReason: 'last_reason',
  recentAttempts: 'recent_attempts',
};

// ---------------------------------------------------------------------------
// fields
// ---------------------------------------------------------------------------

/** More are not looked into. */
export const mostRecentAttempts = 100;

/** In the order in which errors come. `timeOf` reads a time in some form. */
const fieldsWith = (timeOf: (rounding: Rounding) => Reader): Readers<RestartStatus> => ({
  attempts: readCount,
  lastAttemptAt: timeOf('down'),
  // Rounded up: a wait is never cut short.
  nextAttemptAt: timeOf('up'),
  blockedReason: oneOf(blockedReasons),
  lastReason: oneOf(lastReasons),
  recentAttempts: recent(listOf(mostRecentAttempts, 'times', timeOf('down'))),
});

/** None of them are as good as absent. */
const recent =
  (read: Reader): Reader =>
  (u, tell, before) => {
    if (Array.isArray(u) && u.length === 0) return undefined;
    const times = read(u, tell, before);
    if (!Array.isArray(times)) return times;
    // A time that is wrong is NaN, which is before none and after none, and so is a number of attempts that is wrong.
    if (times.some((at, n) => at < times[n - 1])) return tell('must not go back in time');
    return times.length > (before['attempts'] as number) ? tell('must not be more than attempts') : times;
  };

const readerWith = (timeOf: (rounding: Rounding) => Reader): Reader =>
  objectOf(fieldsWith(timeOf), undefined, initialStatus);

// ---------------------------------------------------------------------------
// guard
// ---------------------------------------------------------------------------

const readHeld = /* @__PURE__ */ readAll<RestartStatus>(
  'status',
  /* @__PURE__ */ readerWith(() => (u, tell) => (isTimestamp(u) ? u : tell('must be a timestamp'))),
);

/** Whether it is what would be read of it: every field is there, and as a status has it. */
export const isStatus = (u: unknown): u is RestartStatus => {
  if (typeof u !== 'object' || u === null) return false;
  try {
    const held = Object.keys(statusNames).map((field): [string, unknown] => [
      field,
      (u as Record<string, unknown>)[field],
    ]);
    const read = readHeld(Object.fromEntries(held.filter(([, value]) => value !== null)));
    return isRight(read) && eqRestartStatus.equals(read.right, Object.fromEntries(held) as unknown as RestartStatus);
  } catch {
    return false;
  }
};

// ---------------------------------------------------------------------------
// reading and writing
// ---------------------------------------------------------------------------

/** A time as text, rounded to the millisecond. */
export const readTime =
  (rounding: Rounding): Reader =>
  (u, tell) =>
    readMoment(u, rounding) ?? tell(notTime);

/** Times are texts; fields are named as in the domain, and none is null. */
export const statusReader: Reader = /* @__PURE__ */ readerWith(readTime);

const readText = /* @__PURE__ */ readAll<RestartStatus>('status', statusReader);

/** Of an object whose fields were read. Missing and null are the same. */
export const readStatusFields = (given: Given): Validation<Flaw, RestartStatus> => {
  const scope = scopeOf(statusNames, new Map([...given].filter(([, value]) => value !== null)));
  return mapLeft(mapAll(onWire('status', new Map([['', scope]]))))(readText(inDomain(scope)));
};

export const writeStatus = (status: RestartStatus): RestartStatusWire => {
  const { attempts, lastAttemptAt, nextAttemptAt, blockedReason, lastReason, recentAttempts = [] } = status;
  const others: RestartStatusWire = {
    ...(lastAttemptAt === null ? {} : { last_attempt_at: formatTime(lastAttemptAt, 'down') }),
    ...(nextAttemptAt === null ? {} : { next_attempt_at: formatTime(nextAttemptAt, 'up') }),
    ...(blockedReason === null ? {} : { blocked_reason: blockedReason }),
    ...(lastReason === null ? {} : { last_reason: lastReason }),
    ...(recentAttempts.length === 0 ? {} : { recent_attempts: recentAttempts.map((at) => formatTime(at, 'down')) }),
  };
  // `+ 0` for -0.
  return attempts === 0 && Object.keys(others).length === 0 ? {} : { attempts: attempts + 0, ...others };
};
