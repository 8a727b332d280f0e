/**
 * What comes of each input in data/: policy, losses, gains, or errors. `REWRITE=1 npx vitest run test/translate/cases.test.ts`
 * writes what comes of them anew; then a person has to read the difference, line by line, against the system's own pages.
 */
import { writeFileSync } from 'node:fs';
import { decodeRestartPolicy, RestartPolicyCodec } from 'restart-policy/codec';
import { peers } from 'restart-policy/translate';
import { describe, expect, test } from 'vitest';
import { right } from '../support/either.js';
import { type Case, casesOf, fileOf, systems, translated, translationOf } from './cases.js';

const isRewriting = (process.env['REWRITE'] ?? '') !== '';

test('every system has a file of inputs, and no other', () => {
  expect(isRewriting && process.env['CI'] !== undefined, 'REWRITE is for people').toBe(false);
  expect(systems).toEqual(Object.keys(peers).sort());
});

describe.each(systems)('%s', (system) => {
  const file = casesOf(system);
  if (isRewriting) {
    const cases = file.cases.map((each) => ({ ...each, expected: translated(system, each) }));
    writeFileSync(fileOf(system), `${JSON.stringify({ ...file, cases }, null, 2)}\n`);
  }
  const cases = isRewriting ? casesOf(system).cases : file.cases;

  test.each(cases)('$name', (each: Case) => {
    expect(JSON.parse(JSON.stringify(translated(system, each)))).toEqual(each.expected);
  });

  test('policies pass through their wire form', () => {
    for (const { name, given, options } of cases) {
      const result = translationOf(system)(given, options);
      if (result._tag === 'Left') continue;
      const wire = JSON.parse(JSON.stringify(RestartPolicyCodec.encode(result.right.policy)));
      expect(right(decodeRestartPolicy(wire)), name).toEqual(result.right.policy);
    }
  });

  test('a loss or a reason is there wherever a lint warns of a policy', () => {
    const unexplained = cases.filter(
      ({ expected, lintsBecause }) =>
        'policy' in expected && expected.lints.length > 0 !== (lintsBecause !== undefined),
    );
    expect(unexplained.map(({ name }) => name)).toEqual([]);
  });

  test('inputs have names of their own, and no two are the same', () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    expect(new Set(cases.map(({ given, options }) => JSON.stringify([given, options]))).size).toBe(cases.length);
  });

  test('an input is left as it was', () => {
    for (const { name, given, options } of cases) {
      const copy = structuredClone(given);
      translationOf(system)(given, options);
      expect(given, name).toEqual(copy);
    }
  });
});
