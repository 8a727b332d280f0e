/**
 * What the operating system's own process list says of a test that marks its runs.
 *
 * Everything that such a test starts carries its token in the environment: hosts and their guardians in PATH, which
 * they hand on, and runs in their mark besides. Of a run that hides its environment something else says whose it is: a title
 * or an argument with the mark in it, or the file that it beats in.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beatsBeside, findMark, type Mark, markOfBeat, markVariable, parseMark } from './marks.js';

export interface RunProcess extends Mark {
  readonly pid: number;
  /** Process group. */
  readonly group: number;
}

export interface ProcessList {
  /** Living processes of runs. One that ended and waits for its parent to notice does not live. */
  readonly runs: () => ReadonlyArray<RunProcess>;
  /** Pids of whatever carries the token: hosts, guardians and runs. */
  readonly all: () => ReadonlyArray<number>;
}

/**
 * A process changes its environment only by an exec, soon after its birth: after so many readings a stranger stays one.
 */
const readsUntilStranger = 10;

export const createProcessList = (token: string, runLog: string): ProcessList => {
  /** How often each pid was seen without the token; forgotten as soon as it is not seen. */
  let strangers = new Map<number, number>();
  const beating = createBeating(token, runLog);

  const find = (): ReadonlyArray<{ readonly pid: number; readonly mark: Mark | null }> => {
    const found = new Map<number, { readonly pid: number; readonly mark: Mark | null }>();
    const seen = new Map<number, number>();
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const pid = Number(name);
      const reads = strangers.get(pid) ?? 0;
      const isNew = reads < readsUntilStranger;
      const environ = isNew ? read(`/proc/${pid}/environ`) : '';
      const mark = markIn(environ) ?? (isNew ? findMark(token, read(`/proc/${pid}/cmdline`)) : null);
      if (mark !== null || environ.includes(token)) found.set(pid, { pid, mark });
      else seen.set(pid, reads + 1);
    }
    strangers = seen;
    for (const beat of beating()) found.set(beat.pid, beat);
    return [...found.values()];
  };

  const markIn = (environ: string): Mark | null => {
    const entry = environ.split('\0').find((text) => text.startsWith(`${markVariable}=`));
    return entry === undefined ? null : parseMark(token, entry.slice(markVariable.length + 1));
  };

  return {
    runs: () =>
      find().flatMap(({ pid, mark }) => {
        const stat = mark === null ? null : readStat(`/proc/${pid}/stat`);
        return mark === null || stat === null ? [] : [{ ...mark, pid, group: stat.group }];
      }),
    all: () => find().map(({ pid }) => pid),
  };
};

/** The processes that live of those that beat in a file. Each has a file of its own, and says its number in it. */
const createBeating = (token: string, runLog: string) => {
  const directory = beatsBeside(runLog);
  const known = new Map<string, { readonly pid: number; readonly mark: Mark; readonly startTicks: string }>();
  const ended = new Set<string>();

  const beginOf = (name: string): { readonly pid: number; readonly startTicks: string } | null => {
    const [pid = '', ...more] = read(join(directory, name)).split('\n');
    if (more.length === 0) return null;
    return { pid: Number(pid), startTicks: readStat(`/proc/${pid}/stat`)?.startTicks ?? '' };
  };

  return (): ReadonlyArray<{ readonly pid: number; readonly mark: Mark }> => {
    for (const name of namesIn(directory)) {
      const mark = known.has(name) || ended.has(name) ? null : markOfBeat(token, name);
      const begin = mark === null ? null : beginOf(name);
      if (mark !== null && begin !== null) known.set(name, { mark, ...begin });
    }
    return [...known].flatMap(([name, { pid, mark, startTicks }]) => {
      if (readStat(`/proc/${pid}/stat`)?.startTicks === startTicks && hasLiveThread(pid)) return [{ pid, mark }];
      known.delete(name);
      ended.add(name);
      return [];
    });
  };
};

/**
 * The runs of one instance that lived at the same time, each by its host and its revision; empty: no two did. One may end
 * and another begin while the list is read, so only those that are found twice lived together. Two runs of one revision tell
 * of themselves in the run log.
 */
export const runsTogether = (
  runs: ReadonlyArray<RunProcess>,
  readAgain: () => ReadonlyArray<RunProcess>,
): ReadonlyArray<string> => {
  const marks = marksOf(runs);
  if (marks.length < 2) return [];
  const again = marksOf(readAgain());
  const both = marks.filter((mark) => again.includes(mark));
  return both.length > 1 ? both : [];
};

const marksOf = (runs: ReadonlyArray<RunProcess>): ReadonlyArray<string> => [
  ...new Set(runs.map(({ life, revision }) => `revision ${revision} of host ${life}`)),
];

/** Kills whatever carries the token, until the list is empty twice: one reading may miss a process that forks. */
export const endAll = (list: ProcessList): void => {
  for (let empty = 0; empty < 2; ) {
    const found = list.all();
    empty = found.length === 0 ? empty + 1 : 0;
    for (const pid of found) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    }
  }
};

// ---------------------------------------------------------------------------
// /proc
// ---------------------------------------------------------------------------

const read = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // it has ended
  }
};

const namesIn = (directory: string): ReadonlyArray<string> => {
  try {
    return readdirSync(directory);
  } catch {
    return []; // it has ended; or nothing has begun that beats
  }
};

/** null: it has ended. */
const readStat = (path: string) => {
  const stat = read(path);
  // "pid (name) state parent group ...", and the name may hold anything; the beginning is the 22nd of them.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '', , group = ''] = fields;
  return group === '' ? null : { state, group: Number(group), startTicks: fields[19] ?? '' };
};

/** The first thread's end is not the end of the process, whatever the list says of it. */
const hasLiveThread = (pid: number): boolean =>
  namesIn(`/proc/${pid}/task`).some((thread) => {
    const state = readStat(`/proc/${pid}/task/${thread}/stat`)?.state ?? 'X';
    return state !== 'Z' && state !== 'X';
  });
