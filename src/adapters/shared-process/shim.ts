/**
 * The shim: a small shell that waits for the command of a run, and writes down its exit code, for whoever wants to know:
 * the controller that started the run may be gone by then, and nobody but a parent learns how a process ended.
 *
 * It is the first process of the run, and the leader of its session and of its process group, to which the command
 * belongs too. It traps nothing before the command has ended: a stop ends it with the rest of the group, so a run that
 * was stopped has no exit code, and no signal to the command can be lost in a shell.
 *
 * It needs nothing but what is built into a shell. The command comes as arguments, never as text of the script, and
 * `exec` runs programs only: a command named `exit` does not end the shim.
 */
import { runVariable } from '../linux/processes.js';
import type { ProcessCommand } from '../linux/spawn.js';

/**
 * $1: the file for the end. The rest: the command. What the shell itself has to say ("Killed") is not the command's
 * output, and goes nowhere. What the command left behind in its group is told to end before its end is known.
 */
const script = `
end=$1
shift
exec 3>&2 2>/dev/null
(exec "$@" 2>&3 3>&-)
code=$?
trap '' TERM
kill -s TERM 0
echo "$${runVariable} $code" >"$end"
`;

/** The command as a child of the shim. The program is a path: it was looked for already. */
export const inShim = (command: ProcessCommand, program: string, endFile: string): ProcessCommand => ({
  ...command,
  command: '/bin/sh',
  args: ['-c', script, 'restart-policy-run', endFile, program, ...(command.args ?? [])],
});

/**
 * A shell answers 128 + n for a command that signal n ended. A command may choose such a code itself, and cannot be told
 * apart: both are unknown, which counts as a failure, as such a code does.
 */
const largestExitCode = 128;

/** The exit code that the shim wrote; null: a signal ended the command. */
export const exitCodeOf = (written: number): number | null => (written > largestExitCode ? null : written);
