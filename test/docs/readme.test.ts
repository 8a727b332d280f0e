import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { entries, specifier } from '../../scripts/entries.mjs';
import { linksOf } from './documents.js';

const root = new URL('../../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');
const linked = linksOf(readme).targets.map((link) => link.split('#')[0]);

describe('the README', () => {
  test('says first what package.json says the package does', () => {
    const { description } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
    const [, , first = ''] = readme.split('\n', 3);
    const said = description.replace(/^Restarts/, 'A TypeScript library that restarts');
    expect(first.replaceAll('**', '')).toBe(said);
  });

  test('has a row for every entry, and for no other', () => {
    const rows = [...readme.matchAll(/^\| `(restart-policy(?:\/[^`]+)?)` \|/gm)].map(([, name]) => name);
    expect(rows.sort()).toEqual(Object.keys(entries).map(specifier).sort());
  });

  test('names every example', () => {
    const missing = readdirSync(new URL('examples', root)).filter((name) => !readme.includes(`examples/${name}`));
    expect(missing).toEqual([]);
  });

  test('leads to every document', () => {
    const documents = readdirSync(new URL('docs', root)).filter((name) => name.endsWith('.md'));
    expect(documents.filter((name) => !linked.includes(`docs/${name}`))).toEqual([]);
  });
});
