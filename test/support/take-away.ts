import { renameSync, rmSync } from 'node:fs';

/**
 * A directory into which others may still write is gone for all of them at one moment. Removed where it stands, a file
 * that somebody writes after the last one was removed keeps it there (ENOTEMPTY).
 */
export const takeAway = (directory: string): void => {
  const aside = `${directory}.away`;
  renameSync(directory, aside);
  rmSync(aside, { recursive: true });
};
