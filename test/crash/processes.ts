/**
 * What the operating system's own process list says of a test that marks its runs.
 *
 * Everything that such a test starts carries its token in the environment: hosts and their guardians in PATH, which
 * they hand on, and runs in their mark besides.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { type Mark, markVariable, parseMark } from './marks.js';

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

export const createProcessList = (token: string): ProcessList => {
  /** How often each pid was seen without the token; forgotten as soon as it is not seen. */
  let strangers = new Map<number, number>();

  const find = (): ReadonlyArray<{ readonly pid: number; readonly environ: string }> => {
    const found: Array<{ readonly pid: number; readonly environ: string }> = [];
    const seen = new Map<number, number>();
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const pid = Number(name);
      const reads = strangers.get(pid) ?? 0;
      const environ = reads < readsUntilStranger ? read(`/proc/${pid}/environ`) : '';
      if (environ.includes(token)) found.push({ pid, environ });
      else seen.set(pid, reads + 1);
    }
    strangers = seen;
    return found;
  };

  const runOf = (pid: number, environ: string): RunProcess | null => {
    const entry = environ.split('\0').find((text) => text.startsWith(`${markVariable}=`));
    const mark = entry === undefined ? null : parseMark(token, entry.slice(markVariable.length + 1));
    if (mark === null) return null;
    // "pid (name) state parent group ...", and the name may hold anything.
    const stat = read(`/proc/${pid}/stat`);
    const group = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2];
    return group === undefined ? null : { ...mark, pid, group: Number(group) };
  };

  return {
    runs: () =>
      find().flatMap(({ pid, environ }) => {
        const run = runOf(pid, environ);
        return run === null ? [] : [run];
      }),
    all: () => find().map(({ pid }) => pid),
  };
};

/**
 * The process groups of one instance's runs that lived at the same time; empty: no two did. One may end and another
 * begin while the list is read, so only groups that are found twice lived together.
 */
export const groupsTogether = (
  runs: ReadonlyArray<RunProcess>,
  readAgain: () => ReadonlyArray<RunProcess>,
): ReadonlyArray<number> => {
  const groups = groupsOf(runs);
  if (groups.length < 2) return [];
  const again = groupsOf(readAgain());
  const both = groups.filter((group) => again.includes(group));
  return both.length > 1 ? both : [];
};

const groupsOf = (runs: ReadonlyArray<RunProcess>): ReadonlyArray<number> => [
  ...new Set(runs.map(({ group }) => group)),
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

const read = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // it has ended
  }
};
