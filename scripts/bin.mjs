/**
 * The package's bin: one file that needs nothing beside it, so that it runs wherever it is fetched to, peers or not.
 */
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The name behind `dist/`, and the source that it is built from: at the same depth, for both read the package's version. */
export const bin = { name: 'cli/bin', source: 'src/cli/bin.ts' };

/** Whose code is in it: these are no dependencies of the package. */
export const bundled = ['commander', 'fp-ts', 'io-ts', 'smol-toml', 'yaml'];

/** What is said of those whose code is in the bin, beside it. */
export const notices = 'cli/THIRD_PARTY.md';

/** fp-ts and io-ts as modules: only so does what is not used stay out. */
const asModules = {
  name: 'as-modules',
  /** @param {import('esbuild').PluginBuild} build */
  setup(build) {
    build.onResolve({ filter: /^(?:fp-ts|io-ts)(?:$|\/lib\/)/ }, ({ path, kind, resolveDir }) =>
      build.resolve(path.includes('/') ? path.replace('/lib/', '/es6/') : `${path}/es6/index.js`, { kind, resolveDir }),
    );
  },
};

/** Writes the notices of all that was bundled, and refuses what is not in the list above. */
const withNotices = {
  name: 'with-notices',
  /** @param {import('esbuild').PluginBuild} build */
  setup(build) {
    build.initialOptions.metafile = true;
    build.onEnd(async ({ metafile }) => {
      const inputs = Object.keys(metafile?.inputs ?? {});
      const found = [...new Set(inputs.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []))];
      const unexpected = found.filter((name) => !bundled.includes(name));
      if (unexpected.length > 0) return { errors: [{ text: `the bin would bundle ${unexpected.join(', ')}` }] };
      const file = join(build.initialOptions.outdir ?? join(root, 'dist'), notices);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, noticesOf(found.sort()));
      return {};
    });
  },
};

/** @type {(names: ReadonlyArray<string>) => string} */
const noticesOf = (names) => {
  const parts = names.map((name) => {
    const directory = join(root, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    return `## ${name} ${version} (${license})\n\n${readFileSync(join(directory, 'LICENSE'), 'utf8').trim()}\n`;
  });
  return `# Code of others in the command line\n\n\`bin.js\` contains code of these packages.\n\n${parts.join('\n')}`;
};

/** What is CommonJS in it asks for modules of Node. */
export const withRequire =
  "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);";

export const plugins = [asModules, withNotices];

/** @type {import('tsup').Options} */
export const binBuild = {
  entry: { [bin.name]: join(relative(process.cwd(), root), bin.source) },
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  splitting: false,
  removeNodeProtocol: false,
  noExternal: bundled,
  esbuildPlugins: plugins,
  banner: { js: withRequire },
  minify: true,
};
