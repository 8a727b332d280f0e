/**
 * Whether a run lives, asked by processes that did not start it.
 *
 * The pid on disk names a process, and the run variable of that process shows whether it is of the run: a process that
 * was given the number since, also after a boot, has another. That costs two small reads. Only where they do not decide,
 * all processes are scanned, and only inside the section of the instance, where the answer is final: a starter that died
 * between its record and its pid has spawned its run by then, or never will.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { constVoid } from 'fp-ts/lib/function.js';
import type { InstanceId } from '../../ports/store.js';
import { isFormerLife } from '../linux/host-life.js';
import { readProcess, type Scan } from '../linux/processes.js';
import { type Beginning, type End, type RunFiles, unseenEnd } from './files.js';

export type CertainState =
  | { readonly _tag: 'NeverRan' }
  /** `pid`: of a process of the run. */
  | { readonly _tag: 'Running'; readonly run: Beginning; readonly pid: number }
  | { readonly _tag: 'Over'; readonly run: Beginning; readonly end: End };

export type RunState =
  | CertainState
  /** Its starter or stopper is at work; or died at it. */
  | { readonly _tag: 'Uncertain'; readonly run: Beginning };

export interface RunStates {
  /** Left: what stands in place of a record is none, and why not. Rejects when it cannot be known. */
  readonly read: (id: InstanceId) => Promise<Either<string, RunState>>;
  /** The same, in the section: no question stays open, and what was found out is written down for the others. */
  readonly determine: (id: InstanceId) => Promise<Either<string, CertainState>>;
}

/** `life`: that of the machine, now. */
export const createRunStates = (files: RunFiles, scan: Scan, life: string | null): RunStates => {
  const read: RunStates['read'] = async (id) => {
    const record = await files.read(id);
    if (record._tag === 'Left') return record;
    const run = record.right;
    if (run === null) return right({ _tag: 'NeverRan' });
    // In this order: the shim writes the end first, then ends itself.
    const end = await files.readEnd(run);
    if (end !== null) return right({ _tag: 'Over', run, end });
    return right(
      run.pid !== null && readProcess(run.pid)?.tag === run.run
        ? { _tag: 'Running', run, pid: run.pid }
        : { _tag: 'Uncertain', run },
    );
  };

  /** A process of the run. A scan may miss one that forks; so absence is believed when two agree. */
  const search = async ({ run }: Beginning): Promise<number | null> => {
    for (let scans = 0; scans < 2; scans++) {
      const found = (await scan()).filter(({ tag }) => tag === run);
      const leader = found.find(({ pid, group }) => pid === group) ?? found[0];
      if (leader !== undefined) return leader.pid;
    }
    return null;
  };

  const determine: RunStates['determine'] = async (id) => {
    const seen = await read(id);
    if (seen._tag === 'Left') return left(seen.left);
    if (seen.right._tag !== 'Uncertain') return right(seen.right);
    const { run } = seen.right;
    const pid = await search(run);
    // Where the pid cannot be written down, the next call scans again.
    if (pid !== null) {
      await files.write({ ...run, pid }).catch(constVoid);
      return right({ _tag: 'Running', run, pid });
    }
    const end = await files.readEnd(run);
    if (end !== null) return right({ _tag: 'Over', run, end });
    // Whoever told it to end died meanwhile; or it ended with the machine.
    const how = (await files.wasTold(run)) || isFormerLife(run.life, life) ? 'host' : 'lost';
    await files.writeEnd(run, how).catch(constVoid);
    return right({ _tag: 'Over', run, end: unseenEnd[how] });
  };

  return { read, determine };
};
