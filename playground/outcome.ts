/**
 * What the policies do with the workload; bounded, so that no input freezes the page.
 */
import type { Millis, RestartPolicy } from 'restart-policy';
import { simulate, type Timeline } from 'restart-policy/simulate';
import type { Simulated } from './workload-input.js';

export interface Outcome {
  readonly timelines: ReadonlyArray<Timeline>;
  /** How much was asked for, where that would be too much to simulate while somebody types; null: all of it is there. */
  readonly cutFrom: Millis | null;
}

/** Decisions of one policy. What has more is simulated for a part of its span. */
export const mostEntries = 20_000;

/** Spans that are tried then, each about twice as long as the one before: all together they cost little more than the last. */
const spans: ReadonlyArray<Millis> = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 20, 30].map((seconds) => seconds * 1_000),
  ...[1, 2, 5, 10, 20, 30].map((minutes) => minutes * 60_000),
  ...[1, 2, 5, 12].map((hours) => hours * 3_600_000),
  ...[1, 2, 5, 10, 20, 50, 100, 200].map((days) => days * 86_400_000),
];

const simulatedFor = (
  policies: ReadonlyArray<RestartPolicy>,
  { workload, words, seed, id }: Simulated,
  span: Millis,
): ReadonlyArray<Timeline> | string => {
  const timelines: Array<Timeline> = [];
  for (const policy of policies) {
    const said = words.filter(({ at }) => at < span);
    const simulated = simulate({ policy, workload, for: span, seed, id, words: said, mostEntries });
    if (simulated._tag === 'Left') return simulated.left.message;
    timelines.push(simulated.right);
  }
  return timelines;
};

/** A text: why there is nothing to show. */
export const outcomeOf = (policies: ReadonlyArray<RestartPolicy>, simulated: Simulated): Outcome | string => {
  const whole = simulatedFor(policies, simulated, simulated.for);
  if (typeof whole !== 'string') return { timelines: whole, cutFrom: null };
  let longest: ReadonlyArray<Timeline> | null = null;
  for (const span of spans) {
    if (span >= simulated.for) break;
    const part = simulatedFor(policies, simulated, span);
    if (typeof part === 'string') break;
    longest = part;
  }
  return longest === null ? whole : { timelines: longest, cutFrom: simulated.for };
};
