/**
 * Instances as processes that many controllers share: start, stop, inspect, and notifications.
 *
 * Nothing is kept in memory: what is known is on disk and in /proc, for this process as for every other. A start and a
 * stop lie in the instance's section of the host as a whole; an inspection does not wait for it.
 */
import { randomUUID } from 'node:crypto';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { constFalse, constTrue, constVoid } from 'fp-ts/lib/function.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Millis } from '../../duration.js';
import type { InstanceObservation } from '../../event.js';
import type { CallSignal } from '../../ports/call.js';
import type { Cancel } from '../../ports/clock.js';
import {
  type ActionError,
  type Failed,
  failed,
  type Hypervisor,
  type HypervisorCapabilities,
  neverRan,
  type Permit,
  type Refused,
  refused,
} from '../../ports/hypervisor.js';
import type { InstanceId } from '../../ports/store.js';
import type { Timestamp } from '../../status.js';
import { againAfter, answered, done, stillRunning } from '../common/answers.js';
import { createListeners } from '../common/listeners.js';
import { closed, createEffects } from '../linux/effects.js';
import { endProcesses } from '../linux/end-processes.js';
import type { FlockSection } from '../linux/flock.js';
import { isSameBoot } from '../linux/host-life.js';
import { type Moments, momentAfter, retell } from '../linux/moments.js';
import { type LiveProcess, readProcess, type Scan } from '../linux/processes.js';
import { invalidRecord, newRunIdentity, recordName } from '../linux/run-record.js';
import { groupExists, groupGone, maySignal } from '../linux/signals.js';
import { askCommand, type ProcessCommand, spawnRecorded, spawnRun } from '../linux/spawn.js';
import { permitted } from '../permitted.js';
import { type Beginning, beganAt, type RunFiles } from './files.js';
import { findProgram } from './program.js';
import { type CertainState, createRunStates, type RunState } from './run-state.js';
import { inRunShim } from './shim.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * A hypervisor whose instances are processes that outlive it, shared with whoever else has the directory open.
 *
 * @since 0.2.0
 */
