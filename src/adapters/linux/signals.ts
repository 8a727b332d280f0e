/**
 * Signals to processes and groups that were found before: to those, and not to whoever was given their number since.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Millis } from '../../duration.js';
import { isNone, isSome, none, tryCatch } from '../../option.js';
import { type LiveProcess, type ProcessIdentity, readProcess, startTicksOf } from './processes.js';
import type { SystemCalls } from './system-calls.js';

/** `unknown`: whether it is still the one that was meant, so nothing was sent. */
export type Sent = 'sent' | 'gone' | 'forbidden' | 'unknown';

/**
 * Signals one process. Never throws. `calls` leave no moment between the look at it and the signal; without them there is one,
 * of microseconds.
 */
export const signalProcess = (
  calls: SystemCalls | null,
  { pid, startTicks }: ProcessIdentity,
  signal: NodeJS.Signals,
): Sent => {
  // Without a descriptor left, for example, it is made in the other way.
  const pinned = calls === null ? none : tryCatch(() => calls.signal(pid, startTicks, signal));
  if (isSome(pinned)) return pinned.value;
  const now = tryCatch(() => startTicksOf(pid));
  if (isNone(now)) return 'unknown';
  return now.value === startTicks ? send(pid, signal) : 'gone';
};

/**
 * Signals a process group as a whole, with all that is forked in it meanwhile. Only while the member that was found has its
 * number, so that the group is still the one that it was found in. Our own group is nobody's to signal. Never throws.
 */
export const signalGroup = (member: LiveProcess, signal: NodeJS.Signals): Sent => {
  const read = tryCatch(() => ({ now: readProcess(member.pid), ownGroup: readProcess(process.pid)?.group }));
  if (isNone(read)) return 'unknown';
  const { now, ownGroup } = read.value;
  if (now === null || now.startTicks !== member.startTicks || now.group === ownGroup) return 'gone';
  return send(-now.group, signal);
};

const send = (target: number, signal: NodeJS.Signals): Sent => {
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

/**
 * Waits for a group to be gone, but not for ever: where nobody reaps orphans, those that ended keep it. `reap` takes note of
 * those that were left to this process.
 */
export const groupGone = async (group: number, reap: () => void): Promise<void> => {
  for (let pause = firstPause, waited = 0; waited < longestWait && groupExists(group); waited += pause) {
    await sleep(pause);
    reap();
    pause = Math.min(pause * 2, longestPause);
  }
};

const firstPause: Millis = 10;
const longestPause: Millis = 200;
const longestWait: Millis = 1000;

const isForbidden = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EPERM';
