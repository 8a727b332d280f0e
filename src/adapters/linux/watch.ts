/**
 * Tells of files that change in a directory, whichever process changed them.
 *
 * This is inotify, and no more than a hint: what it drops when too much happens at once, what ends without writing (a
 * shim that was killed), and whatever comes after the directory itself is gone, is found by the controller's resync.
 */
import { watch } from 'node:fs';

/** Throws when the system has no more watches to give. A burst of changes of one file is told once. */
export const watchFiles = (directory: string, changed: (name: string) => void): { readonly close: () => void } => {
  const pending = new Set<string>();
  // Who has only this to wait for has nothing to wait for.
  const watcher = watch(directory, { persistent: false }, (_, name) => {
    if (name === null) return;
    if (pending.size === 0) setImmediate(tell);
    pending.add(name);
  });
  const tell = (): void => {
    const names = [...pending];
    pending.clear();
    for (const name of names) changed(name);
  };
  watcher.on('error', () => watcher.close());
  return watcher;
};
