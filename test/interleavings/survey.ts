/**
 * Explores a family of schedules, and keeps what its tests ask for: a violation as text, which of its interleavings
 * were met, and the figures.
 */
import type { Exclusion } from '../../src/adapters/hypervisor.js';
import { type Exploration, exploreSchedules, showViolation } from '../../src/testing/index.js';
import { type Family, scenarioOf } from './scenarios.js';

/** PROVE=1 explores the larger families, not all of which close before they reach the bound. */
export const isLong = process.env['PROVE'] !== undefined;

/** Enough for every family of the short run to close. */
const maxStates = Number(process.env['MAX_STATES'] ?? 30_000);

export interface Survey extends Exploration {
  /** As text, with the schedule; 'none'. */
  readonly shown: string;
  readonly met: ReadonlySet<string>;
}

export const survey = async (family: Family, exclusion: Exclusion): Promise<Survey> => {
  const scenario = { ...scenarioOf(family, exclusion), ...(isLong ? family.more : {}) };
  const met = new Set<string>();
  const began = performance.now();
  const exploration = await exploreSchedules(scenario, {
    maxStates,
    onHappening: (happening) => {
      for (const { name, is } of family.contains) if (!met.has(name) && is(happening)) met.add(name);
    },
  });
  const { states, merged, schedules, depth, complete, violation } = exploration;
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  const ways = `${schedules + merged} schedules (${schedules} to their end), ${states} states, depth ${depth}`;
  console.log(`${exclusion}: ${family.name}: ${ways}, ${seconds} s${complete ? '' : ', bounded'}`);
  return { ...exploration, shown: violation === null ? 'none' : showViolation(scenario, violation), met };
};
