/**
 * Which of the attempts that are due may be made now, where there are more than the host can bear at once.
 *
 * Laws, each a property in test/admission.test.ts:
 * - no more are admitted than there are places, nor in any span of `t` seconds more than `burst + perSecond * t`;
 * - they are admitted in one order, so that among equals whoever is due longest is next, and nobody starves;
 * - to admit them at once or one by one is the same, and what was not admitted is not admitted by asking again;
 * - `askAgainAt` is the first moment at which time alone lets one more begin.
 *
 * Attempts are counted in billionths, and `perSecond` in millionths, of which as many come back in a millisecond: so every
 * sum is one of whole numbers, and exact.
 */
import type { Timestamp } from './status.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * How many automatic attempts may begin. Absent: no such limit.
 *
 * @since 0.2.0
 */
export interface StartLimits {
  /** Most instances in flight at a time, from their start until they run, stop or fail: a whole number from 1. */
  readonly inFlight?: number | undefined;
  /** Most attempts a second, in the long run: a number from 0.000001 to 1,000,000, of which millionths count. */
  readonly perSecond?: number | undefined;
  /** Most attempts at one moment, after a pause that was long enough: a whole number from 1 to 1,000,000. Only beside `perSecond`; default 1. */
  readonly burst?: number | undefined;
}

/**
 * An attempt that is due.
 *
 * @since 0.2.0
 */
export interface WaitingAttempt {
  /** The instance's. */
  readonly id: string;
  /** Higher goes first. NaN counts as 0. */
  readonly priority: number;
  /** Since when it is due, in milliseconds since the epoch. Of equal priority, who is due longest goes first. */
  readonly dueAt: Timestamp;
}

/**
 * What the limits are asked with. The host takes one off `inFlight` when an instance is seen running, stopped or failed,
 * and adds one for a start that it makes without asking.
 *
 * @since 0.2.0
 */
export interface AdmissionState {
  /** Instances in flight. */
  readonly inFlight: number;
  /** Billionths of an attempt that have still to come back until the whole `burst` may begin; 0 without `perSecond`. */
  readonly owed: number;
  /** When that was so, in milliseconds since the epoch. */
  readonly at: Timestamp;
}

/**
 * What `admit` answers.
 *
 * @since 0.2.0
 */
export interface Admission<A extends WaitingAttempt = WaitingAttempt> {
  /** May be made now, in this order. */
  readonly admitted: ReadonlyArray<A>;
  /** When one more may begin if nothing but time happens; null: nobody is left waiting, or only a place that is freed lets one more begin. */
  readonly askAgainAt: Timestamp | null;
  /** With the admitted ones in flight. */
  readonly state: AdmissionState;
}

// ---------------------------------------------------------------------------
// admission
// ---------------------------------------------------------------------------

/**
 * Nothing in flight, and nothing begun.
 *
 * @since 0.2.0
 */
export const nothingAdmitted: AdmissionState = /* @__PURE__ */ Object.freeze({ inFlight: 0, owed: 0, at: 0 });

/**
 * Says which of the waiting attempts may be made now: by priority, then who is due longest, then by id. `waiting` may stand
 * in any order. A clock that went back is harmless: the step counts as no time. Never throws, and changes no argument.
 *
 * @example
 * import { admit, nothingAdmitted } from 'restart-policy/controller'
 *
 * const waiting = [
 *   { id: 'web-1', priority: 0, dueAt: 1_000 },
 *   { id: 'web-2', priority: 0, dueAt: 2_000 },
 *   { id: 'db', priority: 1, dueAt: 3_000 },
 * ]
 * const { admitted, askAgainAt } = admit({ inFlight: 10, perSecond: 2, burst: 2 }, nothingAdmitted, waiting, 5_000)
 * assert.deepStrictEqual(admitted.map(({ id }) => id), ['db', 'web-1'])
 * assert.strictEqual(askAgainAt, 5_500)
 *
 * @since 0.2.0
 */
export const admit = <A extends WaitingAttempt>(
  limits: StartLimits,
  state: AdmissionState,
  waiting: ReadonlyArray<A>,
  now: Timestamp,
): Admission<A> => {
  const { inFlight = Number.POSITIVE_INFINITY, perSecond, burst = 1 } = limits;
  const refill = perSecond === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.round(perSecond * 1_000_000));
  const owed = now > state.at ? Math.max(0, state.owed - (now - state.at) * refill) : state.owed;
  const places = inFlight - state.inFlight;
  const room = perSecond === undefined ? places : Math.min(places, Math.floor((burst * whole - owed) / whole));

  // Most calls admit nobody, and must not cost a sort of all who wait.
  const admitted = room >= 1 ? [...waiting].sort(byUrgency).slice(0, room) : [];
  const after = afterStarts(limits, { ...state, owed, at: now }, admitted.length);

  const isOneLeft = waiting.length > admitted.length;
  const hasPlace = places - admitted.length >= 1;
  const wait = Math.ceil((after.owed + whole - burst * whole) / refill);
  return {
    admitted,
    askAgainAt: isOneLeft && hasPlace && Number.isFinite(wait) ? now + wait : null,
    state: after,
  };
};

/** Billionths in an attempt. */
const whole = 1_000_000_000;

/** The order in which attempts are admitted: negative where `a` goes before `b`. */
export const byUrgency = (a: WaitingAttempt, b: WaitingAttempt): number =>
  compare(b.priority || 0, a.priority || 0) || compare(a.dueAt, b.dueAt) || compare(a.id, b.id);

/** By code units, which is the same everywhere; and infinities, of which a difference would make NaN. */
const compare = <A extends number | string>(a: A, b: A): number => {
  if (a === b) return 0;
  return a < b ? -1 : 1;
};

/** When so many more attempts have begun, at the moment of the state. */
export const afterStarts = ({ perSecond }: StartLimits, state: AdmissionState, count: number): AdmissionState => ({
  inFlight: state.inFlight + count,
  owed: perSecond === undefined ? 0 : state.owed + count * whole,
  at: state.at,
});
