/**
 * Module hooks behind `typescript.mjs`: `restart-policy/*` is the source, `./x.js` in TypeScript is `./x.ts`.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { entries, specifier } from './entries.mjs';

const root = new URL('../', import.meta.url);

const sources = new Map(Object.entries(entries).map(([name, file]) => [specifier(name), new URL(file, root).href]));

/** @type {import('node:module').ResolveHook} */
export const resolve = (wanted, context, next) => {
  const source = sources.get(wanted);
  if (source !== undefined) return { url: source, shortCircuit: true };
  const isOurs = wanted.startsWith('.') && context.parentURL?.endsWith('.ts');
  return next(isOurs ? wanted.replace(/\.js$/, '.ts') : wanted, context);
};

/** @type {import('node:module').LoadHook} */
export const load = async (url, context, next) => {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
  const sourcefile = fileURLToPath(url);
  const { code } = await transform(await readFile(sourcefile, 'utf8'), {
    loader: 'ts',
    format: 'esm',
    target: 'node20',
    sourcefile,
    sourcemap: 'inline',
  });
  return { format: 'module', source: code, shortCircuit: true };
};
