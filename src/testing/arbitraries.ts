/**
 * fast-check arbitraries for every type of the domain. An entry of its own, because it needs fast-check.
 *
 * What they generate is valid, and nothing else is promised of it: a status may hold any combination of fields, also
 * those that no decision leads to, for a policy must cope with what it finds stored. `arbReachable` generates what
 * decisions do lead to. Values are spread so that the edges come up: nanoseconds, no limit and a limit of one, equal
 * moments, the year 0.
 *
 * @packageDocumentation
 */
import fc from 'fast-check';
import { type RestartAction, restartActionTags } from '../action.js';
import { decide } from '../decide.js';
import { type Millis, parseDuration } from '../duration.js';
import { isRight } from '../either.js';
import {
  attemptFailed,
  type EndCause,
  endCauses,
  type Health,
  healths,
  type InstanceObservation,
  type InstanceState,
  instanceStates,
  observed,
  type RestartEvent,
  restartEventTags,
} from '../event.js';
import { type RestartMode, type RestartPolicy, type RestartRule, restartModes, ruleActions } from '../policy.js';
import type { RestartRecord } from '../ports/store.js';
import { type RestartReason, restartReasons } from '../reason.js';
import { blockedReasons, initialStatus, lastReasons, type RestartStatus, type Timestamp } from '../status.js';

// ---------------------------------------------------------------------------
// numbers
// ---------------------------------------------------------------------------

const yearZero: Timestamp = -62_167_219_200_000;
const endOf9999: Timestamp = 253_402_300_799_999;

/** Around here times are close to each other, so that comparisons come out all three ways. */
const someDay: Timestamp = 1_735_689_600_000;

/**
 * Times that a status can hold: whole milliseconds of the years 0000 to 9999, most of them near each other.
 *
 * @since 0.1.0
 */
export const arbTimestamp: fc.Arbitrary<Timestamp> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 30 }).map((step) => someDay + step * 1_000) },
  { weight: 2, arbitrary: fc.integer({ min: someDay, max: someDay + 86_400_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: yearZero, max: endOf9999 }) },
);

/** A whole number of nanoseconds as a policy holds it: what parseDuration makes of it. */
const millisOf = (nanos: bigint): Millis => {
  const parsed = parseDuration(`${nanos}ns`);
  // Unreachable: whole nanoseconds up to 2^63-1 always parse.
  return isRight(parsed) ? parsed.right : 1;
};

/**
 * Spans that a policy can hold: above 0, a whole number of nanoseconds, up to about 292 years; most of them short.
 *
 * @since 0.1.0
 */
export const arbMillis: fc.Arbitrary<Millis> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 20 }).map((seconds) => seconds * 1_000) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 3_600_000 }) },
  { weight: 2, arbitrary: fc.bigInt({ min: 1n, max: 10_000_000_000n }).map(millisOf) },
  { weight: 1, arbitrary: fc.bigInt({ min: 1n, max: 9_223_372_036_854_775_807n }).map(millisOf) },
);

const arbCount: fc.Arbitrary<number> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 4 }) },
  { weight: 1, arbitrary: fc.maxSafeNat() },
);

const orNull = <A>(arbitrary: fc.Arbitrary<A>): fc.Arbitrary<A | null> => fc.option(arbitrary, { nil: null, freq: 2 });

// ---------------------------------------------------------------------------
// durations as text
// ---------------------------------------------------------------------------

const arbDigits = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength });

const arbNumber: fc.Arbitrary<string> = fc.oneof(
  arbDigits(5),
  fc.tuple(arbDigits(4), arbDigits(12)).map(([whole, fraction]) => `${whole}.${fraction}`),
  arbDigits(4).map((whole) => `${whole}.`),
  arbDigits(9).map((fraction) => `.${fraction}`),
);

const arbPart: fc.Arbitrary<string> = fc
  .tuple(arbNumber, fc.constantFrom('ns', 'us', 'µs', 'μs', 'ms', 's', 'm', 'h'))
  .map(([number, unit]) => number + unit);

