/**
 * Which processes are of a run.
 *
 * Its control group says so exactly. Where there is none, or for what left it, several marks do, none of which a stranger can
 * have: the run variable in the environment; being the first process, by number and beginning; being forked by one of them;
 * having been of the run when it was looked at before. A process group counts only while the number is certainly its own: as
 * long as the first process has it, and of those who began before it was given up. Later the number may be a stranger's.
 */
import type { ControlGroup } from './control-group.js';
import { type LiveProcess, livesStill, type ProcessIdentity, type Scan, startTicksOf } from './processes.js';

export interface RunMarks {
  /** Whether the run variable of a process is of the run. */
  readonly isTag: (tag: string) => boolean;
  /** null: it is not known. */
  readonly leader: Leader | null;
  /** null: the run has none. */
  readonly group: ControlGroup | null;
}

/** The first process of a run, which leads its process group. */
export interface Leader extends ProcessIdentity {
  /** When its end was noticed, so that its number could be given again, in ticks since the boot. Absent: not that we know. */
  readonly noticedTicks?: number;
}

/**
 * What lives of the run, each time it is asked. Where the run is a control group, all processes are looked at only the first
 * time, for those that left it.
 */
export const findProcessesOf = (scan: Scan, { isTag, leader, group }: RunMarks): Scan => {
  const known = new Set<string>();
  let outside: ReadonlyArray<LiveProcess> | null = null;

  const look = async (): Promise<ReadonlyArray<LiveProcess>> => {
    const live = await scan();
    const holdsNumber = leader !== null && startTicksOf(leader.pid) === leader.startTicks;
    const isOurs = (found: LiveProcess): boolean =>
      (found.tag !== null && isTag(found.tag)) ||
      known.has(keyOf(found)) ||
      (leader !== null &&
        found.group === leader.pid &&
        (holdsNumber ? found.startTicks >= leader.startTicks : found.startTicks < (leader.noticedTicks ?? 0)));
    return withForked(live, isOurs, ({ tag }) => tag !== null && !isTag(tag));
  };

  return async () => {
    const inside = group?.processes() ?? [];
    outside = group === null || outside === null ? await look() : outside.filter(livesStill);
    const found = new Map([...outside, ...inside].map((each) => [each.pid, each]));
    for (const each of found.values()) known.add(keyOf(each));
    return [...found.values()];
  };
};

/** With what they forked, and what that forked; but for what is of another run, which is another host's to end. */
const withForked = (
  live: ReadonlyArray<LiveProcess>,
  isOurs: (found: LiveProcess) => boolean,
  isOthers: (found: LiveProcess) => boolean,
): ReadonlyArray<LiveProcess> => {
  const ours = new Map(live.filter(isOurs).map((found) => [found.pid, found]));
  for (let before = -1; before < ours.size; ) {
    before = ours.size;
    for (const found of live) {
      const parent = ours.get(found.parent);
      // One that is older than its parent has been adopted by it.
      if (parent !== undefined && parent.startTicks <= found.startTicks && !isOthers(found)) ours.set(found.pid, found);
    }
  }
  return [...ours.values()];
};

const keyOf = ({ pid, startTicks }: ProcessIdentity): string => `${pid}/${startTicks}`;
