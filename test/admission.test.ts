/** The admission of starts: never above a limit, in one order, nobody starves, no wake-up lost. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AdmissionState,
  admit,
  nothingAdmitted,
  type StartLimits,
  type WaitingAttempt,
} from '../src/admission.js';
import { runs } from './support/proof.js';

// ---------------------------------------------------------------------------
// any fleet
// ---------------------------------------------------------------------------

const arbRate: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 1, max: 5_000 }),
  fc.integer({ min: 1, max: 5_000_000 }).map((millionths) => millionths / 1_000_000),
);

const arbLimits: fc.Arbitrary<StartLimits> = fc
  .record({
    inFlight: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
    perSecond: fc.option(arbRate, { nil: undefined }),
    burst: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
  })
  .map(({ burst, ...rest }) => (rest.perSecond === undefined ? rest : { ...rest, burst }));

const arbWaiting = (now: number): fc.Arbitrary<ReadonlyArray<WaitingAttempt>> =>
  fc
    .array(
      fc.record({
        priority: fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constantFrom(Number.NEGATIVE_INFINITY, Number.NaN, -0)),
        dueAt: fc.integer({ min: now - 5, max: now }),
      }),
      { maxLength: 12 },
    )
    .chain((attempts) =>
      fc.shuffledSubarray(
        attempts.map((attempt, index) => ({ ...attempt, id: `vm-${index}` })),
        { minLength: attempts.length },
      ),
    );

const start = 1_000_000;

const arbState: fc.Arbitrary<AdmissionState> = fc.record({
  inFlight: fc.integer({ min: 0, max: 8 }),
  owed: fc.integer({ min: 0, max: 5_000_000_000 }),
  at: fc.integer({ min: start - 3_000, max: start + 3_000 }),
});

const arbCase = fc.record({ limits: arbLimits, state: arbState, waiting: arbWaiting(start) });

/** How many begin at once when any number waits. */
const room = (limits: StartLimits, state: AdmissionState, now: number): number =>
  admit(
    limits,
    state,
    Array.from({ length: 20 }, (_, n) => ({ id: `any-${n}`, priority: 0, dueAt: 0 })),
    now,
  ).admitted.length;

/** Goes before: the order as the documentation says it, not as the code does. */
const isBefore = (a: WaitingAttempt, b: WaitingAttempt): boolean => {
  const [of, ofOther] = [a, b].map(({ priority }) => (Number.isNaN(priority) ? 0 : priority)) as [number, number];
  if (of !== ofOther) return of > ofOther;
  return a.dueAt === b.dueAt ? a.id < b.id : a.dueAt < b.dueAt;
};

// ---------------------------------------------------------------------------
// a life: instances that become due, begin, and leave their places, while the clock moves both ways
// ---------------------------------------------------------------------------

type Step =
  | { readonly _tag: 'Due'; readonly priority: number }
  | { readonly _tag: 'Free' }
  | { readonly _tag: 'PersonStarts' }
  | { readonly _tag: 'Pass'; readonly ms: number }
  | { readonly _tag: 'ClockBack'; readonly ms: number };

