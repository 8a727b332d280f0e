/**
 * Which run is an instance's last, on disk: one file per instance, replaced as a whole before the run begins. How it
 * goes and how it ended, its own files tell (`run-files.ts`).
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { InstanceId } from '../../ports/store.js';
import type { Timestamp } from '../../status.js';
import { readIn } from '../linux/files.js';
import { parseRecord, recordName } from '../linux/run-record.js';
import { isObject } from './messages.js';

export interface QemuRun {
  readonly id: InstanceId;
  /** The name of its folder. */
  readonly run: string;
  readonly startedAt: Timestamp;
}

/** Right null: it never ran. Left: why what stands there is no record. Rejects when it cannot be read. */
export const readRun = async (directory: string, id: InstanceId): Promise<Either<string, QemuRun | null>> => {
  const name = recordName(id);
  const text = await readIn(directory, name);
  if (text === null) return right(null);
  const record = parseRecord(text, name, isRun);
  return record._tag === 'Right' ? record : left(`the record ${name} in ${directory} is invalid: ${record.left}`);
};

/** The name of a folder must not lead anywhere else. */
const isRun = (u: unknown): u is QemuRun =>
  isObject(u) &&
  typeof u['id'] === 'string' &&
  typeof u['run'] === 'string' &&
  /^[0-9a-f-]+$/.test(u['run']) &&
  Number.isSafeInteger(u['startedAt']);
