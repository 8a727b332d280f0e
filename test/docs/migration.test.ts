/**
 * docs/migration.md and the pages of the systems are what `npm run migration` draws from the translations.
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { peers } from 'restart-policy/translate';
import { describe, expect, test } from 'vitest';
import { overviewOf, systemNames } from '../../scripts/migration/overview.js';
import { pagesOf } from '../../scripts/migration/page.js';
import { casesOf } from '../translate/cases.js';
import { publishing } from '../translate/published.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const docs = new URL('../../docs/', import.meta.url);
const written = (path: string): string => readFileSync(new URL(path, docs), 'utf8');

test('npm run migration has nothing to write', async () => {
  const command = ['--import', './scripts/typescript.mjs', 'scripts/migration.ts', '--check'];
  const complaint = await new Promise<string>((resolve) =>
    execFile(process.execPath, command, { cwd: root }, (error, _, told) => resolve(error === null ? told : `${told}!`)),
  );
  expect(complaint).toBe('');
});

describe('the page of all systems', () => {
  const page = written('migration.md');

  test('leads to a page of each system, and says a policy of each', () => {
    for (const system of systemNames) expect(page).toContain(`](migration/${system}.md) |`);
  });

  test('is drawn anew where it says something else, and keeps what is written by hand', () => {
    const edited = page
      .replace('backoff: 100ms', 'backoff: 200ms')
      .replace('A policy starts nothing', 'A policy starts something');
    const drawn = overviewOf(edited);
    expect(drawn).not.toBe(page);
    expect(drawn.replace('A policy starts something', 'A policy starts nothing')).toBe(page);
  });
});

describe.each(systemNames)('the page of %s', (system) => {
  const pages = pagesOf(system);

  test('is as it is drawn, its picture too', () => {
    for (const { path, text } of pages) expect(written(path), path).toBe(text);
    expect(pages.some(({ path }) => path.endsWith('.svg'))).toBe(publishing.includes(system));
  });

  test('has every source of its system, and says every field that is lost', () => {
    const [page] = pages;
    for (const { url } of peers[system].sources) expect(page?.text).toContain(`<${url}>`);
    for (const { name, expected } of casesOf(system).cases) {
      if (!('losses' in expected)) continue;
      for (const { field } of expected.losses) {
        const leaf =
          field
            .replace(/\[\d+\]/g, '')
            .split('.')
            .at(-1) ?? '';
        expect(page?.text.toLowerCase(), name).toContain(`\`${leaf.toLowerCase()}\``);
      }
    }
  });
});

test('there is no page of anything else', () => {
  const drawn = systemNames.flatMap((system) => pagesOf(system).map(({ path }) => path));
  expect(
    readdirSync(new URL('migration/', docs))
      .map((name) => `migration/${name}`)
      .sort(),
  ).toEqual(drawn.sort());
});
