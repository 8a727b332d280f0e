/** The README's uses of the command line, on files of the names that it has, and what each must come to. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Commands, Place } from './commands.js';
import { Unexpected } from './unexpected.js';

const policy = 'policy: on_failure\nbackoff: 200ms\nmax_attempts: 5\n';

const files = {
  'policy.yaml': policy,
  'old.yaml': policy,
  'new.yaml': 'policy: always\nbackoff: 1s\nmax_backoff: 5m\n',
  'runs.csv': `started_at,stopped_at,exit_code
2026-05-01T10:00:00Z,2026-05-01T10:20:00Z,1
2026-05-01T10:20:01Z,2026-05-01T10:20:02Z,1
2026-05-01T11:30:00Z,2026-05-01T12:00:00Z,1
`,
  'server.js': `import { existsSync, writeFileSync } from 'node:fs';
if (existsSync('crashed-once')) {
  console.log('the server serves');
  setInterval(() => {}, 1_000);
} else {
  writeFileSync('crashed-once', '');
  process.exitCode = 1;
}
`,
};

/** By the command; `run` goes on until a person ends it. */
const outcomes: Readonly<Record<string, RegExp>> = {
  check: /^It is restarted when a run fails/,
  simulate: /^attempts +\d+$/m,
  compare: /^attempts +\d+ +\d+$/m,
  translate: /^ +policy: on_failure$/m,
  run: /the server serves/,
};

/** What the README has no line for, so that every command is tried. */
const others = [
  'npx restart-policy compare policy.yaml \'{"policy": "never"}\' --log runs.csv',
  'npx restart-policy translate docker on-failure:3',
];

/** null: it is no use of the command line, but prepares one. */
const commandOf = (line: string): string | null => /^npx restart-policy (\S+)/.exec(line)?.[1] ?? null;

/** Whether it is known here what the line must come to. */
export const isKnown = (line: string): boolean => {
  const command = commandOf(line);
  return command === null || Object.hasOwn(outcomes, command);
};

/**
 * Up to the server that crashed once and is up again; then Ctrl-C, which is a person's stop. The exit code is npx's own, which
 * a shell of its own stands between.
 */
const supervise = async ({ start }: Commands, place: Place, line: string, outcome: RegExp): Promise<void> => {
  await rm(join(place.directory, 'crashed-once'), { force: true });
  const run = start(place, 'sh', '-c', `exec ${line}`);
  await run.printed(outcome);
  run.signal('SIGINT');
  await run.ended;
  const wanted = [/it exited, and its policy restarts it/, /a person stopped it/];
  if (!wanted.every((words) => words.test(run.output()))) {
    throw new Unexpected(`${line} to restart the server, and to stop it at Ctrl-C`, run.output());
  }
};

/** Runs the lines where the package is installed. */
export const useCommandLine = async (
  commands: Commands,
  place: Place,
  lines: ReadonlyArray<string>,
): Promise<ReadonlyArray<string>> => {
  for (const [name, text] of Object.entries(files)) await writeFile(join(place.directory, name), text);
  const all = [...lines, ...others];
  for (const line of all) {
    if (!isKnown(line)) throw new Unexpected('lines of the README whose outcome is known here', line);
    const command = commandOf(line);
    const outcome = outcomes[command ?? ''] ?? /^/;
    if (command === 'run') await supervise(commands, place, line, outcome);
    else {
      const { stdout } = await commands.run(place, 'sh', '-c', line);
      if (!outcome.test(stdout)) throw new Unexpected(`${line} to print ${outcome}`, stdout);
    }
  }
  return all.flatMap((line) => commandOf(line) ?? []);
};

/** In a directory that has nothing: npx fetches it. */
export const fetchByNpx = async ({ run }: Commands, place: Place, version: string): Promise<void> => {
  const { stdout } = await run(place, 'npx', '--yes', 'restart-policy', '--version');
  if (stdout.trim() !== version) throw new Unexpected(`npx to fetch version ${version}`, stdout);
};
