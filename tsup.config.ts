import { defineConfig } from 'tsup';
import { entries } from './scripts/entries.mjs';

export default defineConfig({
  entry: { ...entries },
  format: ['esm', 'cjs'],
  target: 'node20',
  // In CommonJS too: `initialStatus` and the shared empty array of actions are known by identity, so all entries of a
  // program must hold the same objects.
  splitting: true,
  // Some of Node's modules, such as node:sqlite, have no other name.
  removeNodeProtocol: false,
  dts: true,
  sourcemap: true,
  clean: true,
});