const arbSpace: fc.Arbitrary<string> = fc.constantFrom('', '', '', ' ', '\t', '\n', '\u00a0', '\u0085');

/**
 * Texts that `parseDuration` accepts, in all the ways that Go has: sums in any order, fractions, a plus sign, white
 * space around, the bare "0". Zero is among them, which a policy refuses.
 *
 * @since 0.1.0
 */
export const arbDurationText: fc.Arbitrary<string> = fc
  .tuple(
    arbSpace,
    fc.constantFrom('', '', '+'),
    fc.oneof(
      { weight: 9, arbitrary: fc.array(arbPart, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')) },
      { weight: 1, arbitrary: fc.constant('0') },
    ),
    arbSpace,
  )
  .map((parts) => parts.join(''));

// ---------------------------------------------------------------------------
// policies and statuses
// ---------------------------------------------------------------------------

/**
 * Each mode, equally often.
 *
 * @since 0.1.0
 */
export const arbRestartMode: fc.Arbitrary<RestartMode> = fc.constantFrom(...restartModes);

const arbReferenceFields = {
  mode: fc.oneof(
    { weight: 1, arbitrary: arbRestartMode },
    { weight: 2, arbitrary: fc.constant('on_failure' as const) },
  ),
  backoff: arbMillis,
  maxAttempts: arbCount,
  stableAfter: arbMillis,
};

/**
 * Valid policies of the four fields that the reference has and no others, most of them on_failure, which has the most rows in
 * the decision table.
 *
 * @since 0.2.0
 */
export const arbReferencePolicy: fc.Arbitrary<RestartPolicy> = fc.record(arbReferenceFields);

const arbEndCause: fc.Arbitrary<EndCause> = fc.constantFrom(...endCauses);

/** The codes that observations have come up, and their ranges hold them. */
const arbExitCode: fc.Arbitrary<number> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0, 1, 137) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 255 }) },
  { weight: 1, arbitrary: fc.maxSafeInteger() },
);

const arbRestartRule: fc.Arbitrary<RestartRule> = fc.record(
  {
    causes: fc.array(arbEndCause, { minLength: 1, maxLength: endCauses.length }),
    exitCodes: fc.array(
      fc.oneof(
        arbExitCode,
        fc.tuple(arbExitCode, arbExitCode).map(([a, b]): readonly [number, number] => (a < b ? [a, b] : [b, a])),
      ),
      { minLength: 1, maxLength: 4 },
    ),
    action: fc.constantFrom(...ruleActions),
  },
  { requiredKeys: ['action'] },
);

const arbFieldsBeyond = {
  maxBackoff: arbMillis,
  backoffFactor: fc.oneof(
    fc.constantFrom(1.5, 2, 3, 100),
    fc.double({ min: 1, max: 100, minExcluded: true, noNaN: true }),
  ),
  backoffFrom: fc.constant('exit' as const),
  jitter: fc.oneof(fc.constantFrom(0.1, 0.5, 1), fc.double({ min: 0, max: 1, minExcluded: true, noNaN: true })),
  limitInterval: arbMillis,
  cooldown: arbMillis,
  startTimeout: arbMillis,
  rules: fc.array(arbRestartRule, { minLength: 1, maxLength: 4 }),
};

/** Without what may not stand beside the rest of it, and with spans that are not below those they are compared with. */
const fittedTogether = (policy: RestartPolicy): RestartPolicy => {
  const { maxBackoff, backoffFactor, limitInterval, cooldown, ...others } = policy;
  const { backoff, maxAttempts } = policy;
  const growth =
    maxBackoff === undefined
      ? {}
      : { maxBackoff: Math.max(maxBackoff, backoff), ...(backoffFactor === undefined ? {} : { backoffFactor }) };
  const interval = limitInterval === undefined || maxAttempts === 0 || maxAttempts > 100 ? {} : { limitInterval };
  const rest =
    cooldown === undefined || maxAttempts === 0
      ? {}
      : { cooldown: Math.max(cooldown, interval.limitInterval ?? cooldown) };
  return { ...others, ...growth, ...interval, ...rest };
};

