/** Stores that are full: one on a disk of its own that has no space left, and one that may not grow. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, realpathSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SqliteDatabase } from '../../src/adapters/sqlite.js';

export interface Disk {
  /** A directory on it. */
  readonly place: string;
  readonly fill: (database: SqliteDatabase) => void;
  readonly empty: (database: SqliteDatabase) => void;
  /** Nothing that lives may have it open. */
  readonly remove: () => void;
}

const newDirectory = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'restart-policy-disk-')));

/** null: file systems cannot be mounted here. */
export const mountDisk = (): Disk | null => {
  const place = newDirectory();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', place], { stdio: 'ignore' });
  } catch {
    rmSync(place, { recursive: true });
    return null;
  }
  const ballast = join(place, 'ballast');
  return {
    place,
    fill: () => {
      const file = openSync(ballast, 'a');
      try {
        // To the last page.
        for (;;) writeSync(file, Buffer.alloc(4_096));
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      } finally {
        closeSync(file);
      }
    },
    empty: () => rmSync(ballast),
    remove: () => {
      execFileSync('umount', ['--lazy', place]);
      rmSync(place, { recursive: true });
    },
  };
};

/** SQLite's own limit, which it treats as it does a disk that is full. */
export const limitStore = (): Disk => {
  const place = newDirectory();
  return {
    place,
    // A limit below what there is already stands for what there is.
    fill: (database) => database.exec('PRAGMA max_page_count = 1'),
    empty: (database) => database.exec('PRAGMA max_page_count = 1000000'),
    remove: () => rmSync(place, { recursive: true }),
  };
};
