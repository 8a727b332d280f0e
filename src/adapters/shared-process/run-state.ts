/**
 * Whether a run lives, asked by processes that did not start it.
 *
 * The record names a process by its number and its beginning, which no other process has, and the control group of the run,
 * where it has one. That costs two small reads. Only where they do not decide, all processes are scanned, and only inside
 * the section of the instance, where the answer is final: a starter that died between its record and its pid has spawned
 * its run by then, or never will.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../../either.js';
import { constVoid } from '../../function.js';
import type { InstanceId } from '../../ports/store.js';
import { type ControlGroup, recordedGroup } from '../linux/control-group.js';
import { isFormerLife } from '../linux/host-life.js';
import { type LiveProcess, livesStill, readProcess, type Scan } from '../linux/processes.js';
import { findProcessesOf } from '../linux/run-processes.js';
import type { Beginning, End, RunFiles } from './files.js';
import type { RunEnds } from './run-ends.js';
import { marksOf, recordedProcess } from './run-marks.js';

export type CertainState =
  | { readonly _tag: 'NeverRan' }
  /** `pid`: of a process of the run; null: its control group has one, which is not seen. */
  | { readonly _tag: 'Running'; readonly run: Beginning; readonly pid: number | null }
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
  /** Of one run, without a scan. */
  readonly stateOf: (run: Beginning) => Promise<Exclude<RunState, { readonly _tag: 'NeverRan' }>>;
}

const firstIn = (group: ControlGroup): number | null => group.processes()[0]?.pid ?? null;

/** `life`: that of the machine, now. */
export const createRunStates = (files: RunFiles, ends: RunEnds, scan: Scan, life: string | null): RunStates => {
  const stateOf: RunStates['stateOf'] = async (run) => {
    // In this order: the shim writes the end first, then ends itself.
    const end = await ends.read(run);
    if (end !== null) return { _tag: 'Over', run, end };
    const recorded = recordedProcess(run, life);
    if (recorded !== null && livesStill(recorded)) return { _tag: 'Running', run, pid: recorded.pid };
    // Written by a version that did not know when it began.
    if (run.pid !== null && readProcess(run.pid)?.tag === run.run) return { _tag: 'Running', run, pid: run.pid };
    const group = run.pid === null ? null : recordedGroup(run);
    if (group?.isPopulated()) return { _tag: 'Running', run, pid: firstIn(group) };
    return { _tag: 'Uncertain', run };
  };

  const read: RunStates['read'] = async (id) => {
    const record = await files.read(id);
    if (record._tag === 'Left') return record;
    const run = record.right;
    return right(run === null ? { _tag: 'NeverRan' } : await stateOf(run));
  };

  /** A process of the run. A scan may miss one that forks; so absence is believed when two agree. */
  const search = async (run: Beginning): Promise<LiveProcess | null> => {
    const find = findProcessesOf(scan, await marksOf(files, run, life));
    for (let looks = 0; looks < 2; looks++) {
      const found = await find();
      const first = found.find(({ pid, group }) => pid === group) ?? found[0];
      if (first !== undefined) return first;
    }
    return null;
  };

  const determine: RunStates['determine'] = async (id) => {
    const seen = await read(id);
    if (seen._tag === 'Left') return left(seen.left);
    if (seen.right._tag !== 'Uncertain') return right(seen.right);
    const { run } = seen.right;
    // Nobody enters what is removed: what its starter spawned last before it died ends without having run the command.
    const isRemoved = run.pid === null ? recordedGroup(run)?.remove() : undefined;
    const found = isRemoved === true ? null : await search(run);
    if (found !== null) {
      const known: Beginning = { ...run, pid: found.pid, startTicks: found.startTicks };
      // Where it cannot be written down, the next call looks again.
      await files.write(known).catch(constVoid);
      return right({ _tag: 'Running', run: known, pid: found.pid });
    }
    // Whatever was in it has ended since; or it forks so fast that it is not seen.
    if (isRemoved === false && recordedGroup(run)?.remove() === false)
      return right({ _tag: 'Running', run, pid: null });
    const end = await ends.read(run);
    if (end !== null) return right({ _tag: 'Over', run, end });
    // Whoever told it to end died meanwhile; or it ended with the machine.
    const how = (await files.wasTold(run)) || isFormerLife(run.life, life) ? 'host' : 'lost';
    return right({ _tag: 'Over', run, end: await ends.write(run, how) });
  };

  return { read, determine, stateOf };
};
