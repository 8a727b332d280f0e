/**
 * G1 to G6 on every edge of a small world. `PROVE=1 npx vitest run test/exhaustive` explores a larger one, which begins
 * at every status, reachable or not.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { isProof, noteFigures } from '../support/proof.js';
import { domainOf, type Size } from './domain.js';
import { explore, type Report, violations } from './explore.js';

const small: Size = {
  limits: [0, 1, 2, 3],
  backoffs: [1, 2],
  stableAfters: [2, 3],
  everyFact: false,
  everyStatus: false,
};
const large: Size = {
  limits: [0, 1, 2],
  backoffs: [1, 1.5, 3],
  stableAfters: [2.5, 4],
  everyFact: true,
  everyStatus: true,
};

describe('every instance in a small world', () => {
  const domain = domainOf(isProof ? large : small);
  let report: Report;

  beforeAll(() => {
    const began = performance.now();
    report = explore(domain);
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    noteFigures({
      guarantee: 'G1-G6',
      method: 'every edge',
      counts: { states: report.nodes, edges: report.edges, depth: report.depth },
    });
    console.log(`${report.nodes} states, ${report.edges} edges, depth ${report.depth}, ${seconds} s`);
  }, 3_600_000);

  test.each(violations)('%s: no edge violates it', (name) => {
    expect(report.violations.get(name) ?? 'no violation').toBe('no violation');
  });

  test('an instance is acted on under every policy but never', () => {
    const acting = domain.policies.filter((policy) => policy.mode !== 'never');
    expect(new Set(report.actions.keys())).toEqual(new Set(acting));
  });

  test('every reason is met', () => {
    expect(report.reasons.size).toBe(20);
  });
});
