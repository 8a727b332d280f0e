/**
 * The admission of starts: who waits for a place, who has one, and when to ask again. What is admitted is decided in
 * `src/admission.ts`; here stands what it is asked with.
 *
 * An instance is at most one of these:
 * - waiting: its attempt is due and held back. Nothing of it is decided or stored, so all of this may be lost in a crash.
 * - called: there is room for it, and its reconciliation is asked for. It decides afresh, and either its attempt begins or
 *   its room goes to the next one. So it takes room from others, but nothing that would have to be given back.
 * - in flight: a start was called, and it has not been seen running, stopped or failed since.
 *
 * Nothing stays in flight for ever. A look takes out what has come to run or to a stop, what has no record any more, and
 * what is another controller's. What no look can be completed for is given up by the second resync that cannot either.
 */
import {
  type AdmissionState,
  admit,
  afterStarts,
  byUrgency,
  nothingAdmitted,
  type StartLimits,
  type WaitingAttempt,
} from '../admission.js';
import type { Clock } from '../ports/clock.js';
import { type Failed, failed } from '../ports/hypervisor.js';
import type { InstanceId } from '../ports/store.js';
import type { Timestamp } from '../status.js';
import { textOfThrown } from '../thrown.js';
import { createHeap, type HeapHandle } from './heap.js';

/**
 * The limits of a controller, and who goes first. What waits is not decided on: no attempt is counted, no wait begins anew,
 * and a person's command is not held up. A person's start is never held back, but is in flight like any other.
 *
 * `inFlight` counts an instance from the call of its start until it is seen running, stopped or failed. Without a
 * `startTimeout` in its policy one that stays initializing keeps its place for as long.
 *
 * A new controller makes no attempt before it has looked at every instance once, or 10 seconds have passed.
 *
 * @since 0.2.0
 */
export interface AdmissionOptions extends StartLimits {
  /**
   * Higher goes first: a number, infinities included. Asked whenever an attempt of the instance is due. What throws or is no
   * number counts as 0, and is notified as a fault. Default 0 for all: who is due longest goes first.
   */
  readonly priority?: ((id: InstanceId) => number) | undefined;
}

export interface StartAdmission {
  /**
   * Asks for room for an attempt that is due. false: it waits, and its reconciliation is asked for when there is room.
   * `dueAt` null: nobody knows since when, so it is due since it was first asked for.
   */
  readonly ask: (id: InstanceId, dueAt: Timestamp | null) => boolean;
  /** A start is called now. One of a person is never held back, and is in flight like any other. */
  readonly begin: (id: InstanceId, by: 'attempt' | 'person') => void;
  /** It was seen, and whatever was in flight has come to an end or has not. */
  readonly see: (id: InstanceId, is: 'in_flight' | 'landed') => void;
  /** It was decided on, and no attempt is due. */
  readonly withdraw: (id: InstanceId) => void;
  /** A look at it could not be completed. */
  readonly miss: (id: InstanceId) => void;
  /** There is nothing to supervise here any more. */
  readonly forget: (id: InstanceId) => void;
  /** Its reconciliation has ended: room that it was called for, and did not use, goes on to the next. */
  readonly finish: (id: InstanceId) => void;
  /** A resync begins: answers with all that is known here, for what is not listed any more must be looked at too. */
  readonly resync: () => ReadonlyArray<InstanceId>;
  /** Every instance was looked at since the controller began. */
  readonly open: () => void;
  /** The moment to ask again has come. */
  readonly wake: () => void;
  readonly isWaiting: (id: InstanceId) => boolean;
  /** Those that are called included. */
  readonly waiting: () => number;
  readonly inFlight: () => number;
  readonly close: () => void;
}

interface Surroundings {
  readonly clock: Clock;
  readonly request: (id: InstanceId) => void;
  /** Arms the one wake-up of admission; null: disarms it. */
  readonly arm: (at: Timestamp | null) => void;
  /** Notifies of what the host's `priority` did wrong. */
  readonly fault: (id: InstanceId, error: Failed) => void;
}

/**
 * At most so long, in milliseconds, does a new controller hold all attempts back until it has looked at every instance. It
 * does not know before who is in flight already, and the first places would go to whoever is first in the store.
 */
const mostOpeningMs = 10_000;

