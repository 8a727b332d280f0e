/**
 * Lives: what happens to one instance, event by event, as fast-check makes it up. A life is a script in relative terms
 * ("it began 3 after the last attempt", "the same again when it is time", "the current attempt failed"), so that most of it
 * means something wherever the decisions have led by then; `play` plays it on the subject.
 */
import fc from 'fast-check';
import { attemptFailed, type InstanceObservation, observed, type RestartEvent } from '../../src/event.js';
import type { RestartPolicy } from '../../src/policy.js';
import { initialStatus, type RestartStatus, type Timestamp } from '../../src/status.js';
import { arbRestartPolicy } from '../../src/testing/arbitraries.js';
import { arbClockStep, arbPolicy, arbSalt, arbSight, type Sight } from './arbitraries.js';
import { type Edge, live, noHistory, passed, wakeUpOf } from './guarantees.js';
import { observationWith } from './values.js';

interface Seen {
  readonly _tag: 'Seen';
  readonly sight: Sight;
  /** When it began; null: it never ran. `by` is in milliseconds. */
  readonly began: { readonly from: 'now' | 'last attempt'; readonly by: number } | null;
  readonly lasted: number | null;
}

/** What a person does, a new policy aside. */
type Act = Exclude<RestartEvent, { readonly _tag: 'Observed' | 'AttemptFailed' | 'PolicyUpdated' }>;

type Happening =
  | Seen
  /** What was seen last is seen again, unchanged. */
  | { readonly _tag: 'SeenAgain' }
  | { readonly _tag: 'Failed'; readonly off: number }
  | { readonly _tag: 'NewPolicy'; readonly policy: RestartPolicy; readonly attemptUnderWay: boolean }
  | Act;

export interface Life {
  readonly policy: RestartPolicy;
  readonly salt: number;
  readonly born: Timestamp;
  readonly steps: ReadonlyArray<{
    /** In milliseconds; 'wake-up': to the wake-up of what was seen last, where there is one ahead. */
    readonly clock: number | 'wake-up';
    readonly happens: Happening;
  }>;
}

const arbAnyPolicy = fc.oneof({ weight: 3, arbitrary: arbPolicy }, { weight: 1, arbitrary: arbRestartPolicy });

const arbSeen: fc.Arbitrary<Seen> = fc.record({
  _tag: fc.constant('Seen' as const),
  sight: arbSight,
  began: fc.option(
    fc.record({ from: fc.constantFrom('now' as const, 'last attempt' as const), by: fc.integer({ min: -40, max: 8 }) }),
    { nil: null, freq: 8 },
  ),
  lasted: fc.option(fc.integer({ min: -2, max: 70 }), { nil: null, freq: 4 }),
});

/** A person acts seldom, and what they stop is mostly started again. */
const arbAct: fc.Arbitrary<Act> = fc
  .constantFrom(
    'ManualStop' as const,
    'DeleteRequested' as const,
    ...(['ManualStart', 'ManualStart', 'ManualStart', 'Reset'] as const),
    ...(['Pause', 'Pause', 'Resume', 'Resume', 'Resume'] as const),
  )
  .map((_tag) => ({ _tag }));

