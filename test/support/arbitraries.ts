/**
 * Policies with every field, statuses, observations and events as fast-check makes them up: valid, and in numbers so
 * small and so close together that comparisons come out all three ways. Those of `restart-policy/testing/arbitraries`
 * are as large as the types allow.
 */
import fc from 'fast-check';
import { type Millis, maxMillis } from '../../src/duration.js';
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
import { blockedReasons, lastReasons, latestTimestamp, type RestartStatus, type Timestamp } from '../../src/status.js';
import {
  arbInstanceObservation,
  arbRestartEvent,
  arbRestartPolicy,
  arbRestartStatus,
  arbTimestamp,
} from '../../src/testing/arbitraries.js';

const orNull = <A>(arbitrary: fc.Arbitrary<A>, weight = 2): fc.Arbitrary<A | null> =>
  fc.oneof({ weight, arbitrary }, { weight: 1, arbitrary: fc.constant(null) });

const orAbsent = <A>(arbitrary: fc.Arbitrary<A>): fc.Arbitrary<A | undefined> =>
  fc.oneof({ weight: 1, arbitrary }, { weight: 1, arbitrary: fc.constant(undefined) });

/** Without the fields that are undefined: an absent field is absent. */
const present = <A extends object>(fields: { readonly [K in keyof A]: A[K] | undefined }): A =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as A;

// ---------------------------------------------------------------------------
// policies
// ---------------------------------------------------------------------------

/** Spans so short that a life meets every row; and fractions, which are rounded up. */
const arbSpan = (max: number): fc.Arbitrary<Millis> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max }) },
    { weight: 1, arbitrary: fc.constantFrom(0.000_001, 0.5, 7.25) },
  );

const arbFourFields: fc.Arbitrary<RestartPolicy> = fc.record({
  mode: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom('always' as const, 'on_failure' as const, 'on_failure' as const) },
    { weight: 1, arbitrary: fc.constant('never' as const) },
  ),
  backoff: arbSpan(20),
  maxAttempts: fc.integer({ min: 0, max: 5 }),
  stableAfter: arbSpan(60),
});

const arbCause = fc.constantFrom(...endCauses);

const arbRule: fc.Arbitrary<RestartRule> = fc
  .record({
    causes: orAbsent(fc.uniqueArray(arbCause, { minLength: 1, maxLength: 3 })),
    exitCodes: orAbsent(
      fc.array(
        fc.oneof(
          fc.constantFrom(0, 1, 2, 137),
          fc.constantFrom([0, 0] as const, [1, 2] as const, [2, 200] as const, [-5, 1] as const),
        ),
        { minLength: 1, maxLength: 3 },
      ),
    ),
    action: fc.constantFrom(
      'restart' as const,
      'restart_uncounted' as const,
      'restart_uncounted' as const,
      'stop' as const,
    ),
  })
  .map(present<RestartRule>);

/** Each field now there and now not, in relations that a policy may have; spans that cross each other. */
export const arbPolicy: fc.Arbitrary<RestartPolicy> = fc
  .record({
    four: arbFourFields,
    /** How much the longest wait is above `backoff`. */
    growth: orAbsent(fc.constantFrom(0, 1, 5, 30, 200)),
    backoffFactor: orAbsent(fc.constantFrom(1.1, 1.5, 3, 100)),
    backoffFrom: orAbsent(fc.constant('exit' as const)),
    jitter: orAbsent(fc.constantFrom(0.1, 0.5, 1)),
    limitInterval: orAbsent(arbSpan(80)),
    /** How much above `limitInterval`, or above zero. */
    cooldown: orAbsent(arbSpan(60)),
    startTimeout: orAbsent(arbSpan(40)),
    rules: orAbsent(fc.array(arbRule, { minLength: 1, maxLength: 3 })),
  })
  .map(({ four, growth, backoffFactor, backoffFrom, jitter, limitInterval, cooldown, startTimeout, rules }) => {
    const isLimited = four.maxAttempts > 0;
    return present<RestartPolicy>({
      ...four,
      maxBackoff: growth === undefined ? undefined : four.backoff + growth,
      backoffFactor: growth === undefined ? undefined : backoffFactor,
      backoffFrom,
      jitter,
      limitInterval: isLimited ? limitInterval : undefined,
      cooldown: isLimited && cooldown !== undefined ? (limitInterval ?? 0) + cooldown : undefined,
      startTimeout,
      rules,
    });
  });

// ---------------------------------------------------------------------------
// statuses, observations and events
// ---------------------------------------------------------------------------

