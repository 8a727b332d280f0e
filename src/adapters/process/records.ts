/**
 * What is known of the last runs in a directory: read when it is opened, written by its owner.
 */
import { closeSync, fdatasync, fstatSync, openSync, readFileSync, writeSync } from 'node:fs';
import { open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../../either.js';
import type { EndCause } from '../../event.js';
import { constVoid } from '../../function.js';
import { isNone, tryCatch } from '../../option.js';
import type { InstanceId } from '../../ports/store.js';
import type { Timestamp } from '../../status.js';
import { recordedGroup } from '../linux/control-group.js';
import { isSameLife } from '../linux/host-life.js';
import { retell } from '../linux/moments.js';
import { markIn } from '../linux/processes.js';
import { blanks, lineIn, sector, writeAt } from '../linux/reserved.js';
import { endedByHost, isEndCause } from '../linux/run-end.js';
import type { RunMarks } from '../linux/run-processes.js';
import {
  isRecordName,
  isRunIdentity,
  parseRecord,
  type RunIdentity,
  recordName,
  textOf,
  unfinished,
  writeRecord,
} from '../linux/run-record.js';

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

/** What a run whose end nobody recorded is found by, as it stands now: its first process may be about to say which it is. */
export const marksOf = (directory: string, record: RunRecord, life: string | null): RunMarks => {
  const { id, run } = record;
  const text = tryCatch(() => readFileSync(markFile(directory, id), 'latin1'));
  const leader = isNone(text) || !isSameLife(record.life, life) ? null : markIn(text.value, run);
  return { isTag: (tag) => tag === run, leader, group: recordedGroup(record) };
};

/** Where the first process of a run without a control group says which it is. */
export const markFile = (directory: string, id: InstanceId): string => join(directory, `${recordName(id)}.process`);

// ---------------------------------------------------------------------------
// written
// ---------------------------------------------------------------------------

/** Above what its end adds to a record, in bytes. */
const addedByEnd = 64;
/** Above what an end takes that stands behind its record. */
const roomForEnd = 512;

/**
 * Replaces the record, with room for its end. Rejects when it cannot; then either may stand there.
 *
 * One that fits into a sector with its end has a file of that length, and is written over the former one in place: a loss of
 * power does not tear it, a full disk does not refuse it, and it costs a quarter of what a new file does. A longer one
 * has a file of its own each time, and the room is behind it.
 */
export const writeRun = async (directory: string, record: RunRecord): Promise<void> => {
  const length = Buffer.byteLength(textOf(record, ''));
  const isOver = record.stoppedAt !== null;
  if (length + (isOver ? 1 : addedByEnd) > sector)
    return writeRecord(directory, record, isOver ? '' : blanks(roomForEnd));
  const behind = blanks(sector - length);
  if (!(await isWrittenOver(directory, record, behind))) await writeRecord(directory, record, behind);
};

/** Whether the file that stands there has the length, so that the record was written over it. Rejects when it cannot be. */
const isWrittenOver = async (directory: string, record: RunRecord, behind: string): Promise<boolean> => {
  const file = openExisting(join(directory, recordName(record.id)));
  if (file === null) return false;
  try {
    if (fstatSync(file).size !== sector) return false;
    if (writeSync(file, textOf(record, behind), 0) !== sector)
      throw new Error(`${recordName(record.id)} was not written whole`);
    await dataSync(file);
    return true;
  } finally {
    closeSync(file);
  }
};

/** null: there is none, or none that may be written over. */
const openExisting = (path: string): number | null => {
  try {
    return openSync(path, 'r+');
  } catch {
    return null;
  }
};

const dataSync = promisify(fdatasync);

/**
 * Writes how the run of the record ended. Where there is no room for another record, the end goes into the room that was
 * taken for it when the run began, behind the record. Rejects when that cannot be written either.
 */
export const writeEnd = async (directory: string, ended: RunRecord): Promise<void> => {
  try {
    await writeRun(directory, ended);
  } catch (error) {
    await writeBehind(directory, ended).catch(() => {
      throw error;
    });
  }
};

const writeBehind = async (directory: string, ended: RunRecord): Promise<void> => {
  const name = recordName(ended.id);
  const file = await open(join(directory, name), 'r+');
  try {
    const text = await file.readFile('utf8');
    const [line = ''] = text.split('\n');
    const known = parseRunRecord(text, name);
    if (known._tag === 'Left' || known.right.run !== ended.run) throw new Error('it is the record of another run');
    if (known.right.stoppedAt !== null) return; // it stands there: what replaced it was never written
    const { run, startedAt, bootAt, stoppedAt, exitCode, cause } = ended;
    const end = { run, startedAt, bootAt, stoppedAt, exitCode, cause };
    await writeAt(file, `${JSON.stringify(end)}\n`, Buffer.byteLength(line) + 1);
    await file.datasync();
  } finally {
    await file.close();
  }
};

// ---------------------------------------------------------------------------
// read
// ---------------------------------------------------------------------------

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
    return parseRunRecord(await readFile(join(directory, name), 'utf8'), name);
  } catch (error) {
    return left(String(error));
  }
};

/** The record that a file of this name holds, with the end that may stand behind it. Left: what is wrong with it. */
const parseRunRecord = (text: string, name: string): Either<string, RunRecord> => {
  const whole = parseRecord(text, name, isRunRecord);
  if (whole._tag === 'Right') return whole;
  const [line = ''] = text.split('\n');
  const record = parseRecord(line, name, isRunRecord);
  return record._tag === 'Left' ? whole : right(withEnd(record.right, lineIn(text.slice(line.length + 1))));
};

/** What is no end of this run, or was not written whole, is none. */
const withEnd = (record: RunRecord, line: string | null): RunRecord => {
  const end = tryCatch((): unknown => JSON.parse(line ?? ''));
  if (isNone(end) || typeof end.value !== 'object') return record;
  const ended = { ...record, ...end.value };
  return isRunRecord(ended) && ended.run === record.run && ended.id === record.id ? ended : record;
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
