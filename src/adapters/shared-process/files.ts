/**
 * What is known of an instance's last run, on disk, for all who share the directory: how it began, and how it ended.
 *
 * Two files, because two write: the beginning is written inside the section of the instance, before the spawn (A3), and
 * again when the pid is known; the end by the shim, when nobody may be there any more. An end names its run, so what a
 * former run left is no end of the next. A third file says that a run was told to end, before it is: whoever finds it
 * gone knows why, also when the one who told it died meanwhile. It is not the file of the end, for a run that ends by
 * itself at that very moment keeps its own.
 *
 * The room for the end is taken before the run begins, so that a disk that is full by then does not keep it from being
 * written (`linux/reserved.ts`).
 */
import { open, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Either } from 'fp-ts/lib/Either.js';
import { right } from '../../either.js';
import type { InstanceId } from '../../ports/store.js';
import type { Timestamp } from '../../status.js';
import { readIn, unlessMissing } from '../linux/files.js';
import { type Moments, retell } from '../linux/moments.js';
import { markIn, type ProcessIdentity } from '../linux/processes.js';
import { lineIn, reserve, writeReserved } from '../linux/reserved.js';
import { endedByHost, type RunEnd } from '../linux/run-end.js';
import {
  isRecordName,
  isRunIdentity,
  parseRecord,
  type RunIdentity,
  recordName,
  removeRecord,
  writeRecord,
} from '../linux/run-record.js';
import { endIn as runEndIn, splitEnd } from './shim.js';

/** How a run began. `run` is the run variable of its processes. */
export interface Beginning extends RunIdentity {
  /**
   * Of its shim, or of what is left where that was killed. The number may be another process's by now: its beginning, and
   * the run variable, tell. null: it was about to be spawned, and whether it was is not written down yet.
   */
  readonly pid: number | null;
  /** When the process of that pid began, in ticks since the boot. Absent: not known, or written by a version that did not ask. */
  readonly startTicks?: number;
}

export interface End extends RunEnd {
  /** null: nobody saw it. */
  readonly stoppedAt: Timestamp | null;
  /** When the machine booted, by the clock as it stood then. Absent: not known, or written by a version that did not ask. */
  readonly bootAt?: Timestamp;
}

/**
 * How a run ended that the shim could not write of: it was stopped; or it is gone, nobody saw when, and either the host
 * ended it or nobody knows how.
 */
export type Unwitnessed = 'stopped' | 'host' | 'lost';

export const unseenEnd: Readonly<Record<Exclude<Unwitnessed, 'stopped'>, End>> = {
  host: { stoppedAt: null, ...endedByHost },
  lost: { stoppedAt: null, exitCode: null, cause: 'unknown' },
};

/** `known` is another text for all that is another. */
export interface Change {
  readonly id: InstanceId;
  readonly known: string;
}

export interface EndToWrite {
  readonly end: End;
  /** Rejects when it cannot be written. */
  readonly write: (when: 'now' | 'later') => Promise<void>;
}

export interface RunFiles {
  /** null: there is none. Left: what is there is no such record, and why not. Rejects when it cannot be read. */
  readonly read: (id: InstanceId) => Promise<Either<string, Beginning | null>>;
  /**
   * The instance that may have changed when a file of this name has, and what is known of it. null: none; or a run is about
   * to begin, which changes nothing before its pid is known.
   */
  readonly changeIn: (name: string) => Promise<Change | null>;
  /** Answers when it would survive a loss of power; rejects when it cannot be written, then either may stand there. */
  readonly write: (beginning: Beginning) => Promise<void>;
  /** Takes the room for the end of the next run, and leaves that of the last one as it is. Rejects when there is none. */
  readonly reserveEnd: (id: InstanceId) => Promise<void>;
  /** null: the run has not ended, or nobody wrote it down. */
  readonly readEnd: (beginning: Beginning) => Promise<End | null>;
  /** An end at this moment, to be written now or later. */
  readonly endNow: (beginning: Beginning, how: Unwitnessed) => EndToWrite;
  /** Says that it is told to end. Before it is, so that its end is never taken for one of its own. */
  readonly writeTold: (beginning: Beginning) => Promise<void>;
  /** Whether a stop of it has begun, and is not known to have come to its end. */
  readonly wasTold: (beginning: Beginning) => Promise<boolean>;
  /** The stop has come to its end, and the end of the run is written. */
  readonly clearTold: (beginning: Beginning) => Promise<void>;
  /** The first process of the command, as the shim wrote it down. null: it did not. */
  readonly readCommand: (beginning: Beginning) => Promise<ProcessIdentity | null>;
  /** Where the shim writes the end. */
  readonly endFile: (id: InstanceId) => string;
  /** Where it writes which process the command is. */
  readonly commandFile: (id: InstanceId) => string;
  readonly remove: (id: InstanceId) => Promise<void>;
}

