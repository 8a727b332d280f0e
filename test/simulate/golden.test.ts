/**
 * The same input gives the same output, everywhere: what is written down was written by one version of Node, and is asked of each
 * on which the tests run, and of a browser. `REWRITE=1 npx vitest run test/simulate/golden.test.ts` writes it anew, when the
 * decision or the pictures are changed on purpose; then the summaries show what has changed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { entries, specifier } from '../../scripts/entries.mjs';
import { demandBrowser, isThere, launchOptions } from '../support/chromium.js';
import { goldens } from './golden.js';

const file = new URL('../../vectors/simulate/golden.json', import.meta.url);
const isRewriting = (process.env['REWRITE'] ?? '') !== '';

const written = (): unknown => JSON.parse(readFileSync(file, 'utf8'));

test('a simulation gives what is written down, on this version of Node', () => {
  expect(isRewriting && process.env['CI'] !== undefined, 'REWRITE is for people').toBe(false);
  if (isRewriting) writeFileSync(file, `${JSON.stringify(goldens(), null, 2)}\n`);
  expect(JSON.parse(JSON.stringify(goldens()))).toEqual(written());
});

test('a Chromium is there to ask for the same', () => demandBrowser('Simulations in a browser are'));

test('a simulation gives the same in a browser', async () => {
  if (!isThere) return;
  const bundled = await build({
    entryPoints: [fileURLToPath(new URL('golden.ts', import.meta.url))],
    alias: Object.fromEntries(
      Object.entries(entries).map(([name, path]) => [
        specifier(name),
        fileURLToPath(new URL(`../../${path}`, import.meta.url)),
      ]),
    ),
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'golden',
  });
  const browser = await chromium.launch(launchOptions);
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: bundled.outputFiles[0]?.text ?? '' });
    expect(await page.evaluate('JSON.stringify(golden.goldens())').then((text) => JSON.parse(String(text)))).toEqual(
      written(),
    );
  } finally {
    await browser.close();
  }
});
