import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { linksOf, problemOf } from './documents.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = [
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...['docs', 'examples', 'vectors'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).flatMap((file) =>
      file.endsWith('.md') ? [join(folder, file)] : [],
    ),
  ),
];

const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');

describe('the documents', () => {
  test('are looked at: more than the README', () => {
    expect(pages.length).toBeGreaterThan(8);
  });

  test.each(pages)('%s has no link that leads nowhere', (page) => {
    const { targets, loose } = linksOf(textOf(page));
    expect(targets.map((link) => problemOf(root, page, link)).filter((problem) => problem !== null)).toEqual([]);
    expect(loose).toEqual([]);
  });

  // CONTRIBUTING.md names files that are yet to be written.
  test.each(pages.filter((page) => page !== 'CONTRIBUTING.md'))(
    '%s names no file of the repository that is gone',
    (page) => {
      const named = [...textOf(page).matchAll(/`((?:src|test|scripts|examples|bench|vectors|docs)\/[\w./-]+)`/g)];
      expect(named.map(([, path = '']) => path).filter((path) => !existsSync(join(root, path)))).toEqual([]);
    },
  );
});
