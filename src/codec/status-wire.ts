/**
 * The status on the wire. It is persisted state: fields of a later version pass, but what is malformed is an error, for
 * a default in its place could start what a person stopped.
 */
import { right } from 'fp-ts/lib/Either.js';
import { checkCount, isCount } from '../policy.js';
import {
  type BlockedReason,
  blockedReasons,
  eqRestartStatus,
  initialStatus,
  type LastReason,
  lastReasons,
  type RestartStatus,
  type Timestamp,
} from '../status.js';
import { checkTime, formatTime, isTimestamp } from '../time.js';
import { type Check, checkOneOf, isOneOf } from '../validation.js';
import { checkedFields, checkField, isObjectOf, type Read, readObject } from './fields.js';

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
}

const isBlockedReason = (u: unknown): u is BlockedReason => isOneOf(blockedReasons, u);
const isLastReason = (u: unknown): u is LastReason => isOneOf(lastReasons, u);

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

/** What each field is called on the wire. A field that is added to the status and not named here does not compile. */
const keyOf: Readonly<Record<keyof RestartStatus, keyof RestartStatusWire>> = {
  attempts: 'attempts',
  lastAttemptAt: 'last_attempt_at',
  nextAttemptAt: 'next_attempt_at',
  blockedReason: 'blocked_reason',
  lastReason: 'last_reason',
};

/** Missing and null are the same. */
const whereSet =
  <A>(ifAbsent: A, check: Check<A>): Check<A> =>
  (u) =>
    u === undefined || u === null ? right(ifAbsent) : check(u);

const checkAttempts = whereSet<number>(initialStatus.attempts, checkCount);

const checkLastAttemptAt = whereSet<Timestamp | null>(null, (u) => checkTime(u, 'down'));

/** Rounded up: a wait is never cut short. */
const checkNextAttemptAt = whereSet<Timestamp | null>(null, (u) => checkTime(u, 'up'));

const checkBlockedReason = whereSet<BlockedReason | null>(null, (u) => checkOneOf(blockedReasons, u));

const checkLastReason = whereSet<LastReason | null>(null, (u) => checkOneOf(lastReasons, u));

// The order of the fields is the order of the flaws.
const readFields: Read<RestartStatus> = readObject(Object.values(keyOf), (given) =>
  checkedFields({
    attempts: checkField(given, keyOf.attempts, checkAttempts),
    lastAttemptAt: checkField(given, keyOf.lastAttemptAt, checkLastAttemptAt),
    nextAttemptAt: checkField(given, keyOf.nextAttemptAt, checkNextAttemptAt),
    blockedReason: checkField(given, keyOf.blockedReason, checkBlockedReason),
    lastReason: checkField(given, keyOf.lastReason, checkLastReason),
  }),
);

export const readStatus: Read<RestartStatus> = (u) =>
  u === undefined || u === null ? right(initialStatus) : readFields(u);

export const writeStatus = (status: RestartStatus): RestartStatusWire => {
  if (eqRestartStatus.equals(status, initialStatus)) return {};
  const { attempts, lastAttemptAt, nextAttemptAt, blockedReason, lastReason } = status;
  return {
    attempts: attempts + 0, // no -0
    ...(lastAttemptAt === null ? {} : { last_attempt_at: formatTime(lastAttemptAt, 'down') }),
    ...(nextAttemptAt === null ? {} : { next_attempt_at: formatTime(nextAttemptAt, 'up') }),
    ...(blockedReason === null ? {} : { blocked_reason: blockedReason }),
    ...(lastReason === null ? {} : { last_reason: lastReason }),
  };
};
