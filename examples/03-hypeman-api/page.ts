/**
 * The page that a person looks at, as the server hands it out: a static file, its style, and its script. Both are of several
 * files, and the script uses the library itself: they are put together in memory and at the start, as the server itself is.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { entries, specifier } from '../../scripts/entries.mjs';

export interface PageFile {
  readonly type: string;
  readonly content: string;
}

/** By the path that it is asked for. */
export type Page = ReadonlyMap<string, PageFile>;

const here = (file: string): string => fileURLToPath(new URL(`page/${file}`, import.meta.url));

export const loadPage = async (): Promise<Page> => {
  const [html, css, script] = await Promise.all([
    readFile(here('index.html'), 'utf8'),
    bundle('page.css'),
    bundle('main.ts'),
  ]);
  return new Map([
    ['/', { type: 'text/html', content: html }],
    ['/page.css', { type: 'text/css', content: css }],
    ['/page.js', { type: 'text/javascript', content: script }],
  ]);
};

/** `restart-policy/x` is the source, as it is for the server. */
const library: Plugin = {
  name: 'restart-policy',
  setup: ({ onResolve }) => {
    const sources = new Map(Object.entries(entries).map(([name, file]) => [specifier(name), file]));
    onResolve({ filter: /^restart-policy(\/|$)/ }, ({ path }) => {
      const file = sources.get(path);
      return file === undefined ? null : { path: fileURLToPath(new URL(`../../${file}`, import.meta.url)) };
    });
  },
};

const bundle = async (file: string): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [here(file)],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    // fp-ts and io-ts as modules, of which only what is used is left.
    mainFields: ['module', 'main'],
    plugins: [library],
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
};

/** The page's own files and requests to this server; nothing else, from anywhere. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  // The timelines, and the empty icon, without which a browser asks for one.
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
