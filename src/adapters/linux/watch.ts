/**
 * Files that change in a directory, whichever process changed them.
 *
 * This is inotify, and no more than a hint: what it drops when too much happens at once, what ends without writing (a
 * shim that was killed) and is noticed in no other way, and whatever comes after the directory itself is gone, is found by
 * the controller's resync.
 */
import { watch } from 'node:fs';
import type { Millis } from '../../duration.js';
import { isSome, tryCatch } from '../../option.js';
import type { Cancel } from '../../ports/clock.js';
import { within } from './end-processes.js';

/**
 * Calls back with the name of each file that changes; once for a burst of changes of one file. Throws when there is no
 * such directory, or the system has no more watches to give.
 */
export const watchFiles = (directory: string, onChange: (file: string) => void): Cancel => {
  const changed = new Set<string>();
  // The watch alone must not keep the process alive.
  const watcher = watch(directory, { persistent: false }, (_, file) => {
    if (file === null) return;
    if (changed.size === 0) setImmediate(notify);
    changed.add(file);
  });
  const notify = (): void => {
    const files = [...changed];
    changed.clear();
    for (const file of files) onChange(file);
  };
  watcher.on('error', () => watcher.close());
  return () => {
    watcher.close();
    changed.clear();
  };
};

/** A change without a file, such as the death of a shell that was to write one, is noticed after this long. */
const longestPause: Millis = 200;

/** Asks now, and whenever the folder has changed, until there is an answer. null: there was none in that time. */
export const waitIn = async <A>(folder: string, withinMs: Millis, ask: () => Promise<A | null>): Promise<A | null> => {
  const deadline = performance.now() + withinMs;
  let onChange = (): void => {};
  // Without a watch it asks after every pause.
  const watched = tryCatch(() => watchFiles(folder, () => onChange()));
  try {
    for (;;) {
      // Made before it asks: a change meanwhile leads to another question.
      const change = new Promise<void>((resolve) => {
        onChange = resolve;
      });
      const answer = await ask();
      if (answer !== null) return answer;
      const remaining = deadline - performance.now();
      if (remaining <= 0) return null;
      await within(change, Math.min(remaining, longestPause));
    }
  } finally {
    if (isSome(watched)) watched.value();
  }
};
