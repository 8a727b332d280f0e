/**
 * Lives: what happens to one instance, event by event, as fast-check makes it up. A life is a script in relative terms
 * ("it began 3 after the last attempt", "the current attempt failed"), so that most of it means something wherever the
 * decisions have led by then; `firstBreach` plays it on the subject.
 */
import fc from 'fast-check';
import type { InstanceObservation, RestartEvent } from '../../src/event.js';
import type { RestartPolicy } from '../../src/policy.js';
import { initialStatus, type RestartStatus, type Timestamp } from '../../src/status.js';
import { arbRestartPolicy } from '../../src/testing/arbitraries.js';
import { type Edge, live, noHistory, passed, wakeUpOf } from './guarantees.js';
import { observationWith, policyWith } from './values.js';

interface Sight extends Pick<InstanceObservation, 'state' | 'exitCode' | 'health'> {
  /** When it began; null: it never ran. `by` is in milliseconds. */
  readonly began: { readonly from: 'now' | 'last attempt'; readonly by: number } | null;
  readonly lasted: number | null;
}

type Happening =
  | { readonly _tag: 'Seen'; readonly sight: Sight }
  | { readonly _tag: 'Failed'; readonly off: number }
  | { readonly _tag: 'NewPolicy'; readonly policy: RestartPolicy }
  | Exclude<RestartEvent, { readonly _tag: 'Observed' | 'AttemptFailed' | 'PolicyUpdated' }>;

export interface Life {
  readonly policy: RestartPolicy;
  readonly born: Timestamp;
  readonly steps: ReadonlyArray<{ readonly clock: number; readonly happens: Happening }>;
}

/** Spans so short that a life meets every row; and fractions, which are rounded up. */
const arbShortPolicy: fc.Arbitrary<RestartPolicy> = fc
  .record({
    mode: fc.constantFrom('always' as const, 'on_failure' as const, 'on_failure' as const, 'never' as const),
    backoff: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(0.000_001, 0.5, 7.25)),
    maxAttempts: fc.integer({ min: 0, max: 5 }),
    stableAfter: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constantFrom(0.000_001, 12.5)),
  })
  .map(policyWith);

const arbPolicy = fc.oneof({ weight: 3, arbitrary: arbShortPolicy }, { weight: 1, arbitrary: arbRestartPolicy });

const arbClock: fc.Arbitrary<number> = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 12 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 100_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: -50, max: -1 }) },
  { weight: 1, arbitrary: fc.integer({ min: -1_000_000_000, max: -1 }) },
);

const arbSight: fc.Arbitrary<Sight> = fc.record({
  state: fc.constantFrom('stopped', 'stopped', 'stopped', 'running', 'running', 'initializing', 'other'),
  began: fc.option(fc.record({ from: fc.constantFrom('now', 'last attempt'), by: fc.integer({ min: -40, max: 8 }) }), {
    nil: null,
    freq: 8,
  }),
  lasted: fc.option(fc.integer({ min: -2, max: 70 }), { nil: null, freq: 4 }),
  exitCode: fc.constantFrom(0, 1, 137, null),
  health: fc.constantFrom('unknown', 'healthy', 'unhealthy'),
});

const arbHappening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 40, arbitrary: arbSight.map((sight): Happening => ({ _tag: 'Seen', sight })) },
  { weight: 6, arbitrary: fc.constantFrom(0, 0, 0, 1, -1).map((off): Happening => ({ _tag: 'Failed', off })) },
  { weight: 1, arbitrary: arbPolicy.map((policy): Happening => ({ _tag: 'NewPolicy', policy })) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('ManualStop', 'DeleteRequested', 'ManualStart', 'ManualStart', 'Reset')
      .map((_tag): Happening => ({ _tag })),
  },
);

export const arbLife: fc.Arbitrary<Life> = fc.record({
  policy: arbPolicy,
  born: fc.constantFrom(0, 1_700_000_000_000),
  steps: fc.array(fc.record({ clock: arbClock, happens: arbHappening }), { maxLength: 200, size: 'max' }),
});

/** Plays a life up to the first event at which something does not hold; null: it holds throughout. */
export const firstBreach = ({ policy: first, born, steps }: Life, holds: (edge: Edge) => boolean): Edge | null => {
  let policy = first;
  let status: RestartStatus = initialStatus;
  let history = noHistory;
  let now = born;
  for (const { clock, happens } of steps) {
    now += clock;
    if (happens._tag === 'NewPolicy') policy = happens.policy;
    const edge = live(policy, status, passed(history, clock), eventOf(happens, status, now), now);
    if (!holds(edge)) return edge;
    status = edge.decision.status;
    history = edge.after;
  }
  return null;
};

const eventOf = (happens: Happening, status: RestartStatus, now: Timestamp): RestartEvent => {
  switch (happens._tag) {
    case 'Seen':
      return { _tag: 'Observed', instance: observationOf(happens.sight, status, now) };
    case 'Failed':
      return { _tag: 'AttemptFailed', attempt: status.attempts + happens.off };
    case 'NewPolicy':
      return { _tag: 'PolicyUpdated' };
    default:
      return happens;
  }
};

const observationOf = (
  { state, began, lasted, exitCode, health }: Sight,
  status: RestartStatus,
  now: Timestamp,
): InstanceObservation => {
  const origin = began?.from === 'last attempt' ? (status.lastAttemptAt ?? now) : now;
  const startedAt = began === null ? null : origin + began.by;
  return observationWith({
    state,
    startedAt,
    stoppedAt: startedAt === null || lasted === null ? null : startedAt + lasted,
    exitCode,
    health,
  });
};

/** Moments from `now` on at which a decision could differ, in order: around the wake-up, and elsewhere. */
export const momentsAfter = (edge: Edge, spans: ReadonlyArray<number>): ReadonlyArray<Timestamp> => {
  const { policy, now } = edge;
  const wakeAt = wakeUpOf(edge) ?? now;
  const guesses = [policy.backoff, policy.stableAfter, ...spans].map((span) => now + Math.ceil(span));
  return [...guesses, wakeAt - 1, wakeAt, wakeAt + 1].filter((moment) => moment >= now).sort((a, b) => a - b);
};
