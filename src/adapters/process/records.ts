/**
 * What is known of the last runs in a directory when it is opened.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Either, left } from 'fp-ts/lib/Either.js';
import { constVoid } from 'fp-ts/lib/function.js';
import type { EndCause } from '../../event.js';
import type { InstanceId } from '../../ports/store.js';
import type { Timestamp } from '../../status.js';
import { retell } from '../linux/moments.js';
import { endedByHost, isEndCause } from '../linux/run-end.js';
import { isRecordName, isRunIdentity, parseRecord, type RunIdentity, unfinished } from '../linux/run-record.js';

/** The identity of a run, and its end, written after. `run` is the run variable of its processes. */
export interface RunRecord extends RunIdentity {
  /** null: not over, or its host ended before it could write it down. */
  readonly stoppedAt: Timestamp | null;
  /** null: as for `stoppedAt`, or it was killed, or ended by us. */
  readonly exitCode: number | null;
  /** Absent: as for `stoppedAt`; or written by a version that kept no causes, so that only an exit code tells. */
  readonly cause?: EndCause;
}

/** The record with its moments as they are told by a clock that has the boot of the machine at `bootAt`. */
export const retoldRecord = (record: RunRecord, bootAt: Timestamp | null): RunRecord => {
  const { startedAt, stoppedAt, bootAt: then } = record;
  if (then === undefined || bootAt === null) return record;
  return {
    ...record,
    startedAt: retell(startedAt, then, bootAt),
    stoppedAt: stoppedAt === null ? null : retell(stoppedAt, then, bootAt),
    bootAt,
  };
};

export interface ReadRecords {
  readonly records: Map<InstanceId, RunRecord>;
  /** By file name, for the id cannot be known: what is wrong. */
  readonly invalid: Map<string, string>;
}

/** Rejects when the directory cannot be read; one file that cannot be, or holds no record, stops nobody else. */
export const readRecords = async (directory: string): Promise<ReadRecords> => {
  const records = new Map<InstanceId, RunRecord>();
  const invalid = new Map<string, string>();
  for (const name of await readdir(directory)) {
    if (name.endsWith(unfinished) && isRecordName(name.slice(0, -unfinished.length))) {
      await rm(join(directory, name)).catch(constVoid);
    }
    if (!isRecordName(name)) continue;
    const record = await readRecord(directory, name);
    if (record._tag === 'Left') invalid.set(name, record.left);
    else records.set(record.right.id, endedWithHost(record.right));
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

/**
 * A run without an end is one whose host died, or was cut off in the middle of a drain: nobody else would have left it
 * so. That holds for the records of every version.
 */
const endedWithHost = (record: RunRecord): RunRecord =>
  record.stoppedAt === null ? { ...record, ...endedByHost } : record;

const isRunRecord = (u: unknown): u is RunRecord => {
  if (!isRunIdentity(u)) return false;
  const { stoppedAt, exitCode, cause }: { readonly [K in keyof RunRecord]?: unknown } = u;
  return (
    [stoppedAt, exitCode].every((value) => value === null || Number.isSafeInteger(value)) &&
    (cause === undefined || isEndCause(cause))
  );
};