const arbSteps: fc.Arbitrary<ReadonlyArray<Step>> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ _tag: fc.constant('Due' as const), priority: fc.integer({ min: 0, max: 1 }) }),
    },
    { weight: 4, arbitrary: fc.record({ _tag: fc.constant('Free' as const) }) },
    { weight: 1, arbitrary: fc.record({ _tag: fc.constant('PersonStarts' as const) }) },
    { weight: 6, arbitrary: fc.record({ _tag: fc.constant('Pass' as const), ms: fc.integer({ min: 1, max: 1_500 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({ _tag: fc.constant('ClockBack' as const), ms: fc.integer({ min: 1, max: 3_000 }) }),
    },
  ),
  { minLength: 1, maxLength: 120 },
);

interface Begun extends WaitingAttempt {
  /** By a clock that nobody sets. */
  readonly elapsed: number;
}

const live = (limits: StartLimits, steps: ReadonlyArray<Step>) => {
  let state = nothingAdmitted;
  let now = start;
  let elapsed = 0;
  let waiting: ReadonlyArray<WaitingAttempt> = [];
  let asked: { readonly askAgainAt: number | null } = { askAgainAt: null };
  const begun: Array<Begun> = [];
  const peaks: Array<number> = [];
  let named = 0;
  for (const step of steps) {
    switch (step._tag) {
      case 'Due':
        waiting = [...waiting, { id: `vm-${named++}`, priority: step.priority, dueAt: now }];
        break;
      case 'Free':
        state = { ...state, inFlight: Math.max(0, state.inFlight - 1) };
        break;
      case 'PersonStarts':
        state = { ...state, inFlight: state.inFlight + 1 };
        break;
      case 'Pass':
        now += step.ms;
        elapsed += step.ms;
        break;
      case 'ClockBack':
        now -= step.ms;
        break;
    }
    const before = state.inFlight;
    const answer = admit(limits, state, waiting, now);
    state = answer.state;
    asked = answer;
    waiting = waiting.filter((attempt) => !answer.admitted.includes(attempt));
    for (const attempt of answer.admitted) begun.push({ ...attempt, elapsed });
    if (answer.admitted.length > 0) peaks.push(state.inFlight);
    expect(state.inFlight).toBe(before + answer.admitted.length);
  }
  return { begun, peaks, waiting, state, now, elapsed, asked };
};

describe('attempts that are due', () => {
  test('never begin where all places are taken, whoever else starts instances', () => {
    fc.assert(
      fc.property(arbLimits, arbSteps, (limits, steps) => {
        for (const peak of live(limits, steps).peaks) {
          expect(peak).toBeLessThanOrEqual(limits.inFlight ?? Number.POSITIVE_INFINITY);
        }
      }),
      { numRuns: runs(500) },
    );
  });

  test('begin in any span at most burst + perSecond * t times, also when the clock goes back', () => {
    fc.assert(
      fc.property(arbLimits, arbSteps, (limits, steps) => {
        if (limits.perSecond === undefined) return;
        const moments = live(limits, steps).begun.map(({ elapsed }) => elapsed);
        const { perSecond, burst = 1 } = limits;
        moments.forEach((from, first) => {
          moments.slice(first).forEach((to, more) => {
            // In billionths, for which every product is a whole number.
            const most = burst * 1_000_000_000 + Math.round(perSecond * 1_000_000) * (to - from);
            expect((more + 1) * 1_000_000_000).toBeLessThanOrEqual(most);
          });
        });
      }),
      { numRuns: runs(500) },
    );
  });

  test('begin in the order of priority, then of who is due longest, then of the id, however they are handed in', () => {
    fc.assert(
      fc.property(arbCase, ({ limits, state, waiting }) => {
        const { admitted } = admit(limits, state, waiting, start);
        admitted.slice(1).forEach((next, index) => {
          expect(isBefore(admitted[index] as WaitingAttempt, next)).toBe(true);
        });
        for (const left of waiting.filter((attempt) => !admitted.includes(attempt))) {
          for (const one of admitted) expect(isBefore(one, left)).toBe(true);
        }
        expect(admit(limits, state, [...waiting].reverse(), start).admitted).toEqual(admitted);
      }),
      { numRuns: runs(500) },
    );
  });

  test('are overtaken by nobody of their own priority who is due later', () => {
    fc.assert(
      fc.property(arbLimits, arbSteps, (limits, steps) => {
        const life = live(
          limits,
          steps.filter(({ _tag }) => _tag !== 'ClockBack'),
        );
        for (const priority of [0, 1]) {
          const due = life.begun.filter((attempt) => attempt.priority === priority).map(({ dueAt }) => dueAt);
          expect(due).toEqual([...due].sort((a, b) => a - b));
          const last = due.at(-1) ?? Number.NEGATIVE_INFINITY;
          for (const left of life.waiting.filter((attempt) => attempt.priority === priority)) {
            expect(left.dueAt).toBeGreaterThanOrEqual(last);
          }
        }
      }),
      { numRuns: runs(500) },
    );
  });

  test('all begin in the end, if those in flight leave their places and the host asks when it is told to', () => {
    fc.assert(
      fc.property(arbLimits, arbSteps, (limits, steps) => {
        const life = live(limits, steps);
        let { state, now, waiting } = life;
        let askAgainAt = life.asked.askAgainAt;
        for (let round = 0; waiting.length > 0; round++) {
          expect(round).toBeLessThan(2 * steps.length + 2);
          // Where only a place can help, one is freed; else time passes, and no more of it than was said.
          if (askAgainAt === null) state = { ...state, inFlight: Math.max(0, state.inFlight - 1) };
          else now = askAgainAt;
          const answer = admit(limits, state, waiting, now);
          ({ state, askAgainAt } = answer);
          waiting = waiting.filter((attempt) => !answer.admitted.includes(attempt));
        }
      }),
      { numRuns: runs(500) },
    );
  });
});

describe('the moment to ask again', () => {
  test('is the first at which time alone lets one more begin, and null says that it never does', () => {
    fc.assert(
      fc.property(arbCase, fc.integer({ min: 0, max: 1_000_000 }), ({ limits, state, waiting }, later) => {
        const answer = admit(limits, state, waiting, start);
        const { askAgainAt, admitted } = answer;
        if (waiting.length === admitted.length) {
          expect(askAgainAt).toBeNull();
        } else if (askAgainAt === null) {
          expect(room(limits, answer.state, start + later)).toBe(0);
        } else {
          expect(Number.isInteger(askAgainAt)).toBe(true);
          expect(askAgainAt).toBeGreaterThan(start);
          expect(room(limits, answer.state, askAgainAt)).toBeGreaterThanOrEqual(1);
          expect(room(limits, answer.state, askAgainAt - 1)).toBe(0);
        }
      }),
      { numRuns: runs(1_000) },
    );
  });
});

describe('admission', () => {
  test('at once or one by one is the same', () => {
    fc.assert(
      fc.property(arbCase, ({ limits, state, waiting }) => {
        const atOnce = admit(limits, state, waiting, start);
        const sorted = [...waiting].sort((a, b) => (isBefore(a, b) ? -1 : 1));
        let one = state;
        const admitted: Array<WaitingAttempt> = [];
        for (const attempt of sorted) {
          const answer = admit(limits, one, [attempt], start);
          one = answer.state;
          admitted.push(...answer.admitted);
          if (answer.admitted.length === 0) {
            expect(answer.askAgainAt).toBe(atOnce.askAgainAt);
            break;
          }
        }
        expect(admitted).toEqual(atOnce.admitted);
        if (waiting.length > 0) expect(one).toEqual(atOnce.state);
      }),
      { numRuns: runs(500) },
    );
  });

  test('asked again at once admits nobody, and changes nothing', () => {
    fc.assert(
      fc.property(arbCase, ({ limits, state, waiting }) => {
        const first = admit(limits, state, waiting, start);
        const rest = waiting.filter((attempt) => !first.admitted.includes(attempt));
        expect(admit(limits, first.state, rest, start)).toEqual({ ...first, admitted: [] });
      }),
      { numRuns: runs(500) },
    );
  });

  test('never throws, answers the same for the same, and changes no argument', () => {
    const arbNumber = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, -1, Number.NaN, 1e308));
    const arbOption = fc.option(arbNumber, { nil: undefined });
    fc.assert(
      fc.property(
        fc.record({ inFlight: arbOption, perSecond: arbOption, burst: arbOption }),
        fc.record({ inFlight: arbNumber, owed: arbNumber, at: arbNumber }),
        fc.array(fc.record({ id: fc.string(), priority: arbNumber, dueAt: arbNumber })),
        arbNumber,
        (limits, state, waiting, now) => {
          for (const argument of [limits, state, waiting, ...waiting]) Object.freeze(argument);
          const answer = admit(limits, state, waiting, now);
          expect(admit(limits, state, waiting, now)).toEqual(answer);
          for (const attempt of answer.admitted) expect(waiting).toContain(attempt);
        },
      ),
      { numRuns: runs(500) },
    );
  });

  test('without limits admits all, and with nobody waiting nothing', () => {
    const waiting = [{ id: 'web', priority: 0, dueAt: 0 }];
    expect(admit({}, nothingAdmitted, waiting, 5)).toEqual({
      admitted: waiting,
      askAgainAt: null,
      state: { inFlight: 1, owed: 0, at: 5 },
    });
    expect(admit({ inFlight: 1, perSecond: 1 }, nothingAdmitted, [], 5)).toEqual({
      admitted: [],
      askAgainAt: null,
      state: { inFlight: 0, owed: 0, at: 5 },
    });
  });

  test('gives back what the burst took while time passes, and no more than the burst', () => {
    const limits: StartLimits = { perSecond: 2, burst: 3 };
    const full = admit(limits, nothingAdmitted, [], start).state;
    expect(room(limits, full, start)).toBe(3);
    expect(room(limits, full, start + 3_600_000)).toBe(3);
    const spent = { ...full, owed: 3_000_000_000 };
    expect([0, 499, 500, 999, 1_000, 1_500, 9_000].map((ms) => room(limits, spent, start + ms))).toEqual([
      0, 0, 1, 1, 2, 3, 3,
    ]);
    // An hour back is no time, and neither lends nor takes.
    const back = admit(limits, { ...spent, owed: 2_500_000_000 }, [], start - 3_600_000).state;
    expect(back).toEqual({ inFlight: 0, owed: 2_500_000_000, at: start - 3_600_000 });
    expect(room(limits, back, start - 3_600_000 + 250)).toBe(1);
  });
});