/**
 * Valid policies in all combinations of fields that may stand together. Some have the four fields of the reference alone.
 *
 * @since 0.1.0
 */
export const arbRestartPolicy: fc.Arbitrary<RestartPolicy> = fc.oneof(
  { weight: 1, arbitrary: arbReferencePolicy },
  {
    weight: 2,
    arbitrary: fc
      .record(
        { ...arbReferenceFields, ...arbFieldsBeyond },
        { requiredKeys: ['mode', 'backoff', 'maxAttempts', 'stableAfter'] },
      )
      .map(fittedTogether),
  },
);

const arbStatusWithoutRecent: fc.Arbitrary<RestartStatus> = fc.record({
  attempts: arbCount,
  lastAttemptAt: orNull(arbTimestamp),
  nextAttemptAt: orNull(arbTimestamp),
  blockedReason: fc.oneof(
    { weight: 2, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom(...blockedReasons) },
  ),
  lastReason: orNull(fc.constantFrom(...lastReasons)),
});

/**
 * Any valid status, also the odd combinations that no decision leads to.
 *
 * @since 0.1.0
 */
export const arbRestartStatus: fc.Arbitrary<RestartStatus> = fc
  .tuple(arbStatusWithoutRecent, fc.option(fc.array(arbTimestamp, { maxLength: 100 }), { nil: [], freq: 2 }))
  .map(([status, times]) => {
    const recentAttempts = times.slice(0, status.attempts).sort((a, b) => a - b);
    return recentAttempts.length === 0 ? status : { ...status, recentAttempts };
  });

/**
 * Records as a store keeps them: any policy with any status.
 *
 * @since 0.1.0
 */
export const arbRestartRecord: fc.Arbitrary<RestartRecord> = fc.record({
  policy: arbRestartPolicy,
  status: arbRestartStatus,
});

// ---------------------------------------------------------------------------
// observations and events
// ---------------------------------------------------------------------------

/** How often each state comes up: most rows of the decision are about two of them. */
const weightOfState: Readonly<Record<InstanceState, number>> = { running: 6, stopped: 6, initializing: 1, other: 1 };

const arbInstanceState: fc.Arbitrary<InstanceState> = fc.oneof(
  ...instanceStates.map((state) => ({ weight: weightOfState[state], arbitrary: fc.constant(state) })),
);

/** What saltOf gives. */
const arbSalt: fc.Arbitrary<number> = fc.oneof(fc.constantFrom(0, 1), fc.nat(0xffffffff));

const arbHealth: fc.Arbitrary<Health> = fc.constantFrom(...healths);

/**
 * What an instance may look like, whatever the state: a run that ended before it began is among it, for clocks step.
 *
 * @since 0.1.0
 */
export const arbInstanceObservation: fc.Arbitrary<InstanceObservation> = fc.record(
  {
    state: arbInstanceState,
    startedAt: orNull(arbTimestamp),
    stoppedAt: orNull(arbTimestamp),
    exitCode: orNull(fc.oneof(fc.constantFrom(0, 1, 137), fc.integer({ min: 0, max: 255 }))),
    health: arbHealth,
    cause: arbEndCause,
    salt: arbSalt,
  },
  { requiredKeys: ['state', 'startedAt', 'stoppedAt', 'exitCode', 'health'] },
);

const arbAttempt: fc.Arbitrary<number> = arbCount.map((count) => Math.max(1, count));

type Tag = RestartEvent['_tag'];

