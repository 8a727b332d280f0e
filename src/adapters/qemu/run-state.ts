/**
 * The state of an instance: from its record, from what its last run left, and from QEMU itself.
 */
import type { Millis } from '../../duration.js';
import type { InstanceObservation } from '../../event.js';
import { neverRan } from '../../ports/hypervisor.js';
import type { InstanceId } from '../../ports/store.js';
import type { Timestamp } from '../../status.js';
import type { EndsToWrite } from '../linux/ends-to-write.js';
import { isFormerLife, isSameBoot } from '../linux/host-life.js';
import { type Moments, retell } from '../linux/moments.js';
import { endedByHost, endedForMemory, type RunEnd } from '../linux/run-end.js';
import { causeOf, exitCodeOf, exitOf, isLeaving, type QemuExit } from './exit.js';
import { converse, isListening, queryStatus } from './qmp.js';
import {
  type Ended,
  filesOf,
  type QemuRun,
  type RunFiles,
  readEnd,
  readEvents,
  readRemains,
  readRun,
  wasLost,
  wasOutOfMemory,
  wasTold,
  writeLost,
} from './run-files.js';

export type RunState =
  | { readonly _tag: 'NeverRan' }
  /** `at` is when; null: nobody was there to see it. `end` is what an observation tells of it. */
  | {
      readonly _tag: 'Ended';
      readonly run: QemuRun;
      readonly at: Ended | null;
      readonly exit: QemuExit;
      readonly end: RunEnd;
    }
  /** `status` is QEMU's own. */
  | { readonly _tag: 'Up'; readonly run: QemuRun; readonly status: string }
  /** QEMU is about to end, and is not gone yet. */
  | { readonly _tag: 'Leaving'; readonly run: QemuRun }
  /** QEMU is there and does not answer: it is stopped, or hangs. */
  | { readonly _tag: 'Mute'; readonly run: QemuRun; readonly message: string }
  /** Nobody listens, and no end was recorded: not up yet, or gone unseen. */
  | { readonly _tag: 'Unreached'; readonly run: QemuRun };

type EndedRun = Extract<RunState, { readonly _tag: 'Ended' }>;

/** How long QEMU has to answer with its status. Some milliseconds are enough, unless the host is overloaded. */
const answerMs: Millis = 2_000;

/** Rejects when it cannot be known. */
export const runStateOf = async (directory: string, id: InstanceId): Promise<RunState> => {
  const run = await readRun(directory, id);
  if (run === null) return { _tag: 'NeverRan' };
  const seen = await read(run, filesOf(directory, run.run));
  // The files of a run are removed when another one is recorded: then what was read is worthless.
  const after = await readRun(directory, id);
  return after?.run === run.run ? seen : runStateOf(directory, id);
};

const read = async (run: QemuRun, files: RunFiles): Promise<RunState> => {
  const before = (await ended(run, files)) ?? (await leaving(run, files));
  if (before !== null) return before;
  const status = await converse({ socket: files.socket, withinMs: answerMs }, queryStatus)();
  if (status._tag === 'Right') return { _tag: 'Up', run, status: status.right };
  // It may have ended while it was asked.
  const after = (await ended(run, files)) ?? (await leaving(run, files));
  if (after !== null) return after;
  return status.left._tag === 'NotListening'
    ? { _tag: 'Unreached', run }
    : { _tag: 'Mute', run, message: status.left.message };
};

const ended = async (run: QemuRun, files: RunFiles): Promise<RunState | null> => {
  const end = await readEnd(files);
  return end === null ? null : endedAt(run, files, end, exitOf(await readRemains(files, end.exitStatus)));
};

/** A run that was told to end has ended so, whatever it answered. */
const endedAt = async (run: QemuRun, files: RunFiles, at: Ended | null, exit: QemuExit): Promise<EndedRun> => {
  return { _tag: 'Ended', run, at, exit, end: await endOf(files, exit) };
};

const endOf = async (files: RunFiles, exit: QemuExit): Promise<RunEnd> => {
  if (await wasTold(files)) return endedByHost;
  // A guest may end with the same status: what counts is that QEMU was killed.
  if (exit._tag === 'Killed' && (await wasOutOfMemory(files))) return endedForMemory;
  return { exitCode: exitCodeOf(exit), cause: causeOf(exit) };
};

