/**
 * What lives on this machine, as /proc shows it.
 */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isNone, tryCatch } from '../../option.js';

/** The environment variable by which the processes of a run are found. */
export const runVariable = 'RESTART_POLICY_RUN';

/**
 * A process by what the kernel never gives to two: a number is given again, but not with the same moment of its beginning.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, in ticks (hundredths of a second) since the machine booted. */
  readonly startTicks: number;
}

/** Another text for every other process. */
export const identityKey = ({ pid, startTicks }: ProcessIdentity): string => `${pid}/${startTicks}`;

export interface LiveProcess extends ProcessIdentity {
  readonly parent: number;
  /** Process group: the pid of the process that began it. */
  readonly group: number;
  readonly session: number;
  /** Value of the run variable in the environment that it was started with; null: none, or it wrote over it. */
  readonly tag: string | null;
}

export type Scan = () => Promise<ReadonlyArray<LiveProcess>>;

/**
 * Scans that begin after they were asked for. Those asked for while one is under way share the next: a hundred
 * instances that end at once cost two scans.
 */
export const createScan = (list: Scan = listLiveProcesses): Scan => {
  let current: ReturnType<Scan> | null = null;
  let next: ReturnType<Scan> | null = null;

  const begin = (): ReturnType<Scan> => {
    next = null;
    current = list().finally(() => {
      current = null;
    });
    return current;
  };

  return () => {
    if (current === null) return begin();
    next ??= current.then(begin, begin);
    return next;
  };
};

/**
 * Every process that lives; rejects when that cannot be known (no file descriptor left, for example). One that has
 * ended, and only waits for its parent to notice, does not live. One that forks or execs at this very moment may be
 * missed; so absence is believed when two scans agree.
 */
export const listLiveProcesses: Scan = async () => {
  const live: Array<LiveProcess> = [];
  let read = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // Small synchronous reads are several times cheaper than asynchronous ones; the event loop gets its turns.
    if (++read % 32 === 0) await nextTurn();
    const found = readProcess(Number(name));
    if (found !== null) live.push(found);
  }
  return live;
};

/** null: it has ended, or we may not read it. */
export const readProcess = (pid: number): LiveProcess | null => {
  const stat = readStat(pid);
  if (stat === null || stat.hasEnded) return null;
  const { parent, group, session, startTicks } = stat;
  return { pid, parent, group, session, startTicks, tag: tagIn(readEnvironment(pid, stat.isHeadless)) };
};

/** Whether that very process lives, and not another that was given its number. */
export const livesStill = ({ pid, startTicks }: ProcessIdentity): boolean => {
  const stat = readStat(pid);
  return stat !== null && !stat.hasEnded && stat.startTicks === startTicks;
};

/**
 * When the process began that has the number now, dead and unnoticed or not; null: there is none. Throws where that cannot be
 * known.
 */
export const startTicksOf = (pid: number): number | null => readStat(pid)?.startTicks ?? null;

/** A process that has ended, and only waits for its parent to notice. null: it lives, is gone, or cannot be read. */
export const readUnnoticed = (pid: number): (ProcessIdentity & { readonly session: number }) | null => {
  const read = tryCatch(() => readStat(pid));
  if (isNone(read) || read.value?.hasEnded !== true) return null;
  const { session, startTicks } = read.value;
  return { pid, startTicks, session };
};

/** Where a process reads the line by which it says which one it is. */
export const ownStat = '/proc/self/stat';

/**
 * What a process wrote of itself: its run variable, and its line of /proc/PID/stat. null: it is of another run, or is no such
 * line, or is still being written.
 */
export const markIn = (text: string, run: string): ProcessIdentity | null => {
  if (!text.startsWith(`${run} `)) return null;
  const [, pid, fields = ''] = /^(\d+) \(.*\) (.*)\n$/s.exec(text.slice(run.length + 1)) ?? [];
  const startTicks = Number(fields.split(' ')[22 - 3]);
  return pid !== undefined && Number.isSafeInteger(startTicks) ? { pid: Number(pid), startTicks } : null;
};

/** What the kernel shows of a process that does not end, for people: its state, and who traces it. Never throws. */
export const plightOf = (pid: number): string => {
  const read = tryCatch(() => readText(pid, 'status'));
  if (isNone(read)) return 'not to be seen';
  const status = read.value ?? '';
  const state = /^State:\s*(.+)$/m.exec(status)?.[1] ?? 'gone';
  const tracer = /^TracerPid:\s*([1-9]\d*)$/m.exec(status)?.[1];
  return tracer === undefined ? state : `${state}, traced by process ${tracer}`;
};

interface Stat {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly startTicks: number;
  readonly hasEnded: boolean;
  /** Its first thread has ended, and others live on: it shows as a zombie, and is none. */
  readonly isHeadless: boolean;
}

const readStat = (pid: number): Stat | null => {
  const text = readText(pid, 'stat');
  if (text === null) return null;
  // "pid (name) state parent group session ...", and the name may hold anything, brackets too. By their numbers in
  // proc(5): 3 the state, 4 the parent, 5 the group, 6 the session, 20 the count of threads, 22 the beginning.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  if (state === undefined || fields.length < 20) return null;
  const number = (field: number): number => Number(fields[field - 3]);
  const isZombie = state === 'Z' || state === 'X';
  const isHeadless = isZombie && number(20) > 1;
  return {
    parent: number(4),
    group: number(5),
    session: number(6),
    startTicks: number(22),
    hasEnded: isZombie && !isHeadless,
    isHeadless,
  };
};

/** With its first thread a process loses the environment that /proc shows for it; each other thread shows it still. */
const readEnvironment = (pid: number, isHeadless: boolean): string => {
  if (!isHeadless) return readText(pid, 'environ') ?? '';
  for (const thread of threadsOf(pid)) {
    const environment = readText(`${pid}/task/${thread}`, 'environ') ?? '';
    if (environment !== '') return environment;
  }
  return '';
};

const threadsOf = (pid: number): ReadonlyArray<string> => {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // it has ended
  }
};

const tagIn = (environ: string): string | null => {
  const entry = environ.split('\0').find((text) => text.startsWith(`${runVariable}=`));
  return entry === undefined ? null : entry.slice(runVariable.length + 1);
};

/** null: it has ended, or we may not read it. Throws for any other reason: that must not be taken for an end. */
const readText = (process: number | string, file: 'stat' | 'status' | 'environ'): string | null => {
  try {
    return readWhole(`/proc/${process}/${file}`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && unreadable.has(error.code)) return null;
    throw error;
  }
};

/** Shared, for nothing waits while it is in use. */
const buffer = Buffer.allocUnsafe(64 * 1024);

/** The kernel makes these files as they are read: to read on until nothing comes, as `readFile` does, costs several times. */
const readWhole = (path: string): string => {
  const file = openSync(path, 'r');
  try {
    for (let text = ''; ; ) {
      const length = readSync(file, buffer);
      text += buffer.toString('latin1', 0, length);
      if (length < buffer.length) return text;
    }
  } finally {
    closeSync(file);
  }
};

const unreadable: ReadonlySet<unknown> = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);
