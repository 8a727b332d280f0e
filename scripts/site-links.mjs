/** Whether each link of a folder of pages leads to something in it. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** @type {(text: string, attributes: string) => ReadonlyArray<string>} what these attributes say */
const valuesOf = (text, attributes) =>
  [...text.matchAll(new RegExp(` (?:${attributes})="([^"]*)"`, 'g'))].map(([, value = '']) =>
    value.replaceAll('&amp;', '&'),
  );

/**
 * One line for each link that leads nowhere: to a file that is not there, or to a part of a page that it has not. Where a
 * link leaves the folder by an address of its own nobody looks.
 *
 * @type {(directory: string) => ReadonlyArray<string>}
 */
export const problemsOf = (directory) => {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'));
  const pages = new Map(files.map((file) => [file, readFileSync(join(directory, file), 'utf8')]));
  const ids = new Map([...pages].map(([file, text]) => [file, new Set(valuesOf(text, 'id|name'))]));
  /** @type {(page: string, link: string) => string | null} */
  const problemOf = (page, link) => {
    if (/^[a-z]+:/.test(link)) return null;
    const [path = '', anchor = ''] = link.split('#').map(decodeURIComponent);
    const target = path === '' ? page : relative(directory, join(directory, dirname(page), path));
    if (!existsSync(join(directory, target)) || statSync(join(directory, target)).isDirectory()) {
      return `${page}: ${link}: there is no ${target}`;
    }
    if (anchor === '' || !ids.has(target) || ids.get(target)?.has(anchor)) return null;
    return `${page}: ${link}: ${target} has no such part`;
  };
  return [...pages].flatMap(([page, text]) =>
    [...new Set(valuesOf(text, 'href|src'))].flatMap((link) => problemOf(page, link) ?? []),
  );
};