const endSuffix = '.end';
const toldSuffix = '.told';
const commandSuffix = '.command';

export const createRunFiles = (directory: string, { now, sinceBoot }: Moments): RunFiles => {
  const endFile = (id: InstanceId): string => join(directory, recordName(id) + endSuffix);

  const toldFile = (id: InstanceId): string => join(directory, recordName(id) + toldSuffix);

  const commandFile = (id: InstanceId): string => join(directory, recordName(id) + commandSuffix);

  const readFileNamed = async (name: string): Promise<Either<string, Beginning | null>> => {
    const text = await readIn(directory, name);
    return text === null ? right(null) : parseRecord(text, name, isBeginning);
  };

  const readEnd: RunFiles['readEnd'] = async (beginning) => {
    const file = await unlessMissing(open(endFile(beginning.id)));
    if (file === null) return null;
    try {
      const line = lineIn(await file.readFile('utf8'));
      const { mtimeMs } = await file.stat();
      return line === null ? null : endIn(line, beginning, Math.floor(mtimeMs));
    } finally {
      await file.close();
    }
  };

  return {
    endFile,
    commandFile,
    read: (id) => readFileNamed(recordName(id)),
    changeIn: async (name) => {
      const isEnd = name.endsWith(endSuffix);
      const record = isEnd ? name.slice(0, -endSuffix.length) : name;
      const read = isRecordName(record) ? await readFileNamed(record) : right(null);
      const run = read._tag === 'Right' ? read.right : null;
      const end = run === null ? null : await readEnd(run);
      if (run === null || (run.pid === null && end === null)) return null;
      return { id: run.id, known: JSON.stringify([run, end]) };
    },
    write: (beginning) => writeRecord(directory, beginning),
    reserveEnd: (id) => reserve(endFile(id)),
    readEnd,
    // It does not outlive a loss of power for certain, and need not: no more does the run, which then counts as lost.
    endNow: (beginning, how) => {
      const { id, run } = beginning;
      const at = now();
      const since = sinceBoot();
      const line = `${run} ${how}${how === 'stopped' && since !== null ? ` at ${since / 1000}` : ''}`;
      return {
        end: endIn(line, beginning, at) ?? unseenEnd.lost,
        write: async (when) => {
          await writeReserved(endFile(id), line);
          // The moment of the end is that of the file; half a millisecond more, for seconds are not exact.
          const seconds = (at + 0.5) / 1000;
          if (when === 'later') await utimes(endFile(id), seconds, seconds);
        },
      };
    },
    writeTold: ({ id, run }) => writeFile(toldFile(id), `${run}\n`),
    wasTold: async ({ id, run }) => (await unlessMissing(readFile(toldFile(id), 'utf8'))) === `${run}\n`,
    clearTold: ({ id }) => rm(toldFile(id), { force: true }),
    readCommand: async ({ id, run }) => {
      const text = await unlessMissing(readFile(commandFile(id), 'latin1'));
      return markIn(text ?? '', run);
    },
    remove: async (id) => {
      await rm(commandFile(id), { force: true });
      await rm(endFile(id), { force: true });
      await rm(toldFile(id), { force: true });
      await removeRecord(directory, id);
    },
  };
};

/** null: it is not of this run. */
const endIn = (line: string, beginning: Beginning, writtenAt: Timestamp): End | null => {
  const { run } = beginning;
  if (!line.startsWith(`${run} `)) return null;
  const { how, sinceBoot } = splitEnd(line.slice(run.length + 1));
  if (how === 'host' || how === 'lost') return unseenEnd[how];
  const end = how === 'stopped' ? endedByHost : runEndIn(how);
  if (end === null) return null;
  const seen = { stoppedAt: writtenAt, ...(sinceBoot === null ? {} : { bootAt: writtenAt - sinceBoot }) };
  // The clock of files is coarser than that of runs: a short run must not seem to end before it began.
  return { ...end, ...seen, stoppedAt: Math.max(beganAt(beginning, seen), writtenAt) };
};

/** When the run began, by the clock as it stood at its end: so its length is kept, whatever was set between. */
export const beganAt = ({ startedAt, bootAt }: Beginning, end: Pick<End, 'bootAt'>): Timestamp =>
  retell(startedAt, bootAt, end.bootAt);

const isBeginning = (u: unknown): u is Beginning => {
  if (!isRunIdentity(u)) return false;
  const { pid, startTicks }: { readonly [K in keyof Beginning]?: unknown } = u;
  return (
    (pid === null || (Number.isSafeInteger(pid) && Number(pid) > 0)) &&
    (startTicks === undefined || Number.isSafeInteger(startTicks))
  );
};