/** How often each kind of event comes up, and with what facts. */
const events: { readonly [T in Tag]: { readonly weight: number; readonly arbitrary: fc.Arbitrary<RestartEvent> } } = {
  Observed: { weight: 30, arbitrary: arbInstanceObservation.map(observed) },
  AttemptFailed: {
    weight: 10,
    arbitrary: fc.tuple(arbAttempt, fc.option(arbSalt, { nil: undefined })).map((facts) => attemptFailed(...facts)),
  },
  ManualStop: { weight: 2, arbitrary: fc.constant({ _tag: 'ManualStop' }) },
  ManualStart: { weight: 2, arbitrary: fc.constant({ _tag: 'ManualStart' }) },
  Pause: { weight: 2, arbitrary: fc.constant({ _tag: 'Pause' }) },
  Resume: { weight: 3, arbitrary: fc.constant({ _tag: 'Resume' }) },
  PolicyUpdated: {
    weight: 2,
    arbitrary: fc.constantFrom({ _tag: 'PolicyUpdated' }, { _tag: 'PolicyUpdated', attemptUnderWay: true }),
  },
  Reset: { weight: 2, arbitrary: fc.constant({ _tag: 'Reset' }) },
  DeleteRequested: { weight: 2, arbitrary: fc.constant({ _tag: 'DeleteRequested' }) },
};

/**
 * All kinds of events, most of them observations. Attempts that failed are numbered from 1, and mostly stale.
 *
 * @since 0.1.0
 */
export const arbRestartEvent: fc.Arbitrary<RestartEvent> = fc.oneof(...restartEventTags.map((tag) => events[tag]));

/**
 * Every kind of action, mostly numbered from 1; an uncounted one may bear the number 0.
 *
 * @since 0.1.0
 */
export const arbRestartAction: fc.Arbitrary<RestartAction> = fc.record({
  _tag: fc.constantFrom(...restartActionTags),
  attempt: arbCount,
});

/**
 * Each reason, equally often.
 *
 * @since 0.1.0
 */
export const arbRestartReason: fc.Arbitrary<RestartReason> = fc.constantFrom(...restartReasons);

// ---------------------------------------------------------------------------
// what decisions lead to
// ---------------------------------------------------------------------------

/**
 * A moment in the life of an instance: its policy, a status that decisions have led to, and the time.
 *
 * @since 0.1.0
 */
export interface Reachable {
  readonly policy: RestartPolicy;
  readonly status: RestartStatus;
  /** The moment of the last decision. */
  readonly now: Timestamp;
}

/**
 * Statuses that can come about: up to twenty events decided one after another, from a window with nothing in it, by a
 * clock that goes forward. Failed attempts mostly name the current attempt, and observations mostly a run that fits.
 *
 * @since 0.1.0
 */
export const arbReachable: fc.Arbitrary<Reachable> = fc
  .tuple(
    arbRestartPolicy,
    fc.integer({ min: 0, max: 30 }).map((step) => someDay + step * 1_000),
    fc.array(fc.tuple(arbRestartEvent, fc.integer({ min: 0, max: 30_000 }), fc.boolean()), { maxLength: 20 }),
  )
  .map(([policy, start, steps]) => {
    let now = start;
    let status = initialStatus;
    for (const [event, later, fitting] of steps) {
      now += later;
      status = decide(policy, status, fitting ? fitted(event, status, now) : event, now).status;
    }
    return { policy, status, now };
  });

/** An event moved to where it means something: the current attempt, a run that began before now. */
const fitted = (event: RestartEvent, status: RestartStatus, now: Timestamp): RestartEvent => {
  switch (event._tag) {
    case 'AttemptFailed':
      // An uncounted attempt may bear the number 0.
      return { ...event, attempt: status.lastAttemptAt === null ? 1 : status.attempts };
    case 'Observed': {
      const startedAt = Math.max(status.lastAttemptAt ?? 0, now - 5_000);
      return { _tag: 'Observed', instance: { ...event.instance, startedAt, stoppedAt: now } };
    }
    case 'ManualStop':
    case 'ManualStart':
    case 'Pause':
    case 'Resume':
    case 'PolicyUpdated':
    case 'Reset':
    case 'DeleteRequested':
      return event;
  }
};
