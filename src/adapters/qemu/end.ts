/**
 * The end of a run, when we make it: the power button, `quit`, SIGKILL.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { Millis } from '../../duration.js';
import { left, right } from '../../either.js';
import { tryCatch } from '../../option.js';
import type { CallSignal } from '../../ports/call.js';
import { type Failed, failed } from '../../ports/hypervisor.js';
import { done } from '../common/answers.js';
import { givenUp, isGivenUp } from '../common/given-up.js';
import { recordedGroup } from '../linux/control-group.js';
import { endProcesses } from '../linux/end-processes.js';
import type { EndsToWrite } from '../linux/ends-to-write.js';
import { type Grace, graceOf } from '../linux/grace.js';
import { createScan, type LiveProcess } from '../linux/processes.js';
import { maySignal, signalProcess } from '../linux/signals.js';
import type { SystemCalls } from '../linux/system-calls.js';
import { waitIn } from '../linux/watch.js';
import { isLeaving } from './exit.js';
import type { LeftChildren } from './left-children.js';
import { processesOf } from './processes.js';
import { type Conversation, converse, isListening, queryStatus } from './qmp.js';
import { filesOf, type QemuRun, type RunFiles, readEnd, readEvents, writeTold } from './run-files.js';

export interface Endings {
  /** Whether anything of a run is seen to live. Outside of the section what has not begun yet may begin. */
  readonly lives: (run: QemuRun) => Promise<boolean>;
  /**
   * Whether nothing of a run without an end lives, nor ever will: of its control group nothing is left by then, and a shell
   * that has not entered it yet will not run QEMU. In the section.
   */
  readonly isGone: (run: QemuRun) => Promise<boolean>;
  /** null: it may be ended. Otherwise why not. */
  readonly whyNot: (run: QemuRun) => Promise<string | null>;
  /**
   * Ends a run that a person or a policy wants to end. Right: it is gone. Once the signal is aborted it is killed, if it was
   * told to end by then: what was told would end at some later moment, when nobody expects it.
   */
  readonly tellToEnd: (run: QemuRun, signal: CallSignal | undefined) => Promise<Either<Failed, void>>;
  /** Waits for a QEMU that is about to end, as long as for one that was told to quit. Right: it is gone. */
  readonly seeOff: (run: QemuRun, signal?: CallSignal) => Promise<Either<Failed, void>>;
  /** Ends what never became a run: at once. */
  readonly abandon: (run: QemuRun) => Promise<Either<Failed, void>>;
  /**
   * Ends what lives on in the control group of a run whose QEMU is gone: SIGTERM, and SIGKILL as long after it as after
   * `quit`; at once when the signal is aborted. Right: nothing does, and the group is removed.
   */
  readonly clear: (run: QemuRun, signal?: CallSignal) => Promise<Either<Failed, void>>;
  /**
   * Removes the control group of a run that has ended, if nothing lives in it, and takes note of what it left to this process.
   * Never throws.
   */
  readonly tidy: (run: QemuRun) => void;
}

/** What endings come with. */
interface Found {
  /** The life of the machine. */
  readonly life: string | null;
  readonly calls: SystemCalls | null;
  /** What could not be written of ends. */
  readonly unwritten: EndsToWrite;
  readonly leftChildren: LeftChildren;
}

interface Graces {
  readonly graceMs: Grace;
  readonly quitMs: Millis;
}

/** How long the shell has to write down that QEMU is gone. */
const recordMs: Millis = 1_000;
/** How long a conversation of one command may take. */
const talkMs: Millis = 2_000;

