/**
 * What is known of a run, on disk. The record names an instance's last run, one file per instance, replaced as a whole
 * before the run begins. The files of each run, in a folder of its own, show how it goes and how it ended, for whoever
 * opens the directory later.
 */
import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Millis } from '../../duration.js';
import type { InstanceId } from '../../ports/store.js';
import type { Timestamp } from '../../status.js';
import { readIn, unlessMissing } from '../linux/files.js';
import { sinceBootIn } from '../linux/moments.js';
import type { ProcessIdentity } from '../linux/processes.js';
import { lineIn, reserve } from '../linux/reserved.js';
import { invalidRecord, isRunIdentity, parseRecord, type RunIdentity, recordName } from '../linux/run-record.js';
import type { Remains } from './exit.js';
import { type QmpEvent, readMessage } from './messages.js';

// ---------------------------------------------------------------------------
// records
// ---------------------------------------------------------------------------

/** `run` is the name of its folder. */
export type QemuRun = RunIdentity;

/** null: it never ran. Rejects when what stands there is no record, or cannot be read. */
export const readRun = async (directory: string, id: InstanceId): Promise<QemuRun | null> => {
  const name = recordName(id);
  const text = await readIn(directory, name);
  if (text === null) return null;
  const record = parseRecord(text, name, isRun);
  if (record._tag === 'Left') throw new Error(invalidRecord(directory, id, record.left));
  return record.right;
};

/** The name of a folder must not lead anywhere else. */
const isRun = (u: unknown): u is QemuRun => isRunIdentity(u) && /^[0-9a-f-]+$/.test(u.run);

// ---------------------------------------------------------------------------
// names
// ---------------------------------------------------------------------------

export interface RunFiles {
  readonly folder: string;
  /** QEMU's QMP socket. */
  readonly socket: string;
  /** The pair `events.in`, which QEMU reads, and `events.out`, which it writes, is named without its endings. */
  readonly events: string;
  readonly pid: string;
  /** The processes of the run, by number and beginning: its shell, then its shell's child, each as it wrote itself. */
  readonly marks: string;
  /** QEMU's exit status, and the seconds since the machine booted, written by its shell. */
  readonly exit: string;
  /** Exists where we told the run to end. */
  readonly told: string;
  /** Exists where QEMU was ended for want of memory, as its shell saw. */
  readonly oom: string;
  /** Exists where the run was found to be gone without a witness, while the machine lived that it began on. */
  readonly lost: string;
  /** What QEMU printed. */
  readonly output: string;
}

export const eventsOut = 'events.out';
export const exitFile = 'exit';
export const lostFile = 'lost';

export const filesOf = (directory: string, run: string): RunFiles => {
  const folder = join(directory, run);
  return {
    folder,
    socket: join(folder, 'qmp'),
    events: join(folder, 'events'),
    pid: join(folder, 'pid'),
    marks: join(folder, 'marks'),
    exit: join(folder, exitFile),
    told: join(folder, 'told'),
    lost: join(folder, lostFile),
    oom: join(folder, 'oom'),
    output: join(folder, 'output'),
  };
};

/** A new name for a run; those of one instance begin alike. Short, for the path of a socket is. */
export const newRun = (id: InstanceId): string => `${runPrefix(id)}${randomBytes(5).toString('hex')}`;

/** The run variable in the environment of its processes. */
export const tagOf = (run: string): string => `qemu:${run}`;

const runPrefix = (id: InstanceId): string =>
  `${createHash('sha256').update(Buffer.from(id, 'utf16le')).digest('hex').slice(0, 16)}-`;

/** What the path of a socket can hold in Linux, in bytes. */
const longestSocketPath = 107;

/** How many bytes too long the directory is for the sockets in it; 0 or less: it fits. */
export const excessOf = (directory: string): number =>
  Buffer.byteLength(filesOf(directory, newRun('')).socket) - longestSocketPath;

// ---------------------------------------------------------------------------
// before and after
// ---------------------------------------------------------------------------

/**
 * QEMU writes its events over this, from the beginning on; in bytes. A run that ends has three or four, of some hundred
 * each.
 */
const roomForEvents = 4_096;

/**
 * With the room for all that is written of the run's end, which a disk may not have any more by then. What only exists, and
 * is empty, takes none.
 */
export const makeFiles = async ({ folder, events, exit }: RunFiles): Promise<void> => {
  await mkdir(folder);
  await writeFile(`${events}.in`, '{"execute":"qmp_capabilities"}\n');
  await writeFile(`${events}.out`, '\n'.repeat(roomForEvents));
  await reserve(exit);
};

