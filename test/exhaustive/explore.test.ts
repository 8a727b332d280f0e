/**
 * G1 to G6 on every edge of a small world of the reference's four fields. `PROVE=1 npx vitest run test/exhaustive` explores
 * larger worlds, which begin at every status, reachable or not.
 */
import { expect, test } from 'vitest';
import { restartReasons } from '../../src/reason.js';
import { testWorlds } from './explore-worlds.js';
import { worldOfTheReference } from './worlds.js';

const reasons = testWorlds([worldOfTheReference]);

test('every reason is met but those of fields that are not in it', () => {
  const beyond = ['stopped_by_rule', 'cooling_down', 'restart_after_start_timeout'];
  expect(restartReasons.filter((reason) => !reasons.has(reason) && !beyond.includes(reason))).toEqual([]);
});
