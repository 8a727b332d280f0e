/**
 * Instances as processes that many controllers share: start, stop, inspect, and notifications.
 *
 * Nothing is kept in memory that could be on disk: what is known is there, in /proc and in control groups, for this process
 * as for every other. A start and a stop lie in the instance's section of the host as a whole; an inspection does not wait
 * for it.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Either } from 'fp-ts/lib/Either.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Millis } from '../../duration.js';
import { left, right } from '../../either.js';
import type { InstanceObservation } from '../../event.js';
import { constFalse, constTrue, constVoid } from '../../function.js';
import { isNone, tryCatch } from '../../option.js';
import type { CallSignal } from '../../ports/call.js';
import type { Cancel } from '../../ports/clock.js';
import {
  type ActionError,
  type Failed,
  failed,
  type Hypervisor,
  neverRan,
  type Permit,
  type Refused,
  refused,
} from '../../ports/hypervisor.js';
import type { InstanceId } from '../../ports/store.js';
import type { Timestamp } from '../../status.js';
import { againAfter, done, stillRunning } from '../common/answers.js';
import { createListeners } from '../common/listeners.js';
import { answered } from '../linux/answered.js';
import type { LinuxCapabilities } from '../linux/capabilities.js';
import { type ControlGroup, makeGroup, recordedGroup } from '../linux/control-group.js';
import { closed, createEffects } from '../linux/effects.js';
import { endProcesses } from '../linux/end-processes.js';
import { createEndsToWrite } from '../linux/ends-to-write.js';
import { type Grace, graceOf } from '../linux/grace.js';
import { isSameBoot } from '../linux/host-life.js';
import { type Moments, momentAfter, retell } from '../linux/moments.js';
import { livesStill, type Scan, startTicksOf } from '../linux/processes.js';
import { findProgram } from '../linux/program.js';
import type { Reaper } from '../linux/reap.js';
import { findProcessesOf } from '../linux/run-processes.js';
import { invalidRecord, newRunIdentity, recordName } from '../linux/run-record.js';
import type { SharedDirectory } from '../linux/share-directory.js';
import { groupExists, groupGone, maySignal } from '../linux/signals.js';
import { askCommand, type ProcessCommand, type Spawned, spawnRecorded, spawnRun } from '../linux/spawn.js';
import { permitted } from '../permitted.js';
import { createChanges } from './changes.js';
import { type Beginning, beganAt, type RunFiles } from './files.js';
import { createRunEnds } from './run-ends.js';
import { marksOf } from './run-marks.js';
import { createRunStates, type RunState } from './run-state.js';
import { inRunShim, notEnteredCode } from './shim.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * A hypervisor whose instances are processes that outlive it, shared with whoever else has the directory open.
 *
 * @since 0.2.0
 */
export interface SharedProcessHypervisor extends Hypervisor {
  /** What was found when the directory was opened, and what the promises rest on since. */
  readonly capabilities: LinuxCapabilities;
  /**
   * Forgets the instance's last run, so that the id is one that never ran: for a host that deleted the instance. It
   * removes an unreadable record too; an empty lock file stays. Left: `Refused`, it runs, or this hypervisor is closed;
   * `Failed`, the record could not be removed.
   */
  readonly forget: (id: InstanceId) => TaskEither<Refused | Failed, void>;
  /**
   * Notifies nobody any more, refuses starts, and answers when the starts under way are done. It ends no run.
   * Idempotent.
   */
  readonly close: Task<void>;
}

/** What an opened directory comes with. */
export interface Opened extends SharedDirectory {
  readonly directory: string;
  readonly commandOf: (id: InstanceId) => ProcessCommand | null;
  readonly moments: Moments;
  readonly graceMs: Grace;
  readonly scan: Scan;
  /** Takes note of what runs left to this process. */
  readonly reap: Reaper;
  readonly files: RunFiles;
  /** What the run variable of every run in the directory begins with. */
  readonly tagPrefix: string;
  /** Calls back with the name of each file that changes. */
  readonly watch: (onChange: (file: string) => void) => Cancel;
}

// ---------------------------------------------------------------------------
// hypervisor
// ---------------------------------------------------------------------------

