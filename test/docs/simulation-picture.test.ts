/**
 * The picture of docs/simulation.md is drawn by the page's own program. `REWRITE=1 npx vitest run test/docs/simulation-picture.test.ts`
 * draws it anew; then a person has to look at it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { orThrow, restartPolicyOrThrow } from 'restart-policy/promises';
import { crashLoop, drawTimeline, simulate } from 'restart-policy/simulate';
import { expect, test } from 'vitest';

const page = readFileSync(new URL('../../docs/simulation.md', import.meta.url), 'utf8');
const file = new URL('../../docs/simulation.svg', import.meta.url);
const isRewriting = (process.env['REWRITE'] ?? '') !== '';

/** The program of the page that draws, without what it imports. */
const drawn = (): string => {
  const [, program = ''] = /```ts\n[^`]*?restart-policy\/simulate';\n([^`]*)```/.exec(page) ?? [];
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

test('the picture of the page is what its program draws', () => {
  expect(isRewriting && process.env['CI'] !== undefined, 'REWRITE is for people').toBe(false);
  if (isRewriting) writeFileSync(file, drawn());
  expect(readFileSync(file, 'utf8')).toBe(drawn());
});
