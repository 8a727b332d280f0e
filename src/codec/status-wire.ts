/**
 * The status on the wire. It is persisted state: fields of a later version pass, but what is malformed is an error, for
 * a default in its place could start what a person stopped.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { checkCount, isCount } from '../policy.js';
import { type BlockedReason, equalStatus, initialStatus, type RestartStatus, type Timestamp } from '../status.js';
import { checkTime, formatTime, isTimestamp } from '../time.js';
import { checkField, isObjectOf, type Read, readObject } from './reading.js';

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
  readonly last_reason?: 'health_check_failed';
}

const isBlockedReason = (u: unknown): u is BlockedReason => u === 'manual_stop' || u === 'max_attempts_exceeded';
const isLastReason = (u: unknown): u is 'health_check_failed' => u === 'health_check_failed';

const orNull =
  <A>(guard: (u: unknown) => u is A) =>
  (u: unknown): u is A | null =>
    u === null || guard(u);

export const isStatus = isObjectOf<RestartStatus>({
  attempts: isCount,
  lastAttemptAt: orNull(isTimestamp),
  nextAttemptAt: orNull(isTimestamp),
  blockedReason: orNull(isBlockedReason),
  lastReason: orNull(isLastReason),
});

// A record and not a list: a field that is added to the wire form and not named here does not compile.
const knownKeys: Readonly<Record<keyof RestartStatusWire, true>> = {
  attempts: true,
  last_attempt_at: true,
  next_attempt_at: true,
  blocked_reason: true,
  last_reason: true,
};

type Check<A> = (u: unknown) => Either<string, A>;

/** Missing and null are the same. */
const whereSet =
  <A>(ifAbsent: A, check: Check<A>): Check<A> =>
  (u) =>
    u === undefined || u === null ? right(ifAbsent) : check(u);

const checkAttempts = whereSet<number>(initialStatus.attempts, checkCount);

const checkLastAttemptAt = whereSet<Timestamp | null>(null, (u) => checkTime(u, 'down'));

/** Rounded up: a wait is never cut short. */
const checkNextAttemptAt = whereSet<Timestamp | null>(null, (u) => checkTime(u, 'up'));

const checkBlockedReason = whereSet<BlockedReason | null>(null, (u) =>
  isBlockedReason(u) ? right(u) : left('must be one of manual_stop, max_attempts_exceeded'),
);

const checkLastReason = whereSet<'health_check_failed' | null>(null, (u) =>
  isLastReason(u) ? right(u) : left('must be health_check_failed'),
);

// The order of the fields is the order of the flaws.
const readFields: Read<RestartStatus> = readObject(Object.keys(knownKeys), (reading) => ({
  attempts: checkField(reading, 'attempts', checkAttempts, 0),
  lastAttemptAt: checkField(reading, 'last_attempt_at', checkLastAttemptAt, null),
  nextAttemptAt: checkField(reading, 'next_attempt_at', checkNextAttemptAt, null),
  blockedReason: checkField(reading, 'blocked_reason', checkBlockedReason, null),
  lastReason: checkField(reading, 'last_reason', checkLastReason, null),
}));

export const readStatus: Read<RestartStatus> = (u) =>
  u === undefined || u === null ? right(initialStatus) : readFields(u);

export const writeStatus = (status: RestartStatus): RestartStatusWire => {
  if (equalStatus(status, initialStatus)) return {};
  const { attempts, lastAttemptAt, nextAttemptAt, blockedReason, lastReason } = status;
  return {
    attempts: attempts + 0, // no -0
    ...(lastAttemptAt === null ? {} : { last_attempt_at: formatTime(lastAttemptAt, 'down') }),
    ...(nextAttemptAt === null ? {} : { next_attempt_at: formatTime(nextAttemptAt, 'up') }),
    ...(blockedReason === null ? {} : { blocked_reason: blockedReason }),
    ...(lastReason === null ? {} : { last_reason: lastReason }),
  };
};
