import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = [
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...['docs', 'docs/migration'].flatMap((folder) =>
    readdirSync(join(root, folder)).flatMap((file) => (file.endsWith('.md') ? [`${folder}/${file}`] : [])),
  ),
];

/** Without programs, in which brackets mean something else. */
const textOf = (page: string): string => readFileSync(join(root, page), 'utf8').replace(/^```[\s\S]*?^```$/gm, '');

/** As a page's headings are named in its address. */
const anchorsOf = (page: string): ReadonlyArray<string> =>
  [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** Why a link leads nowhere; null: it leads somewhere, or out of the project, which nobody looks at here. */
const problemOf = (page: string, link: string): string | null => {
  if (/^[a-z]+:/.test(link)) return null;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(root, target))) return `${link}: there is no ${target}`;
  if (anchor === undefined || !target.endsWith('.md') || anchorsOf(target).includes(anchor)) return null;
  return `${link}: ${target} has no such heading`;
};

describe('the documents', () => {
  test('are looked at: more than the README', () => {
    expect(pages.length).toBeGreaterThan(8);
  });

  test.each(pages)('%s has no link that leads nowhere', (page) => {
    const text = textOf(page);
    const defined = new Map([...text.matchAll(/^\[([^\]]+)\]: (\S+)$/gm)].map(([, name, link]) => [name, link]));
    const named = [...text.matchAll(/\]\[([^\]]+)\]/g)].map(([, name]) => name);
    const direct = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link ?? '');
    const links = [...direct, ...[...defined.values()].map((link) => link ?? '')];
    expect(links.map((link) => problemOf(page, link)).filter((problem) => problem !== null)).toEqual([]);
    expect(named.filter((name) => !defined.has(name))).toEqual([]);
    expect([...defined.keys()].filter((name) => !named.includes(name))).toEqual([]);
  });
});