export const createAdmission = (
  { priority, ...limits }: AdmissionOptions,
  { clock, request, arm, fault }: Surroundings,
): StartAdmission => {
  const queue = createHeap<WaitingAttempt>(byUrgency);
  const waiting = new Map<InstanceId, HeapHandle<WaitingAttempt>>();
  const called = new Map<InstanceId, WaitingAttempt>();
  /** With the resync in which a look at it could not be completed; null: the last one could. */
  const inFlight = new Map<InstanceId, number | null>();
  /** Of `inFlight` the map knows better. */
  let state: AdmissionState = nothingAdmitted;
  let resyncs = 0;
  let opensAt: Timestamp | null = clock.now() + mostOpeningMs;
  let isClosed = false;

  const priorityOf = (id: InstanceId): number => {
    if (priority === undefined) return 0;
    let message: string;
    try {
      const given: unknown = priority(id);
      if (typeof given === 'number' && !Number.isNaN(given)) return given;
      message = `starts.priority answered ${String(given)}, which is no number`;
    } catch (cause) {
      message = `starts.priority threw: ${textOfThrown(cause)}`;
    }
    fault(id, failed(message));
    return 0;
  };

  /** Out of the queue, or of those who were called; answers whether it was there. */
  const drop = (id: InstanceId): boolean => {
    const handle = waiting.get(id);
    if (handle === undefined) return called.delete(id);
    waiting.delete(id);
    return queue.remove(handle);
  };

  const isOpen = (now: Timestamp): boolean => {
    // Not later than the longest from now, should the clock have been set back.
    if (opensAt !== null) opensAt = now < opensAt ? Math.min(opensAt, now + mostOpeningMs) : null;
    return opensAt === null;
  };

  /** The state now, with those in flight who are. */
  const current = (now: Timestamp): AdmissionState =>
    admit(limits, { ...state, inFlight: inFlight.size }, [], now).state;

  /** Calls whoever there is room for, and arms the moment at which there will be more. Who asks is being reconciled. */
  const call = (asking: InstanceId | null = null): void => {
    if (isClosed) return;
    const now = clock.now();
    if (!isOpen(now)) {
      arm(waiting.size > 0 ? opensAt : null);
      return;
    }
    state = current(now);
    let withCalled = afterStarts(limits, state, called.size);
    for (let next = queue.peek(); next !== undefined; next = queue.peek()) {
      const { admitted, askAgainAt, state: after } = admit(limits, withCalled, [next], now);
      if (admitted.length === 0) {
        arm(askAgainAt);
        return;
      }
      drop(next.id);
      called.set(next.id, next);
      if (next.id !== asking) request(next.id);
      withCalled = after;
    }
    arm(null);
  };

  const land = (id: InstanceId): void => {
    if (inFlight.delete(id)) call();
  };

  return {
    ask: (id, dueAt) => {
      if (isClosed) return false;
      const known = waiting.get(id)?.value ?? called.get(id);
      // Who was called is asked again: meanwhile a person's start may have taken the place.
      drop(id);
      const attempt = { id, priority: priorityOf(id), dueAt: dueAt ?? known?.dueAt ?? clock.now() };
      // The host's `priority` may have closed the controller: nobody waits any more.
      if (isClosed) return false;
      waiting.set(id, queue.push(attempt));
      call(id);
      return called.has(id);
    },
    begin: (id, by) => {
      if (isClosed) return;
      const waited = drop(id);
      inFlight.set(id, null);
      if (by === 'attempt') state = afterStarts(limits, current(clock.now()), 1);
      else if (waited) call();
    },
    see: (id, is) => {
      if (is === 'landed') land(id);
      else if (!isClosed) inFlight.set(id, null);
    },
    withdraw: (id) => {
      if (drop(id)) call();
    },
    miss: (id) => {
      const missedIn = inFlight.get(id);
      if (missedIn === null) inFlight.set(id, resyncs);
      else if (missedIn !== undefined && missedIn < resyncs) land(id);
    },
    forget: (id) => {
      const waited = drop(id);
      if (inFlight.delete(id) || waited) call();
    },
    finish: (id) => {
      if (called.delete(id)) call();
    },
    resync: () => {
      resyncs++;
      return [...inFlight.keys(), ...waiting.keys(), ...called.keys()];
    },
    open: () => {
      opensAt = null;
      call();
    },
    wake: () => call(),
    isWaiting: (id) => waiting.has(id) || called.has(id),
    waiting: () => waiting.size + called.size,
    inFlight: () => inFlight.size,
    close: () => {
      isClosed = true;
      queue.clear();
      waiting.clear();
      called.clear();
      inFlight.clear();
    },
  };
};
