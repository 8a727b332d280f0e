import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { entries, specifier } from '../../scripts/entries.mjs';

const root = new URL('../../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');
const linked = [...readme.matchAll(/\]\(([^)#]+)/g)].map(([, path = '']) => path);

describe('the README', () => {
  test('has a row for every entry, and for no other', () => {
    const rows = [...readme.matchAll(/^\| `(restart-policy(?:\/[^`]+)?)` \|/gm)].map(([, name]) => name);
    expect(rows.sort()).toEqual(Object.keys(entries).map(specifier).sort());
  });

  test('leads to every example', () => {
    const missing = readdirSync(new URL('examples', root)).filter(
      (name) => !linked.some((path) => path === `examples/${name}` || path.startsWith(`examples/${name}/`)),
    );
    expect(missing).toEqual([]);
  });

  test('leads to every document', () => {
    const documents = readdirSync(new URL('docs', root)).filter((name) => name.endsWith('.md'));
    expect(documents.filter((name) => !linked.includes(`docs/${name}`))).toEqual([]);
  });
});
