/**
 * Instances as virtual machines of QEMU: start, stop, inspect, and notifications.
 *
 * Nothing that counts is kept in memory. A run is known by its record and its files, so every process that has the
 * directory open sees the same, whichever of them began the run, and whether or not any of them saw it end.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { left, right } from '../../either.js';
import type { InstanceObservation } from '../../event.js';
import { constNull, constVoid } from '../../function.js';
import { isNone, tryCatch } from '../../option.js';
import type { CallSignal } from '../../ports/call.js';
import type { Cancel } from '../../ports/clock.js';
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
import { againAfter, done, messageOf, stillRunning } from '../common/answers.js';
import { givenUp, isGivenUp } from '../common/given-up.js';
import { createListeners } from '../common/listeners.js';
import { answered } from '../linux/answered.js';
import type { LinuxCapabilities } from '../linux/capabilities.js';
import { mayBePopulated, recordedGroup } from '../linux/control-group.js';
import { closed, createEffects } from '../linux/effects.js';
import type { EndsToWrite } from '../linux/ends-to-write.js';
import { type Moments, momentAfter } from '../linux/moments.js';
import { newRunIdentity, removeRecord, writeRecord } from '../linux/run-record.js';
import type { SharedDirectory } from '../linux/share-directory.js';
import { waitIn, watchFiles } from '../linux/watch.js';
import { nothingBefore, permitted } from '../permitted.js';
import type { Endings } from './end.js';
import type { QemuExit } from './exit.js';
import { launch } from './launch.js';
import type { LeftChildren } from './left-children.js';
import { checkMachine, type QemuMachine } from './machine.js';
import { isListening } from './qmp.js';
import {
  eventsOut,
  exitFile,
  filesOf,
  lostFile,
  newRun,
  type QemuRun,
  readEnd,
  removeFiles,
  removeOtherRuns,
  wasLost,
  wasTold,
} from './run-files.js';
import { endedLost, endedUnseen, isUnbegun, observationOf, type RunState, runStateOf, wasLetGo } from './run-state.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * A hypervisor whose instances are virtual machines of QEMU, which outlive it.
 *
 * @since 0.2.0
 */
