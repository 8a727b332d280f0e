/**
 * What is known of an instance's last run, on disk: one JSON file per instance, replaced as a whole.
 */
import { createHash } from 'node:crypto';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { InstanceId } from '../../ports/store.js';
import type { Timestamp } from '../../status.js';

/** The identity of a run, written before its spawn, and its end, written after. */
export interface RunRecord {
  readonly id: InstanceId;
  /** Value of the run variable in the environment of its processes. */
  readonly run: string;
  readonly startedAt: Timestamp;
  /** null: not over, or its host ended before it could tell. */
  readonly stoppedAt: Timestamp | null;
  /** null: as for `stoppedAt`, or it was killed, or ended by us. */
  readonly exitCode: number | null;
}

export interface ReadRecords {
  readonly records: Map<InstanceId, RunRecord>;
  /** By file name, for the id cannot be known: what is wrong. */
  readonly invalid: Map<string, string>;
}

const suffix = '.json';
const unfinished = '.tmp';

/** Rejects when the directory cannot be read; one file that cannot be, or holds no record, stops nobody else. */
export const readRecords = async (directory: string): Promise<ReadRecords> => {
  const records = new Map<InstanceId, RunRecord>();
  const invalid = new Map<string, string>();
  for (const name of await readdir(directory)) {
    if (name.endsWith(suffix + unfinished)) await rm(join(directory, name)).catch(() => {});
    if (!isRecordName(name)) continue;
    const record = await readRecord(directory, name);
    if (record._tag === 'Left') invalid.set(name, record.left);
    else records.set(record.right.id, record.right);
  }
  return { records, invalid };
};

const readRecord = async (directory: string, name: string): Promise<Either<string, RunRecord>> => {
  try {
    return parseRecord(await readFile(join(directory, name), 'utf8'), name, isRunRecord);
  } catch (error) {
    return left(String(error));
  }
};

/** The record that a file of this name holds. Left: what is wrong with it. */
export const parseRecord = <R extends { readonly id: InstanceId }>(
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

const isRunRecord = (u: unknown): u is RunRecord => {
  if (typeof u !== 'object' || u === null) return false;
  const { id, run, startedAt, stoppedAt, exitCode }: { readonly [K in keyof RunRecord]?: unknown } = u;
  return (
    typeof id === 'string' &&
    typeof run === 'string' &&
    Number.isSafeInteger(startedAt) &&
    (stoppedAt === null || Number.isSafeInteger(stoppedAt)) &&
    (exitCode === null || Number.isSafeInteger(exitCode))
  );
};

/**
 * Replaces the record, and answers when the new one survives a loss of power: were an old "ended well" to come back,
 * the run that the power ended would not be started again. Rejects when it cannot; then either may stand there.
 */
export const writeRecord = async (directory: string, record: { readonly id: InstanceId }): Promise<void> => {
  const path = join(directory, recordName(record.id));
  const file = await open(path + unfinished, 'w');
  try {
    await file.writeFile(`${JSON.stringify(record)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(path + unfinished, path);
  await syncDirectory(directory);
};

/** Removes the record, a thing that is none too. Rejects when it cannot. */
export const removeRecord = async (directory: string, id: InstanceId): Promise<void> => {
  await rm(join(directory, recordName(id)), { force: true });
  await syncDirectory(directory);
};

const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

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
