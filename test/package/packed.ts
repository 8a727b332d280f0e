/**
 * The package as users get it: built and packed aside, so that no test depends on what lies in `dist` or changes it.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const project = fileURLToPath(new URL('../../', import.meta.url));

/** Standard output of a command; its rejection shows what the command said. */
export const run = async (cwd: string, command: string, ...args: ReadonlyArray<string>): Promise<string> => {
  try {
    return (await promisify(execFile)(command, [...args], { cwd, maxBuffer: 2 ** 26 })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${command} ${args.join(' ')}\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
};

/** A program of this project's own dependencies, such as `typescript/bin/tsc`. */
export const tool = (path: string): string => join(project, 'node_modules', path);

const pack = async (directory: string, to: string): Promise<Packed> => {
  const json = await run(to, 'npm', 'pack', '--json', '--ignore-scripts', directory);
  const [packed]: ReadonlyArray<{ filename: string; size: number; files: ReadonlyArray<{ path: string }> }> =
    JSON.parse(json);
  if (packed === undefined) throw new Error(`npm pack said nothing of ${directory}`);
  return { tarball: join(to, packed.filename), size: packed.size, files: packed.files.map(({ path }) => path) };
};

export interface Packed {
  readonly tarball: string;
  /** Of the tarball, in bytes. */
  readonly size: number;
  /** Paths in the package. */
  readonly files: ReadonlyArray<string>;
}

/** Builds and packs the library inside `directory`. */
export const packLibrary = async (directory: string): Promise<Packed> => {
  const staged = join(directory, 'library');
  await mkdir(staged);
  // All there may be to pack but for `dist`, which is built into its place: what is packed of it, package.json says.
  const pages = ['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'];
  for (const name of ['package.json', 'LICENSE', ...pages, 'docs', 'examples', 'vectors']) {
    await cp(join(project, name), join(staged, name), { recursive: true });
  }
  await run(project, process.execPath, tool('tsup/dist/cli-default.js'), '--silent', '--out-dir', join(staged, 'dist'));
  await run(project, process.execPath, 'scripts/engine.mjs', join(staged, 'dist'));
  return pack(staged, directory);
};

/** Packs dependencies out of this project's own node_modules: installing them needs no network. */
export const packDependencies = async (
  directory: string,
  names: ReadonlyArray<string>,
): Promise<ReadonlyArray<string>> =>
  Promise.all(names.map(async (name) => (await pack(tool(name), directory)).tarball));

/** An empty project with these tarballs installed into it. */
export const installInto = async (
  directory: string,
  tarballs: ReadonlyArray<string>,
  peers: '--strict-peer-deps' | '--legacy-peer-deps' = '--strict-peer-deps',
): Promise<void> => {
  await mkdir(directory);
  await writeFile(join(directory, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  await run(directory, 'npm', 'install', '--offline', peers, '--no-audit', '--no-fund', ...tarballs);
};