export interface QemuHypervisor extends Hypervisor {
  /** What was found when the directory was opened, and what the promises rest on since. */
  readonly capabilities: LinuxCapabilities;
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
export interface Opened extends SharedDirectory {
  readonly directory: string;
  readonly machineOf: (id: InstanceId) => QemuMachine | null;
  readonly moments: Moments;
  readonly endings: Endings;
  readonly leftChildren: LeftChildren;
  readonly unwritten: EndsToWrite;
}

/** How long a QEMU that is neither up nor gone has to become one of both, in milliseconds. */
const changeMs = 2_000;

// ---------------------------------------------------------------------------
// hypervisor
// ---------------------------------------------------------------------------

export const createQemuHypervisor = (opened: Opened): QemuHypervisor => {
  const { capabilities, directory, groups, moments, section, endings, leftChildren, unwritten, life } = opened;
  const { now } = moments;
  const { subscribe, notify } = createListeners<InstanceId>();
  /** The runs whose files this process watches, and their control groups, where they have one. */
  const followed = new Map<
    InstanceId,
    { readonly run: string; readonly hasGroup: boolean; readonly unwatch: Cancel }
  >();
  /** The runs that this process waits for on their way out. */
  const leaving = new Set<string>();
  const effects = createEffects();

  // --- states ---

  /**
   * In the section nobody is between a record and its run. So a guest that was not let go yet is what a start left behind
   * that died half-way: it never ran, and nobody holds a permit for it. It is ended, but only where QEMU's own status says
   * so, for one that does not answer may be at work.
   */
  const stateInside = async (id: InstanceId): Promise<RunState> => {
    const seen = await runStateOf(directory, id);
    if (seen._tag === 'Unreached' && (await endings.isGone(seen.run))) return whatIsLeftOf(seen.run);
    if (seen._tag !== 'Up' || !(await isUnbegun(directory, seen))) return seen;
    const ended = await endings.abandon(seen.run);
    if (ended._tag === 'Left') throw new Error(ended.left.message);
    return whatIsLeftOf(seen.run);
  };

  const whatIsLeftOf = async (run: QemuRun): Promise<RunState> => {
    const after = await runStateOf(directory, run.id);
    return after._tag === 'Ended' ? after : endedUnseen(directory, run, life, unwritten);
  };

  const stateOf = async (id: InstanceId): Promise<RunState> => {
    const seen = await runStateOf(directory, id);
    const isDoubtful = seen._tag === 'Unreached' || (seen._tag === 'Up' && (await isUnbegun(directory, seen)));
    if (!isDoubtful) return seen;
    // Where the section is taken, someone may be starting it this very moment.
    const inside = await section.ifFree(id, () => stateInside(id));
    if (inside._tag === 'Some') return inside.value;
    // It may also be looked at by another one, who was notified of its end as we were.
    return (seen._tag === 'Unreached' ? await endedLost(directory, seen.run) : null) ?? seen;
  };

  const inspect = async (id: InstanceId): Promise<Either<Failed, InstanceObservation>> => {
    const seen = await stateOf(id);
    if (seen._tag !== 'NeverRan' && seen._tag !== 'Ended') follow(seen.run);
    if (seen._tag === 'Leaving') void seeOff(seen.run);
    if (seen._tag === 'Ended') endings.tidy(seen.run);
    return right(observationOf(seen, { moments, life }));
  };

  const lastExit = async (id: InstanceId): Promise<Either<Failed, QemuExit | null>> => {
    const seen = await stateOf(id);
    return right(seen._tag === 'Ended' ? seen.exit : null);
  };

  /** A QEMU may hang on its way out. No inspection waits for that: a notification follows when it is gone. */
  const seeOff = async (leaver: QemuRun): Promise<void> => {
    const { id, run } = leaver;
    if (leaving.has(run)) return;
    leaving.add(run);
    const insideAgain = async (): Promise<Either<Failed, void>> => {
      const seen = await runStateOf(directory, id);
      return seen._tag === 'Leaving' && seen.run.run === run ? endings.seeOff(leaver) : done;
    };
    await section(id, insideAgain).catch(constVoid); // the next inspection tries again
    leaving.delete(run);
    notify(id);
  };

  // --- start ---

  const start = (id: InstanceId, permit: Permit, askedAt: Timestamp): TaskEither<ActionError, void> =>
    permitted(capabilities.exclusion, permit, {
      read: nothingBefore,
      act: async () => {
        // Not before the check: the machine may end during it, and keeps its exit code then.
        const seen = await stateInside(id);
        switch (seen._tag) {
          case 'NeverRan':
          case 'Ended':
            return begin(id, seen, askedAt, permit.signal);
          case 'Up':
            // A stop of it died half-way: it ends, now or a little later, and is no run of this start.
            if (await wasTold(filesOf(directory, seen.run.run))) {
              return againAfter(endings.tellToEnd(seen.run, permit.signal));
            }
            if (seen.status === 'running' || seen.status === 'inmigrate') return done;
            break;
          case 'Leaving':
            return againAfter(endings.seeOff(seen.run, permit.signal));
          case 'Mute':
          case 'Unreached':
            break;
        }
        // What is about to end makes room in a moment.
        if (await changes(seen, permit.signal)) return 'again';
        if (isGivenUp(permit.signal)) return left(givenUp);
        const how = seen._tag === 'Up' ? `is ${seen.status}` : 'does not answer';
        return left(refused(`QEMU of ${id} ${how}: stop it first, or resume it`));
      },
    });

  const changes = async (
    { _tag, run }: Extract<RunState, { readonly _tag: 'Up' | 'Mute' | 'Unreached' }>,
    signal: CallSignal | undefined,
  ): Promise<boolean> => {
    const files = filesOf(directory, run.run);
    const changed = async (): Promise<boolean | null> => {
      const isUp = _tag === 'Unreached' && (await isListening(files.socket));
      if (isUp || (await readEnd(files)) !== null) return true;
      return isGivenUp(signal) ? false : null;
    };
    return (await waitIn(files.folder, changeMs, changed)) === true;
  };

  const begin = async (
    id: InstanceId,
    former: Extract<RunState, { readonly _tag: 'NeverRan' | 'Ended' }>,
    askedAt: Timestamp,
    signal: CallSignal | undefined,
  ): Promise<Either<Refused | Failed, void>> => {
    const machine = machineFor(id);
    if (machine._tag === 'Left') return machine;
    // What a run left behind may hold what the next one needs.
    const cleared = former._tag === 'Ended' ? await endings.clear(former.run, signal) : done;
    if (cleared._tag === 'Left') return cleared;
    const startedAt = await momentAfter(askedAt, now);
    const name = newRun(id);
    const group = groups?.of(name) ?? null;
    const run: QemuRun = newRunIdentity({ id, run: name, startedAt, life, bootAt: moments.bootAt(), group });
    const launched = await launch(opened, machine.right, run, group, signal);
    await leftChildren.remember(run, group);
    switch (launched._tag) {
      case 'Begun':
        await removeOtherRuns(directory, id, run.run).catch(constVoid); // the next start removes it
        follow(run);
        if (group === null) void launched.shellExited.then(() => noticeEnd(run)).catch(constVoid);
        return done;
      case 'NotBegun':
        await putBack(former, run);
        return left((launched.hopeless ? refused : failed)(launched.message, launched.cause));
      case 'Stuck': {
        const ended = await endings.abandon(run);
        return left(ended._tag === 'Left' ? ended.left : failed(launched.message));
      }
      case 'Halfway': {
        const ended = await endings.abandon(run);
        if (ended._tag === 'Left') return ended;
        // A guest that was let go at the last moment ran, however short.
        if (!(await wasLetGo(directory, run))) await putBack(former, run);
        return left(launched.why);
      }
    }
  };

  const machineFor = (id: InstanceId): Either<Refused, QemuMachine> => {
    if (effects.isClosed()) return left(closed);
    try {
      const machine = opened.machineOf(id);
      // From JavaScript it may be undefined as well, as a map answers.
      if (!machine) return left(refused(`no machine for instance ${id}`));
      const checked = checkMachine(machine);
      return checked._tag === 'Left' ? left(refused(`the machine of ${id}: ${checked.left}`)) : right(machine);
    } catch (error) {
      return left(refused(`no machine for instance ${id}: ${messageOf(error)}`));
    }
  };

  /** Should this fail, the record is of a run of which nobody knows how it ended. */
  const putBack = async (former: RunState, run: QemuRun): Promise<void> => {
    // As long as it is recorded, others can find its group too.
    await endings.clear(run).catch(constVoid);
    // Before the record, for they may have taken the last room on the disk.
    await removeFiles(filesOf(directory, run.run)).catch(constVoid);
    const restored = former._tag === 'Ended' ? writeRecord(directory, former.run) : removeRecord(directory, run.id);
    await restored.catch(constVoid);
  };

  // --- stop, forget ---

  const stop = (id: InstanceId, permit: Permit): TaskEither<ActionError, void> =>
    permitted(capabilities.exclusion, permit, {
      read: nothingBefore,
      act: async () => {
        const seen = await stateInside(id);
        if (seen._tag === 'NeverRan') return done;
        if (seen._tag === 'Ended') return endings.clear(seen.run, permit.signal);
        const { run } = seen;
        const why = await endings.whyNot(run);
        if (why !== null) return left(refused(why));
        // What ends by itself keeps its exit code.
        const ended = await (seen._tag === 'Leaving'
          ? endings.seeOff(run, permit.signal)
          : endings.tellToEnd(seen.run, permit.signal));
        notify(id);
        return ended;
      },
    });

  const forget = async (id: InstanceId): Promise<Either<Refused | Failed, void>> => {
    if (effects.isClosed()) return left(closed);
    const seen = await stateInside(id).catch(constNull); // an unreadable record is forgotten too
    if (seen !== null && seen._tag !== 'NeverRan' && seen._tag !== 'Ended') return left(stillRunning(id));
    const cleared = seen?._tag === 'Ended' ? await endings.clear(seen.run) : done;
    if (cleared._tag === 'Left') return cleared;
    await removeRecord(directory, id);
    await removeOtherRuns(directory, id, null);
    leftChildren.forget(id);
    return done;
  };

  // --- notifications ---

  /**
   * QEMU's events and its end change files, which are watched: no connection is held, and QEMU is not asked. Nobody writes the
   * end where the shell is killed with QEMU; but the kernel tells when a control group is empty.
   */
  const follow = (known: QemuRun): void => {
    const { id, run } = known;
    const group = recordedGroup(known);
    const current = followed.get(id);
    // It may have been seen before its group was made.
    const isFollowed = current?.run === run && (current.hasGroup || group === null);
    if (isFollowed || effects.isClosed()) return;
    current?.unwatch();
    const files = filesOf(directory, run);
    const onChange = (file: string): void => {
      if (file !== eventsOut && file !== exitFile && file !== lostFile) return;
      notify(id);
      void unfollowEnded().catch(constVoid);
    };
    const unfollowEnded = async (): Promise<void> => {
      const isOver = (await readEnd(files)) !== null || (await wasLost(files));
      if (isOver && unfollow(known)) notify(id);
    };
    const watched = tryCatch(() => watchFiles(files.folder, onChange));
    if (isNone(watched)) return; // the next inspection tries again
    const onEmpty = (): void => void noticeEnd(known).catch(constVoid);
    const unwatchGroup = group?.whenEmpty(onEmpty) ?? constVoid;
    const unwatch = (): void => {
      watched.value();
      unwatchGroup();
    };
    followed.set(id, { run, hasGroup: group !== null, unwatch });
    // It may have ended before the watch began.
    void unfollowEnded().catch(constVoid);
    if (group !== null && !mayBePopulated(group)) onEmpty();
  };

  /** No: it is not followed, or no more. */
  const unfollow = ({ id, run }: QemuRun): boolean => {
    const current = followed.get(id);
    if (current?.run !== run) return false;
    current.unwatch();
    return followed.delete(id);
  };

  /**
   * Its control group is empty, or its shell has ended: what was killed is gone in a moment. Of all who inspect it then one is in
   * the section; that one writes down that it is lost, which notifies the others.
   */
  const noticeEnd = async (known: QemuRun): Promise<void> => {
    const { id, run } = known;
    const files = filesOf(directory, run);
    const isGone = async (): Promise<boolean | null> => {
      // What is written down has notified by itself.
      if (followed.get(id)?.run !== run || (await readEnd(files)) !== null) return false;
      return (await endings.lives(known)) ? null : true;
    };
    if ((await waitIn(files.folder, changeMs, isGone)) === true) notify(id);
  };

  // --- calls ---

  const inSection =
    <E, A>(id: InstanceId, work: () => Promise<Either<E, A>>, signal?: CallSignal): TaskEither<E | Failed, A> =>
    () =>
      effects.run(answered(() => section(id, work, signal))());

  const unfollowAll = async (): Promise<void> => {
    for (const { unwatch } of followed.values()) unwatch();
    followed.clear();
    await unwritten.close();
  };

  return {
    capabilities,
    inspect: (id) => answered(() => inspect(id)),
    lastExit: (id) => answered(() => lastExit(id)),
    start: (id, permit) => () => inSection(id, start(id, permit, now()), permit.signal)(),
    stop: (id, permit) => inSection(id, stop(id, permit), permit.signal),
    forget: (id) => inSection(id, () => forget(id)),
    subscribe,
    onFault: unwritten.onFault,
    close: () => effects.close(unfollowAll),
  };
};
