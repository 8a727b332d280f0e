/** G1 to G6 on every edge of small worlds of the fields beyond the reference: a file of its own, for a core of its own. */
import { expect, test } from 'vitest';
import { restartReasons } from '../../src/reason.js';
import { testWorlds } from './explore-worlds.js';
import { worldsBeyond } from './worlds.js';

const reasons = testWorlds(worldsBeyond);

test('every reason is met in one of the worlds; none of them has a policy of never', () => {
  expect(restartReasons.filter((reason) => !reasons.has(reason))).toEqual(['policy_never']);
});
