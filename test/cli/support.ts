/**
 * The command line in this process, as a terminal of some width sees it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { main } from '../../src/cli/main.js';
import type { Terminal } from '../../src/cli/terminal.js';

export interface Ended {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** In a folder with these files, which the process is in from now on, and which is gone when the tests of the file are over. */
export const createCli = (files: Readonly<Record<string, string>> = {}) => {
  const directory = mkdtempSync(join(tmpdir(), 'restart-policy-cli-'));
  const before = process.cwd();
  process.chdir(directory);
  afterAll(() => {
    process.chdir(before);
    rmSync(directory, { recursive: true, force: true });
  });
  for (const [name, text] of Object.entries(files)) writeFileSync(name, text);

  const cli = async (
    given: ReadonlyArray<string>,
    { stdin = '', ...terminal }: Partial<Terminal> & { readonly stdin?: string } = {},
  ): Promise<Ended> => {
    let [out, err] = ['', ''];
    const exitCode = await main(given, {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      input: async () => stdin,
      columns: 80,
      colour: false,
      errColour: false,
      isWatched: false,
      ...terminal,
    });
    return { exitCode, out, err };
  };
  return { cli, directory };
};

export const growing = `policy: on_failure
backoff: 10s
max_backoff: 5m
backoff_from: exit
`;

export const limited = `policy: on_failure
backoff: 30s
max_attempts: 5
`;
