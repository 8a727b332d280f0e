/**
 * What lives on this machine, as /proc shows it.
 */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** The environment variable by which the processes of a run are found. */
export const runVariable = 'RESTART_POLICY_RUN';

export interface LiveProcess {
  readonly pid: number;
  /** Process group: the pid of the process that began it. */
  readonly group: number;
  /** Value of the run variable in the environment that it was started with; null: none. */
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
  return { pid, group: stat.group, tag: tagIn(readText(pid, 'environ') ?? '') };
};

/** Whether it has ended, and only waits for its parent to notice. No: also where it is gone, or we may not read it. */
export const isUnnoticed = (pid: number): boolean => readStat(pid)?.hasEnded === true;

const readStat = (pid: number): { readonly group: number; readonly hasEnded: boolean } | null => {
  const stat = readText(pid, 'stat');
  if (stat === null) return null;
  // "pid (name) state parent group session ...", and the name may hold anything, brackets too.
  const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === undefined || group === undefined) return null;
  return { group: Number(group), hasEnded: state === 'Z' || state === 'X' };
};

const tagIn = (environ: string): string | null => {
  const entry = environ.split('\0').find((text) => text.startsWith(`${runVariable}=`));
  return entry === undefined ? null : entry.slice(runVariable.length + 1);
};

/** null: it has ended, or we may not read it. Throws for any other reason: that must not be taken for an end. */
const readText = (pid: number, file: 'stat' | 'environ'): string | null => {
  try {
    return readWhole(`/proc/${pid}/${file}`);
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
