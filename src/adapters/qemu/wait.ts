/**
 * Waiting for what other processes do to a folder, without looking at it all the time.
 */
import { watch } from 'node:fs';
import type { Millis } from '../../duration.js';
import { within } from '../linux/end-processes.js';

/**
 * Calls back with the name of a file that changed, until it is called off. null: the folder cannot be watched, for it
 * is not there, or the system has no watch left.
 */
export const listenTo = (folder: string, changed: (file: string) => void): (() => void) | null => {
  try {
    // Who has only this to wait for has nothing to wait for.
    const watcher = watch(folder, { persistent: false }, (_, file) => changed(file ?? ''));
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return null;
  }
};

/** What no file tells of, such as the death of a shell that was to write one, is noticed after this long. */
const longestPause: Millis = 200;

/** Looks now, and whenever the folder has changed, until the look gives something or the time is over: null. */
export const waitIn = async <A>(folder: string, withinMs: Millis, look: () => Promise<A | null>): Promise<A | null> => {
  const deadline = performance.now() + withinMs;
  let ring = (): void => {};
  const close = listenTo(folder, () => ring());
  try {
    for (;;) {
      // Before the look: what changes during it leads to another.
      const rung = new Promise<void>((resolve) => {
        ring = resolve;
      });
      const found = await look();
      if (found !== null) return found;
      const remaining = deadline - performance.now();
      if (remaining <= 0) return null;
      await within(rung, Math.min(remaining, longestPause));
    }
  } finally {
    close?.();
  }
};
