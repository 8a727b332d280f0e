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
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { constVoid } from 'fp-ts/lib/function.js';
import type { Millis } from '../../duration.js';
import { runVariable } from '../linux/processes.js';

export interface Guardian {
  /** Dismisses it; answers when it has ended. */
  readonly close: () => Promise<void>;
}

/** One round of waiting, in milliseconds; the script's `sleep 0.1`. */
const round: Millis = 100;

/**
 * $1: what the run variable begins with. $2: rounds of grace. As `endProcesses` does: SIGTERM once to each, SIGKILL to
 * what still lives after the grace, and done when two scans find nothing.
 */
const script = `
trap '' HUP INT TERM
command -v grep >/dev/null && command -v sleep >/dev/null || exit 1
echo ready
read -r _ && exit 0
exec >/dev/null 2>&1
asked=' ' rounds=0 none=0
while [ "$none" -lt 2 ]; do
  none=$((none + 1))
  for path in $(grep -lsF -e "${runVariable}=$1" /proc/[0-9]*/environ); do
    none=0
    pid=\${path#/proc/}
    pid=\${pid%/environ}
    if [ "$rounds" -ge "$2" ]; then
      signal=KILL
    else
      case "$asked" in *" $pid "*) continue ;; esac
      signal=TERM
    fi
    asked="$asked$pid "
    kill -s "$signal" -- "-$pid" || kill -s "$signal" "$pid"
  done
  rounds=$((rounds + 1))
  sleep 0.1 || sleep 1
done
`;

/** Answers when the guardian watches. Left: why it cannot. */
export const startGuardian = (tagPrefix: string, graceMs: Millis): Promise<Either<Error, Guardian>> =>
  new Promise((resolve) => {
    const rounds = String(Math.ceil(graceMs / round));
    const guardian = spawn('/bin/sh', ['-c', script, 'restart-policy-guardian', tagPrefix, rounds], {
      cwd: '/',
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
    });
    const ended = new Promise<void>((gone) => guardian.once('exit', () => gone()));
    guardian.on('error', (error) => resolve(left(error)));
    guardian.once('exit', () => resolve(left(new Error('/bin/sh needs the commands grep and sleep'))));
    // Where others killed it, writing to it fails, and nothing follows from that.
    guardian.stdin.on('error', constVoid);
    guardian.stdout.once('data', () => {
      letHostEnd(guardian);
      resolve(
        right({
          close: () => {
            guardian.ref();
            guardian.stdin.end('closed\n');
            return ended;
          },
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
