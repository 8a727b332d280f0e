/** The tests of a small world: it is explored once, and each guarantee is a test of its own. */
import { beforeAll, describe, expect, test } from 'vitest';
import { noteFigures } from '../support/proof.js';
import { domainOf, type World } from './domain.js';
import { explore, type Report, violations } from './explore.js';

/** Answers with the reasons that were met in any of the worlds, for tests that come after. */
export const testWorlds = (worlds: ReadonlyArray<World>): ReadonlySet<string> => {
  const reasons = new Set<string>();

  describe.each(worlds)('every instance in a small world: $name', (world) => {
    const domain = domainOf(world);
    let report: Report;

    beforeAll(() => {
      const began = performance.now();
      report = explore(domain);
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      noteFigures({
        guarantee: 'G1-G6',
        method: 'every edge',
        counts: { worlds: 1, states: report.nodes, edges: report.edges },
      });
      for (const reason of report.reasons) reasons.add(reason);
      console.log(`${world.name}: ${report.nodes} states, ${report.edges} edges, depth ${report.depth}, ${seconds} s`);
    }, 3_600_000);

    test.each(violations)('%s: no edge violates it', (name) => {
      expect(report.violations.get(name) ?? 'no violation').toBe('no violation');
    });

    test('an instance is acted on under every policy but never', () => {
      const acting = domain.policies.filter((policy) => policy.mode !== 'never');
      expect(new Set(report.actions.keys())).toEqual(new Set(acting));
    });
  });

  return reasons;
};
