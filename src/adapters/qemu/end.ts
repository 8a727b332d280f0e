/**
 * The end of a run, when we make it: the power button, `quit`, SIGKILL.
 */
import { writeFile } from 'node:fs/promises';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { constVoid } from 'fp-ts/lib/function.js';
import type { Millis } from '../../duration.js';
import type { CallSignal } from '../../ports/call.js';
import { type Failed, failed } from '../../ports/hypervisor.js';
import { done } from '../common/answers.js';
import { givenUp, isGivenUp } from '../common/given-up.js';
import { endProcesses } from '../linux/end-processes.js';
import { createScan, type LiveProcess } from '../linux/processes.js';
import { maySignal } from '../linux/signals.js';
import { waitIn } from '../linux/watch.js';
import { isLeaving } from './exit.js';
import { type Conversation, converse, isListening, queryStatus } from './qmp.js';
import { filesOf, type RunFiles, readEnd, readEvents, tagOf } from './run-files.js';

export interface Endings {
  /** The processes of a run: QEMU, what it started, and its shell. None: nothing of it lives. */
  readonly living: (run: string) => Promise<ReadonlyArray<LiveProcess>>;
  /** null: it may be ended. Otherwise why not. */
  readonly whyNot: (run: string) => Promise<string | null>;
  /**
   * Ends a run that a person or a policy wants to end. Right: it is gone. Once the signal is aborted it is killed, if it was
   * told to end by then: what was told would end at some later moment, when nobody expects it.
   */
  readonly tellToEnd: (run: string, signal: CallSignal | undefined) => Promise<Either<Failed, void>>;
  /** Waits for a QEMU that is about to end, as long as for one that was told to quit. Right: it is gone. */
  readonly seeOff: (run: string, signal?: CallSignal) => Promise<Either<Failed, void>>;
  /** Ends what never became a run: at once. */
  readonly abandon: (run: string) => Promise<Either<Failed, void>>;
}

interface Graces {
  readonly graceMs: Millis;
  readonly quitMs: Millis;
}

/** How long the shell has to write down that QEMU is gone. */
const recordMs: Millis = 1_000;
/** How long a conversation of one command may take. */
const talkMs: Millis = 2_000;

export const createEndings = (directory: string, { graceMs, quitMs }: Graces): Endings => {
  const scan = createScan();

  const living = async (run: string): Promise<ReadonlyArray<LiveProcess>> => {
    const find = async () => (await scan()).filter(({ tag }) => tag === tagOf(run));
    const first = await find();
    // What forks at the very moment is missed by one scan, not by two.
    return first.length > 0 ? first : find();
  };

  /** Its shell began the group, and nothing else of it did. */
  const machineOf = async (run: string): Promise<ReadonlyArray<LiveProcess>> =>
    (await living(run)).filter(({ pid, group }) => pid !== group);

  /** Not every process shows its environment: one with capabilities does not, or one that cleared it. */
  const livesNot = async (run: string, files: RunFiles): Promise<boolean> =>
    (await living(run)).length === 0 && !(await isListening(files.socket));

  const isGone = async (run: string, files: RunFiles): Promise<true | null> =>
    (await readEnd(files)) !== null || (await livesNot(run, files)) ? true : null;

  const hasToldItsEnd = async (files: RunFiles): Promise<boolean> => isLeaving(await readEvents(files));

  const talk = (
    files: RunFiles,
    signal: CallSignal | undefined,
    what: (conversation: Conversation) => ReturnType<typeof queryStatus>,
  ) => converse({ socket: files.socket, withinMs: talkMs, signal }, what)();

  /** Only QEMU's shell learns which signal ended it, so the shell is left to write that down. */
  const kill = async (run: string, files: RunFiles): Promise<Either<Failed, void>> => {
    await endProcesses({ find: () => machineOf(run), graceMs: 0 });
    if ((await waitIn(files.folder, recordMs, () => isGone(run, files))) !== null) return done;
    await endProcesses({ find: () => living(run), graceMs: 0 });
    return (await livesNot(run, files)) ? done : left(failed(`not allowed, or unable, to end run ${run}`));
  };

  const seeOff = async (run: string, signal?: CallSignal): Promise<Either<Failed, void>> => {
    const files = filesOf(directory, run);
    const gone = await waitIn(files.folder, quitMs, () => orGivenUp(signal, isGone(run, files)));
    return gone === true ? done : kill(run, files);
  };

  /** An answer for a wait that ends when nobody waits for it. */
  const orGivenUp = async <A>(signal: CallSignal | undefined, answer: Promise<A>): Promise<A | 'given_up'> =>
    (await answer) ?? (isGivenUp(signal) ? 'given_up' : answer);

  return {
    living,

    whyNot: async (run) => {
      const forbidden = (await living(run)).find(({ pid }) => !maySignal(pid));
      return forbidden === undefined ? null : `not allowed to end process ${forbidden.pid}`;
    },

    seeOff,

    tellToEnd: async (run, signal) => {
      const files = filesOf(directory, run);
      if (isGivenUp(signal)) return left(givenUp);
      // First of all: from here on its exit does not show how its work ended. A full disk must not keep it running.
      await writeFile(files.told, '').catch(constVoid);
      if (graceMs > 0) {
        const pressed = await talk(files, signal, pressPowerButton);
        const obeys = async () => (await isGone(run, files)) ?? ((await hasToldItsEnd(files)) ? true : null);
        const isPressed = pressed._tag === 'Right' && pressed.right === 'running';
        const answer = isPressed ? await waitIn(files.folder, graceMs, () => orGivenUp(signal, obeys())) : null;
        if (answer === true) return seeOff(run, signal);
      }
      if (isGivenUp(signal)) return kill(run, files);
      // It may obey and hang up before it answers.
      const answer = await talk(files, signal, quit);
      const wasReached = answer._tag === 'Right' || answer.left._tag !== 'NotListening';
      return wasReached ? seeOff(run, signal) : kill(run, files);
    },

    abandon: (run) => kill(run, filesOf(directory, run)),
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
