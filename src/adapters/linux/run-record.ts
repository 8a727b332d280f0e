/**
 * What is known of an instance's last run, on disk: one JSON file per instance, replaced as a whole.
 */
import { createHash } from 'node:crypto';
import { closeSync, fsync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../../either.js';
import type { InstanceId } from '../../ports/store.js';
import type { Timestamp } from '../../status.js';
import type { ControlGroup } from './control-group.js';

/** The identity of a run, written before its spawn. */
export interface RunIdentity {
  readonly id: InstanceId;
  /** What its processes, and its files, are found by. */
  readonly run: string;
  readonly startedAt: Timestamp;
  /** The life of the machine in which it began. Absent: not known, or written by a version that did not ask. */
  readonly life?: string;
  /** When the machine booted, by the clock that the record's moments are told by (`moments.ts`). Absent: as for `life`. */
  readonly bootAt?: Timestamp;
  /** The path of its control group. Absent: it has none, or was written by a version that made none. */
  readonly group?: string;
}

/** What is known of a run that begins now. */
interface NewRun extends Pick<RunIdentity, 'id' | 'run' | 'startedAt'> {
  readonly life: string | null;
  readonly bootAt: Timestamp | null;
  readonly group: ControlGroup | null;
}

export const newRunIdentity = ({ id, run, startedAt, life, bootAt, group }: NewRun): RunIdentity => ({
  id,
  run,
  startedAt,
  ...(life === null ? {} : { life }),
  ...(bootAt === null ? {} : { bootAt }),
  ...(group === null ? {} : { group: group.path }),
});

export const isRunIdentity = (u: unknown): u is RunIdentity => {
  if (typeof u !== 'object' || u === null) return false;
  const { id, run, startedAt, life, bootAt, group }: { readonly [K in keyof RunIdentity]?: unknown } = u;
  return (
    typeof id === 'string' &&
    typeof run === 'string' &&
    Number.isSafeInteger(startedAt) &&
    (life === undefined || typeof life === 'string') &&
    (bootAt === undefined || Number.isSafeInteger(bootAt)) &&
    (group === undefined || typeof group === 'string')
  );
};

const suffix = '.json';

/** What a record is written to before it replaces the one that stands there. */
export const unfinished = '.tmp';

/** The record that a file of this name holds. Left: what is wrong with it. */
export const parseRecord = <R extends RunIdentity>(
  text: string,
  name: string,
  isRecord: (u: unknown) => u is R,
): Either<string, R> => {
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value)) return left('not the record of a run');
    return recordName(value.id) === name ? right(value) : left('the record of another instance');
  } catch (error) {
    return left(String(error));
  }
};

/** Says what is wrong with what stands in place of the instance's record. */
export const invalidRecord = (directory: string, id: InstanceId, problem: string): string =>
  `the record ${recordName(id)} in ${directory} is invalid: ${problem}`;

/**
 * Replaces the record, and answers when the new one survives a loss of power: were an old "ended well" to come back,
 * the run that the power ended would not be started again. Rejects when it cannot; then either may stand there. `behind`
 * stands behind the record.
 */
export const writeRecord = async (directory: string, record: RunIdentity, behind = ''): Promise<void> => {
  const path = join(directory, recordName(record.id));
  try {
    const file = openSync(path + unfinished, 'w');
    try {
      // Small calls that only reach the memory of the system take less time than it takes to have them made elsewhere.
      writeFileSync(file, textOf(record, behind));
      await sync(file);
    } finally {
      closeSync(file);
    }
    renameSync(path + unfinished, path);
  } catch (error) {
    // On a disk that is full it takes room that others need.
    rmSync(path + unfinished, { force: true });
    throw error;
  }
  await syncDirectory(directory);
};

/** What the file of a record holds. */
export const textOf = (record: RunIdentity, behind: string): string => `${JSON.stringify(record)}\n${behind}`;

/** Removes the record, or whatever stands in its place. Rejects when it cannot. */
export const removeRecord = async (directory: string, id: InstanceId): Promise<void> => {
  await rm(join(directory, recordName(id)), { force: true });
  await syncDirectory(directory);
};

const syncDirectory = async (directory: string): Promise<void> => {
  const handle = openSync(directory, 'r');
  try {
    await sync(handle);
  } finally {
    closeSync(handle);
  }
};

/** The one call that waits for the disk: the event loop goes on meanwhile. */
const sync = promisify(fsync);

/** Whether a file of this name is the record of some instance, if it is anything of ours. */
export const isRecordName = (name: string): boolean => name.endsWith(suffix);

/** With what is added to them, names stay below the 255 bytes that file systems allow. */
const longestName = 180;

/**
 * A file name of its own for every id. Plain characters stay readable, others become the four digits of their UTF-16
 * code unit; a long one is cut and told apart by its hash, behind a character that no other name contains.
 */
export const recordName = (id: InstanceId): string => {
  const name = id.replace(/[^A-Za-z0-9._-]/g, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  if (name.length <= longestName) return name + suffix;
  const hash = createHash('sha256').update(Buffer.from(id, 'utf16le')).digest('hex');
  return `${name.slice(0, longestName - hash.length - 1)}~${hash}${suffix}`;
};
