/**
 * Which processes are of a run.
 *
 * Its control group says so exactly. Where there is none, or for what left it, several marks do, none of which a stranger
 * can have:
 * - the run variable in the environment;
 * - being one that is known, by number and beginning: the first process, or one that was of the run at an earlier look;
 * - having been forked by one of these, or being in the session of one of these, for a run has sessions of its own;
 * - being in the process group of the first process, while that number is certainly the run's: as long as the first process
 *   has it, and for those who began before it was given up. Later it may be a stranger's.
 */
import type { ControlGroup } from './control-group.js';
import {
  identityKey,
  type LiveProcess,
  livesStill,
  type ProcessIdentity,
  type Scan,
  startTicksOf,
} from './processes.js';

export interface RunMarks {
  /** Whether the run variable of a process is of the run. */
  readonly isTag: (tag: string) => boolean;
  /** null: it is not known. */
  readonly leader: Leader | null;
  /** null: the run has none. */
  readonly group: ControlGroup | null;
  /** Of its processes, those that are known already. Absent: none. */
  readonly known?: ReadonlyArray<ProcessIdentity>;
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
export const findProcessesOf = (scan: Scan, { isTag, leader, group, known: before = [] }: RunMarks): Scan => {
  const known = new Set(before.map(identityKey));
  let outside: ReadonlyArray<LiveProcess> | null = null;

  const look = async (): Promise<ReadonlyArray<LiveProcess>> => {
    const live = await scan();
    const holdsNumber = leader !== null && startTicksOf(leader.pid) === leader.startTicks;
    const isOurs = (found: LiveProcess): boolean =>
      (found.tag !== null && isTag(found.tag)) ||
      known.has(identityKey(found)) ||
      (leader !== null &&
        found.group === leader.pid &&
        (holdsNumber ? found.startTicks >= leader.startTicks : found.startTicks < (leader.noticedTicks ?? 0)));
    return withRelated(live, isOurs, ({ tag }) => tag !== null && !isTag(tag));
  };

  return async () => {
    const inside = group?.processes() ?? [];
    outside = group === null || outside === null ? await look() : outside.filter(livesStill);
    const found = new Map([...outside, ...inside].map((each) => [each.pid, each]));
    for (const each of found.values()) known.add(identityKey(each));
    return [...found.values()];
  };
};

/**
 * With what they forked, what that forked, and who shares a session with any of them; but for what is of another run, which
 * is another host's to end.
 */
const withRelated = (
  live: ReadonlyArray<LiveProcess>,
  isOurs: (found: LiveProcess) => boolean,
  isOthers: (found: LiveProcess) => boolean,
): ReadonlyArray<LiveProcess> => {
  const ownSession = live.find(({ pid }) => pid === process.pid)?.session ?? 0;
  const ours = new Map(live.filter(isOurs).map((found) => [found.pid, found]));
  for (let before = -1; before < ours.size; ) {
    before = ours.size;
    const sessions = new Set([...ours.values()].map(({ session }) => session));
    // A run has sessions of its own. Whoever took over its mark in ours takes nobody along.
    sessions.delete(ownSession);
    for (const found of live) {
      const parent = ours.get(found.parent);
      // One that is older than its parent has been adopted by it.
      const isForked = parent !== undefined && parent.startTicks <= found.startTicks;
      if ((isForked || sessions.has(found.session)) && !isOthers(found)) ours.set(found.pid, found);
    }
  }
  return [...ours.values()];
};
