/**
 * Instances as child processes: start, stop, inspect, and what follows when one ends by itself.
 *
 * Two facts are kept apart. A run's first process has exited: then its exit code is known. The run is over: then
 * nothing of it lives any more, its end is recorded, and only now an inspection shows the instance as stopped.
 */
import { randomUUID } from 'node:crypto';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { constVoid } from 'fp-ts/lib/function.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Millis } from '../../duration.js';
import type { InstanceObservation } from '../../event.js';
import type { CallSignal } from '../../ports/call.js';
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
import { orGivenUp } from '../common/given-up.js';
import { createListeners } from '../common/listeners.js';
import { createSection } from '../common/section.js';
import { closed, createEffects } from '../linux/effects.js';
import { endProcesses } from '../linux/end-processes.js';
import { isSameBoot } from '../linux/host-life.js';
import { type Moments, momentAfter } from '../linux/moments.js';
import { isUnnoticed, type Scan } from '../linux/processes.js';
import { endedByHost } from '../linux/run-end.js';
import { invalidRecord, newRunIdentity, recordName, removeRecord, writeRecord } from '../linux/run-record.js';
import { maySignal } from '../linux/signals.js';
import { askCommand, type ProcessCommand, type Spawned, spawnRecorded, spawnRun } from '../linux/spawn.js';
import { nothingBefore, permitted } from '../permitted.js';
import { type ReadRecords, type RunRecord, retoldRecord } from './records.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * A hypervisor whose instances are child processes of this one; no instance outlives it.
 *
 * @since 0.1.0
 */
export interface ProcessHypervisor extends Hypervisor {
  /**
   * Forgets the instance's last run, so that the id is one that never ran: for a host that deleted the instance. It
   * removes an unreadable record too. Left: `Refused`, it runs, or this hypervisor is closed; `Failed`, the record
   * could not be removed.
   */
  readonly forget: (id: InstanceId) => TaskEither<Refused | Failed, void>;
  /**
   * Ends every run (SIGTERM, the grace, SIGKILL) and gives the directory up; answers when that is done. Idempotent.
   * From the call on every start is refused: close the controller first, for a drain is not a manual stop.
   */
  readonly close: Task<void>;
}

/** What an opened directory comes with. */
export interface Opened extends ReadRecords {
  readonly directory: string;
  readonly commandOf: (id: InstanceId) => ProcessCommand | null;
  readonly moments: Moments;
  /** The life of the machine. */
  readonly life: string | null;
  readonly graceMs: Millis;
  readonly scan: Scan;
  /** What the run variable of every run begins with. */
  readonly tagPrefix: string;
  /** Gives the directory up. */
  readonly release: () => Promise<void>;
}

interface Run {
  readonly record: RunRecord;
  /** Of its first process; also the number of its process group. */
  readonly pid: number;
  /** Its first process has ended. */
  readonly exited: Promise<void>;
  hasExited: boolean;
  /**
   * It was told to end, so its exit code does not show how its work ended: the cause is the host. It may live on for as
   * long as it likes, where whoever told it has given up; but no start counts it as running any more.
   */
  toldToEnd: boolean;
  ending: Ending | null;
  /** Nothing of it lives, and its end is recorded. */
  over: Promise<void>;
}

/** What lives of a run is being ended, for all who want that. */
interface Ending {
  readonly answer: Promise<Either<Failed, void>>;
  /** Nothing is signalled any more. */
  readonly abandon: () => void;
  wantedBy: number;
}

// ---------------------------------------------------------------------------
// hypervisor
// ---------------------------------------------------------------------------

// All starts and stops are this process's, so a section within it is enough.
const capabilities: HypervisorCapabilities = Object.freeze({ exclusion: 'section', guestReboot: 'exit' });

