/**
 * Instances as virtual machines of QEMU: start, stop, inspect, and word of what changes.
 *
 * Nothing that counts is kept in memory. A run is known by its record and its files, so every process that has the
 * directory open sees the same, whichever of them began the run, and whether or not any of them saw it end.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { InstanceObservation } from '../../event.js';
import {
  type ActionError,
  type Failed,
  failed,
  type Hypervisor,
  type Permit,
  type Refused,
  refused,
} from '../../ports/hypervisor.js';
import type { InstanceId } from '../../ports/store.js';
import type { Timestamp } from '../../status.js';
import { capabilities, createListeners, done, messageOf, settled } from '../linux/answers.js';
import { createEffects } from '../linux/effects.js';
import type { FlockSection } from '../linux/flock.js';
import { removeRecord, writeRecord } from '../linux/run-record.js';
import type { Endings } from './end.js';
import type { QemuExit } from './exit.js';
import { launch } from './launch.js';
import { checkMachine, type QemuMachine } from './machine.js';
import { isListening } from './qmp.js';
import type { QemuRun } from './records.js';
import { eventsOut, exitFile, filesOf, newRun, readEnd, removeFiles, removeOtherRuns } from './run-files.js';
import { endedUnseen, isUnbegun, observationOf, type Standing, standingOf } from './run-state.js';
import { listenTo, waitIn } from './wait.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * A hypervisor whose instances are virtual machines of QEMU, which outlive it.
 *
 * @since 0.2.0
 */
export interface QemuHypervisor extends Hypervisor {
  /**
   * How the instance's last run ended. null: it has not ended, or it never ran. Left: `Failed`, the record cannot be
   * read.
   */
  readonly lastExit: (id: InstanceId) => TaskEither<Failed, QemuExit | null>;
  /**
   * Forgets the instance's last run, so that the id is one that never ran: for a host that deleted the instance. Left:
   * `Refused`, it runs, or this hypervisor is closed; `Failed`, the record could not be removed.
   */
  readonly forget: (id: InstanceId) => TaskEither<Refused | Failed, void>;
  /**
   * Follows the machines no longer, and lets them run; answers when the starts and stops under way are done.
   * Idempotent. From the call on every start is refused.
   */
  readonly close: Task<void>;
}

/** What an opened directory comes with. */
export interface Opened {
  readonly directory: string;
  readonly machineOf: (id: InstanceId) => QemuMachine | null;
  readonly now: () => Timestamp;
  readonly section: FlockSection;
  readonly endings: Endings;
}

/** How long a QEMU that is neither up nor gone has to become one of both, in milliseconds. */
const changeMs = 2_000;

// ---------------------------------------------------------------------------
// hypervisor
// ---------------------------------------------------------------------------

