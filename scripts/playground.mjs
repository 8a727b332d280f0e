/**
 * docs/playground.html: the page of playground/ as one file that needs no network, with the library in it.
 *
 *   npm run playground [-- --check]
 *
 * `--check` writes nothing, and exits with 1 when the file is not what would be written.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { entries, specifier } from './entries.mjs';

const root = new URL('../', import.meta.url);
export const playgroundFile = new URL('docs/playground.html', root);

/** @type {(path: string) => string} */
const pathOf = (path) => fileURLToPath(new URL(path, root));

/** @type {(entry: string) => Promise<string>} */
const bundled = async (entry) => {
  const { outputFiles } = await build({
    entryPoints: [pathOf(entry)],
    alias: Object.fromEntries(Object.entries(entries).map(([name, file]) => [specifier(name), pathOf(file)])),
    absWorkingDir: fileURLToPath(root),
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    charset: 'utf8',
    minify: true,
    legalComments: 'none',
  });
  return outputFiles[0]?.text.trim() ?? '';
};

/** The page; the same for the same sources, everywhere. */
export const buildPlayground = async () => {
  const [script, style] = await Promise.all([bundled('playground/main.ts'), bundled('playground/style.css')]);
  const hash = createHash('sha256').update(script).digest('base64');
  // Nothing is fetched and nothing is sent, whatever the page does; the pictures bring rules of their own.
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  /** By a function: in a text that is put in $ would mean something. @type {(page: string, part: string, by: string) => string} */
  const put = (page, part, by) => {
    if (!page.includes(part)) throw new Error(`playground/index.html has no ${part}`);
    return page.replace(part, () => by);
  };
  return [
    ["default-src 'none'", policy],
    ['<link rel="stylesheet" href="style.css">', `<style>${style}</style>`],
    ['<script src="main.js"></script>', `<script>${script}</script>`],
  ].reduce((page, [part = '', by = '']) => put(page, part, by), readFileSync(pathOf('playground/index.html'), 'utf8'));
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const built = await buildPlayground();
  if (!process.argv.includes('--check')) {
    writeFileSync(playgroundFile, built);
    console.log(`written: docs/playground.html, ${Math.round(built.length / 1_024)} KiB`);
  } else if (readFileSync(playgroundFile, 'utf8') !== built) {
    console.error('docs/playground.html is not what playground/ says; npm run playground builds it anew');
    process.exitCode = 1;
  }
}
