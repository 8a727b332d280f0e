/**
 * What earlier owners of a directory left behind, when it is opened.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { Millis } from '../../duration.js';
import type { Failed } from '../../ports/hypervisor.js';
import type { InstanceId } from '../../ports/store.js';
import { done } from '../common/answers.js';
import type { ControlGroups } from '../linux/control-groups.js';
import { endProcesses } from '../linux/end-processes.js';
import type { Scan } from '../linux/processes.js';
import { findProcessesOf, type RunMarks } from '../linux/run-processes.js';
import type { SystemCalls } from '../linux/system-calls.js';
import { marksOf, type RunRecord } from './records.js';

export interface EarlierRuns {
  readonly directory: string;
  /** What the run variables of all owners of the directory begin with, before a colon. */
  readonly key: string;
  readonly life: string | null;
  readonly graceMs: Millis;
  readonly records: ReadonlyMap<InstanceId, RunRecord>;
  readonly groups: ControlGroups | null;
  readonly scan: Scan;
  readonly calls: SystemCalls | null;
}

/**
 * Ends all of them, those too of which no record is left. Left: something does not end. Their control groups are removed, so
 * that a shell that was about to enter one ends without its command.
 */
export const endEarlierRuns = async (earlier: EarlierRuns): Promise<Either<Failed, void>> => {
  const { directory, key, life, graceMs, records, groups, scan, calls } = earlier;
  const unfinished = [...records.values()].filter(({ stoppedAt }) => stoppedAt === null);
  const all = groups?.all ?? null;
  const known: RunMarks = { isTag: (tag) => tag.startsWith(`${key}:`), leader: null, group: all };
  const answers = await Promise.all([
    endProcesses({ find: findProcessesOf(scan, known), graceMs, group: all, calls }),
    ...unfinished.map(async (record) => {
      const { group } = marksOf(directory, record, life);
      // Asked anew each time: a shell that its host has spawned last becomes its command meanwhile.
      const find: Scan = () => findProcessesOf(scan, marksOf(directory, record, life))();
      const answer = await endProcesses({ find, graceMs, group, calls });
      group?.remove();
      return answer;
    }),
  ]);
  all?.removeBelow();
  return answers.find(({ _tag }) => _tag === 'Left') ?? done;
};
