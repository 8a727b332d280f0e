/**
 * The shim of a run (`linux/shim.ts`), and what it writes of the run's end.
 *
 * It traps nothing before the command has ended: a stop ends it with the rest of the group, so a run that was stopped
 * has no exit code, and no signal to the command can be lost in a shell.
 */
import { runVariable } from '../linux/processes.js';
import type { Shim } from '../linux/shim.js';

/** What the command left behind in its group is told to end before its end is known. */
export const shim: Shim = {
  name: 'restart-policy-run',
  after: `
trap '' TERM
kill -s TERM 0
echo "$${runVariable} $code" >"$end"`,
};

/**
 * A shell answers 128 + n for a command that signal n ended. A command may choose such a code itself, and cannot be told
 * apart: both are unknown, which counts as a failure, as such a code does.
 */
const largestExitCode = 128;

/** The exit code that the shim wrote; null: a signal ended the command. */
export const exitCodeOf = (written: number): number | null => (written > largestExitCode ? null : written);
