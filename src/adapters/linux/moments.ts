/**
 * The moments of runs: when one begins, and what a moment of the past is called now that the clock may have been set.
 *
 * The time of day is set, back or forth; the time since the boot is not, and goes on while the machine sleeps. So with a
 * moment goes the time of day at which the machine booted, as the clock had it then. Where the clock has it otherwise now,
 * it was set between, and the moment is told by the clock as it stands: a run is then as old as it is.
 */
import { openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Millis } from '../../duration.js';
import { isSome, tryCatch } from '../../option.js';
import type { Timestamp } from '../../status.js';

/**
 * A reading of the clock that is later than another. A run that began in the very millisecond of its attempt could not
 * be told from one that began before it, and an end that costs no attempt would cost one: so it begins in the next. A
 * clock that does not go on by itself (a test's) is not waited for.
 */
export const momentAfter = async (earlier: Timestamp, now: () => Timestamp): Promise<Timestamp> => {
  if (now() <= earlier) await sleep(2); // a timer may fire a millisecond early
  return now();
};

/** A clock, and what it says of the moment at which the machine booted. */
export interface Moments {
  readonly now: () => Timestamp;
  /** When the machine booted, by the clock as it stands; the same until the clock is set. null: not known. */
  readonly bootAt: () => Timestamp | null;
  /** Milliseconds since the machine booted, sleep included. null: not known. */
  readonly sinceBoot: () => Millis | null;
}

/**
 * The two readings are never of one instant, and the time since the boot is given in hundredths of a second: what differs
 * by less than this, in milliseconds, differs by nothing.
 */
const accuracy: Millis = 100;

/** The moment as it stands, in the ticks in which the system tells when a process began. null: not known. */
export const ticksOf = ({ sinceBoot }: Moments): number | null => {
  const ms = sinceBoot();
  return ms === null ? null : Math.floor(ms / 10);
};

/** `sinceBoot`: in milliseconds; null: not known. */
export const createMoments = (now: () => Timestamp, sinceBoot: () => Millis | null = readSinceBoot): Moments => {
  let known: Timestamp | null = null;
  return {
    now,
    sinceBoot,
    bootAt: () => {
      const read = readBootAt(now, sinceBoot);
      if (read !== null) known = nearly(known, read) ? known : read;
      return known;
    },
  };
};

const nearly = (a: Timestamp | null, b: Timestamp): boolean => a !== null && Math.abs(a - b) <= accuracy;

/** Once more where the process did not get its turn between the readings. */
const readBootAt = (now: () => Timestamp, sinceBoot: () => Millis | null): Timestamp | null => {
  for (let tries = 1; ; tries++) {
    const before = sinceBoot();
    const at = now();
    const after = sinceBoot();
    if (before === null || after === null) return null;
    if (after - before <= accuracy / 4 || tries === 5) return Math.round(at - after);
  }
};

/** A moment that was told when the clock had the boot at `then`, told as now that it has it at `bootAt`. */
export const retell = (
  at: Timestamp,
  then: Timestamp | null | undefined,
  bootAt: Timestamp | null | undefined,
): Timestamp =>
  then === null || then === undefined || bootAt === null || bootAt === undefined || nearly(then, bootAt)
    ? at
    : at + (bootAt - then);

/** What a line of /proc/uptime says, in milliseconds; null: nothing. */
export const sinceBootIn = (uptime: string): Millis | null => {
  const [seconds] = /^\d+(\.\d+)?/.exec(uptime) ?? [];
  return seconds === undefined ? null : Math.round(Number(seconds) * 1000);
};

export const uptimeFile = '/proc/uptime';

const readSinceBoot = (): Millis | null => {
  const read = tryCatch(readUptime);
  if (isSome(read)) return sinceBootIn(read.value);
  uptime = null;
  return null;
};

/** Kept open, for it is read several times for each run; the system makes it anew for each reading from its beginning. */
let uptime: number | null = null;
const buffer = Buffer.alloc(64);

const readUptime = (): string => {
  uptime ??= openSync(uptimeFile, 'r');
  return buffer.toString('latin1', 0, readSync(uptime, buffer, 0, buffer.length, 0));
};