const arbHappening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 24, arbitrary: arbSeen },
  { weight: 16, arbitrary: fc.constant<Happening>({ _tag: 'SeenAgain' }) },
  { weight: 6, arbitrary: fc.constantFrom(0, 0, 0, 1, -1).map((off): Happening => ({ _tag: 'Failed', off })) },
  {
    weight: 1,
    arbitrary: fc.record({
      _tag: fc.constant('NewPolicy' as const),
      policy: arbAnyPolicy,
      attemptUnderWay: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: arbAct },
);

export const arbLife: fc.Arbitrary<Life> = fc.record({
  policy: arbAnyPolicy,
  salt: arbSalt,
  born: fc.constantFrom(0, 1_700_000_000_000),
  steps: fc.array(
    fc.record({
      clock: fc.oneof(
        { weight: 3, arbitrary: arbClockStep },
        { weight: 1, arbitrary: fc.constant('wake-up' as const) },
      ),
      happens: arbHappening,
    }),
    { maxLength: 120, size: 'max' },
  ),
});

/** Plays a life on the subject, event by event. */
export function* play({ policy: first, salt, born, steps }: Life): Generator<Edge> {
  let policy = first;
  let status: RestartStatus = initialStatus;
  let history = noHistory;
  let now = born;
  let seen: InstanceObservation = observationWith();
  let wakeAt: Timestamp | null = null;
  for (const { clock, happens } of steps) {
    const step = clock === 'wake-up' ? Math.max((wakeAt ?? now) - now, 0) : clock;
    now += step;
    if (happens._tag === 'NewPolicy') policy = happens.policy;
    const event = eventOf(happens, status, seen, salt, now);
    if (event._tag === 'Observed') seen = event.instance;
    const edge = live(policy, status, passed(history, step), event, now);
    yield edge;
    status = edge.decision.status;
    history = edge.after;
    if (event._tag === 'Observed') wakeAt = wakeUpOf(edge);
  }
}

/** The first event of a life at which something does not hold; null: it holds throughout. */
export const firstBreach = (life: Life, holds: (edge: Edge) => boolean): Edge | null => {
  for (const edge of play(life)) if (!holds(edge)) return edge;
  return null;
};

const eventOf = (
  happens: Happening,
  status: RestartStatus,
  seen: InstanceObservation,
  salt: number,
  now: Timestamp,
): RestartEvent => {
  switch (happens._tag) {
    case 'Seen':
      return observed(observationOf(happens, status, salt, now));
    case 'SeenAgain':
      return observed(seen);
    case 'Failed':
      return attemptFailed(status.attempts + happens.off, salt);
    case 'NewPolicy':
      return happens.attemptUnderWay ? { _tag: 'PolicyUpdated', attemptUnderWay: true } : { _tag: 'PolicyUpdated' };
    default:
      return happens;
  }
};

const observationOf = (
  { sight, began, lasted }: Seen,
  status: RestartStatus,
  salt: number,
  now: Timestamp,
): InstanceObservation => {
  const origin = began?.from === 'last attempt' ? (status.lastAttemptAt ?? now) : now;
  const startedAt = began === null ? null : origin + began.by;
  const stoppedAt = startedAt === null || lasted === null ? null : startedAt + lasted;
  return observationWith({ ...sight, startedAt, stoppedAt, salt });
};

/** Moments from `now` on at which a decision could differ, in order: a time that is known and a span of the policy later. */
export const momentsAfter = (edge: Edge, spans: ReadonlyArray<number>): ReadonlyArray<Timestamp> => {
  const { policy, event, now, decision } = edge;
  const { lastAttemptAt, nextAttemptAt, recentAttempts = [] } = decision.status;
  const { startedAt, stoppedAt } = event._tag === 'Observed' ? event.instance : observationWith();
  const { backoff, maxBackoff = 0, stableAfter, limitInterval = 0, cooldown = 0, startTimeout = 0 } = policy;
  const lengths = [0, backoff, maxBackoff, stableAfter, limitInterval, cooldown, startTimeout].map(Math.ceil);
  const times = [now, lastAttemptAt, nextAttemptAt, startedAt, stoppedAt, ...recentAttempts];
  const moments = new Set(spans.map((span) => now + span));
  for (const time of times) {
    if (time !== null) for (const length of lengths) moments.add(time + length).add(time + length + 1);
  }
  const wakeAt = wakeUpOf(edge) ?? now;
  moments
    .add(wakeAt - 1)
    .add(wakeAt)
    .add(wakeAt + 1);
  return [...moments].filter((moment) => moment >= now).sort((a, b) => a - b);
};
