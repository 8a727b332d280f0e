/**
 * Ends processes: SIGTERM once to each, SIGKILL to what still lives after the grace, until nothing is left.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Either } from 'fp-ts/lib/Either.js';
import type { Millis } from '../../duration.js';
import { left } from '../../either.js';
import { constVoid } from '../../function.js';
import { isNone, isSome, none, tryCatch } from '../../option.js';
import type { CallSignal } from '../../ports/call.js';
import { type Failed, failed } from '../../ports/hypervisor.js';
import { done } from '../common/answers.js';
import { givenUp, isGivenUp } from '../common/given-up.js';
import { type ControlGroup, mayBePopulated } from './control-group.js';
import { identityKey, type LiveProcess, plightOf, type Scan } from './processes.js';
import { type Sent, signalGroup, signalProcess } from './signals.js';
import type { SystemCalls } from './system-calls.js';

/** Between two scans: short at first, for most processes obey at once. */
const firstPause: Millis = 10;
const longestPause: Millis = 200;

export interface Ending {
  /** The processes to end that live now. */
  readonly find: Scan;
  readonly graceMs: Millis;
  /** The control group of all of them; null or absent: they have none. */
  readonly group?: ControlGroup | null;
  readonly calls?: SystemCalls | null;
  /** While this is not null, no scan begins before it resolves (or the grace is over). */
  readonly leader?: () => Promise<unknown> | null;
  /** Once it is aborted nothing is signalled any more, whatever is left. */
  readonly signal?: CallSignal | undefined;
}

/**
 * Never rejects. Answers when none is left. Left: there is no right to signal any of those that are; or they do not end
 * though they were killed (a stopped tracer holds them, or a disk does not answer); or it was given up, and what was told
 * to end may end yet.
 */
export const endProcesses = async (ending: Ending): Promise<Either<Failed, void>> => {
  let onEmpty = constVoid;
  const unwatch = ending.group?.whenEmpty(() => onEmpty());
  try {
    return await endAll(ending, () => new Promise<void>((resolve) => (onEmpty = resolve)));
  } finally {
    unwatch?.();
  }
};

const endAll = async (
  { find, graceMs, group = null, calls = null, leader, signal }: Ending,
  whenEmpty: () => Promise<void>,
): Promise<Either<Failed, void>> => {
  // From the first signal: to find what there is may take longer than a short grace.
  let deadline = Number.POSITIVE_INFINITY;
  const asked = new Set<string>();
  let pause = firstPause;
  let emptyScans = 0;
  let givenUpAt: number | null = null;
  let killedAt: number | null = null;

  for (;;) {
    const emptied = whenEmpty();
    const found = await find().catch(() => null);
    const isEmpty = found?.length === 0 && (group === null || !mayBePopulated(group));
    emptyScans = isEmpty ? emptyScans + 1 : 0;
    // A scan may miss what forks at the very moment; two do not, and the kernel's own list of a group never does.
    if (emptyScans === (group === null ? 2 : 1)) return done;
    if (isGivenUp(signal)) {
      givenUpAt ??= performance.now();
      // What was told to end mostly does so at once: then nothing comes of it after the answer.
      if (asked.size === 0 || performance.now() - givenUpAt > lastWait) return left(givenUp);
    }

    if (found !== null) deadline = Math.min(deadline, performance.now() + graceMs);
    const remaining = deadline - performance.now();
    if (givenUpAt !== null) {
      // Nothing is signalled any more.
    } else if (found === null) {
      // It is not known what lives, so nothing is known to be gone: scan again.
    } else if (remaining > 0) {
      signalAll(found, 'SIGTERM', calls, asked);
    } else {
      const isKilled = tryCatch(() => group?.kill());
      const answer = found.length > 0 ? signalAll(found, 'SIGKILL', calls, new Set()) : 'sent';
      if (answer === 'forbidden' && (group === null || isNone(isKilled))) return left(notAllowed(found));
      killedAt ??= performance.now();
      if (performance.now() - killedAt > longestDeath && !isEmpty) return left(notDying(found));
    }

    // Where it cannot be asked, it is not waited for.
    const leading = found === null ? none : tryCatch(() => leader?.() ?? null);
    const ended = isSome(leading) ? leading.value : null;
    const limit = remaining > 0 && givenUpAt === null ? remaining : longestPause;
    const heeded = givenUpAt === null ? signal : undefined;
    await (ended === null
      ? within(emptied, Math.min(pause, limit), heeded)
      : within(Promise.race([ended, emptied]), limit, heeded));
    pause = Math.min(pause * 2, longestPause);
  }
};

/** So long, in milliseconds, does one that was given up wait for what it has told to end. */
const lastWait: Millis = 500;

/** What was killed ends within this, or is held by something that is not ours to end. */
const longestDeath: Millis = 5_000;

const notAllowed = (alive: ReadonlyArray<LiveProcess>): Failed =>
  failed(`not allowed to end process ${alive.map(({ pid }) => pid).join(', ')}`);

const notDying = (alive: ReadonlyArray<LiveProcess>): Failed => {
  const each = alive.map(({ pid }) => `process ${pid} (${plightOf(pid)})`);
  // Of another PID namespace, for example, whose processes have no number here.
  return failed(`killed, and does not end: ${each.join('; ') || 'a process that is not seen from here'}`);
};

/**
 * By groups, where a whole group may be signalled: at once, so that nothing is forked out of reach. Every group that one of a
 * run is in is all of the run's, for a run has sessions of its own, and a group lies within a session. Who was `asked` before
 * is passed over, and who is asked now is added. Answers `forbidden` when no signal at all could be sent. Never throws.
 */
const signalAll = (
  processes: ReadonlyArray<LiveProcess>,
  signal: NodeJS.Signals,
  calls: SystemCalls | null,
  asked: Set<string>,
): 'sent' | 'forbidden' => {
  const answers: Array<Sent> = [];
  const note = (answer: Sent, members: ReadonlyArray<LiveProcess>): void => {
    answers.push(answer);
    if (answer === 'sent' || answer === 'forbidden') for (const each of members) asked.add(identityKey(each));
  };
  for (const members of groupsOf(processes)) {
    const others = members.filter((each) => !asked.has(identityKey(each)));
    const [first] = others;
    if (first === undefined) continue;
    if (others.length === members.length) note(signalGroup(first, signal), members);
    else for (const each of others) note(signalProcess(calls, each, signal), [each]);
  }
  return answers.length > 0 && answers.every((answer) => answer === 'forbidden') ? 'forbidden' : 'sent';
};

const groupsOf = (processes: ReadonlyArray<LiveProcess>): Iterable<ReadonlyArray<LiveProcess>> => {
  const groups = new Map<number, Array<LiveProcess>>();
  for (const each of processes) groups.set(each.group, [...(groups.get(each.group) ?? []), each]);
  return groups.values();
};

/** Waits for a promise, but not longer than so many milliseconds, nor longer than anybody waits for the call. */
export const within = async (promise: Promise<unknown>, ms: Millis, signal?: CallSignal): Promise<void> => {
  const timer = new AbortController();
  const stop = (): void => timer.abort();
  if (isGivenUp(signal)) return;
  signal?.addEventListener('abort', stop, { once: true });
  await Promise.race([promise, sleep(ms, undefined, { signal: timer.signal }).catch(constVoid)]);
  signal?.removeEventListener('abort', stop);
  stop();
};