export interface SharedProcessHypervisor extends Hypervisor {
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
export interface Opened {
  readonly directory: string;
  readonly commandOf: (id: InstanceId) => ProcessCommand | null;
  readonly moments: Moments;
  readonly graceMs: Millis;
  readonly scan: Scan;
  readonly section: FlockSection;
  readonly files: RunFiles;
  /** What the run variable of every run in the directory begins with. */
  readonly tagPrefix: string;
  /** The life of the machine. */
  readonly life: string | null;
  /** Calls back with the name of each file that changes. */
  readonly watch: (onChange: (file: string) => void) => Cancel;
}

// ---------------------------------------------------------------------------
// hypervisor
// ---------------------------------------------------------------------------

// Of one instance, one start or stop at a time on the whole host.
const capabilities: HypervisorCapabilities = Object.freeze({ exclusion: 'section', guestReboot: 'exit' });

export const createSharedProcessHypervisor = (opened: Opened): SharedProcessHypervisor => {
  const { files, graceMs, moments, scan, section } = opened;
  const { now } = moments;
  const { read, determine } = createRunStates(files, scan, opened.life);
  const { subscribe, notify } = createListeners<InstanceId>();
  /** Starts that have begun to write or to spawn. */
  const effects = createEffects();

  const tagOf = (id: InstanceId): string => `${opened.tagPrefix}${recordName(id)}:`;

  // --- start ---

  const start = (id: InstanceId, permit: Permit, askedAt: Timestamp): TaskEither<ActionError, void> =>
    permitted(capabilities.exclusion, permit, {
      read: () => determine(id),
      act: async (seen) => {
        if (seen._tag === 'Left') return left(refused(problemOf(id, seen.left)));
        if (seen.right._tag === 'Running') {
          const { run, pid } = seen.right;
          // A stop of it gave up, failed or died half-way: it ends, now or a little later, and is no run of this start.
          if (await files.wasTold(run)) return againAfter(end(id, seen.right, permit.signal));
          // It may have ended during the check.
          return readProcess(pid)?.tag === run.run ? done : 'again';
        }
        const former = seen.right._tag === 'Over' ? seen.right.run : null;
        if (former !== null && (await leftBehind(former)).length > 0) {
          return againAfter(endProcesses({ find: processesWith(former.run), graceMs, signal: permit.signal }));
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
    const program = await findProgram(command);
    if (program === null) return left(refused(`cannot run ${command.command}: there is no such program`));
    // The moment before the spawn, so that a run never seems to begin before it is recorded.
    const startedAt = await momentAfter(askedAt, now);
    const identity = newRunIdentity(id, tagOf(id) + randomUUID(), startedAt, opened.life, moments.bootAt());
    const run: Beginning = { ...identity, pid: null };
    const spawned = await spawnRecorded({
      command,
      record: () => files.write(run),
      putBack: () => putBack(id, former),
      spawn: () => spawnRun(inRunShim(files.endFile(id), { ...command, command: program }), run.run),
      signal,
    });
    if (spawned._tag === 'Left') return spawned;
    const { pid, exited, unref } = spawned.right;
    unref();
    // A shim that was killed has written nothing. An inspection writes the end down, and all who share the directory
    // are notified.
    void exited.then(() => inspect(id)).catch(constVoid);
    // Where the pid cannot be written down, the run is found by its run variable.
    await files.write({ ...run, pid }).catch(constVoid);
    return done;
  };

  /** Should this fail, the instance seems to have had a run that ended in an unknown way. */
  const putBack = (id: InstanceId, former: Beginning | null): Promise<void> =>
    (former === null ? files.remove(id) : files.write(former)).catch(constVoid);

  // --- processes ---

  /**
   * What lives with a run variable that begins so, and with it in one group: also what cleared its environment. Where
   * the first process of a group is known, that is the first answer, for with it the whole group is signalled.
   */
  const processesWith = (tag: string, leader: LiveProcess | null = null): Scan => {
    const groups = new Set<number>();
    let known = leader;
    return async () => {
      const live = known === null ? await scan() : [known];
      known = null;
      for (const found of live) if (found.tag?.startsWith(tag)) groups.add(found.group);
      return live.filter((found) => found.tag?.startsWith(tag) || groups.has(found.group));
    };
  };

  /** Of a run that is over. All processes are scanned only where its group still exists, for a scan is costly. */
  const leftBehind = async ({ run, pid }: Beginning): Promise<ReadonlyArray<LiveProcess>> =>
    pid !== null && groupExists(pid) ? processesWith(run)() : [];

  /** Whatever lives of any of the instance's runs, known or not. */
  const end = async (
    id: InstanceId,
    running: Extract<CertainState, { readonly _tag: 'Running' }> | null,
    signal: CallSignal | undefined,
  ): Promise<Either<Failed, void>> => {
    // A full disk must not keep it running. But then nobody gives up half-way, for no start would know what was begun.
    const isKnown = running === null || (await files.writeTold(running.run).then(constTrue, constFalse));
    const leader = running === null ? null : leaderOf(running.run, running.pid);
    const ended = await endProcesses({
      find: processesWith(tagOf(id), leader),
      graceMs,
      leader: () => (leader !== null && groupExists(leader.pid) ? groupGone(leader.pid) : null),
      signal: isKnown ? signal : undefined,
    });
    if (ended._tag === 'Right' && running !== null) await endOf(running.run).catch(constVoid);
    return ended;
  };

  /** One that ended by itself at the last moment keeps its exit code. Not written down, the run was told to end. */
  const endOf = async (run: Beginning): Promise<void> => {
    if ((await files.readEnd(run)) === null) await files.writeEnd(run, 'stopped');
    await files.clearTold(run);
  };

  // --- stop ---

  const stop = (id: InstanceId, permit: Permit): TaskEither<ActionError, void> =>
    permitted(capabilities.exclusion, permit, {
      read: () => determine(id),
      act: async (seen) => {
        if (seen._tag === 'Right' && seen.right._tag === 'NeverRan') return done;
        const running = seen._tag === 'Right' && seen.right._tag === 'Running' ? seen.right : null;
        if (running !== null && !maySignal(running.pid)) {
          return left(refused(`not allowed to end process ${running.pid}`));
        }
        return end(id, running, permit.signal);
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
    return seen._tag === 'Left' ? left(failed(problemOf(id, seen.left))) : right(observationOf(seen.right, retold));
  };

  /** A moment of a run, told when the clock had the boot at `then`, as the clock stands now. */
  const retold: Retold = ({ life }, at, then) =>
    isSameBoot(life, opened.life) ? retell(at, then, moments.bootAt()) : at;

  const problemOf = (id: InstanceId, problem: string): string => invalidRecord(opened.directory, id, problem);

  const forget = async (id: InstanceId): Promise<Either<Refused | Failed, void>> => {
    if (effects.isClosed()) return left(closed);
    const seen = await determine(id);
    if (seen._tag === 'Right' && seen.right._tag === 'Running') return left(stillRunning(id));
    await files.remove(id);
    return done;
  };

  const onChange = async (file: string): Promise<void> => {
    const id = await files.instanceOf(file);
    if (id !== null && !effects.isClosed()) notify(id);
  };

  const unwatch = opened.watch((file) => void onChange(file).catch(constVoid));

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
    close: () => effects.close(unwatch),
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

/** The process, if it still is of the run, and leads its group: normally the shim. */
const leaderOf = ({ run }: Beginning, pid: number): LiveProcess | null => {
  const found = readProcess(pid);
  return found?.tag === run && found.group === pid ? found : null;
};
