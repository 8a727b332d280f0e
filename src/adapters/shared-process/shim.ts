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
import type { Millis } from '../../duration.js';
import { oomCount, oomCounters } from '../linux/cgroup.js';
import { enterGroup } from '../linux/control-group.js';
import { sinceBootIn, uptimeFile } from '../linux/moments.js';
import { ownStat, runVariable } from '../linux/processes.js';
import { endedForMemory, endOfProcess, type RunEnd } from '../linux/run-end.js';
import { inShim, type Shim } from '../linux/shim.js';
import type { ProcessCommand } from '../linux/spawn.js';

const name = 'restart-policy-run';
const outOfMemory = 'out_of_memory';

/** What the shim exits with when it could not enter its control group, and has run nothing. It exits so for nothing else. */
export const notEnteredCode = 64;

/**
 * What the command left behind in its group is told to end before its end is known. PERL5OPT is the command's, and could
 * load anything into the shim: it is put aside, and given to the command alone.
 */
const perl = `
my ($name, $end, $options, $group, $cgroup, $mark, @command) = @ARGV;
my @counters = map { my $path = $_; map { "$path/$_" } ${oomCounters.map((counter) => `"${counter}"`).join(', ')} }
  grep { length } $group, $cgroup;
sub kills {
  my $kills = 0;
  for my $counter (@counters) {
    open my $file, "<", $counter or next;
    while (<$file>) { $kills += $1 if /^${oomCount} ([0-9]+)$/ }
  }
  return $kills;
}
my $before = kills();
defined(my $pid = fork) or exit 1;
if ($pid == 0) {
  $ENV{PERL5OPT} = $options if length $options;
  if (length $mark and open my $stat, "<", "${ownStat}" and open my $file, ">", $mark) {
    print $file "$ENV{${runVariable}} ", <$stat>;
    close $file;
  }
  open STDERR, ">&3";
  open my $third, ">&=3";
  close $third;
  open my $fourth, "<&=4";
  close $fourth;
  exec { $command[0] } @command;
  exit 127;
}
waitpid($pid, 0) == $pid or exit 1;
my ($code, $signal) = ($? >> 8, $? & 127);
my $how = $signal ? "signal $signal" : "exit $code";
$how = "${outOfMemory}" if $signal == 9 && kills() > $before;
$SIG{TERM} = "IGNORE";
kill "TERM", 0;
my $up = "?";
if (open my $file, "<", "${uptimeFile}") { ($up) = split " ", <$file> }
my $file;
open($file, "+<", $end) or open($file, ">", $end) or exit 1;
syswrite $file, "$ENV{${runVariable}} $how at $up\n";
`;

/** The same for a host without a `perl`, but that nothing is known of its memory. */
const shim: Shim = {
  name,
  before: `
if test -n "$2"; then
  { ${enterGroup('$2')}; } 2>/dev/null || exit ${notEnteredCode}
fi`,
  // No variable of the shell's own, for the command may have one of that name in its environment.
  instead: `
if command -v perl >/dev/null; then
  set -- "$PERL5OPT" "$@"
  unset PERL5OPT
  exec perl -C0 -e '${perl}' ${name} "$end" "$@"
fi
shift 2`,
  child: `
if test -n "$1" && read -r end <${ownStat}; then
  echo "$${runVariable} $end" >"$1"
fi
shift`,
  after: `
trap '' TERM
kill -s TERM 0
up=
read -r up rest <${uptimeFile}
echo "$${runVariable} $code at \${up:-?}" 1<>"$end"`,
};

export interface RunShim {
  /** Where the end is written. */
  readonly endFile: string;
  /** The control group that it enters first, with all that follows. null: none. */
  readonly group: string | null;
  /** Where it is written which process the command is, before it is that. null: nowhere. */
  readonly commandFile: string | null;
}

/** The command under its shim, which writes its end over what the file holds, in the room that was taken for it. */
export const inRunShim = ({ endFile, group, commandFile }: RunShim, command: ProcessCommand): ProcessCommand =>
  inShim(shim, endFile, command, [group ?? '', command.cgroup ?? '', commandFile ?? '']);

/** Above this, what a shell answers may be a code or a signal. */
const largestExitCode = 128;

/** What is written of an end, and behind it the seconds since the boot, with which `stopped` is written too. */
export const splitEnd = (written: string): { readonly how: string; readonly sinceBoot: Millis | null } => {
  const [how = '', uptime = ''] = written.split(' at ');
  return { how, sinceBoot: sinceBootIn(uptime) };
};

/** How the command ended, from what the shim wrote; null: it has written no such thing. */
export const endIn = (written: string): RunEnd | null => {
  if (written === outOfMemory) return endedForMemory;
  const [, how, number] = /^(?:(exit|signal) )?(\d+)$/.exec(written) ?? [];
  if (number === undefined) return null;
  if (how === 'signal') return endOfProcess(null, Number(number));
  // A shell wrote it, of this version or an earlier one.
  if (how === undefined && Number(number) > largestExitCode) return { exitCode: null, cause: 'unknown' };
  return endOfProcess(Number(number), null);
};
