/** The README's programs in a user's project: as TypeScript sees them, and as Node runs them, in both module systems. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Commands, Place } from './commands.js';
import { inCommonJs, promisedOutputOf } from './readme.js';
import { Unexpected } from './unexpected.js';

const strict = {
  target: 'ES2022',
  lib: ['ES2022'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
};

/** What else `tsc --init` writes; it does not go along with CommonJS in the words of ES modules. */
const asTscBegins = { isolatedModules: true, verbatimModuleSyntax: true, noUncheckedSideEffectImports: true };

const settings = {
  nodenext: { compilerOptions: { ...strict, module: 'NodeNext', rootDir: 'src', outDir: 'out' }, include: ['src'] },
  bundler: {
    compilerOptions: { ...strict, ...asTscBegins, module: 'ESNext', moduleResolution: 'Bundler', noEmit: true },
    include: ['src/*.ts'],
  },
};

/** Writes them out, has them checked strictly for Node and for bundlers, and compiled for Node. */
export const compilePrograms = async (
  { run }: Commands,
  place: Place,
  programs: ReadonlyArray<string>,
): Promise<void> => {
  await mkdir(join(place.directory, 'src'), { recursive: true });
  for (const [index, program] of programs.entries()) {
    await writeFile(join(place.directory, `src/program-${index + 1}.ts`), program);
    await writeFile(join(place.directory, `src/program-${index + 1}.cts`), inCommonJs(program));
  }
  for (const [name, content] of Object.entries(settings)) {
    await writeFile(join(place.directory, `tsconfig.${name}.json`), JSON.stringify(content, null, 2));
    await run(place, 'npx', 'tsc', '--project', `tsconfig.${name}.json`);
  }
};

/** It must end well, print what it says that it prints, and complain of nothing. */
const runProgram = async ({ run }: Commands, place: Place, file: string, program: string): Promise<void> => {
  const { stdout, stderr } = await run(place, 'node', file);
  const missing = promisedOutputOf(program).filter((text) => !stdout.includes(text));
  if (missing.length > 0) throw new Unexpected(`${file} to print: ${missing.join('\n')}`, stdout);
  if (stderr !== '') throw new Unexpected(`${file} to print no error`, stderr);
};

export const runCompiled = async (
  commands: Commands,
  place: Place,
  programs: ReadonlyArray<string>,
  extension: 'js' | 'cjs',
): Promise<void> => {
  for (const [index, program] of programs.entries()) {
    await runProgram(commands, place, `out/program-${index + 1}.${extension}`, program);
  }
};

/** Those that are JavaScript already, as somebody runs them who pastes them into a file. */
export const runAsTheyStand = async (
  commands: Commands,
  place: Place,
  programs: ReadonlyArray<string>,
): Promise<void> => {
  for (const [index, program] of programs.entries()) {
    const file = `main-${index + 1}.mjs`;
    await writeFile(join(place.directory, file), program);
    const { child, ended } = commands.start(place, 'node', '--check', file);
    child.stdin?.end();
    if ((await ended).status === 0) await runProgram(commands, place, file, program);
  }
};
