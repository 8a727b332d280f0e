/**
 * One decision on each path: `decide`, the floor, the statechart, and for scale what it costs to write a status down
 * and to read it again.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Decision, decide } from 'restart-policy';
import { decodeRestartStatus, RestartStatusCodec } from 'restart-policy/codec';
import {
  type Case,
  casesOf,
  type LargerPathName,
  largerCasesOf,
  largerPathNames,
  type PathName,
  pathNames,
} from './cases.js';
import { decideByHand, ruleByHand, waitByHand } from './floor.js';
import { allocationOf, type Effort, type Side, timesOf } from './measure.js';
import { type ChartCase, chartCaseOf, decideByChart } from './statechart.js';

/** What one decision takes. */
export interface Cost {
  readonly nanos: number;
  readonly bytes: number;
}

export interface PathCost {
  readonly path: PathName;
  readonly decide: Cost;
  readonly floor: Cost;
  readonly chart: Cost;
  /** To JSON text and back, of the status that is decided on. */
  readonly codec: Cost;
}

/** The same of a larger policy, beside the floor alone. */
export interface LargerPathCost {
  readonly path: LargerPathName;
  readonly decide: Cost;
  readonly floor: Cost;
}

/** Where every answer goes: an object that nobody could see might never be made. */
const sink: { last: unknown } = { last: null };

// One loop for each side, so that each is compiled for its own callee, as in a host that has one place that decides.

const library = (cases: ReadonlyArray<Case>): Side => ({
  items: cases.length,
  run: () => {
    for (const { policy, status, event, now } of cases) sink.last = decide(policy, status, event, now);
  },
});

const byHand = (cases: ReadonlyArray<Case>): Side => ({
  items: cases.length,
  run: () => {
    for (const { policy, status, event, now } of cases) sink.last = decideByHand(policy, status, event, now);
  },
});

const byChart = (cases: ReadonlyArray<ChartCase>): Side => ({
  items: cases.length,
  run: () => {
    for (const chartCase of cases) sink.last = decideByChart(chartCase);
  },
});

const roundTrip = (cases: ReadonlyArray<Case>): Side => ({
  items: cases.length,
  run: () => {
    for (const { status } of cases) {
      sink.last = decodeRestartStatus(JSON.parse(JSON.stringify(RestartStatusCodec.encode(status))));
    }
  },
});

/** The same cases for all: whoever has fewer of them finds them in a nearer cache. */
const sidesOf = (cases: ReadonlyArray<Case>) =>
  [library(cases), byHand(cases), byChart(cases.map(chartCaseOf)), roundTrip(cases)] as const;

/** The answers of the three machines to one case. */
export const answersTo = (one: Case): { readonly [Machine in 'decide' | 'floor' | 'chart']: Decision } => ({
  decide: decide(one.policy, one.status, one.event, one.now),
  floor: decideByHand(one.policy, one.status, one.event, one.now),
  chart: decideByChart(chartCaseOf(one)),
});

/** What answers differently must not be compared. */
const checkAgreement = (cases: ReadonlyArray<Case>): void => {
  for (const one of cases) {
    const { decide, floor, chart } = answersTo(one);
    if (!isDeepStrictEqual(floor, decide))
      throw new Error(`the floor answers ${JSON.stringify({ one, decide, floor })}`);
    if (!isDeepStrictEqual(chart, decide)) throw new Error(`the statechart: ${JSON.stringify({ one, decide, chart })}`);
  }
};

export const measureDecide = (effort: Effort): ReadonlyArray<PathCost> => {
  const paths = pathNames.map((path) => {
    const cases = casesOf(path, 1_000);
    checkAgreement(cases);
    return { path, sides: sidesOf(cases), few: sidesOf(cases.slice(0, 32)) };
  });
  // All paths before any is measured: code that has seen only one of them is faster than it ever is in a host.
  for (let again = 0; again < 8 * effort.rounds; again++) {
    for (const { sides } of paths) for (const { run } of sides) run();
  }
  return paths.map(({ path, sides, few }) => {
    const nanos = timesOf(sides, effort);
    // Of a thousand, the last two sides would fill the young generation many times over.
    const measured = [sides[0], sides[1], few[2], few[3]];
    const [decide, floor, chart, codec] = measured.map((side, index) => ({
      nanos: nanos[index] ?? Number.NaN,
      bytes: allocationOf(side, effort),
    })) as [Cost, Cost, Cost, Cost];
    return { path, decide, floor, chart, codec };
  });
};

const waitingByHand = (cases: ReadonlyArray<Case>): Side => ({
  items: cases.length,
  run: () => {
    for (const { policy, status, event, now } of cases) sink.last = waitByHand(policy, status, event, now);
  },
});

const rulesByHand = (cases: ReadonlyArray<Case>): Side => ({
  items: cases.length,
  run: () => {
    for (const { policy, status, event, now } of cases) sink.last = ruleByHand(policy, status, event, now);
  },
});

const hands = {
  'waiting, growth and jitter': { decide: waitByHand, side: waitingByHand },
  'exit with rules': { decide: ruleByHand, side: rulesByHand },
} as const satisfies Readonly<Record<LargerPathName, unknown>>;

/** What both answer to one case of a larger policy. */
export const largerAnswersTo = (
  path: LargerPathName,
  { policy, status, event, now }: Case,
): { readonly [Machine in 'decide' | 'floor']: Decision } => ({
  decide: decide(policy, status, event, now),
  floor: hands[path].decide(policy, status, event, now),
});

/**
 * Measured where no path of the four is: those are asked for as they are in a host that has only small policies, and code
 * that has seen policies of several shapes is slower on each.
 */
export const measureLarger = (effort: Effort): ReadonlyArray<LargerPathCost> => {
  const paths = largerPathNames.map((path) => {
    const cases = largerCasesOf(path, 1_000);
    for (const one of cases) {
      const { decide, floor } = largerAnswersTo(path, one);
      if (!isDeepStrictEqual(floor, decide))
        throw new Error(`the floor answers ${JSON.stringify({ one, decide, floor })}`);
    }
    return { path, sides: [library(cases), hands[path].side(cases)] as const };
  });
  for (let again = 0; again < 8 * effort.rounds; again++) {
    for (const { sides } of paths) for (const { run } of sides) run();
  }
  return paths.map(({ path, sides }) => {
    const nanos = timesOf(sides, effort);
    const [decide, floor] = sides.map((side, index) => ({
      nanos: nanos[index] ?? Number.NaN,
      bytes: allocationOf(side, effort),
    })) as [Cost, Cost];
    return { path, decide, floor };
  });
};
