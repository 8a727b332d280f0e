/**
 * Ends processes: SIGTERM once to each, SIGKILL to what still lives after the grace, until nothing is left.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Either, left } from 'fp-ts/lib/Either.js';
import { constVoid } from 'fp-ts/lib/function.js';
import type { Millis } from '../../duration.js';
import type { CallSignal } from '../../ports/call.js';
import { type Failed, failed } from '../../ports/hypervisor.js';
import { done } from '../common/answers.js';
import { givenUp, isGivenUp } from '../common/given-up.js';
import type { LiveProcess, Scan } from './processes.js';

/** Between two scans: short at first, for most processes obey at once. */
const firstPause: Millis = 10;
const longestPause: Millis = 200;

export interface Ending {
  /** The processes to end that live now. */
  readonly find: Scan;
  readonly graceMs: Millis;
  /** While this is not null, no scan begins before it resolves (or the grace is over). */
  readonly leader?: () => Promise<unknown> | null;
  /** Once it is aborted nothing is signalled any more, whatever is left. */
  readonly signal?: CallSignal | undefined;
}

/**
 * Never rejects. Answers when none is left. Left: there is no right to signal any of those that are; or it was given up,
 * and what was told to end may end yet.
 */
export const endProcesses = async ({ find, graceMs, leader, signal }: Ending): Promise<Either<Failed, void>> => {
  const deadline = performance.now() + graceMs;
  const asked = new Set<number>();
  let pause = firstPause;
  let emptyScans = 0;
  let givenUpAt: number | null = null;

  for (;;) {
    const found = await find().catch(() => null);
    emptyScans = found?.length === 0 ? emptyScans + 1 : 0;
    if (emptyScans === 2) return done;
    if (isGivenUp(signal)) {
      givenUpAt ??= performance.now();
      // What was told to end mostly does so at once: then nothing comes of it after the answer.
      if (asked.size === 0 || performance.now() - givenUpAt > lastWait) return left(givenUp);
    }

    const remaining = deadline - performance.now();
    if (givenUpAt !== null) {
      // Nothing is signalled any more.
    } else if (found === null) {
      // It is not known what lives, so nothing is known to be gone: scan again.
    } else if (remaining > 0) {
      signalAll(
        found.filter(({ pid }) => !asked.has(pid)),
        'SIGTERM',
      );
      for (const { pid } of found) asked.add(pid);
    } else if (found.length > 0 && signalAll(found, 'SIGKILL') === 'forbidden') {
      return left(notAllowed(found));
    }

    const ended = found === null ? null : (leader?.() ?? null);
    const limit = remaining > 0 && givenUpAt === null ? remaining : longestPause;
    const heeded = givenUpAt === null ? signal : undefined;
    await (ended === null ? within(never, Math.min(pause, limit), heeded) : within(ended, limit, heeded));
    pause = Math.min(pause * 2, longestPause);
  }
};

/** So long, in milliseconds, does one that was given up wait for what it has told to end. */
const lastWait: Millis = 500;

const never: Promise<never> = new Promise(constVoid);

const notAllowed = (alive: ReadonlyArray<LiveProcess>): Failed =>
  failed(`not allowed to end process ${alive.map(({ pid }) => pid).join(', ')}`);

/**
 * A group whose first process is among them is signalled as a whole: at once, with those that cleared their
 * environment. Answers `forbidden` when no signal at all could be sent.
 */
const signalAll = (processes: ReadonlyArray<LiveProcess>, signal: NodeJS.Signals): 'sent' | 'forbidden' => {
  const groups = new Set(processes.filter(({ pid, group }) => pid === group).map(({ pid }) => pid));
  const targets = processes.filter(({ group }) => !groups.has(group)).map(({ pid }) => pid);
  const answers = [...[...groups].map((group) => -group), ...targets].map((target) => send(target, signal));
  return answers.every((answer) => answer === 'forbidden') ? 'forbidden' : 'sent';
};

const send = (target: number, signal: NodeJS.Signals): 'sent' | 'gone' | 'forbidden' => {
  try {
    process.kill(target, signal);
    return 'sent';
  } catch (error) {
    return isForbidden(error) ? 'forbidden' : 'gone';
  }
};

/** Whether a process may be signalled: asked with the signal that does nothing. One that has ended may. */
export const maySignal = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isForbidden(error);
  }
};

/** Whether a process group has a member; one that has ended, and was not reaped, counts. */
export const groupExists = (group: number): boolean => {
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    return isForbidden(error);
  }
};

/** Waits for a group to be gone, but not for ever: where nobody reaps orphans, those that ended keep it. */
export const groupGone = async (group: number): Promise<void> => {
  for (let pause = firstPause, waited = 0; waited < longestWait && groupExists(group); waited += pause) {
    await sleep(pause);
    pause = Math.min(pause * 2, longestPause);
  }
};

const longestWait: Millis = 1000;

const isForbidden = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EPERM';

/** Waits for a promise, but not longer than so many milliseconds, nor longer than anybody waits for the call. */
export const within = async (promise: Promise<unknown>, ms: Millis, signal?: CallSignal): Promise<void> => {
  const timer = new AbortController();
  const stop = (): void => timer.abort();
  if (isGivenUp(signal)) return;
  signal?.addEventListener('abort', stop, { once: true });
  await Promise.race([promise, sleep(ms, undefined, { signal: timer.signal }).catch(constVoid)]);
  signal?.removeEventListener('abort', stop);
  stop();
};
