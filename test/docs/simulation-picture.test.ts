/**
 * The picture of the README is drawn by the README's own program. `REWRITE=1 npx vitest run test/docs/simulation-picture.test.ts`
 * draws it anew; then a person has to look at it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { orThrow, restartPolicyOrThrow } from 'restart-policy/promises';
import { crashLoop, drawTimeline, simulate } from 'restart-policy/simulate';
import { expect, test } from 'vitest';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const file = new URL('../../docs/simulation.svg', import.meta.url);
const isRewriting = (process.env['REWRITE'] ?? '') !== '';

/** What stands in the README from its first workload to its picture. */
const drawn = (): string => {
  const [, program = ''] = /```ts\n[^`]*?restart-policy\/simulate';\n([^`]*)```/.exec(readme) ?? [];
  const withoutAssertions = program.replace(/^(?:assert|console)\..*$/gm, '');
  const run = new Function(
    'simulate',
    'crashLoop',
    'drawTimeline',
    'orThrow',
    'restartPolicyOrThrow',
    `${withoutAssertions};return svg`,
  );
  return String(run(simulate, crashLoop, drawTimeline, orThrow, restartPolicyOrThrow));
};

test('the picture of the README is what its program draws', () => {
  expect(isRewriting && process.env['CI'] !== undefined, 'REWRITE is for people').toBe(false);
  if (isRewriting) writeFileSync(file, drawn());
  expect(readFileSync(file, 'utf8')).toBe(drawn());
});
