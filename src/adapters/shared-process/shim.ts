/**
 * The shim of a run (`linux/shim.ts`), and what it writes of the run's end.
 *
 * It traps nothing before the command has ended: a stop ends it with the rest of the group, so a run that was stopped
 * has no exit code, and no signal to the command can be lost in a shell.
 *
 * A shell answers 128 + n for a command that signal n ended, and a command may choose such a code itself. POSIX gives a
 * shell no way to tell them apart, so where the host has a `perl`, the shell becomes one before the command begins: the
 * same process, at its place, which does the same and sees what the kernel says. Without a `perl` a code above 128 is
 * written as the shell has it, and stays unknown.
 */

import { runVariable } from '../linux/processes.js';
import { endOfProcess, type RunEnd } from '../linux/run-end.js';
import type { Shim } from '../linux/shim.js';

const name = 'restart-policy-run';

/**
 * What the command left behind in its group is told to end before its end is known. PERL5OPT is the command's, and could
 * load anything into the shim: it is put aside, and given to the command alone.
 */
const perl = `
my ($name, $end, $options, @command) = @ARGV;
defined(my $pid = fork) or exit 1;
if ($pid == 0) {
  $ENV{PERL5OPT} = $options if length $options;
  open STDERR, ">&3";
  open my $third, ">&=3";
  close $third;
  exec { $command[0] } @command;
  exit 127;
}
waitpid($pid, 0) == $pid or exit 1;
my ($code, $signal) = ($? >> 8, $? & 127);
$SIG{TERM} = "IGNORE";
kill "TERM", 0;
open my $file, ">", $end or exit 1;
print $file "$ENV{${runVariable}} ", $signal ? "signal $signal" : "exit $code", "\n";
`;

/** The same for a host without a `perl`. */
export const shim: Shim = {
  name,
  instead: `
if command -v perl >/dev/null; then
  set -- "$PERL5OPT" "$@"
  unset PERL5OPT
  exec perl -C0 -e '${perl}' ${name} "$end" "$@"
fi`,
  after: `
trap '' TERM
kill -s TERM 0
echo "$${runVariable} $code" >"$end"`,
};

/** Above this, what a shell answers may be a code or a signal. */
const largestExitCode = 128;

/** How the command ended, from what the shim wrote; null: it has written no such thing. */
export const endIn = (written: string): RunEnd | null => {
  const [, how, number] = /^(?:(exit|signal) )?(\d+)$/.exec(written) ?? [];
  if (number === undefined) return null;
  if (how === 'signal') return endOfProcess(null, Number(number));
  // A shell wrote it, of this version or an earlier one.
  if (how === undefined && Number(number) > largestExitCode) return { exitCode: null, cause: 'unknown' };
  return endOfProcess(Number(number), null);
};
