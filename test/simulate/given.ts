/**
 * Simulations of all kinds, short enough for a real controller to do the same.
 */
import fc from 'fast-check';
import { endCauses } from '../../src/event.js';
import {
  manuallyStarted,
  manuallyStopped,
  policyUpdated,
  supervisionPaused,
  supervisionResumed,
} from '../../src/index.js';
import { type RestartPolicy, restartPolicy } from '../../src/policy.js';
import { fixedRuns, type PersonAct, type Run, type SimulationOptions, simulate } from '../../src/simulate.js';
import { arbRestartPolicy } from '../../src/testing/arbitraries.js';
import { right } from '../support/either.js';

/** Spans that meet each other: a run as long as a wait, a word at the moment of an end. */
const arbSpan = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 12 }).map((seconds) => seconds * 1_000) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 30_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 30_000_000 }).map((micros) => micros / 1_000) },
);

const maybe = <A>(arbitrary: fc.Arbitrary<A>) => fc.option(arbitrary, { nil: undefined });

/** Policies whose spans are those of the runs. */
const arbBusyPolicy: fc.Arbitrary<RestartPolicy> = fc
  .record({
    mode: fc.constantFrom('always', 'on_failure', 'on_failure'),
    backoff: arbSpan,
    maxAttempts: fc.integer({ min: 0, max: 4 }),
    stableAfter: arbSpan,
    grows: maybe(arbSpan),
    backoffFrom: maybe(fc.constant('exit' as const)),
    jitter: maybe(fc.constantFrom(0.25, 1)),
    limitInterval: maybe(arbSpan),
    cooldown: maybe(arbSpan),
    startTimeout: maybe(arbSpan),
    rules: maybe(
      fc.array(
        fc.record(
          {
            causes: fc.subarray([...endCauses], { minLength: 1 }),
            exitCodes: fc.constant([2]),
            action: fc.constantFrom('restart', 'restart_uncounted', 'stop'),
          },
          { requiredKeys: ['action'] },
        ),
        { minLength: 1, maxLength: 3 },
      ),
    ),
  })
  .map(({ grows, limitInterval, cooldown, ...input }) =>
    right(
      restartPolicy({
        ...input,
        maxBackoff: grows === undefined ? undefined : input.backoff + grows,
        limitInterval: input.maxAttempts === 0 ? undefined : limitInterval,
        cooldown: input.maxAttempts === 0 || cooldown === undefined ? undefined : cooldown + (limitInterval ?? 0),
      } as Parameters<typeof restartPolicy>[0]),
    ),
  );

export const arbPolicy = fc.oneof({ weight: 4, arbitrary: arbBusyPolicy }, { weight: 1, arbitrary: arbRestartPolicy });

export const arbRun: fc.Arbitrary<Run> = fc.record(
  {
    runsFor: fc.oneof(
      { weight: 6, arbitrary: arbSpan },
      { weight: 1, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.constant(null) },
    ),
    bootsFor: fc.oneof(
      { weight: 4, arbitrary: arbSpan },
      { weight: 1, arbitrary: fc.constantFrom(0, Number.POSITIVE_INFINITY) },
    ),
    exitCode: fc.constantFrom(0, 1, 1, 2, null),
    cause: fc.constantFrom(...endCauses),
    unhealthyAfter: fc.oneof({ weight: 4, arbitrary: arbSpan }, { weight: 1, arbitrary: fc.constant(0) }),
    startFails: fc.constantFrom(true, false, false),
  },
  { requiredKeys: ['runsFor'] },
);

const arbWord = fc.oneof(
  fc.constantFrom(manuallyStopped, manuallyStarted, supervisionPaused, supervisionResumed).map((event) => ({ event })),
  arbPolicy.map((policy) => ({ event: policyUpdated, policy })),
  // The policy that it began with, once more: mostly no update.
  fc.constant({ event: policyUpdated, policy: undefined }),
);

const from = 1_735_689_600_000;

/** As many decisions as a real controller can make in a moment. */
const mostEntries = 120;

/** A simulation, and in `shown` what it is of, for whoever reads a counterexample. */
export interface Given {
  readonly options: SimulationOptions;
  readonly shown: { readonly runs: ReadonlyArray<Run>; readonly last: Run };
}

export const arbGiven: fc.Arbitrary<Given> = fc
  .record({
    policy: arbPolicy,
    runs: fc.array(arbRun, { maxLength: 6 }),
    last: arbRun,
    span: fc.integer({ min: 1, max: 180 }).map((seconds) => seconds * 1_000),
    words: fc.array(fc.tuple(fc.integer({ min: 0, max: 180 }), arbWord), { maxLength: 5 }),
    id: fc.constantFrom('instance', 'web-1', 'ü'),
  })
  .map(({ policy, runs, last, span, words, id }) => {
    const inOrder: ReadonlyArray<PersonAct> = words
      .map(([second, word]) => ({
        at: from + second * 1_000,
        ...word,
        ...(word.event === policyUpdated ? { policy: ('policy' in word && word.policy) || policy } : {}),
      }))
      .sort((a, b) => a.at - b.at);
    const of = (length: number): SimulationOptions => ({
      policy,
      workload: fixedRuns(runs, last),
      for: length,
      id,
      from,
      words: inOrder.filter(({ at }) => at < from + length),
    });
    const { entries } = right(simulate(of(span)));
    const cut = entries[mostEntries]?.at ?? from + span;
    return { options: of(Math.max(1, cut - from)), shown: { runs, last } };
  });
