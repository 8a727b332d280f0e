/**
 * The instances of a scripted hypervisor: what is observed of them, their runs, their fences, and who is notified.
 *
 * @since 0.1.0
 */
import { createListeners } from '../../adapters/common/listeners.js';
import type { Millis } from '../../duration.js';
import type { EndCause, InstanceObservation } from '../../event.js';
import type { Cancel } from '../../ports/clock.js';
import { neverRan } from '../../ports/hypervisor.js';
import type { InstanceId, Revision } from '../../ports/store.js';
import type { Timestamp } from '../../status.js';
import { createHold, type Hold } from '../hold.js';
import { createMoments, type ElapsingClock, type Moments, withTimes } from './moments.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * One run of an instance, from its spawn to its end. Its times are of the clock as it stood then.
 *
 * @since 0.1.0
 */
export interface Run {
  readonly id: InstanceId;
  readonly startedAt: Timestamp;
  /** null: it still runs. */
  readonly endedAt: Timestamp | null;
  /** null: it still runs, or the code is unknown. */
  readonly exitCode: number | null;
  /** Absent: it still runs, or nothing was said of it. */
  readonly cause?: EndCause;
  /** The revision of the permit that it was started under, or re-tagged with since; null: it was set, not started. */
  readonly tag: Revision | null;
}

/**
 * How notifications are delivered.
 *
 * @since 0.1.0
 */
export interface NotificationScript {
  /** How many times each is delivered: default 1; 0: all are lost. */
  readonly copies?: number;
  /** How late they are on the hypervisor's clock; default 0: at once. */
  readonly delayMs?: Millis;
  /** Only those of this instance; absent: those of all that have no script of their own. */
  readonly id?: InstanceId;
}

export interface Instances {
  readonly observe: (id: InstanceId) => InstanceObservation;
  /** Begins a run, unless there is one: then that one takes the tag. */
  readonly begin: (id: InstanceId, tag: Revision, birth: Birth) => void;
  readonly end: (id: InstanceId, exitCode: number | null, cause?: EndCause) => void;
  /** Tells the run to end so, and resolves when it has; it takes so long (0: none), and may end otherwise before. */
  readonly tellToEnd: (id: InstanceId, takesMs: Millis, exitCode: number | null, cause?: EndCause) => Promise<void>;
  /** null: no run was told to end that has not ended yet; else resolves when it has. */
  readonly ending: (id: InstanceId) => Promise<void> | null;
  readonly set: (id: InstanceId, patch: Partial<InstanceObservation>) => void;
  /** Raises the fence to `revision`; false, and nothing done, when it stands higher. */
  readonly raiseFence: (id: InstanceId, revision: Revision) => boolean;
  /** null: there is no run. */
  readonly tagOf: (id: InstanceId) => Revision | null;
  /** false: there is no run. */
  readonly retag: (id: InstanceId, tag: Revision) => boolean;
  readonly subscribe: (listener: (id: InstanceId) => void) => Cancel;
  readonly deliver: (script: NotificationScript) => void;
  readonly notify: (id: InstanceId) => void;
  readonly runs: ReadonlyArray<Run>;
  readonly running: (id: InstanceId) => number;
  readonly runningIds: () => ReadonlyArray<InstanceId>;
  readonly overlaps: () => number;
}

interface Birth {
  readonly initializingMs?: Millis | undefined;
  readonly exits?:
    | { readonly afterMs: Millis; readonly exitCode: number | null; readonly cause?: EndCause | undefined }
    | undefined;
  readonly blind?: boolean | undefined;
}

interface Instance {
  /** Its times are moments. */
  seen: InstanceObservation;
  run: LiveRun | null;
  /** Number of runs that have not ended; more than one only after a blind start. */
  alive: number;
  /** The highest revision that a fenced call named. */
  fence: Revision;
}

interface LiveRun {
  readonly log: { -readonly [K in keyof Run]: Run[K] };
  /** Released at its end, where it was told to end; null: it was not. */
  ending: Hold | null;
  /** What is to happen to it later on the clock. */
  readonly ahead: Array<Cancel>;
}

// ---------------------------------------------------------------------------
// instances
// ---------------------------------------------------------------------------

