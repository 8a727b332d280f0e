/**
 * G9: from the acknowledgement of a stop until a later start is recorded the instance does not run, whatever people,
 * controllers, failures and crashes do meanwhile; and nobody is told what is not so.
 *
 * Every order of every effect of the real controller's ports, in small scenarios. PROVE=1 explores larger ones.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { families } from './interleavings/scenarios.js';
import { isLong, type Survey, survey } from './interleavings/survey.js';

const explorations = families.flatMap((family) => family.classes.map((exclusion) => ({ family, exclusion })));

describe.each(explorations)('$exclusion: $family.name', ({ family, exclusion }) => {
  let seen: Survey;

  beforeAll(async () => {
    seen = await survey(family, exclusion);
  }, 3_600_000);

  test('no schedule breaks a guarantee', () => {
    expect(seen.shown).toBe('none');
  });

  test('every schedule is explored', () => {
    expect(seen.complete || isLong).toBe(true);
  });

  test.each(family.contains)('it contains, where it can: $name', ({ name, classes }) => {
    const isMet = seen.met.has(name);
    // What was cut short may have missed it; only the long run may be.
    if (isMet || seen.complete) expect(isMet).toBe(classes.includes(exclusion));
  });
});
