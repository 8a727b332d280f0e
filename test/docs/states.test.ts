import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The exit code, and what was complained of. */
const run = (...args: ReadonlyArray<string>): Promise<{ readonly code: unknown; readonly complaint: string }> =>
  new Promise((resolve) => {
    const command = ['--import', './scripts/typescript.mjs', 'scripts/state-diagram.mjs', ...args];
    execFile(process.execPath, command, { cwd: root }, (error, _, complaint) => {
      resolve({ code: error === null ? 0 : error.code, complaint });
    });
  });

const edited = (file: string, edit: (text: string) => string): string => {
  const directory = mkdtempSync(join(tmpdir(), 'states-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, 'docs'));
  for (const name of ['docs/states.svg', 'docs/states.md', 'ARCHITECTURE.md'])
    cpSync(join(root, name), join(directory, name));
  writeFileSync(join(directory, file), edit(readFileSync(join(root, file), 'utf8')));
  return directory;
};

describe('the diagram and the tables of the decision', () => {
  test('are what the decision does', async () => {
    expect(await run('--check')).toEqual({ code: 0, complaint: '' });
  });

  test.each([
    ['docs/states.svg', '> pause <', '> new policy <'],
    ['docs/states.md', '| `manual_start`, `reset` |', '| `manual_start` |'],
    ['ARCHITECTURE.md', '| running | running otherwise |', '| running | running |'],
  ])('%s is seen to be wrong when it says something else, and is drawn anew', async (file, text, other) => {
    const directory = edited(file, (page) => page.replace(text, other));
    const stale = await run('--check', directory);
    expect(stale.code).toBe(1);
    expect(stale.complaint).toContain(`${file} does not show what the decision does`);
    expect(await run(directory)).toEqual({ code: 0, complaint: '' });
    expect(readFileSync(join(directory, file), 'utf8')).toBe(readFileSync(join(root, file), 'utf8'));
  });
});