export const createSharedProcessHypervisor = (opened: Opened): SharedProcessHypervisor => {
  const { calls, capabilities, files, graceMs, groups, life, moments, scan, section } = opened;
  const { now } = moments;
  const { subscribe, notify } = createListeners<InstanceId>();
  const unwritten = createEndsToWrite();
  const ends = createRunEnds(files, section, unwritten);
  const { read, determine, stateOf } = createRunStates(files, ends, scan, life);
  /** Starts that have begun to write or to spawn. */
  const effects = createEffects();
  /** Groups in which something outlived the shim. */
  const watched = new Set<Cancel>();

  const tagOf = (id: InstanceId): string => `${opened.tagPrefix}${recordName(id)}:`;

  // --- start ---

  const start = (id: InstanceId, permit: Permit, askedAt: Timestamp): TaskEither<ActionError, void> =>
    permitted(capabilities.exclusion, permit, {
      read: () => determine(id),
      act: async (seen) => {
        if (seen._tag === 'Left') return left(refused(problemOf(id, seen.left)));
        if (seen.right._tag === 'Running') {
          const { run } = seen.right;
          // A stop of it gave up, failed or died half-way: it ends, now or a little later, and is no run of this start.
          if (await files.wasTold(run)) return againAfter(end(id, run, 'running', permit.signal));
          // It may have ended during the check.
          return (await stateOf(run))._tag === 'Running' ? done : 'again';
        }
        const former = seen.right._tag === 'Over' ? seen.right.run : null;
        if (former !== null && (await hasLeftBehind(former))) {
          const find = findProcessesOf(scan, await marksOf(files, former, life));
          const group = recordedGroup(former);
          return againAfter(endProcesses({ find, graceMs: graceOf(graceMs, id), group, calls, signal: permit.signal }));
        }
        const command = commandFor(id);
        if (command._tag === 'Left') return command;
        return effects.run(launch(id, command.right, former, askedAt, permit.signal));
      },
    });

  const commandFor = (id: InstanceId): Either<Refused, ProcessCommand> =>
    effects.isClosed() ? left(closed) : askCommand(id, opened.commandOf);

  const launch = async (
    id: InstanceId,
    command: ProcessCommand,
    former: Beginning | null,
    askedAt: Timestamp,
    signal: CallSignal | undefined,
  ): Promise<Either<Refused | Failed, void>> => {
    const program = findProgram(command);
    if (program === null) return left(refused(`cannot run ${command.command}: there is no such program`));
    // The moment before the spawn, so that a run never seems to begin before it is recorded.
    const startedAt = await momentAfter(askedAt, now);
    const name = randomUUID();
    const group = groups?.of(name) ?? null;
    const identity = newRunIdentity({ id, run: tagOf(id) + name, startedAt, life, bootAt: moments.bootAt(), group });
    const run: Beginning = { ...identity, pid: null };
    if (former !== null) recordedGroup(former)?.remove();
    const back = async (): Promise<void> => {
      group?.remove();
      await putBack(id, former);
    };
    const spawned = await spawnRecorded({
      command,
      record: async () => {
        // First, for until here the end of the former run counts.
        await files.reserveEnd(id);
        await files.write(run);
      },
      putBack: back,
      spawn: async () => {
        const made = makeGroup(group);
        if (made._tag === 'Left') return made;
        const found = { ...command, command: program };
        // One that enters a group of its own leaves ours.
        const commandFile = group === null || found.cgroup !== undefined ? files.commandFile(id) : null;
        const shim = { endFile: files.endFile(id), group: group?.path ?? null, commandFile };
        return spawnRun(inRunShim(shim, found), run.run, calls, opened.presence);
      },
      signal,
    });
    if (spawned._tag === 'Left') return spawned;
    const { pid, exited, unref } = spawned.right;
    unref();
    const begun = tryCatch(() => startTicksOf(pid));
    const startTicks = isNone(begun) ? null : begun.value;
    // Where this cannot be written down, the run is found by its control group, or by its run variable.
    await files.write({ ...run, pid, ...(startTicks === null ? {} : { startTicks }) }).catch(constVoid);
    if (group !== null && !(await hasEntered(group, exited))) {
      await back();
      return left(failed(`the run could not enter its control group ${group.path}, so its command was not run`));
    }
    const onReaped = (): void => opened.reap({ pid, controlGroup: group?.name ?? null });
    void exited.then(() => noticeEnd(id, group).finally(onReaped)).catch(constVoid);
    return done;
  };

  /**
   * The shim of the run has ended. One that was killed has written nothing: an inspection writes the end down, and all who
   * share the directory are notified. What lives on in the group is waited for.
   */
  const noticeEnd = async (id: InstanceId, group: ControlGroup | null): Promise<void> => {
    const seen = await inspect(id);
    if (group === null || effects.isClosed()) return;
    // What was seen to live on may be gone by now, and then nobody has written the end down.
    const isOver = seen._tag === 'Right' && seen.right.state === 'stopped';
    if (isOver && !group.isPopulated()) return;
    const onEmpty = (): void => {
      unwatch();
      watched.delete(unwatch);
      void inspect(id).catch(constVoid);
    };
    const unwatch = group.whenEmpty(onEmpty);
    watched.add(unwatch);
    // Since it was asked and before it was watched.
    if (!group.isPopulated()) onEmpty();
  };

  /** Should this fail, the instance seems to have had a run that ended in an unknown way. */
  const putBack = (id: InstanceId, former: Beginning | null): Promise<void> =>
    (former === null ? files.remove(id) : files.write(former)).catch(constVoid);

  // --- processes ---

  /** Of a run that is over. All processes are scanned only where its process group still exists, for a scan is costly. */
  const hasLeftBehind = async (run: Beginning): Promise<boolean> => {
    const group = recordedGroup(run);
    if (group !== null && !(await empties(group))) return true;
    if (run.pid === null || !mayHaveGroup(run.pid, run.startTicks)) return false;
    return (await findProcessesOf(scan, await marksOf(files, run, life))()).length > 0;
  };

  /** The shim writes the end first, and is gone a moment later: it is nothing that was left behind. */
  const empties = async (group: ControlGroup): Promise<boolean> => {
    for (let looks = 1; group.isPopulated(); looks++) {
      if (looks === 10) return false;
      await sleep(2);
    }
    return true;
  };

  /** Whatever lives of any of the instance's runs, known or not. `run`: the last that is known. */
  const end = async (
    id: InstanceId,
    run: Beginning | null,
    is: 'running' | 'over',
    signal: CallSignal | undefined,
  ): Promise<Either<Failed, void>> => {
    // A full disk must not keep it running. But then nobody gives up half-way, for no start would know what was begun.
    const isKnown = run === null || is === 'over' || (await files.writeTold(run).then(constTrue, constFalse));
    const isTag = (tag: string): boolean => tag.startsWith(tagOf(id));
    const marks = run === null ? { isTag, leader: null, group: null } : await marksOf(files, run, life, isTag);
    const { group, leader } = marks;
    // One for all times that it is asked: each that is given is remembered.
    const toReap = leader === null ? null : { pid: leader.pid, controlGroup: group?.name ?? null };
    const reap = (): void => opened.reap(toReap);
    const isLed = group === null && leader !== null && livesStill(leader);
    const ended = await endProcesses({
      find: findProcessesOf(scan, marks),
      graceMs: graceOf(graceMs, id),
      group,
      calls,
      leader: () => (isLed && mayHaveGroup(leader.pid, leader.startTicks) ? groupGone(leader.pid, reap) : null),
      signal: isKnown ? signal : undefined,
    });
    reap();
    if (ended._tag === 'Left') return ended;
    if (run !== null && is === 'running') await endOf(run).catch(constVoid);
    group?.remove();
    return ended;
  };

  /** One that ended by itself at the last moment keeps its exit code. Not written down, the run was told to end. */
  const endOf = async (run: Beginning): Promise<void> => {
    if ((await ends.read(run)) === null) await ends.write(run, 'stopped');
    await files.clearTold(run);
  };

  // --- stop ---

  const stop = (id: InstanceId, permit: Permit): TaskEither<ActionError, void> =>
    permitted(capabilities.exclusion, permit, {
      read: () => determine(id),
      act: async (seen) => {
        if (seen._tag === 'Left') return end(id, null, 'over', permit.signal);
        if (seen.right._tag === 'NeverRan') return done;
        if (seen.right._tag === 'Over') return end(id, seen.right.run, 'over', permit.signal);
        const { run, pid } = seen.right;
        if (pid !== null && !maySignal(pid)) return left(refused(`not allowed to end process ${pid}`));
        return end(id, run, 'running', permit.signal);
      },
    });

  // --- inspect, forget, close ---

  const inspect = async (id: InstanceId): Promise<Either<Failed, InstanceObservation>> => {
    let seen = await read(id);
    if (seen._tag === 'Right' && seen.right._tag === 'Uncertain') {
      // Whoever is in the section will find out; where nobody is, its starter died, and it is for us to find out.
      const answer = await section.ifFree(id, () => determine(id));
      seen = answer._tag === 'Some' ? answer.value : await read(id);
    }
    if (seen._tag === 'Left') return left(failed(problemOf(id, seen.left)));
    // Nobody enters it any more.
    if (seen.right._tag === 'Over') recordedGroup(seen.right.run)?.remove();
    return right(observationOf(seen.right, retold));
  };

  /** A moment of a run, told when the clock had the boot at `then`, as the clock stands now. */
  const retold: Retold = ({ life }, at, then) =>
    isSameBoot(life, opened.life) ? retell(at, then, moments.bootAt()) : at;

  const problemOf = (id: InstanceId, problem: string): string => invalidRecord(opened.directory, id, problem);

  const forget = async (id: InstanceId): Promise<Either<Refused | Failed, void>> => {
    if (effects.isClosed()) return left(closed);
    const seen = await determine(id);
    if (seen._tag === 'Right' && seen.right._tag === 'Running') return left(stillRunning(id));
    if (seen._tag === 'Right' && seen.right._tag === 'Over') recordedGroup(seen.right.run)?.remove();
    await files.remove(id);
    return done;
  };

  const notifyWhileOpen = (id: InstanceId): void => {
    if (!effects.isClosed()) notify(id);
  };

  const onChange = createChanges(files, notifyWhileOpen);
  const unwatch = opened.watch((file) => void onChange(file).catch(constVoid));
  // Of an end that could not be written no file tells.
  unwritten.onFault(notifyWhileOpen);

  return {
    capabilities,
    inspect: (id) => answered(() => inspect(id)),
    start: (id, permit) =>
      answered(() => {
        const askedAt = now();
        return section(id, start(id, permit, askedAt), permit.signal);
      }),
    stop: (id, permit) => answered(() => section(id, stop(id, permit), permit.signal)),
    forget: (id) => answered(() => section(id, () => forget(id))),
    subscribe,
    onFault: unwritten.onFault,
    close: () =>
      effects.close(async () => {
        unwatch();
        for (const cancel of watched) cancel();
        await unwritten.close();
      }),
  };
};

