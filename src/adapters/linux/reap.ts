/**
 * Takes note of the ended processes of a run that were left to this process as its children.
 *
 * A process that outlives its parent becomes a child of the first process of its PID namespace, or of an ancestor that
 * asked for such children. Where that is this process, as in a container without an init, nobody else takes note of
 * their ends, and they stay in the table of processes for ever.
 *
 * Node waits for what it spawned itself, and would never hear of an end that was taken from it. So only those are taken
 * that cannot be its own: they are of a run's session, of its control group, or were seen as processes of the run; and
 * they are not its first process. What Node spawns is in this process's session, or begins one.
 */
import { readFileSync } from 'node:fs';
import { constVoid } from '../../function.js';
import { identityKey, type ProcessIdentity, readUnnoticed } from './processes.js';
import type { SystemCalls } from './system-calls.js';

/** A child of this process that has ended. */
export interface EndedChild extends ProcessIdentity {
  /** The pid of the process that began its session. */
  readonly session: number;
  /** Path of its control group of version 2, in the hierarchy; null: there is none. */
  readonly controlGroup: string | null;
}

/** What is known of a run whose processes are to be taken note of. */
export interface RunToReap {
  /** Of its first process, which began a session. */
  readonly pid: number;
  /** The control group of this run alone, as in {@link EndedChild}; absent: none. */
  readonly controlGroup?: string | null;
  /** What else is known to be of the run. Its first process only where another host spawned it. */
  readonly seen?: ReadonlyArray<ProcessIdentity>;
}

export const isToReap = (child: EndedChild, { pid, controlGroup = null, seen = [] }: RunToReap): boolean =>
  seen.some((each) => identityKey(each) === identityKey(child)) ||
  (child.pid !== pid && (child.session === pid || isWithin(child.controlGroup, controlGroup)));

/** The name of a group that was removed has a mark behind it. */
const isWithin = (group: string | null, of: string | null): boolean =>
  group !== null && of !== null && (group === of || group === `${of} (deleted)` || group.startsWith(`${of}/`));

/**
 * Takes note of those of the run that have ended, and of those of runs before it, which may have taken longer; null: of
 * these alone. Never throws: one that cannot be taken note of now may be the next time. It costs nearly nothing where
 * this process was left no children.
 */
export type Reaper = (run: RunToReap | null) => void;

/** So many runs are remembered. */
const longestMemory = 1_000;

/** null: without calls of the system nothing is taken note of. */
export const createReaper = (calls: SystemCalls | null): Reaper => {
  if (calls === null) return constVoid;
  const runs: Array<RunToReap> = [];
  return (run) => {
    if (run !== null && !runs.includes(run)) runs.push(run);
    if (runs.length > longestMemory) runs.shift();
    try {
      for (const pid of children()) {
        const child = endedChild(pid);
        if (child !== null && runs.some((each) => isToReap(child, each))) calls.reap(pid);
      }
    } catch {
      // The next run's end is another occasion.
    }
  };
};

/**
 * Those of the first thread, to which the kernel leaves the children of others. None: also where the kernel lists none.
 */
const children = (): ReadonlyArray<number> =>
  (readText(`/proc/self/task/${process.pid}/children`) ?? '').split(' ').filter(Boolean).map(Number);

/** null: it lives, or is gone. */
const endedChild = (pid: number): EndedChild | null => {
  const ended = readUnnoticed(pid);
  return ended === null ? null : { ...ended, controlGroup: controlGroupOf(pid) };
};

const controlGroupOf = (pid: number): string | null =>
  (readText(`/proc/${pid}/cgroup`) ?? '')
    .split('\n')
    .find((line) => line.startsWith('0::'))
    ?.slice('0::'.length) ?? null;

const readText = (path: string): string | null => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
};
