/**
 * A run of an instance, from its spawn until nothing of it is left.
 *
 * Two facts are kept apart. Its first process has exited: then its exit code is known. The run is over: then nothing of it
 * lives any more, its end is recorded, and only now an inspection shows the instance as stopped.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Either } from 'fp-ts/lib/Either.js';
import type { Millis } from '../../duration.js';
import { isNone, tryCatch } from '../../option.js';
import type { CallSignal } from '../../ports/call.js';
import type { Failed } from '../../ports/hypervisor.js';
import { done } from '../common/answers.js';
import { orGivenUp } from '../common/given-up.js';
import { type ControlGroup, mayBePopulated } from '../linux/control-group.js';
import { endProcesses, within } from '../linux/end-processes.js';
import { notEnteredCode, wasEntered } from '../linux/first-shell.js';
import { type Moments, ticksOf } from '../linux/moments.js';
import { type LiveProcess, readUnnoticed, type Scan, startTicksOf } from '../linux/processes.js';
import type { Reaper } from '../linux/reap.js';
import { endedByHost, type RunEnd } from '../linux/run-end.js';
import { findProcessesOf, type Leader } from '../linux/run-processes.js';
import type { Spawned } from '../linux/spawn.js';
import type { SystemCalls } from '../linux/system-calls.js';
import { type RunRecord, retoldRecord } from './records.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

export interface Run {
  readonly record: RunRecord;
  /** Of its first process. */
  readonly pid: number;
  /** null: the host had no descriptor left to see when its first process began. */
  /** Where the system keeps the end of its first process from us, that counts as exited after a while. Does not wait for it. */
  readonly askForNews: () => void;
  /**
   * Whether it ends, now or a little later: it was told to, its first process has exited, or a tracer holds back that it has.
   * No start counts it as running any more.
   */
  readonly isLeaving: () => boolean;
  /** Waits for the end of one that is leaving; ends it for good where it was told to end, and whoever told it gave up. */
  readonly seeOff: (signal?: CallSignal) => Promise<Either<Failed, void>>;
  /**
   * Ends it. Its exit code does not show from now on how its work ended: the cause is the host. It may live on for as long as
   * it likes where whoever told it gives up, or where it cannot be ended (then Left).
   */
  readonly tellToEnd: (signal?: CallSignal) => Promise<Either<Failed, void>>;
}

export interface RunParts {
  readonly record: RunRecord;
  readonly spawned: Spawned;
  /** null: it has none. */
  readonly group: ControlGroup | null;
  /** Its command says that it enters another group, so its own does not hold all of it. */
  readonly leavesGroup: boolean;
  readonly scan: Scan;
  readonly calls: SystemCalls | null;
  readonly reap: Reaper;
  /** Asked when it is told to end. */
  readonly graceMs: () => Millis;
  readonly moments: Moments;
  /** Records the end; never rejects. */
  readonly writeEnd: (ended: RunRecord) => Promise<void>;
  readonly onOver: (ended: RunRecord) => void;
}

/** What lives of a run is being ended, for all who want that. */
interface Ending {
  readonly answer: Promise<Either<Failed, void>>;
  /** Nothing is signalled any more. */
  readonly abandon: () => void;
  wantedBy: number;
}

/** So long, in milliseconds, may the news of an end take from the kernel to us; else something holds it back. */
const longestNews: Millis = 2_000;

// ---------------------------------------------------------------------------
// run
// ---------------------------------------------------------------------------

