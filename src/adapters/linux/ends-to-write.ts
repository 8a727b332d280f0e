/**
 * The ends of runs that could not be written down: kept in memory, and written when there is room.
 *
 * Nobody else knows them, so they are no failure of anything: they are told once, as a fault of the host, and written after
 * a pause that grows, at the latest when the hypervisor is closed.
 */
import type { Millis } from '../../duration.js';
import type { Cancel } from '../../ports/clock.js';
import type { HostFault } from '../../ports/host-fault.js';
import type { InstanceId } from '../../ports/store.js';
import { createListeners } from '../common/listeners.js';
import { writeFault } from './host-fault.js';

export interface EndsToWrite {
  /**
   * Writes an end, in place of one that is kept of the instance. Never rejects: what cannot be written is kept, and told.
   * `later` is how it is written then, when others may have come between. Default: as now.
   */
  readonly write: (id: InstanceId, now: () => Promise<void>, later?: () => Promise<void>) => Promise<void>;
  readonly isKept: (id: InstanceId) => boolean;
  /**
   * The instance is about to have another run, or is forgotten. From the answer on what is kept of it is not written any
   * more.
   */
  readonly drop: (id: InstanceId) => Promise<void>;
  /** Tries all that is kept once more, and then never again. Never rejects. */
  readonly close: () => Promise<void>;
  /** As a hypervisor tells its faults. */
  readonly onFault: (listener: (id: InstanceId, fault: HostFault) => void) => Cancel;
}

/** Between two tries, in milliseconds. */
const firstPause: Millis = 500;
const longestPause: Millis = 60_000;

interface Attempt {
  readonly id: InstanceId;
  /** Whether it was written. */
  readonly written: Promise<boolean>;
}

export const createEndsToWrite = (): EndsToWrite => {
  const kept = new Map<InstanceId, () => Promise<void>>();
  const listeners = createListeners<readonly [InstanceId, HostFault]>();
  /** One at a time: what cannot be written now need not be tried for many at once. */
  let current: Attempt | null = null;
  let timer: NodeJS.Timeout | null = null;
  let pause = firstPause;
  let isClosed = false;

  const attempt = async (id: InstanceId, write: () => Promise<void>): Promise<boolean> => {
    const written = write().then(
      () => true,
      () => false,
    );
    current = { id, written };
    const isWritten = await written;
    current = null;
    // Another end of the instance may have come meanwhile.
    if (isWritten && kept.get(id) === write) kept.delete(id);
    return isWritten;
  };

  /** Until the first that cannot be written: nor will the others be. */
  const tryAll = async (): Promise<void> => {
    for (const [id, write] of [...kept]) {
      if (isClosed || kept.get(id) !== write) continue;
      if (!(await attempt(id, write))) return;
      pause = firstPause;
    }
  };

  const arm = (): void => {
    if (isClosed || timer !== null || kept.size === 0) return;
    timer = setTimeout(() => void tryAll().then(again), pause);
    // An end to write alone must not keep the process alive.
    timer.unref();
    pause = Math.min(pause * 2, longestPause);
  };

  const again = (): void => {
    timer = null;
    if (kept.size === 0) pause = firstPause;
    arm();
  };

  return {
    write: async (id, now, later = now) => {
      kept.delete(id);
      try {
        await now();
      } catch (error) {
        kept.set(id, later);
        listeners.notify([id, writeFault(`how the last run of ${id} ended could not be written down`, error)]);
        arm();
      }
    },
    isKept: (id) => kept.has(id),
    drop: async (id) => {
      kept.delete(id);
      if (current?.id === id) await current.written;
    },
    close: async () => {
      isClosed = true;
      if (timer !== null) clearTimeout(timer);
      await current?.written;
      for (const [id, write] of [...kept]) await attempt(id, write);
    },
    onFault: (listener) => listeners.subscribe(([id, fault]) => listener(id, fault)),
  };
};