export const removeFiles = ({ folder }: RunFiles): Promise<void> => rm(folder, { recursive: true, force: true });

/** Removes what is left of the instance's runs, but for the one named. */
export const removeOtherRuns = async (directory: string, id: InstanceId, keep: string | null): Promise<void> => {
  for (const name of await readdir(directory)) {
    if (name.startsWith(runPrefix(id)) && name !== keep) await removeFiles(filesOf(directory, name));
  }
};

// ---------------------------------------------------------------------------
// processes
// ---------------------------------------------------------------------------

/** The shell and its child, or the first of them, or none: as far as the run had come, or its files are there. */
export const readMarks = async ({ marks }: RunFiles): Promise<ReadonlyArray<ProcessIdentity>> =>
  [...((await read(marks, endOf)) ?? '').matchAll(/^(\d+) (\d+)\n/gm)].map(([, pid, startTicks]) => ({
    pid: Number(pid),
    startTicks: Number(startTicks),
  }));

/** QEMU's own number, as it has it. null: it has not written it yet, or has ended by itself. */
export const readPid = async ({ pid }: RunFiles): Promise<number | null> => {
  const number = /^(\d+)\n/.exec((await read(pid, endOf)) ?? '')?.[1];
  return number === undefined ? null : Number(number);
};

// ---------------------------------------------------------------------------
// what is left
// ---------------------------------------------------------------------------

export interface Ended {
  /** Milliseconds since the epoch, by the machine's clock as it stood then. */
  readonly at: Timestamp;
  /** The same moment in milliseconds since the machine booted; null: not known. */
  readonly sinceBoot: Millis | null;
  readonly exitStatus: number;
}

/** null: QEMU has not ended, or its shell was killed too. */
export const readEnd = async ({ exit }: RunFiles): Promise<Ended | null> => {
  const found = await read(exit, async (file) => ({ text: await endOf(file), at: (await file.stat()).mtimeMs }));
  const [, exitStatus, sinceBoot = ''] = /^(\d+)(?: (.*))?$/.exec(lineIn(found?.text ?? '') ?? '') ?? [];
  if (found === null || exitStatus === undefined) return null;
  return { at: Math.floor(found.at), sinceBoot: sinceBootIn(sinceBoot), exitStatus: Number(exitStatus) };
};

export const readRemains = async (files: RunFiles, exitStatus: number | null): Promise<Remains> => ({
  exitStatus,
  hasPidFile: (await read(files.pid, endOf)) !== null,
  events: await readEvents(files),
});

/** The latest of QEMU's events. A line that is no event (the greeting, half a line) is passed over. */
export const readEvents = async ({ events }: RunFiles): Promise<ReadonlyArray<QmpEvent>> =>
  ((await read(`${events}.out`, endOf)) ?? '').split('\n').flatMap((line) => {
    const message = readMessage(line);
    return message._tag === 'Right' && message.right._tag === 'Event' ? [message.right] : [];
  });

export const wasTold = ({ told }: RunFiles): Promise<boolean> => isMarked(told);

export const wasOutOfMemory = ({ oom }: RunFiles): Promise<boolean> => isMarked(oom);

export const wasLost = ({ lost }: RunFiles): Promise<boolean> => isMarked(lost);

/** Before it is told: from then on its exit does not show how its work ended. */
export const writeTold = ({ told }: RunFiles): Promise<void> => mark(told);

/** So that a boot that comes later is not taken for the cause. */
export const writeLost = ({ lost }: RunFiles): Promise<void> => mark(lost);

const isMarked = async (path: string): Promise<boolean> => (await read(path, endOf)) !== null;

/** Of a run whose files are gone nobody asks any more. */
const mark = async (path: string): Promise<void> => {
  await unlessMissing(writeFile(path, ''));
};

/** The last that QEMU printed, for people; empty: nothing. */
export const lastOutput = async ({ output }: RunFiles): Promise<string> =>
  ((await read(output, endOf)) ?? '').trim().split('\n').slice(-3).join(' ').slice(-600);

/** null: there is no such file. */
const read = async <A>(path: string, from: (file: FileHandle) => Promise<A>): Promise<A | null> => {
  const file = await unlessMissing(open(path, 'r'));
  if (file === null) return null;
  try {
    return await from(file);
  } finally {
    await file.close();
  }
};

/** Files that a guest can make grow are read from here on, in bytes. */
const longestRead = 65_536;

const endOf = async (file: FileHandle): Promise<string> => {
  const { size } = await file.stat();
  const length = Math.min(size, longestRead);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
  return buffer.subarray(0, bytesRead).toString('utf8');
};