export const followRun = (parts: RunParts): Run => {
  const { record, spawned, group, leavesGroup, moments } = parts;
  const { pid } = spawned;
  // A child that nobody has asked about keeps its number, dead or alive; so this is of the very process.
  const begun = tryCatch(() => startTicksOf(pid));
  let leader: Leader | null = isNone(begun) || begun.value === null ? null : { pid, startTicks: begun.value };
  let hasExited = false;
  let wasTold = false;
  let ended: RunRecord = record;
  let ending: Ending | null = null;
  /** By number: what was found while it was being ended. */
  const seen = new Map<number, LiveProcess>();

  let countAsExited: (how: RunEnd) => void = () => {};
  const how = new Promise<RunEnd>((resolve) => {
    countAsExited = resolve;
    void spawned.exited.then((end) => resolve(isOfItsShell(end) ? endedByHost : end));
  });

  /** The shell that was to run the command could not enter the group, so the command never began. */
  const isOfItsShell = ({ exitCode }: RunEnd): boolean =>
    exitCode === notEnteredCode && group !== null && !wasEntered(group);

  const exited = how.then((end) => {
    hasExited = true;
    const noticedTicks = ticksOf(moments);
    if (leader !== null && noticedTicks !== null) leader = { ...leader, noticedTicks };
    // Both moments by one clock: the length of the run is kept.
    const retold = retoldRecord(record, moments.bootAt());
    ended = { ...retold, stoppedAt: moments.now(), ...(wasTold ? endedByHost : end) };
  });

  const over = exited.then(async () => {
    // Both at once: a host that dies before what was left behind has ended must not take the end along.
    await Promise.all([parts.writeEnd(ended), isGroupEmpty() ? null : end()]);
    group?.remove();
    // Of its first process the end is told to who spawned it, be it ever so late.
    const others = [...seen.values()].filter((each) => each.pid !== pid);
    parts.reap({ pid, controlGroup: group?.name ?? null, seen: others });
    parts.onOver(ended);
  });

  const isGroupEmpty = (): boolean => group !== null && !leavesGroup && !mayBePopulated(group);

  /** Ends what lives, once however often it is called; until the last of those who called has given up. */
  const end = async (signal?: CallSignal): Promise<Either<Failed, void>> => {
    ending ??= beginToEnd();
    const current = ending;
    current.wantedBy++;
    const answer = await orGivenUp(current.answer, signal);
    if (--current.wantedBy > 0) return answer;
    current.abandon();
    if (ending === current) ending = null;
    // The last one, whether or not it gave up, answers when nothing more is done.
    return current.answer;
  };

  const beginToEnd = (): Ending => {
    const abandoned = new AbortController();
    const find = findProcessesOf(parts.scan, { isTag: (tag) => tag === record.run, leader, group });
    const answer = endProcesses({
      find: async () => {
        const found = await find();
        for (const each of found) seen.set(each.pid, each);
        return found;
      },
      graceMs: parts.graceMs(),
      group,
      calls: parts.calls,
      leader: () => (hasExited ? null : exited),
      signal: abandoned.signal,
    });
    return { answer, abandon: () => abandoned.abort(), wantedBy: 0 };
  };

  const isUnnoticed = (): boolean => readUnnoticed(pid) !== null;

  /** Waits for the news of an end, but not for as long as a tracer cares to hold it back. */
  const newsOf = async (otherwise: RunEnd, signal: CallSignal | undefined): Promise<void> => {
    if (hasExited) return;
    await within(exited, longestNews, signal);
    await nextTurn(); // where the event loop was held up, the news is not late, but next
    if (!hasExited && isUnnoticed() && signal?.aborted !== true) countAsExited(otherwise);
  };

  const isOver = async (otherwise: RunEnd, signal: CallSignal | undefined): Promise<Either<Failed, void>> => {
    await newsOf(otherwise, signal);
    return orGivenUp(
      over.then(() => done),
      signal,
    );
  };

  const tellToEnd: Run['tellToEnd'] = async (signal) => {
    // One that has exited by itself keeps its exit code, also while what it left behind is being ended.
    wasTold = true;
    const answer = await end(signal);
    // Where nothing lives, its exit is on its way to us, if it is not here already.
    const gone = hasExited || answer._tag === 'Right' ? await isOver(endedByHost, signal) : done;
    return answer._tag === 'Left' ? answer : gone;
  };

  return {
    record,
    pid,
    askForNews: () => {
      if (!hasExited && isUnnoticed()) void newsOf(unknownEnd, undefined);
    },
    isLeaving: () => wasTold || hasExited || isUnnoticed(),
    seeOff: (signal) => (wasTold && !hasExited ? tellToEnd(signal) : isOver(unknownEnd, signal)),
    tellToEnd,
  };
};

/** It has ended, and nobody tells how. */
const unknownEnd: RunEnd = { exitCode: null, cause: 'unknown' };
