import { defineConfig, type Options } from 'tsup';
import { binBuild } from './scripts/bin.mjs';
import { smallTogether } from './scripts/chunks.mjs';
import { entries } from './scripts/entries.mjs';

/** dist/engine.js is a script, which scripts/engine.mjs makes; its types are made here. */
const { engine: _, ...modules } = entries;

const library: Options = {
  entry: modules,
  format: ['esm', 'cjs'],
  target: 'node20',
  // In CommonJS too: `initialStatus` and the shared empty array of actions are known by identity, so all entries of a
  // program must hold the same objects.
  splitting: true,
  esbuildPlugins: [smallTogether(Object.values(modules))],
  // Some of Node's modules, such as node:sqlite, have no other name.
  removeNodeProtocol: false,
  dts: { entry: { ...entries } },
  // Neither minified nor with source maps, which would double what people download: a stack trace is readable as it is.
  clean: true,
};

// They are built beside each other. The first one cleans as it begins, long before either of them writes.
export default defineConfig([library, binBuild]);
