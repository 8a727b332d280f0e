import type { Plugin } from 'esbuild';

/** A native package cannot be bundled; what is bundled takes it from where this project has it. */
export const koffiFromHere: Plugin = {
  name: 'koffi-from-here',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^koffi$/ }, ({ path }) => ({ path: import.meta.resolve(path), external: true })),
};
