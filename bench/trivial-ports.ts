/**
 * The plainest ports that there can be: what is measured on them is the controller. Nothing is copied, frozen, queued or
 * waited for, and every call is counted. They keep the contracts as far as one controller on one thread can see.
 */
import { left, right } from 'fp-ts/lib/Either.js';
import { none, some } from 'fp-ts/lib/Option.js';
import type { InstanceObservation, Timestamp } from 'restart-policy';
import {
  type Clock,
  conflict,
  type Hypervisor,
  type InstanceId,
  type Store,
  type StoredRecord,
  storeFailed,
} from 'restart-policy/controller';

/** How often each port was called. */
export interface PortCalls {
  loads: number;
  saves: number;
  inspects: number;
  starts: number;
  stops: number;
  wakeUps: number;
}

export const noCalls = (): PortCalls => ({ loads: 0, saves: 0, inspects: 0, starts: 0, stops: 0, wakeUps: 0 });

/** A Map, written to by compare-and-set. */
export const trivialStore = (calls: PortCalls): Store => {
  const records = new Map<InstanceId, StoredRecord>();
  let lastRevision = 0;
  return {
    load: (id) => async () => {
      calls.loads++;
      const record = records.get(id);
      return right(record === undefined ? none : some(record));
    },
    save:
      (id, { policy, status }, expected) =>
      async () => {
        calls.saves++;
        if ((records.get(id)?.revision ?? null) !== expected) return left(conflict);
        if (policy === 'as_it_stands' || status === 'as_it_stands') return left(storeFailed('all here can be read'));
        lastRevision++;
        records.set(id, { policy, status, revision: lastRevision });
        return right(lastRevision);
      },
    list: async () => right([...records.keys()]),
    remove: (id, expected) => async () => {
      if (records.get(id)?.revision !== expected) return left(conflict);
      records.delete(id);
      return right(undefined);
    },
  };
};

export interface TrivialHypervisor extends Hypervisor {
  /** Begins a run that nobody asked for, and notifies before it returns. */
  readonly begin: (id: InstanceId) => void;
  /** Ends a run, and notifies before it returns. */
  readonly exit: (id: InstanceId) => void;
}

/** A Map of what runs; a start and a stop take effect at once. Whoever subscribes last is notified, during the call. */
export const trivialHypervisor = (calls: PortCalls, now: () => Timestamp): TrivialHypervisor => {
  const instances = new Map<InstanceId, InstanceObservation>();
  let notify: (id: InstanceId) => void = () => {};
  const begin = (id: InstanceId): void => {
    instances.set(id, { state: 'running', startedAt: now(), stoppedAt: null, exitCode: null, health: 'unknown' });
    notify(id);
  };
  const end = (id: InstanceId, exitCode: number | null): void => {
    const startedAt = instances.get(id)?.startedAt ?? null;
    instances.set(id, { state: 'stopped', startedAt, stoppedAt: now(), exitCode, health: 'unknown' });
    notify(id);
  };
  const runs = (id: InstanceId): boolean => instances.get(id)?.state === 'running';
  return {
    capabilities: { exclusion: 'none', guestReboot: 'exit' },
    inspect: (id) => async () => {
      calls.inspects++;
      return right(
        instances.get(id) ?? { state: 'stopped', startedAt: null, stoppedAt: null, exitCode: null, health: 'unknown' },
      );
    },
    start: (id, permit) => async () => {
      calls.starts++;
      const checked = await permit.check();
      if (checked._tag === 'Left') return checked;
      if (!runs(id)) begin(id);
      return right(undefined);
    },
    stop: (id, permit) => async () => {
      calls.stops++;
      const checked = await permit.check();
      if (checked._tag === 'Left') return checked;
      if (runs(id)) end(id, null);
      return right(undefined);
    },
    subscribe: (listener) => {
      notify = listener;
      return () => {
        notify = () => {};
      };
    },
    begin,
    exit: (id) => end(id, 1),
  };
};

export interface TrivialClock extends Clock {
  readonly pass: (millis: number) => void;
  /** How many wake-ups are armed, and for how many of them it is time. */
  readonly armed: () => { readonly all: number; readonly due: number };
}

/**
 * A number that is added to. What is armed for less than an hour ahead wakes when its time has come: a deadline of the
 * controller, which is armed as seldom as it is due. The rest it only counts, for no round lasts that long.
 */
export const trivialClock = (calls: PortCalls): TrivialClock => {
  let time: Timestamp = 1_735_689_600_000;
  const wakeUps = new Set<WakeUp>();
  const soon = new Set<WakeUp>();
  return {
    now: () => time,
    wakeAt: (at, callback) => {
      calls.wakeUps++;
      const wakeUp = { at, callback };
      const armed = at - time < anHour ? soon : wakeUps;
      armed.add(wakeUp);
      return () => void armed.delete(wakeUp);
    },
    pass: (millis) => {
      time += millis;
      for (const wakeUp of soon) {
        if (wakeUp.at > time) continue;
        soon.delete(wakeUp);
        wakeUp.callback();
      }
    },
    armed: () => ({
      all: wakeUps.size + soon.size,
      due: [...wakeUps, ...soon].filter(({ at }) => at <= time).length,
    }),
  };
};

interface WakeUp {
  readonly at: Timestamp;
  readonly callback: () => void;
}

const anHour = 3_600_000;