export const createEndings = (
  directory: string,
  { graceMs, quitMs }: Graces,
  { life, calls, unwritten, leftChildren }: Found,
): Endings => {
  const scan = createScan();
  const lookFor = (run: QemuRun) => processesOf(directory, run, scan, life);

  /** What forks at the very moment is missed by one look at all processes, not by two; a group misses nothing. */
  const living = async (run: QemuRun): Promise<ReadonlyArray<LiveProcess>> => {
    const { find, group } = await lookFor(run);
    const first = await find();
    return first.length > 0 || group !== null ? first : find();
  };

  /** Without a group a process can hide: one that wrote over its marks, or has none. A QEMU that listens does not. */
  const livesNot = async (run: QemuRun, files: RunFiles): Promise<boolean> => {
    if ((await lookFor(run)).isKnownToLive()) return false;
    return (await living(run)).length === 0 && !(await isListening(files.socket));
  };

  const hasEnded = async (run: QemuRun, files: RunFiles): Promise<true | null> =>
    (await readEnd(files)) !== null || (await livesNot(run, files)) ? true : null;

  const hasToldItsEnd = async (files: RunFiles): Promise<boolean> => isLeaving(await readEvents(files));

  const talk = (
    files: RunFiles,
    signal: CallSignal | undefined,
    what: (conversation: Conversation) => ReturnType<typeof queryStatus>,
  ) => converse({ socket: files.socket, withinMs: talkMs, signal }, what)();

  /** Only QEMU's shell learns which signal ended it, so the shell is left to write that down. */
  const kill = async (run: QemuRun): Promise<Either<Failed, void>> => {
    const files = filesOf(directory, run.run);
    const { find, group, isShell } = await lookFor(run);
    for (const each of await find()) if (!isShell(each)) signalProcess(calls, each, 'SIGKILL');
    await waitIn(files.folder, recordMs, () => hasEnded(run, files));
    const ended = await endProcesses({ find, graceMs: 0, group, calls });
    if (ended._tag === 'Left') return ended;
    tidy(run);
    return (await isListening(files.socket)) ? left(failed(`not allowed, or unable, to end run ${run.run}`)) : done;
  };

  const seeOff = async (run: QemuRun, signal?: CallSignal): Promise<Either<Failed, void>> => {
    const files = filesOf(directory, run.run);
    const gone = await waitIn(files.folder, quitMs, () => orGivenUp(signal, hasEnded(run, files)));
    return gone === true ? clear(run, signal) : kill(run);
  };

  const clear = async (run: QemuRun, signal?: CallSignal): Promise<Either<Failed, void>> => {
    const group = recordedGroup(run);
    if (group === null) {
      tidy(run);
      return done;
    }
    const end = { find: async () => group.processes(), group, calls };
    const told = isGivenUp(signal) ? null : await endProcesses({ ...end, graceMs: quitMs, signal });
    const ended = told === null || isGivenUp(signal) ? await endProcesses({ ...end, graceMs: 0 }) : told;
    if (ended._tag === 'Right') tidy(run);
    return ended;
  };

  const tidy = (run: QemuRun): void => {
    tryCatch(() => recordedGroup(run)?.remove());
    void leftChildren.take(run);
  };

  /** An answer for a wait that ends when nobody waits for it. */
  const orGivenUp = async <A>(signal: CallSignal | undefined, answer: Promise<A>): Promise<A | 'given_up'> =>
    (await answer) ?? (isGivenUp(signal) ? 'given_up' : answer);

  return {
    lives: async (run) => !(await livesNot(run, filesOf(directory, run.run))),

    isGone: async (run) => (await livesNot(run, filesOf(directory, run.run))) && (recordedGroup(run)?.remove() ?? true),

    whyNot: async (run) => {
      const forbidden = (await living(run)).find(({ pid }) => !maySignal(pid));
      return forbidden === undefined ? null : `not allowed to end process ${forbidden.pid}`;
    },

    seeOff,

    tellToEnd: async (run, signal) => {
      const files = filesOf(directory, run.run);
      if (isGivenUp(signal)) return left(givenUp);
      // First of all. A disk that cannot be written must not keep it running.
      await unwritten.write(run.id, () => writeTold(files));
      const grace = graceOf(graceMs, run.id);
      if (grace > 0) {
        const pressed = await talk(files, signal, pressPowerButton);
        const obeys = async () => (await hasEnded(run, files)) ?? ((await hasToldItsEnd(files)) ? true : null);
        const isPressed = pressed._tag === 'Right' && pressed.right === 'running';
        const answer = isPressed ? await waitIn(files.folder, grace, () => orGivenUp(signal, obeys())) : null;
        if (answer === true) return seeOff(run, signal);
      }
      if (isGivenUp(signal)) return kill(run);
      // It may obey and hang up before it answers.
      const answer = await talk(files, signal, quit);
      const wasReached = answer._tag === 'Right' || answer.left._tag !== 'NotListening';
      return wasReached ? seeOff(run, signal) : kill(run);
    },

    abandon: kill,

    clear,

    tidy,
  };
};

/** Only of a machine that runs. Answers with its status. */
const pressPowerButton = async (conversation: Conversation): ReturnType<typeof queryStatus> => {
  const status = await queryStatus(conversation);
  if (status._tag === 'Left' || status.right !== 'running') return status;
  const pressed = await conversation.execute('system_powerdown')();
  return pressed._tag === 'Left' ? pressed : status;
};

const quit = async ({ execute }: Conversation): ReturnType<typeof queryStatus> => {
  const answer = await execute('quit')();
  return answer._tag === 'Left' ? answer : right('quit');
};
