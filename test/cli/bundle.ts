/**
 * The bin in one file, as it is packed: it begins at once, which the sources do not.
 */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bin, plugins, withRequire } from '../../scripts/bin.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Below this folder; the path of the file. */
export const bundleBin = async (directory: string): Promise<string> => {
  const outdir = join(directory, 'dist');
  await build({
    entryPoints: [{ in: join(root, bin.source), out: bin.name }],
    outdir,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: { js: withRequire },
    plugins,
    external: ['koffi'],
    logLevel: 'error',
  });
  // It reads its version there.
  await copyFile(join(root, 'package.json'), join(directory, 'package.json'));
  return join(outdir, `${bin.name}.js`);
};
