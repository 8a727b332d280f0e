/** Documents as whoever reads them sees them: where their links lead, and which headings they have. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Without programs, in which brackets mean something else. */
const proseOf = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, '');

/** As a page's headings are named in its address. */
const anchorsOf = (text: string): ReadonlyArray<string> =>
  [...proseOf(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

export interface Links {
  /** As they stand, those that lead out of the project left out. */
  readonly targets: ReadonlyArray<string>;
  /** Names that stand for a link, and are not defined; or are, and stand for none. */
  readonly loose: ReadonlyArray<string>;
}

export const linksOf = (text: string): Links => {
  const prose = proseOf(text);
  const defined = new Map(
    [...prose.matchAll(/^\[([^\]]+)\]: (\S+)$/gm)].map(([, name = '', link = '']) => [name, link]),
  );
  const named = [...prose.matchAll(/\]\[([^\]]+)\]/g)].map(([, name = '']) => name);
  const direct = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return {
    targets: [...direct, ...defined.values()].filter((link) => !/^[a-z]+:/.test(link)),
    loose: [
      ...named.filter((name) => !defined.has(name)),
      ...[...defined.keys()].filter((name) => !named.includes(name)),
    ],
  };
};

/** The file that a link of a page leads to, as a path of the folder that both are in. */
export const fileOf = (page: string, link: string): string => {
  const [path = ''] = link.split('#');
  return path === '' ? page : normalize(join(dirname(page), path));
};

/** Why a link of a page in that folder leads nowhere; null: it leads somewhere. */
export const problemOf = (folder: string, page: string, link: string): string | null => {
  const target = fileOf(page, link);
  if (!existsSync(join(folder, target))) return `${link}: there is no ${target}`;
  const [, anchor] = link.split('#');
  if (anchor === undefined || !target.endsWith('.md')) return null;
  if (anchorsOf(readFileSync(join(folder, target), 'utf8')).includes(anchor)) return null;
  return `${link}: ${target} has no such heading`;
};