export const createQemuHypervisor = (opened: Opened): QemuHypervisor => {
  const { directory, now, section, endings } = opened;
  const { subscribe, notify } = createListeners();
  /** The runs that this process hears of, and what ends the hearing. */
  const followed = new Map<InstanceId, { readonly run: string; readonly leave: () => void }>();
  /** The runs that this process waits for on their way out. */
  const leaving = new Set<string>();
  const effects = createEffects();
  let closing: Promise<void> | null = null;

  // --- what is ---

  /**
   * In the section nobody is between a record and its run. So what was not let go yet is what a start left behind that
   * did not live to finish: its guest never ran, and nobody holds a permit for it. It is ended. Only what QEMU itself
   * says is reason enough for that; who cannot be asked may well be at work.
   */
  const standingInside = async (id: InstanceId): Promise<Standing> => {
    const seen = await standingOf(directory, id);
    if (seen._tag === 'Unreached' && (await endings.living(seen.run.run)).length === 0) return whatIsLeftOf(seen.run);
    if (seen._tag !== 'Up' || !(await isUnbegun(directory, seen))) return seen;
    const ended = await endings.abandon(seen.run.run);
    if (ended._tag === 'Left') throw new Error(ended.left.message);
    return whatIsLeftOf(seen.run);
  };

  const whatIsLeftOf = async (run: QemuRun): Promise<Standing> => {
    const after = await standingOf(directory, run.id);
    return after._tag === 'Ended' ? after : endedUnseen(directory, run);
  };

  const standing = async (id: InstanceId): Promise<Standing> => {
    const seen = await standingOf(directory, id);
    const isDoubtful = seen._tag === 'Unreached' || (seen._tag === 'Up' && (await isUnbegun(directory, seen)));
    if (!isDoubtful) return seen;
    // Someone may be starting it this very moment: then it is what it looks like.
    const inside = await section.ifFree(id, () => standingInside(id));
    return inside._tag === 'Some' ? inside.value : seen;
  };

  const inspect = async (id: InstanceId): Promise<Either<Failed, InstanceObservation>> => {
    const seen = await standing(id);
    if (seen._tag !== 'NeverRan' && seen._tag !== 'Ended') follow(seen.run);
    if (seen._tag === 'Leaving') void seeOff(seen.run);
    return right(await observationOf(directory, seen, now()));
  };

  const lastExit = async (id: InstanceId): Promise<Either<Failed, QemuExit | null>> => {
    const seen = await standing(id);
    return right(seen._tag === 'Ended' ? seen.exit : null);
  };

  /** A QEMU may hang on its way out. Nobody waits for that: the end is told of when it has come. */
  const seeOff = async ({ id, run }: QemuRun): Promise<void> => {
    if (leaving.has(run)) return;
    leaving.add(run);
    const insideAgain = async (): Promise<Either<Failed, void>> => {
      const seen = await standingOf(directory, id);
      return seen._tag === 'Leaving' && seen.run.run === run ? endings.seeOff(run) : done;
    };
    await section(id, insideAgain).catch(ignore); // the next look tries again
    leaving.delete(run);
    notify(id);
  };

  // --- start ---

  const start = async (id: InstanceId, permit: Permit): Promise<Either<ActionError, void>> => {
    for (;;) {
      const checked = await permit.check();
      if (checked._tag === 'Left') return checked;
      const seen = await standingInside(id);
      switch (seen._tag) {
        case 'NeverRan':
        case 'Ended':
          return orPutBack(permit, await begin(id, seen));
        case 'Up':
          if (seen.status === 'running' || seen.status === 'inmigrate') return done;
          break;
        case 'Leaving': {
          const gone = await endings.seeOff(seen.run.run);
          if (gone._tag === 'Left') return gone;
          continue;
        }
        case 'Mute':
        case 'Unreached':
          break;
      }
      // What is about to end makes room in a moment. By then a person may have decided otherwise: asked again.
      if (await changes(seen)) continue;
      const how = seen._tag === 'Up' ? `is ${seen.status}` : 'does not answer';
      return orPutBack(permit, left(refused(`QEMU of ${id} ${how}: stop it first, or let it go on`)));
    }
  };

  const changes = async ({ _tag, run }: Extract<Standing, { readonly _tag: 'Up' | 'Mute' | 'Unreached' }>) => {
    const files = filesOf(directory, run.run);
    const changed = async (): Promise<true | null> => {
      const isUp = _tag === 'Unreached' && (await isListening(files.socket));
      return isUp || (await readEnd(files)) !== null ? true : null;
    };
    return (await waitIn(files.folder, changeMs, changed)) !== null;
  };

  /** What was refused is put back in the section. */
  const orPutBack = async <A>(permit: Permit, answer: Either<ActionError, A>): Promise<Either<ActionError, A>> => {
    if (answer._tag === 'Left' && answer.left._tag === 'Refused') await permit.onRefused?.();
    return answer;
  };

  const begin = async (
    id: InstanceId,
    former: Extract<Standing, { readonly _tag: 'NeverRan' | 'Ended' }>,
  ): Promise<Either<Refused | Failed, void>> => {
    const machine = machineFor(id);
    if (machine._tag === 'Left') return machine;
    const run: QemuRun = { id, run: newRun(id), startedAt: now() };
    const launched = await launch(directory, machine.right, run);
    switch (launched._tag) {
      case 'Begun':
        await removeOtherRuns(directory, id, run.run).catch(ignore); // the next start removes it
        follow(run);
        return done;
      case 'NotBegun':
        await putBack(former, run);
        return left(launched.hopeless ? refused(launched.message) : failed(launched.message));
      case 'Stuck': {
        const ended = await endings.abandon(run.run);
        return left(ended._tag === 'Left' ? ended.left : failed(launched.message));
      }
    }
  };

  const machineFor = (id: InstanceId): Either<Refused, QemuMachine> => {
    if (closing !== null) return left(refused('this hypervisor is closed'));
    try {
      const machine = opened.machineOf(id);
      if (machine === null) return left(refused(`no machine for instance ${id}`));
      const checked = checkMachine(machine);
      return checked._tag === 'Left' ? left(refused(`the machine of ${id}: ${checked.left}`)) : right(machine);
    } catch (error) {
      return left(refused(`no machine for instance ${id}: ${messageOf(error)}`));
    }
  };

  /** Should this fail, a run stands there that ended in a way that nobody knows. */
  const putBack = async (former: Standing, run: QemuRun): Promise<void> => {
    const restored = former._tag === 'Ended' ? writeRecord(directory, former.run) : removeRecord(directory, run.id);
    await restored.then(() => removeFiles(filesOf(directory, run.run))).catch(ignore);
  };

  // --- stop, forget ---

  const stop = async (id: InstanceId, permit: Permit): Promise<Either<ActionError, void>> => {
    const checked = await permit.check();
    if (checked._tag === 'Left') return checked;
    const seen = await standingInside(id);
    if (seen._tag === 'NeverRan' || seen._tag === 'Ended') return done;
    const why = await endings.whyNot(seen.run.run);
    if (why !== null) return orPutBack(permit, left(refused(why)));
    const { run } = seen.run;
    // What ends by itself is not told to: its exit code is its own.
    const ended = await (seen._tag === 'Leaving' ? endings.seeOff(run) : endings.tellToEnd(run));
    notify(id);
    return ended;
  };

  const forget = async (id: InstanceId): Promise<Either<Refused | Failed, void>> => {
    if (closing !== null) return left(refused('this hypervisor is closed'));
    const seen = await standingInside(id).catch(() => null); // an unreadable record is forgotten too
    if (seen !== null && seen._tag !== 'NeverRan' && seen._tag !== 'Ended') return left(refused(`instance ${id} runs`));
    await removeRecord(directory, id);
    await removeOtherRuns(directory, id, null);
    return done;
  };

  // --- word of what changes ---

  /** What QEMU tells, and its end, are files that change: no connection is held, and no one is asked. */
  const follow = ({ id, run }: QemuRun): void => {
    const current = followed.get(id);
    if (current?.run === run || closing !== null) return;
    current?.leave();
    const files = filesOf(directory, run);
    const leave = listenTo(files.folder, (file) => {
      if (file !== eventsOut && file !== exitFile) return;
      notify(id);
      void leaveWhenEnded();
    });
    const leaveWhenEnded = async (): Promise<void> => {
      if ((await readEnd(files).catch(() => null)) === null || followed.get(id)?.run !== run) return;
      followed.delete(id);
      leave?.();
      notify(id);
    };
    // The next look tries again.
    if (leave === null) return;
    followed.set(id, { run, leave });
    // It may have ended before anybody listened.
    void leaveWhenEnded();
  };

  // --- calls ---

  const inSection =
    <E, A>(id: InstanceId, work: () => Promise<Either<E, A>>): TaskEither<E | Failed, A> =>
    () =>
      effects.run(settled(() => section(id, work))());

  const close = async (): Promise<void> => {
    await effects.over();
    for (const { leave } of followed.values()) leave();
    followed.clear();
  };

  return {
    capabilities,
    inspect: (id) => settled(() => inspect(id)),
    lastExit: (id) => settled(() => lastExit(id)),
    start: (id, permit) => inSection(id, () => start(id, permit)),
    stop: (id, permit) => inSection(id, () => stop(id, permit)),
    forget: (id) => inSection(id, () => forget(id)),
    subscribe,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
};

const ignore = (): void => {};