export const createProcessHypervisor = (opened: Opened): ProcessHypervisor => {
  const { directory, moments, life, records, invalid } = opened;
  const { now } = moments;
  const runs = new Map<InstanceId, Run>();
  /** Instances whose last run has ended, which could not be written down. */
  const unwritten = new Set<InstanceId>();
  const { subscribe, notify } = createListeners<InstanceId>();
  const section = createSection<InstanceId>();
  /** What has begun to write or to spawn: the directory is not given up before it is done. */
  const effects = createEffects();

  // --- start ---

  const start = (id: InstanceId, permit: Permit, askedAt: Timestamp): TaskEither<ActionError, void> =>
    permitted(capabilities.exclusion, permit, {
      read: nothingBefore,
      act: async () => {
        // Not before the check: a run may end during it, and its pid may be another process by then.
        const run = runs.get(id);
        // A drain ends what runs, too.
        if (effects.isClosed()) return left(closed);
        if (run === undefined) {
          const command = commandFor(id);
          return command._tag === 'Left' ? command : effects.run(launch(id, command.right, askedAt, permit.signal));
        }
        if (!run.toldToEnd && !run.hasExited && !isUnnoticed(run.pid)) return done;
        // It is on its way out: a stop has given up or failed, or what it left behind is being ended.
        const isHeeding = run.toldToEnd && !run.hasExited;
        return againAfter(isHeeding ? tellToEnd(run, permit.signal) : isOver(run, permit.signal));
      },
    });

  const commandFor = (id: InstanceId): Either<Refused, ProcessCommand> => {
    const problem = problemOf(id);
    if (problem !== null) return left(refused(problem));
    return askCommand(id, opened.commandOf);
  };

  const launch = async (
    id: InstanceId,
    command: ProcessCommand,
    askedAt: Timestamp,
    signal: CallSignal | undefined,
  ): Promise<Either<Refused | Failed, void>> => {
    const former = records.get(id);
    const run = opened.tagPrefix + randomUUID();
    // The moment before the spawn, so that a run never seems to begin before it is recorded.
    const startedAt = await momentAfter(askedAt, now);
    const identity = newRunIdentity(id, run, startedAt, life, moments.bootAt());
    const record: RunRecord = { ...identity, stoppedAt: null, exitCode: null };
    const spawned = await spawnRecorded({
      command,
      record: () => writeRecord(directory, record),
      putBack: () => putBack(id, former),
      spawn: () => spawnRun(command, run),
      signal,
    });
    if (spawned._tag === 'Left') return spawned;
    records.set(id, record);
    unwritten.delete(id);
    runs.set(id, follow(record, spawned.right));
    return done;
  };

  /** Should this fail, a later host finds a run of which it knows no end; this one knows better. */
  const putBack = (id: InstanceId, former: RunRecord | undefined): Promise<void> =>
    (former === undefined ? removeRecord(directory, id) : writeRecord(directory, former)).catch(constVoid);

  // --- the end of a run ---

  const follow = (record: RunRecord, { pid, exited }: Spawned): Run => {
    let ended: RunRecord = record;
    const run: Run = {
      record,
      pid,
      hasExited: false,
      toldToEnd: false,
      ending: null,
      exited: exited.then((how) => {
        run.hasExited = true;
        // Both moments by one clock: the length of the run is kept.
        const begun = retoldRecord(record, moments.bootAt());
        ended = { ...begun, stoppedAt: now(), ...(run.toldToEnd ? endedByHost : how) };
      }),
      over: exited.then(async () => {
        await run.exited;
        // Both at once: a host that dies before what was left behind has ended must not take the end along.
        await Promise.all([writeEnd(ended), end(run)]);
        records.set(record.id, ended);
        runs.delete(record.id);
        notify(record.id);
      }),
    };
    return run;
  };

  /** Where it cannot be written now, it is written when the directory is given up: else the host would seem to have died. */
  const writeEnd = (ended: RunRecord): Promise<void> =>
    writeRecord(directory, ended).then(
      () => void unwritten.delete(ended.id),
      () => void unwritten.add(ended.id),
    );

  /** Ends what lives of a run, once however often it is called; until the last of those who called has given up. */
  const end = async (run: Run, signal?: CallSignal): Promise<Either<Failed, void>> => {
    run.ending ??= beginToEnd(run);
    const { ending } = run;
    ending.wantedBy++;
    const answer = await orGivenUp(ending.answer, signal);
    if (--ending.wantedBy > 0) return answer;
    ending.abandon();
    if (run.ending === ending) run.ending = null;
    // The last one, whether or not it gave up, answers when nothing more is done.
    return ending.answer;
  };

  const beginToEnd = (run: Run): Ending => {
    const abandoned = new AbortController();
    const answer = endProcesses({
      find: async () => (await opened.scan()).filter(({ group, tag }) => group === run.pid || tag === run.record.run),
      graceMs: opened.graceMs,
      leader: () => (run.hasExited ? null : run.exited),
      signal: abandoned.signal,
    });
    return { answer, abandon: () => abandoned.abort(), wantedBy: 0 };
  };

  const tellToEnd = async (run: Run, signal?: CallSignal): Promise<Either<Failed, void>> => {
    // One that has exited by itself keeps its exit code, also while what it left behind is being ended.
    run.toldToEnd = true;
    const ended = await end(run, signal);
    // Where nothing lives, its exit is on its way to us, if it is not here already.
    const over = run.hasExited || ended._tag === 'Right' ? await isOver(run, signal) : done;
    return ended._tag === 'Left' ? ended : over;
  };

  const isOver = (run: Run, signal: CallSignal | undefined): Promise<Either<Failed, void>> =>
    orGivenUp(
      run.over.then(() => done),
      signal,
    );

  // --- stop, inspect, forget, close ---

  const stop = (id: InstanceId, permit: Permit): TaskEither<ActionError, void> =>
    permitted(capabilities.exclusion, permit, {
      read: nothingBefore,
      act: async () => {
        const run = runs.get(id);
        if (run === undefined) return done;
        if (!maySignal(run.pid)) return left(refused(`not allowed to end process ${run.pid}`));
        return tellToEnd(run, permit.signal);
      },
    });

  const inspect = async (id: InstanceId): Promise<Either<Failed, InstanceObservation>> => {
    const record = records.get(id);
    if (record === undefined) {
      const problem = problemOf(id);
      return problem === null ? right(neverRan) : left(failed(problem));
    }
    const retold = isSameBoot(record.life, life) ? retoldRecord(record, moments.bootAt()) : record;
    const { startedAt, stoppedAt, exitCode, cause } = retold;
    const state = runs.has(id) ? 'running' : 'stopped';
    const seen: InstanceObservation = { state, startedAt, stoppedAt, exitCode, health: 'unknown' };
    return right(cause === undefined ? seen : { ...seen, cause });
  };

  /** What is wrong with the instance's record; null: nothing. */
  const problemOf = (id: InstanceId): string | null => {
    const problem = invalid.get(recordName(id));
    return problem === undefined ? null : invalidRecord(directory, id, problem);
  };

  const forget = async (id: InstanceId): Promise<Either<Refused | Failed, void>> => {
    if (effects.isClosed()) return left(closed);
    if (runs.has(id)) return left(stillRunning(id));
    await effects.run(removeRecord(directory, id));
    records.delete(id);
    unwritten.delete(id);
    invalid.delete(recordName(id));
    return done;
  };

  const endAll = async (): Promise<void> => {
    await Promise.all([...runs.values()].map((run) => tellToEnd(run)));
    for (const id of [...unwritten]) {
      const ended = records.get(id);
      if (ended !== undefined) await writeEnd(ended);
    }
    await opened.release();
  };

  return {
    capabilities,
    inspect: (id) => () => inspect(id),
    start: (id, permit) =>
      answered(() => {
        const askedAt = now();
        return section(id, start(id, permit, askedAt), permit.signal);
      }),
    stop: (id, permit) => answered(() => section(id, stop(id, permit), permit.signal)),
    forget: (id) => answered(() => section(id, () => forget(id))),
    subscribe,
    close: () => effects.close(endAll),
  };
};
