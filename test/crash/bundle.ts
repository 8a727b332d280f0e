/**
 * Bundles the host into one file for plain node; on demand with a flaw, to see that the crash test finds it.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { applyEdit, type Edit } from '../../scripts/anchors.mjs';
import { koffiFromHere } from '../support/koffi-from-here.js';

const root = new URL('../../', import.meta.url);

export const bundleHost = async (outfile: string, flaw: Edit | null = null): Promise<void> => {
  await build({
    entryPoints: [fileURLToPath(new URL('fixtures/host.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    plugins: [koffiFromHere, ...(flaw === null ? [] : [introduce(flaw)])],
  });
};

const introduce = (flaw: Edit): Plugin => ({
  name: 'flaw',
  setup: ({ onLoad }) => {
    const path = fileURLToPath(new URL(flaw.file, root));
    onLoad({ filter: /\.ts$/ }, async (args) =>
      args.path === path ? { contents: applyEdit(await readFile(path, 'utf8'), flaw), loader: 'ts' } : null,
    );
  },
});