/**
 * Then it is not asked any more: a question that comes while QEMU ends makes some versions (7.2 for one) hang, about one
 * time in ten, just before they are gone.
 */
const leaving = async (run: QemuRun, files: RunFiles): Promise<RunState | null> =>
  isLeaving(await readEvents(files)) && (await isListening(files.socket)) ? { _tag: 'Leaving', run } : null;

/** The end of a run of which nothing lives, and whose shell was killed too; `life` is that of the machine, now. */
export const endedUnseen = async (
  directory: string,
  run: QemuRun,
  life: string | null,
  unwritten: EndsToWrite,
): Promise<RunState> => {
  const files = filesOf(directory, run.run);
  const seen = await unwitnessed(run, files);
  if (await wasLost(files)) return seen;
  if (isFormerLife(run.life, life)) return seen.end.cause === 'unknown' ? { ...seen, end: endedByHost } : seen;
  // It also notifies the others who follow the run.
  if (!unwritten.isKept(run.id)) await unwritten.write(run.id, () => writeLost(files));
  return seen;
};

/** The end of a run that somebody has found to be gone without a witness. null: nobody has. */
export const endedLost = async (directory: string, run: QemuRun): Promise<RunState | null> => {
  const files = filesOf(directory, run.run);
  return (await wasLost(files)) ? unwitnessed(run, files) : null;
};

const unwitnessed = async (run: QemuRun, files: RunFiles): Promise<EndedRun> =>
  endedAt(run, files, null, exitOf(await readRemains(files, null)));

/** Its guest was never let go, by QEMU's status and its events. */
export const isUnbegun = async (
  directory: string,
  { run, status }: Extract<RunState, { readonly _tag: 'Up' }>,
): Promise<boolean> => {
  return status === 'prelaunch' && !(await wasLetGo(directory, run));
};

export const wasLetGo = async (directory: string, { run }: QemuRun): Promise<boolean> =>
  (await readEvents(filesOf(directory, run))).some(({ name }) => name === 'RESUME');

// ---------------------------------------------------------------------------
// observations
// ---------------------------------------------------------------------------

/** Where it is observed: the clock, and the life of the machine. */
export interface Here {
  readonly moments: Moments;
  readonly life: string | null;
}

/** The times of a run by the clock as it stands (A6), where it began since the boot that the clock's own goes by. */
const retold = ({ life, bootAt }: QemuRun, at: Timestamp, here: Here): Timestamp =>
  isSameBoot(life, here.life) ? retell(at, bootAt, here.moments.bootAt()) : at;

/** In milliseconds: the time since the boot is given in hundredths of a second, cut. */
const uptimeStep = 10;

/** Never later than it was, else it would be cut at what the clock shows, and be another at the next look. */
const endOfRun = (run: QemuRun, { at, sinceBoot }: Ended, here: Here): Timestamp =>
  sinceBoot !== null && run.bootAt !== undefined && isSameBoot(run.life, here.life)
    ? retold(run, run.bootAt + sinceBoot - uptimeStep, here)
    : at;

export const observationOf = (state: RunState, here: Here): InstanceObservation => {
  switch (state._tag) {
    case 'NeverRan':
      return neverRan;
    case 'Ended': {
      const { run, at, end } = state;
      const startedAt = retold(run, run.startedAt, here);
      // Not of one reading, or one clock; but the times of a run must not contradict each other.
      const stoppedAt = at === null ? null : Math.max(startedAt, Math.min(endOfRun(run, at, here), here.moments.now()));
      return { state: 'stopped', startedAt, stoppedAt, ...end, health: 'unknown' };
    }
    case 'Up':
      return running(observedState(state.status), state.run, here);
    case 'Leaving':
    case 'Mute':
      return running('other', state.run, here);
    case 'Unreached':
      return running('initializing', state.run, here);
  }
};

const running = (state: InstanceObservation['state'], run: QemuRun, here: Here): InstanceObservation => ({
  state,
  startedAt: retold(run, run.startedAt, here),
  stoppedAt: null,
  exitCode: null,
  health: 'unknown',
});

/**
 * `shutdown` and `guest-panicked` are not `stopped`: QEMU is on its way out, and only when it is gone is it known how
 * the run ended.
 */
const observedState = (status: string): InstanceObservation['state'] => {
  switch (status) {
    case 'running':
      return 'running';
    case 'prelaunch':
    case 'inmigrate':
      return 'initializing';
    default:
      return 'other';
  }
};
