/**
 * Instances as child processes: start, stop and inspect.
 */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Either } from 'fp-ts/lib/Either.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { left, right } from '../../either.js';
import type { InstanceObservation } from '../../event.js';
import { constVoid } from '../../function.js';
import type { CallSignal } from '../../ports/call.js';
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
import { createSection } from '../common/section.js';
import { answered } from '../linux/answered.js';
import type { LinuxCapabilities } from '../linux/capabilities.js';
import { type ControlGroup, makeGroup } from '../linux/control-group.js';
import type { ControlGroups } from '../linux/control-groups.js';
import { closed, createEffects } from '../linux/effects.js';
import { createEndsToWrite } from '../linux/ends-to-write.js';
import { inGroup, marked } from '../linux/first-shell.js';
import { type Grace, graceOf } from '../linux/grace.js';
import { isSameBoot } from '../linux/host-life.js';
import { type Moments, momentAfter } from '../linux/moments.js';
import type { Scan } from '../linux/processes.js';
import { findProgram } from '../linux/program.js';
import type { Reaper } from '../linux/reap.js';
import { invalidRecord, newRunIdentity, recordName, removeRecord } from '../linux/run-record.js';
import { maySignal } from '../linux/signals.js';
import { askCommand, type ProcessCommand, spawnRecorded, spawnRun } from '../linux/spawn.js';
import type { SystemCalls } from '../linux/system-calls.js';
import { nothingBefore, permitted } from '../permitted.js';
import { markFile, type ReadRecords, type RunRecord, retoldRecord, writeEnd, writeRun } from './records.js';
import { followRun, type Run } from './run.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * A hypervisor whose instances are child processes of this one; no instance outlives it.
 *
 * @since 0.1.0
 */
export interface ProcessHypervisor extends Hypervisor {
  /** What was found when the directory was opened, and what the promises rest on since. */
  readonly capabilities: LinuxCapabilities;
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
  readonly capabilities: LinuxCapabilities;
  readonly directory: string;
  readonly commandOf: (id: InstanceId) => ProcessCommand | null;
  readonly moments: Moments;
  /** The life of the machine. */
  readonly life: string | null;
  readonly graceMs: Grace;
  readonly scan: Scan;
  /** null: runs are not control groups. */
  readonly groups: ControlGroups | null;
  /** null: there are none. */
  readonly calls: SystemCalls | null;
  /** Takes note of what a run left to this process. */
  readonly reap: Reaper;
  /** What the run variable of every run begins with. */
  readonly tagPrefix: string;
  /** What the name of the control group of every run begins with. */
  readonly groupPrefix: string;
  /** Gives the directory up. `isQuiet`: nothing is left that lives, so nobody has to see to its end. */
  readonly release: (isQuiet: boolean) => Promise<void>;
}

// ---------------------------------------------------------------------------
// hypervisor
// ---------------------------------------------------------------------------

export const createProcessHypervisor = (opened: Opened): ProcessHypervisor => {
  const { directory, capabilities, moments, life, records, invalid } = opened;
  const { now } = moments;
  const runs = new Map<InstanceId, Run>();
  const { subscribe, notify } = createListeners<InstanceId>();
  /** Kept in memory where they cannot be written down: else the host would seem to have died. */
  const ends = createEndsToWrite();
  // All starts and stops are this process's, so a section within it is enough.
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
        // On its way out: a stop has given up or failed, or what it left behind is being ended.
        return run.isLeaving() ? againAfter(run.seeOff(permit.signal)) : done;
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
    const name = randomUUID();
    const group = opened.groups?.of(opened.groupPrefix + name) ?? null;
    const prepared = prepare(id, command, group);
    if (prepared._tag === 'Left') return prepared;
    // The moment before the spawn, so that a run never seems to begin before it is recorded.
    const startedAt = await momentAfter(askedAt, now);
    const tag = opened.tagPrefix + name;
    const identity = newRunIdentity({ id, run: tag, startedAt, life, bootAt: moments.bootAt(), group });
    const record: RunRecord = { ...identity, stoppedAt: null, exitCode: null };
    const spawned = await spawnRecorded({
      command,
      record: async () => {
        await ends.drop(id);
        await writeRun(directory, record);
      },
      putBack: async () => {
        await putBack(id, former);
        group?.remove();
      },
      spawn: async () => {
        const made = makeGroup(group);
        return made._tag === 'Left' ? made : spawnRun(prepared.right, tag, opened.calls);
      },
      signal,
    });
    if (spawned._tag === 'Left') return spawned;
    records.set(id, record);
    const run = followRun({
      record,
      spawned: spawned.right,
      group,
      leavesGroup: command.cgroup !== undefined,
      scan: opened.scan,
      calls: opened.calls,
      reap: opened.reap,
      graceMs: () => graceOf(opened.graceMs, id),
      moments,
      writeEnd: (ended) => ends.write(id, () => writeEnd(directory, ended)),
      onOver: (ended) => {
        records.set(id, ended);
        runs.delete(id);
        notify(id);
      },
    });
    runs.set(id, run);
    return done;
  };

  /** A shell can always be spawned, so whether its command can has to be known before. */
  const prepare = (
    id: InstanceId,
    command: ProcessCommand,
    group: ControlGroup | null,
  ): Either<Refused, ProcessCommand> => {
    const program = findProgram(command);
    if (program === null) return left(refused(`cannot run ${command.command}: there is no such program`));
    return right(group === null ? marked(markFile(directory, id), command, program) : inGroup(group, command, program));
  };

  /** Where it fails, a host that dies now leaves a run of which the next one knows no end. */
  const putBack = (id: InstanceId, former: RunRecord | undefined): Promise<void> =>
    former === undefined
      ? removeRecord(directory, id).catch(constVoid)
      : ends.write(id, () => writeEnd(directory, former));

  // --- stop, inspect, forget, close ---

  const stop = (id: InstanceId, permit: Permit): TaskEither<ActionError, void> =>
    permitted(capabilities.exclusion, permit, {
      read: nothingBefore,
      act: async () => {
        const run = runs.get(id);
        if (run === undefined) return done;
        // What has exited may have left its number to a stranger.
        if (!run.isLeaving() && !maySignal(run.pid)) return left(refused(`not allowed to end process ${run.pid}`));
        return run.tellToEnd(permit.signal);
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
    const run = runs.get(id);
    run?.askForNews();
    const state = run === undefined ? 'stopped' : 'running';
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
    await ends.drop(id);
    await effects.run(rm(markFile(directory, id), { force: true }).then(() => removeRecord(directory, id)));
    records.delete(id);
    invalid.delete(recordName(id));
    return done;
  };

  const endAll = async (): Promise<void> => {
    const answers = await Promise.all([...runs.values()].map((run) => run.tellToEnd()));
    await ends.close();
    await opened.release(answers.every(({ _tag }) => _tag === 'Right'));
  };

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
    onFault: ends.onFault,
    close: () => effects.close(endAll),
  };
};
