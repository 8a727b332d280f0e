/** A disk of a test's own, that can be full, or read-only: a small file system in memory, mounted for it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, realpathSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe } from 'vitest';
import { demand } from '../support/demand.js';
import { commandLinesWith, kill } from './instances.js';
import { until } from './support.js';

export interface Disk {
  /** A directory on it. */
  readonly place: string;
  /** To the last page. An empty file can still be made. */
  readonly fill: () => void;
  /** Until no other file can be made. */
  readonly fillNames: () => void;
  /** Makes room again. */
  readonly empty: () => void;
  readonly setWritable: (isWritable: boolean) => Promise<void>;
  /** Whoever has it open keeps what is left of it. */
  readonly remove: () => void;
}

const untilFull = (take: () => void): void => {
  try {
    for (;;) take();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
};

/** null: file systems cannot be mounted here. */
export const mountDisk = (): Disk | null => {
  const mounted = realpathSync(mkdtempSync(join(tmpdir(), 'restart-policy-disk-')));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,nr_inodes=256', 'tmpfs', mounted], { stdio: 'ignore' });
  } catch {
    rmSync(mounted, { recursive: true });
    return null;
  }
  const place = join(mounted, 'instances');
  mkdirSync(place);
  return {
    place,
    fill: () => {
      const file = openSync(join(mounted, 'ballast'), 'a');
      untilFull(() => void writeSync(file, Buffer.alloc(4_096)));
      closeSync(file);
    },
    fillNames: () => {
      let files = 0;
      untilFull(() => closeSync(openSync(join(mounted, `ballast-${files++}`), 'w')));
    },
    empty: () => {
      for (const name of readdirSync(mounted)) if (name.startsWith('ballast')) rmSync(join(mounted, name));
    },
    setWritable: async (isWritable) => {
      // Not while somebody writes to it, such as a run that has only just begun.
      const remount = () => spawnSync('mount', ['-o', `remount,${isWritable ? 'rw' : 'ro'}`, mounted]);
      await until(() => remount().status === 0);
    },
    remove: () => {
      execFileSync('umount', ['--lazy', mounted]);
      rmSync(mounted, { recursive: true });
    },
  };
};

const probe = mountDisk();
probe?.remove();
const canMount = demand(probe !== null, 'NO FILE SYSTEM CAN BE MOUNTED HERE, so disks that are full are not tested');

/** Tests that need disks of their own; they are unmounted after each test. To be called before hypervisors are opened. */
export const describeOnDisks = (name: string, tests: (newDisk: () => Disk) => void): void => {
  describe.runIf(canMount)(name, () => {
    const disks: Array<Disk> = [];
    afterEach(() => {
      for (const disk of disks.splice(0)) {
        // Where a test fails, it stops nothing.
        for (const { pid } of commandLinesWith(disk.place)) kill(pid);
        disk.remove();
      }
    });
    tests(() => {
      const disk = mountDisk();
      if (disk === null) throw new Error('a file system could be mounted, and now it cannot');
      disks.push(disk);
      return disk;
    });
  });
};
