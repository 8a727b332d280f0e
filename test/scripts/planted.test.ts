/** What is planted to test the tests has its place in the sources as they are now. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { inFunction } from '../../scripts/anchors.mjs';
import { createCheck } from '../../scripts/defects/check.mjs';
import { defects, wrongDecisions } from '../../scripts/defects/defects.mjs';
import { lostSurvivors } from '../../scripts/mutate/survivors.mjs';
import { flaws } from '../crash/flaws.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const problemsOf = createCheck(root);

describe('what is planted', () => {
  test('each defect is found once, and compiles', () => {
    expect(problemsOf([...defects, ...wrongDecisions])).toEqual([]);
  }, 240_000);

  test('each flaw of the crash test is found once, and compiles', () => {
    expect(problemsOf(Object.entries(flaws).map(([name, edit]) => ({ name, edits: [edit] })))).toEqual([]);
  });

  test('each mutant that may survive can still be made', () => {
    expect(lostSurvivors(root)).toEqual([]);
  });
});

describe('the check of what is planted', () => {
  const inDecide = inFunction('src/decide.ts', 'decide');

  test('names what has lost its place', () => {
    const edits = [inDecide.replace('not there', '')];
    expect(problemsOf([{ name: 'lost', edits }])).toEqual([
      '"lost" has lost its place: src/decide.ts: decide has this 0 times, not once: not there',
    ]);
  });

  test('names what does not compile, and is not misled by what was planted before', () => {
    const planned = (name: string, value: string) => ({ name, edits: [inDecide.answer(value)] });
    expect(
      problemsOf([planned('unknown', 'gone'), planned('sound', "quiet(status, 'stable')"), planned('odd', '(')]),
    ).toEqual([
      '"unknown" does not compile: src/decide.ts: Cannot find name \'gone\'.',
      '"odd" does not compile: src/decide.ts: Expression expected.',
    ]);
  });
});