/** Times within an eighth of a second. */
export const arbMoment: fc.Arbitrary<Timestamp> = fc.integer({ min: 1_000, max: 1_120 });

/** Any valid status, also the odd combinations that no decision leads to. */
export const arbStatus: fc.Arbitrary<RestartStatus> = fc
  .record({
    attempts: fc.integer({ min: 0, max: 5 }),
    lastAttemptAt: orNull(arbMoment),
    nextAttemptAt: orNull(arbMoment, 1),
    blockedReason: fc.constantFrom(null, null, null, 'max_attempts_exceeded' as const, ...blockedReasons),
    lastReason: fc.constantFrom(null, null, ...lastReasons),
    recentAttempts: fc.array(arbMoment, { maxLength: 5 }),
  })
  .map(({ recentAttempts, ...others }) => {
    const recent = recentAttempts.slice(0, others.attempts).sort((a, b) => a - b);
    return present<RestartStatus>({ ...others, recentAttempts: recent.length === 0 ? undefined : recent });
  });

/** How a run looks, its times aside. */
export interface Sight extends Pick<InstanceObservation, 'state' | 'exitCode' | 'health' | 'cause'> {}

export const arbSight: fc.Arbitrary<Sight> = fc
  .record({
    state: fc.constantFrom(
      'stopped' as const,
      'stopped' as const,
      'stopped' as const,
      'running' as const,
      'running' as const,
      'initializing' as const,
      'other' as const,
    ),
    exitCode: fc.constantFrom(0, 1, 2, 137, null),
    health: fc.constantFrom(...healths),
    cause: orAbsent(arbCause),
  })
  .map(present<Sight>);

export const arbSalt: fc.Arbitrary<number> = fc.constantFrom(0, 1, 7, 2 ** 31, 2 ** 32 - 1);

export const arbObservation: fc.Arbitrary<InstanceObservation> = fc
  .record({ sight: arbSight, startedAt: orNull(arbMoment, 6), stoppedAt: orNull(arbMoment), salt: orAbsent(arbSalt) })
  .map(({ sight, ...facts }) => present<InstanceObservation>({ ...sight, ...facts }));

export const arbEvent: fc.Arbitrary<RestartEvent> = fc.oneof(
  { weight: 6, arbitrary: arbObservation.map(observed) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.integer({ min: -1, max: 5 }), orAbsent(arbSalt))
      .map(([attempt, salt]) => attemptFailed(attempt, salt)),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<RestartEvent>(
      manuallyStopped,
      deleteRequested,
      manuallyStarted,
      supervisionPaused,
      supervisionResumed,
      policyUpdated,
      { _tag: 'PolicyUpdated', attemptUnderWay: true },
      instanceReset,
    ),
  },
);

// ---------------------------------------------------------------------------
// questions: in small numbers, and in numbers as large as the types allow
// ---------------------------------------------------------------------------

/** What `decide` and `nextWakeAt` are asked of an observation. */
export interface Look {
  readonly policy: RestartPolicy;
  readonly status: RestartStatus;
  readonly instance: InstanceObservation;
  readonly now: Timestamp;
}

export const arbLook: fc.Arbitrary<Look> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ policy: arbPolicy, status: arbStatus, instance: arbObservation, now: arbMoment }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      policy: arbRestartPolicy,
      status: arbRestartStatus,
      instance: arbInstanceObservation,
      // At the end of the calendar a cooldown ends at the last moment that can be written, which may be this one.
      now: arbTimestamp.filter((now) => now <= latestTimestamp - maxMillis),
    }),
  },
);

/** What `decide` is asked. */
export interface Question extends Omit<Look, 'instance'> {
  readonly event: RestartEvent;
}

export const arbQuestion: fc.Arbitrary<Question> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ policy: arbPolicy, status: arbStatus, event: arbEvent, now: arbMoment }) },
  {
    weight: 1,
    arbitrary: fc.record({
      policy: arbRestartPolicy,
      status: arbRestartStatus,
      event: arbRestartEvent,
      now: arbTimestamp,
    }),
  },
);

// ---------------------------------------------------------------------------
// the clock
// ---------------------------------------------------------------------------

/** Time that passes between two events, and now and then a clock that is set: a little or by days, either way. */
export const arbClockStep: fc.Arbitrary<number> = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 12 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 200 }) },
  { weight: 1, arbitrary: fc.integer({ min: -50, max: -1 }) },
  { weight: 1, arbitrary: fc.constantFrom(-1_000_000_000, 1_000_000_000) },
);
