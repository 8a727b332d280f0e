/**
 * The shim: a small shell that outlives its host, waits for the command of a run, and writes down how it exited: nobody
 * but a parent learns that, and the host may be gone by then.
 *
 * It is the first process of the run, and the leader of its session and of its process group, to which the command
 * belongs too. It needs nothing but what is built into a shell. The command comes as arguments, never as text of the
 * script, and `exec` runs programs only: a command named `exit` does not end the shim.
 *
 * What it gets as standard input it holds until it ends, and the command does not get it: the directory's presence in the PID
 * namespace, so that no host of another one takes the directory as long as the run lives.
 */
import type { ProcessCommand } from './spawn.js';

export interface Shim {
  /** What it is called in a list of processes. */
  readonly name: string;
  /** What the shell does first. */
  readonly before?: string;
  /**
   * What comes next. It takes the shim's own arguments off, so that "$@" is the command; and the shell may become another
   * program here, which then runs the command itself, with 3 as its standard error, and without 4.
   */
  readonly instead?: string;
  /** What is done in the process that becomes the command, with "$@" as before. It takes off what is left but the command. */
  readonly child?: string;
  /** What it does when the command has ended: writes `$code`, the exit code, to the file `$end`. */
  readonly after: string;
}

/**
 * $1: the file for the end. The rest: the command. What the shell itself has to say ("Killed") is not the command's
 * output, and goes nowhere.
 */
const scriptOf = ({ before = '', instead = '', child = '', after }: Shim): string => `
${before}
end=$1
shift
exec 3>&2 2>/dev/null 4<&0 </dev/null
${instead}
(${child}
exec "$@" 2>&3 3>&- 4<&-)
code=$?
${after}
`;

/** The command as a child of the shim. `more`: what the shim takes as its own arguments, $1 and so on, before the command. */
export const inShim = (
  shim: Shim,
  endFile: string,
  command: ProcessCommand,
  more: ReadonlyArray<string> = [],
): ProcessCommand => ({
  ...command,
  command: '/bin/sh',
  args: ['-c', scriptOf(shim), shim.name, endFile, ...more, command.command, ...(command.args ?? [])],
});
