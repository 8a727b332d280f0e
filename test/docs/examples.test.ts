/**
 * Every TypeScript block in the documents, and every `@example` in a doc comment, is a program that compiles and runs. They
 * are written out as files, because that is what a reader does with them, and import the library by its public names.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
// Inside the project, so that the aliases of its entries apply.
const directory = mkdtempSync(join(root, '.examples-'));
afterAll(() => rmSync(directory, { recursive: true }));

const filesBelow = (folder: string, ending: string): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file))
    .sort();

const blocksOf = (file: string): ReadonlyArray<string> =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block]) => block ?? '');

const examplesOf = (file: string): ReadonlyArray<string> =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/^ *\* @example\n((?: *\*(?! @).*\n)*)/gm)].map(([, lines]) =>
    (lines ?? '').replace(/^ *\*\/?( |$)/gm, ''),
  );

const programs = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...filesBelow('docs', '.md')].map((file) => ({
    file,
    texts: blocksOf(file),
  })),
  ...filesBelow('src', '.ts').map((file) => ({ file, texts: examplesOf(file) })),
].flatMap(({ file, texts }) => texts.map((text, index) => ({ name: `${file} #${index + 1}`, text })));

const fileNameOf = (name: string): string => `${name.replace(/[^\w]+/g, '-')}.ts`;

/** An example in a doc comment is short: it takes the assertions for granted. */
const withAssertions = (name: string, text: string): string =>
  name.startsWith('src') && !text.includes('node:assert') ? `import assert from 'node:assert/strict';\n${text}` : text;

/** As strict as a reader's own may well be, but for what tsconfig.json asks of us alone. */
const compilerOptions = {
  exactOptionalPropertyTypes: false,
  noUncheckedIndexedAccess: false,
  noPropertyAccessFromIndexSignature: false,
  noUnusedLocals: false,
  noUnusedParameters: false,
};

describe('the documents', () => {
  test('have programs to run: more than the README alone', () => {
    expect(programs.filter(({ name }) => name.startsWith('README')).length).toBeGreaterThanOrEqual(3);
    expect(programs.filter(({ name }) => name.startsWith('src')).length).toBeGreaterThanOrEqual(10);
  });

  test.each(programs)('$name runs', async ({ name, text }) => {
    const file = join(directory, fileNameOf(name));
    writeFileSync(file, withAssertions(name, text));
    await import(/* @vite-ignore */ file);
  });

  test('have programs that compile', async () => {
    const apart = join(directory, 'compiled');
    mkdirSync(apart);
    for (const { name, text } of programs) {
      // As a module, also where it imports nothing.
      writeFileSync(join(apart, fileNameOf(name)), `${withAssertions(name, text)}\nexport {};\n`);
    }
    const extending = { extends: '../../tsconfig.json', compilerOptions, include: ['.'], exclude: [] };
    writeFileSync(join(apart, 'tsconfig.json'), JSON.stringify(extending));
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const compiling = promisify(execFile)(process.execPath, [compiler, '--noEmit', '-p', apart], { cwd: apart });
    const complaints = await compiling.then(
      () => '',
      ({ stdout }: { readonly stdout: string }) => stdout,
    );
    expect(complaints).toBe('');
  }, 300_000);
});
