/**
 * A command that does one thing before it is itself: a small shell does it, and then becomes the command. It is the same
 * process, so its number, its exit code and its signals are the command's.
 *
 * Done from outside, after the spawn, it would come too late for what the command does at once: what it has forked by then is
 * outside of its group; and if the host dies in between, what hides its mark is not known by its number either.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ControlGroup, enterGroup } from './control-group.js';
import { ownStat, runVariable } from './processes.js';
import type { ProcessCommand } from './spawn.js';

/** What the shell ends with that could not enter; a command may choose it too, so `wasEntered` decides. */
export const notEnteredCode = 125;

/** It enters the control group. `program` is where the command was found. */
export const inGroup = (group: ControlGroup, command: ProcessCommand, program: string): ProcessCommand => ({
  ...afterFirst(`{ ${enterGroup('$1')}; } 2>/dev/null || exit ${notEnteredCode}`, group.path, command, program),
  // Its own group counts ends for want of memory as well, where the system makes it.
  cgroup: command.cgroup ?? group.path,
});

/** It writes its run variable and its line of /proc/PID/stat to the file. On a full disk it goes on without. */
export const marked = (file: string, command: ProcessCommand, program: string): ProcessCommand =>
  afterFirst(
    `{ read -r stat <${ownStat} && echo "$${runVariable} $stat" >"$1"; } 2>/dev/null; unset stat`,
    file,
    command,
    program,
  );

/** `first` finds the path as `$1`. */
const afterFirst = (first: string, path: string, command: ProcessCommand, program: string): ProcessCommand => {
  // The host's own is not cheap to read, so it is read once.
  const env = command.env ?? { ...process.env };
  const before = env['PWD'] === undefined ? 'unset PWD; ' : '';
  // A shell takes a name that begins so for an option.
  const name = command.command.startsWith('-') ? program : command.command;
  const lost = Object.entries(env).flatMap(([key, value]) =>
    value !== undefined && isChanged(key, value, command.cwd) ? [`${key}=${value}`] : [],
  );
  const through = lost.length > 0 ? [setsVariables, ...lost] : [];
  return {
    ...command,
    env,
    command: '/bin/sh',
    args: [
      '-c',
      `${first}\nshift\n${before}exec "$@"`,
      'restart-policy-run',
      path,
      ...through,
      name,
      ...(command.args ?? []),
    ],
  };
};

/** By its path, for the PATH is the command's. */
const setsVariables = '/usr/bin/env';

/** Whether a shell would not hand the variable on as it is: then the program `env` sets it again. */
const isChanged = (name: string, value: string, cwd = '.'): boolean =>
  !/^[A-Za-z_]\w*$/.test(name) || ownOfShells.has(name) || (name === 'PWD' && value !== resolve(cwd));

/** `stat` is that of our own scripts. */
const ownOfShells: ReadonlySet<string> = new Set(['IFS', 'LINENO', 'OPTIND', 'PPID', 'stat']);

/** Whether anything ever ran in the group. Not known: yes. */
export const wasEntered = ({ path }: ControlGroup): boolean => {
  try {
    return !/^usage_usec 0$/m.test(readFileSync(join(path, 'cpu.stat'), 'latin1'));
  } catch {
    return true;
  }
};
