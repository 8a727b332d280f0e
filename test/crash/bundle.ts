/**
 * Bundles the host into one file for plain node; on demand with a flaw, to see that the crash test finds it.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

/** A change to one file of the library. */
export interface Flaw {
  /** From the root of the project. */
  readonly file: string;
  readonly sound: string;
  readonly flawed: string;
}

const root = new URL('../../', import.meta.url);

export const bundleHost = async (outfile: string, flaw: Flaw | null = null): Promise<void> => {
  await build({
    entryPoints: [fileURLToPath(new URL('fixtures/host.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    plugins: flaw === null ? [] : [introduce(flaw)],
  });
};

const introduce = ({ file, sound, flawed }: Flaw): Plugin => ({
  name: 'flaw',
  setup: ({ onLoad }) => {
    const path = fileURLToPath(new URL(file, root));
    onLoad({ filter: /\.ts$/ }, async (args) => {
      if (args.path !== path) return null;
      const source = await readFile(path, 'utf8');
      if (source.split(sound).length !== 2) throw new Error(`${file} does not have exactly once: ${sound}`);
      return { contents: source.replace(sound, () => flawed), loader: 'ts' };
    });
  },
});