export const createInstances = (clock: ElapsingClock): Instances => {
  const moments = createMoments(clock);
  const instances = new Map<InstanceId, Instance>();
  const runs: Array<LiveRun['log']> = [];
  const { subscribe, deliver, notify } = createNotifications(moments);
  let overlaps = 0;

  const instanceOf = (id: InstanceId): Instance => {
    const known = instances.get(id);
    if (known !== undefined) return known;
    const created: Instance = { seen: neverRan, run: null, alive: 0, fence: 0 };
    instances.set(id, created);
    return created;
  };

  const spawn = (id: InstanceId, startedAt: Timestamp, tag: Revision | null): LiveRun => {
    const instance = instanceOf(id);
    if (instance.alive > 0) overlaps++;
    const run: LiveRun = { log: { id, startedAt, endedAt: null, exitCode: null, tag }, ending: null, ahead: [] };
    runs.push(run.log);
    instance.alive++;
    instance.run = run;
    return run;
  };

  const bury = (
    instance: Instance,
    run: LiveRun,
    endedAt: Timestamp,
    { exitCode, cause }: Pick<InstanceObservation, 'exitCode' | 'cause'>,
  ): void => {
    for (const cancel of run.ahead) cancel();
    run.log.endedAt = endedAt;
    run.log.exitCode = exitCode;
    if (cause !== undefined) run.log.cause = cause;
    instance.alive--;
    instance.run = null;
    run.ending?.release();
  };

  const end = (id: InstanceId, exitCode: number | null, cause?: EndCause): void => {
    const instance = instanceOf(id);
    if (instance.run === null) return;
    const stoppedAt = moments.here();
    const how = cause === undefined ? { exitCode } : { exitCode, cause };
    bury(instance, instance.run, clock.now(), how);
    instance.seen = { ...withoutCause(instance.seen), state: 'stopped', stoppedAt, ...how, health: 'unknown' };
    notify(id);
  };

  return {
    observe: (id) => withTimes(instances.get(id)?.seen ?? neverRan, moments.told),
    begin: (id, tag, birth) => {
      const instance = instanceOf(id);
      if (instance.run !== null && birth.blind !== true) {
        instance.run.log.tag = Math.max(instance.run.log.tag ?? 0, tag);
        return;
      }
      const run = spawn(id, clock.now(), tag);
      const { initializingMs, exits } = birth;
      instance.seen = {
        state: initializingMs === undefined ? 'running' : 'initializing',
        startedAt: moments.here(),
        stoppedAt: null,
        exitCode: null,
        health: 'unknown',
      };
      if (initializingMs !== undefined) {
        const becomesRunning = (): void => {
          instance.seen = { ...instance.seen, state: 'running' };
          notify(id);
        };
        run.ahead.push(moments.after(initializingMs, becomesRunning));
      }
      if (exits !== undefined) {
        run.ahead.push(moments.after(exits.afterMs, () => end(id, exits.exitCode, exits.cause)));
      }
      notify(id);
    },
    end,
    tellToEnd: async (id, takesMs, exitCode, cause) => {
      const instance = instanceOf(id);
      const { run } = instance;
      if (run === null) return;
      if (takesMs === 0) return end(id, exitCode, cause);
      if (run.ending === null) {
        run.ending = createHold();
        instance.seen = { ...instance.seen, state: 'other' };
        run.ahead.push(moments.after(takesMs, () => end(id, exitCode, cause)));
        notify(id);
      }
      await run.ending.pass();
    },
    ending: (id) => instances.get(id)?.run?.ending?.pass() ?? null,
    set: (id, patch) => {
      const instance = instanceOf(id);
      instance.seen = { ...instance.seen, ...withTimes(patch, moments.meant) };
      const runs = instance.seen.state === 'running' || instance.seen.state === 'initializing';
      if (runs && instance.run === null) {
        const startedAt = patch.startedAt === undefined ? moments.here() : instance.seen.startedAt;
        // The cause of an earlier end is not this run's.
        instance.seen = { ...withoutCause(instance.seen), ...causeIn(patch), startedAt };
        spawn(id, patch.startedAt ?? clock.now(), null);
      } else if (instance.seen.state === 'stopped' && instance.run !== null) {
        const stoppedAt = patch.stoppedAt === undefined ? moments.here() : instance.seen.stoppedAt;
        instance.seen = { ...instance.seen, stoppedAt };
        bury(instance, instance.run, patch.stoppedAt ?? clock.now(), instance.seen);
      }
      notify(id);
    },
    raiseFence: (id, revision) => {
      const instance = instanceOf(id);
      if (revision < instance.fence) return false;
      instance.fence = revision;
      return true;
    },
    tagOf: (id) => {
      const run = instances.get(id)?.run ?? null;
      return run === null ? null : (run.log.tag ?? 0);
    },
    retag: (id, tag) => {
      const run = instances.get(id)?.run ?? null;
      if (run === null) return false;
      run.log.tag = Math.max(run.log.tag ?? 0, tag);
      return true;
    },
    subscribe,
    deliver,
    notify,
    runs,
    running: (id) => instances.get(id)?.alive ?? 0,
    runningIds: () => [...instances].flatMap(([id, { run }]) => (run === null ? [] : [id])),
    overlaps: () => overlaps,
  };
};

const withoutCause = ({ cause: _, ...rest }: InstanceObservation): InstanceObservation => rest;

const causeIn = ({ cause }: Partial<InstanceObservation>): Pick<InstanceObservation, 'cause'> =>
  cause === undefined ? {} : { cause };

// ---------------------------------------------------------------------------
// notifications
// ---------------------------------------------------------------------------

type Notifications = Pick<Instances, 'subscribe' | 'deliver' | 'notify'>;

const createNotifications = ({ after }: Moments): Notifications => {
  const listeners = createListeners<InstanceId>();
  const scripts = new Map<InstanceId, NotificationScript>();
  let fallback: NotificationScript = {};

  return {
    subscribe: (listener) => {
      let listens = true;
      // In a turn of its own: the hypervisor waits for nobody, and a listener that throws is seen by the test.
      const cancel = listeners.subscribe((id) => {
        queueMicrotask(() => {
          if (listens) listener(id);
        });
      });
      return () => {
        listens = false;
        cancel();
      };
    },
    deliver: (script) => {
      if (script.id === undefined) fallback = script;
      else scripts.set(script.id, script);
    },
    notify: (id) => {
      const { copies = 1, delayMs = 0 } = scripts.get(id) ?? fallback;
      for (let copy = 0; copy < copies; copy++) {
        if (delayMs === 0) listeners.notify(id);
        else after(delayMs, () => listeners.notify(id));
      }
    },
  };
};