type Retold = (run: Beginning, at: Timestamp, then: Timestamp | undefined) => Timestamp;

const observationOf = (seen: RunState, retold: Retold): InstanceObservation => {
  switch (seen._tag) {
    case 'NeverRan':
      return neverRan;
    case 'Running':
      return { ...neverRan, state: 'running', startedAt: retold(seen.run, seen.run.startedAt, seen.run.bootAt) };
    case 'Over': {
      const { bootAt = seen.run.bootAt, stoppedAt, ...how } = seen.end;
      return {
        ...neverRan,
        ...how,
        startedAt: retold(seen.run, beganAt(seen.run, seen.end), bootAt),
        stoppedAt: stoppedAt === null ? null : retold(seen.run, stoppedAt, bootAt),
      };
    }
    case 'Uncertain':
      // Its starter is about to spawn it; or it has run, and it is not known yet to be over.
      return {
        ...neverRan,
        state: seen.run.pid === null ? 'initializing' : 'running',
        startedAt: retold(seen.run, seen.run.startedAt, seen.run.bootAt),
      };
    default:
      return seen satisfies never;
  }
};

/** Whether there is a process group of the number, and no other process has it, to whom it is given when the group is gone. */
const mayHaveGroup = (pid: number, startTicks: number | undefined): boolean => {
  if (!groupExists(pid)) return false;
  const now = startTicksOf(pid);
  return now === null || startTicks === undefined || now === startTicks;
};

/** Waits for the shim of a run to be in its group. No: it could not enter, and has ended without having run anything. */
const hasEntered = async (group: ControlGroup, exited: Spawned['exited']): Promise<boolean> => {
  for (;;) {
    const populated = tryCatch(() => group.isPopulated());
    // Where that is not known it counts as entered: one that could not enter ends all the same.
    if (isNone(populated) || populated.value) return true;
    const ended = await Promise.race([exited, sleep(firstPause, null)]);
    if (ended !== null) return ended.exitCode !== notEnteredCode;
  }
};

/** In milliseconds: a shell that has begun enters in less. */
const firstPause: Millis = 1;
