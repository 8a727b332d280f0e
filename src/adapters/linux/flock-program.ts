/**
 * A lock of flock(2) by the program `flock` of util-linux, for a process that cannot call it.
 *
 * The lock belongs to an open file description, that is, to all processes that hold a descriptor of it. The program
 * locks a descriptor that it inherits from us; it ends, and the lock is ours, because we still hold the descriptor. So
 * who kills the program kills a wait, and never a lock.
 */
import { spawn } from 'node:child_process';
import type { CallSignal } from '../../ports/call.js';
import { isGivenUp } from '../common/given-up.js';
import { notEntered } from '../common/section.js';

export interface ProgramLock {
  readonly kind: 'exclusive' | 'shared';
  /** Else it answers `taken` where another open file description has it. */
  readonly waits: boolean;
  /** Aborted it ends the wait. */
  readonly signal?: CallSignal | undefined;
}

/** What the program finds the file under, and answers with when it was told not to wait. */
const inherited = 3;
const conflict = 1;

/**
 * Rejects where the program cannot be run, or fails, or somebody killed it, or the wait was given up: once it is gone.
 * It may have had the lock by then; so who waits no longer closes the file, as after every failure, and holds nothing.
 */
export const lockByProgram = (fd: number, { kind, waits, signal }: ProgramLock): Promise<'locked' | 'taken'> =>
  new Promise((resolve, reject) => {
    if (isGivenUp(signal)) return reject(notEntered());
    const options = [...(waits ? [] : ['-n']), kind === 'exclusive' ? '-x' : '-s'];
    const flock = spawn('flock', [...options, String(inherited)], {
      cwd: '/',
      stdio: ['ignore', 'ignore', 'ignore', fd],
      // A session of its own: Ctrl-C in the host's terminal is no reason for a stop to fail.
      detached: true,
    });
    flock.once('error', (cause) => reject(new Error(`cannot run flock (of util-linux): ${cause.message}`, { cause })));
    const giveUp = (): void => void flock.kill('SIGKILL');
    signal?.addEventListener('abort', giveUp, { once: true });
    flock.once('exit', (code, killed) => {
      signal?.removeEventListener('abort', giveUp);
      if (isGivenUp(signal)) reject(notEntered());
      else if (code === 0) resolve('locked');
      else if (code === conflict && !waits) resolve('taken');
      else reject(new Error(`the section could not be locked: flock ended with ${code ?? killed}`));
    });
  });
