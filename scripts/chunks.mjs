/**
 * Which modules share a chunk.
 *
 * esbuild makes one for every set of modules that the same entries use: dozens, many of a few hundred bytes. But a file
 * costs an import half a millisecond, whatever is in it. So the small modules of the core and the ports that need none but
 * each other are one chunk, which every entry that uses one of them loads whole.
 */
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Bytes of code. One that is larger is worth a file. */
const small = 1_500;
const inCoreOrPorts = /^src\/(?:ports\/)?[^/]+\.ts$/;

/**
 * Which modules each one imports, and how much code it is.
 *
 * @param {ReadonlyArray<string>} entries
 */
const modulesOf = async (entries) => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [...entries],
    bundle: true,
    splitting: true,
    format: 'esm',
    packages: 'external',
    outdir: 'dist',
    write: false,
    metafile: true,
    platform: 'node',
  });
  const sizes = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const bytes = new Map(sizes.map(([path, { bytesInOutput }]) => [path, bytesInOutput]));
  const imported = Object.entries(metafile.inputs).map(
    ([path, { imports }]) =>
      /** @type {const} */ ([path, imports.filter(({ external }) => external !== true).map((to) => to.path)]),
  );
  return { bytes, imported: new Map(imported) };
};

/** @type {(path: string, importsOf: (path: string) => ReadonlyArray<string>, seen?: Set<string>) => Set<string>} */
const withImports = (path, importsOf, seen = new Set()) => {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const to of importsOf(path)) withImports(to, importsOf, seen);
  return seen;
};

/**
 * For esbuild: the small modules as one chunk.
 *
 * @param {ReadonlyArray<string>} entries their paths from the root
 * @returns {import('esbuild').Plugin}
 */
export const smallTogether = (entries) => ({
  name: 'small-together',
  async setup({ onLoad, initialOptions }) {
    const { bytes, imported } = await modulesOf(entries);
    /** @type {(path: string) => ReadonlyArray<string>} */
    const importsOf = (path) => imported.get(path) ?? [];
    /** @type {(path: string) => boolean} There is no circle. */
    const isSmall = (path) =>
      inCoreOrPorts.test(path) &&
      !entries.includes(path) &&
      (bytes.get(path) ?? 0) <= small &&
      importsOf(path).every(isSmall);
    const used = new Map(entries.map((entry) => [entry, withImports(entry, importsOf)]));
    const isShared = (/** @type {string} */ path) => [...used.values()].filter((all) => all.has(path)).length > 1;

    const together = [...imported.keys()].filter((path) => isSmall(path) && isShared(path));
    // An import for what a module does when it is loaded, which is nothing: no code comes of it, and esbuild need not say so.
    // But an entry that imports them all puts them into the chunks that it shares with the others that do.
    initialOptions.logOverride = { ...initialOptions.logOverride, 'ignored-bare-import': 'silent' };
    const imports = together.map((path) => `import ${JSON.stringify(join(root, path))};\n`).join('');
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const entry = relative(root, path);
      if (!together.some((module) => used.get(entry)?.has(module))) return null;
      return { contents: `${await readFile(path, 'utf8')}\n${imports}`, loader: 'ts' };
    });
  },
});
