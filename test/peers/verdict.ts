/**
 * What is to be said of a recording, whether it was made just now or is one of those that are kept.
 */
import { clockGrain } from './boot-clock.js';
import {
  type Allowance,
  type ComparedStart,
  compare,
  describeStart,
  largestDifference,
  startsInAll,
} from './comparison.js';
import type { PeerFigures, ScenarioFigures } from './figures.js';
import type { Recorded } from './recording.js';
import type { Scenario, System } from './system.js';

/** Beside what a start was seen to cost: what the disk of a shared machine may add. */
const patience = 250;

/** It may be as late as its grain, and as a start cost it twice over at most: what starts several at once takes turns. */
const allowanceOf = (system: System, costs: ReadonlyArray<number>): Allowance => {
  const ofAStart = 2 * Math.max(0, ...costs) + patience;
  const early = clockGrain + (system.waitsFromStarts === true ? ofAStart : 0);
  const late = clockGrain + system.grain.ms + ofAStart;
  return {
    early: (pause) => early + pause * (system.shorter?.share ?? 0),
    late: (machineLateMs) => late + 2 * machineLateMs,
  };
};

export interface Verdict {
  readonly compared: ReadonlyArray<ComparedStart>;
  /** All that is wrong with the translation. */
  readonly faults: ReadonlyArray<string>;
}

/** Answers what is wrong, in words: nothing where each start agrees, or has the loss that explains it. */
export const judge = (system: System, scenario: Scenario<unknown>, recorded: Recorded): Verdict => {
  const recording = recorded.scenarios[scenario.name];
  if (recording === undefined) return { compared: [], faults: ['nothing is recorded of it'] };
  const { policy, losses, gains } = system.translate(scenario.words);
  const compared = compare(recording, policy, allowanceOf(system, recorded.costs));
  const differing = compared.filter(({ agrees }) => !agrees);
  const explained = scenario.explained ?? [];
  return {
    compared,
    faults: [
      ...explained
        .filter(({ field, isGain }) => !(isGain ? gains : losses).includes(field))
        .map(({ field, isGain }) => `the translation must report that ${field} is ${isGain ? 'a gain' : 'lost'}`),
      ...differing.filter(({ start }) => !explained.some(({ from }) => from <= start)).map(describeStart),
      ...explained
        .filter(({ from }) => !differing.some(({ start }) => start >= from))
        .map(({ field }) => `what is said of ${field} is not to be seen`),
      ...explained.flatMap(({ field, ours }) => {
        const inAll = ours === undefined ? ours : startsInAll(recording, policy);
        return inAll === ours ? [] : [`ours makes ${inAll} starts in all, and ${ours} are what ${field} explains`];
      }),
    ],
  };
};

// ---------------------------------------------------------------------------
// figures
// ---------------------------------------------------------------------------

const roundTo10 = (ms: number): number => Math.round(ms / 10) * 10;

const medianOf = (values: ReadonlyArray<number>): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const scenarioFigures = (system: System, scenario: Scenario<unknown>, recorded: Recorded): ScenarioFigures => {
  const { compared } = judge(system, scenario, recorded);
  const both = compared.filter(({ theirs, ours, agrees }) => theirs !== null && ours !== null && agrees);
  const largest = largestDifference(both);
  const first = compared.find(({ agrees }) => !agrees);
  return {
    scenario: scenario.name,
    kind: scenario.kind,
    says: scenario.says,
    starts: recorded.scenarios[scenario.name]?.runs.length ?? 0,
    compared: both.length,
    largestDifferenceMs: largest === null ? null : roundTo10(largest),
    lost: (scenario.explained ?? []).filter(({ isGain }) => isGain !== true).map(({ field }) => field),
    gained: (scenario.explained ?? []).filter(({ isGain }) => isGain === true).map(({ field }) => field),
    differs: first === undefined ? null : describeStart(first),
  };
};

export const figuresOf = (system: System, recorded: Recorded): PeerFigures => ({
  peer: system.title,
  version: recorded.version,
  costMs: recorded.costs.length === 0 ? null : roundTo10(medianOf(recorded.costs)),
  grainMs: system.grain.ms,
  because: system.grain.because,
  scenarios: system.scenarios.map((scenario) => scenarioFigures(system, scenario, recorded)),
});
