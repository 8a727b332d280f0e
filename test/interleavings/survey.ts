/**
 * The tests of a list of families: each is explored once, in each class it is for.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Exclusion } from '../../src/ports/hypervisor.js';
import { type Exploration, exploreSchedules, showViolation } from '../../src/testing/explore.js';
import { isProof, noteFigures } from '../support/proof.js';
import { type Family, scenarioOf } from './scenarios.js';

/** Enough for every family of the short run to close. PROVE=1 explores larger ones, and not all of them reach their end. */
const maxStates = Number(process.env['MAX_STATES'] ?? 30_000);

interface Survey extends Exploration {
  /** As text, with the schedule; 'none'. */
  readonly shown: string;
  /** Of the interleavings that the family is to contain, those that were met. */
  readonly met: ReadonlySet<string>;
}

const survey = async (guarantee: string, family: Family, exclusion: Exclusion): Promise<Survey> => {
  const scenario = { ...scenarioOf(family, exclusion), ...(isProof ? family.more : {}) };
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
  noteFigures({
    guarantee,
    method: 'every interleaving',
    counts: { explorations: 1, schedules: schedules + merged, moments: states, complete: complete ? 1 : 0 },
  });
  return { ...exploration, shown: violation === null ? 'none' : showViolation(scenario, violation), met };
};

export const testEvery = (guarantee: string, families: ReadonlyArray<Family>): void => {
  const explorations = families.flatMap((family) => family.classes.map((exclusion) => ({ family, exclusion })));

  describe.each(explorations)('$exclusion: $family.name', ({ family, exclusion }) => {
    let seen: Survey;

    beforeAll(async () => {
      seen = await survey(guarantee, family, exclusion);
    }, 3_600_000);

    test('no schedule breaks a guarantee', () => {
      expect(seen.shown).toBe('none');
    });

    test('every schedule is explored', () => {
      expect(seen.complete || isProof).toBe(true);
    });

    test.each(family.contains)('it contains, where it can: $name', ({ name, classes }) => {
      const isMet = seen.met.has(name);
      // What was cut short may have missed it; only the long run may be.
      if (isMet || seen.complete) expect(isMet).toBe(classes.includes(exclusion));
    });
  });
};
