/**
 * The guardian: a small shell that outlives its host, and ends what the host left behind.
 *
 * It blocks reading a pipe that the host holds open and never writes to until it closes. The end of the file means that
 * the host is gone, in whatever way; a child between fork and exec holds the pipe too, so by then all that it spawned
 * has become its program. The guardian is a session of its own and ignores what ends a terminal's programs, carries
 * no run variable (or the guardian of a host further up would end it), and ends only runs of its own host's life:
 * whoever opens the directory next is not its business.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Either } from 'fp-ts/lib/Either.js';
import type { Millis } from '../../duration.js';
import { left, right } from '../../either.js';
import { constVoid } from '../../function.js';
import { runVariable } from '../linux/processes.js';

export interface Guardian {
  /** Dismisses it; answers when it has ended. */
  readonly close: () => Promise<void>;
  /** Leaves to it what could not be ended, for as long as that takes. */
  readonly leave: () => void;
}

/** One round of waiting, in milliseconds; the script's `sleep 0.1`. */
const round: Millis = 100;

/**
 * $1: what the run variable begins with. $2: rounds of grace. $3: what the paths of control groups begin with; empty: there
 * are none. In the environment: the directory. As `endProcesses` does: SIGTERM once to each, SIGKILL to what still lives
 * after the grace, and done when two scans find nothing. Without control groups the files of first processes tell of those
 * that have no mark any more.
 */
const script = `
trap '' HUP INT TERM
command -v grep >/dev/null && command -v sleep >/dev/null || exit 1
echo ready
read -r _ && exit 0
exec >/dev/null 2>&1
tags=$1 grace=$2 groups=$3
asked=' ' rounds=0 none=0

end() {
  none=0
  if [ "$rounds" -ge "$grace" ]; then
    signal=KILL
  else
    case "$asked" in *" $1 "*) return ;; esac
    signal=TERM
  fi
  asked="$asked$1 "
  kill -s "$signal" -- "-$1" || kill -s "$signal" "$1"
}

end_group() {
  while read -r what count; do
    if [ "$what $count" = 'populated 1' ]; then none=0; fi
  done <"$1/cgroup.events"
  if [ "$rounds" -ge "$grace" ]; then echo 1 >"$1/cgroup.kill"; fi
  while read -r pid; do end "$pid"; done <"$1/cgroup.procs"
}

end_marked() {
  read -r run stat <"$1" || return
  case "$run" in "$tags"*) ;; *) return ;; esac
  pid=\${stat%% *}
  # By the numbers of proc(5): 3 the state, 20 the threads, 22 the beginning.
  set -- \${stat##*) }
  ticks=\${20}
  read -r stat <"/proc/$pid/stat" || return
  set -- \${stat##*) }
  [ "\${20}" = "$ticks" ] || return
  if [ "$1" = Z ] && [ "\${18}" -le 1 ]; then return; fi
  end "$pid"
}

while [ "$none" -lt 2 ]; do
  none=$((none + 1))
  for path in $(grep -lsF -e "${runVariable}=$tags" /proc/[0-9]*/environ); do
    pid=\${path#/proc/}
    end "\${pid%/environ}"
  done
  if [ -n "$groups" ]; then
    for group in "$groups"*; do
      [ -d "$group" ] && end_group "$group"
    done
  else
    for file in "$DIRECTORY"/*.process; do end_marked "$file"; done
  fi
  rounds=$((rounds + 1))
  sleep 0.1 || sleep 1
done
if [ -n "$groups" ]; then
  for group in "$groups"*; do rmdir "$group"; done
fi
`;

export interface Guarded {
  readonly directory: string;
  /** What the run variable of every run begins with. */
  readonly tagPrefix: string;
  /** What the path of the control group of every run begins with; null: they have none. */
  readonly groupPrefix: string | null;
  readonly graceMs: Millis;
  /** A descriptor that says that something of the host may live; the guardian has it for as long as it lives. */
  readonly presence: number;
}

/**
 * Answers when the guardian watches. Left: why it cannot. It keeps the descriptor `presence` until it has ended: as
 * long as something of the host's may live, nobody who cannot see it gets the directory.
 */
export const startGuardian = ({
  directory,
  tagPrefix,
  groupPrefix,
  graceMs,
  presence,
}: Guarded): Promise<Either<Error, Guardian>> =>
  new Promise((resolve) => {
    const rounds = String(Math.ceil(graceMs / round));
    const words = [tagPrefix, rounds, groupPrefix ?? ''];
    const guardian = spawn('/bin/sh', ['-c', script, 'restart-policy-guardian', ...words], {
      cwd: '/',
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', DIRECTORY: directory },
      stdio: ['pipe', 'pipe', 'ignore', presence],
      detached: true,
    });
    const ended = new Promise<void>((gone) => guardian.once('exit', () => gone()));
    guardian.on('error', (error) => resolve(left(error)));
    guardian.once('exit', () => resolve(left(new Error('/bin/sh needs the commands grep and sleep'))));
    // Where others killed it, writing to it fails, and nothing follows from that.
    guardian.stdin?.on('error', constVoid);
    guardian.stdout?.once('data', () => {
      letHostEnd(guardian);
      resolve(
        right({
          close: () => {
            guardian.ref();
            guardian.stdin?.end('closed\n');
            return ended;
          },
          leave: () => void guardian.stdin?.end(),
        }),
      );
    });
  });

/** The guardian alone must not keep the host's process alive. */
const letHostEnd = (guardian: ChildProcess): void => {
  guardian.stdout?.destroy();
  guardian.unref();
  if (guardian.stdin instanceof Socket) guardian.stdin.unref();
};
