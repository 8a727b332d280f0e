/**
 * Lanes: serial per instance, parallel across instances.
 *
 * - Whatever runs in an instance's lane runs alone there.
 * - Requests are collapsed: any number of them before a reconciliation begins lead to one; those that come while it is
 *   under way lead to one more, because it may have missed what they are about.
 * - Reconciliations begin in the order of their requests, and at most `limit` have a place at a time.
 * - A person's step goes before a waiting reconciliation, and waits for no other instance.
 * - Between two reconciliations the event loop turns often enough.
 */
import type { Clock } from '../ports/clock.js';
import type { InstanceId, StoredRecord } from '../ports/store.js';
import { createBreath } from './breath.js';
import { createPassingMap } from './passing-map.js';
import { createPlaces } from './places.js';

export interface Lanes<A> {
  /** Asks for a reconciliation. */
  readonly request: (id: InstanceId) => void;
  /**
   * Asks for a reconciliation, and answers with the result of one that began after this call; null: closed before.
   * `listed` is what it may use in place of a load, unless it was asked for for another reason too.
   */
  readonly reconcile: (id: InstanceId, listed?: StoredRecord) => Promise<A | null>;
  /**
   * Who reconciles the instance begins to look afresh: what was asked for before is answered by that, and leads to no
   * further reconciliation.
   */
  readonly lookAfresh: (id: InstanceId) => void;
  /** Runs a step in the instance's lane; null: closed before it began. */
  readonly exclusive: <B>(id: InstanceId, step: () => Promise<B>) => Promise<B | null>;
  /** Answers when fewer than `count` wait for a reconciliation that could begin: not behind what is under way in their lanes. */
  readonly fewerThan: (count: number) => Promise<void>;
  /** Drops what has not begun; answers when nothing runs any more. */
  readonly close: () => Promise<void>;
  /** Instances that wait for a reconciliation, those whose lane is taken included. */
  readonly queued: () => number;
  /** Instances whose lane is taken. */
  readonly running: () => number;
}

interface Lane<A> {
  busy: boolean;
  wanted: boolean;
  /** null: its reconciliation loads the record. */
  listed: StoredRecord | null;
  waiting: Array<(result: A | null) => void>;
  readonly steps: Array<{ readonly run: () => Promise<void>; readonly drop: () => void }>;
}

export const createLanes = <A>(
  limit: number,
  clock: Clock,
  reconcile: (id: InstanceId, listed: StoredRecord | null) => Promise<A>,
): Lanes<A> => {
  const lanes = createPassingMap<InstanceId, Lane<A>>();
  const queue = createQueue<InstanceId>();
  let busy = 0;
  let wanted = 0;
  /** Of those that are wanted: whose lane is taken. */
  let behind = 0;
  let closed = false;
  const onIdle: Array<() => void> = [];
  let onFewer: Array<{ readonly count: number; readonly answer: () => void }> = [];
  const pump = (): void => {
    while (queue.size() > 0 && !closed) {
      if (places.isFull()) {
        places.wait();
        return;
      }
      if (breath.isDue()) return;
      const id = queue.shift();
      if (id === undefined) return;
      const lane = lanes.get(id);
      // Queued twice, closed since, or taken by a person's step: whoever holds the lane queues it again.
      if (lane === undefined || lane.busy || !lane.wanted) continue;
      void reconcileIn(id, lane);
    }
  };
  const places = createPlaces(limit, clock, pump);
  const breath = createBreath(clock, pump);

  const laneOf = (id: InstanceId): Lane<A> => {
    const known = lanes.get(id);
    if (known !== undefined) return known;
    const lane: Lane<A> = { busy: false, wanted: false, listed: null, waiting: [], steps: [] };
    lanes.set(id, lane);
    return lane;
  };

  // One frame that awaits for each, and none around it: of what a look costs beside its ports, each is a good part. Neither
  // `reconcile` nor a step may reject.

  const reconcileIn = async (id: InstanceId, lane: Lane<A>): Promise<void> => {
    take(lane);
    const place = places.take();
    const listed = lane.listed;
    const waiting = lane.waiting;
    lane.waiting = [];
    unwant(lane);
    const result = await reconcile(id, listed);
    places.leave(place);
    for (const answer of waiting) answer(result);
    passOn(id, lane);
  };

  const stepIn = async (id: InstanceId, lane: Lane<A>, step: () => Promise<void>): Promise<void> => {
    take(lane);
    await step();
    passOn(id, lane);
  };

  const take = (lane: Lane<A>): void => {
    lane.busy = true;
    busy++;
    if (!lane.wanted) return;
    behind++;
    answerFewer();
  };

  const passOn = (id: InstanceId, lane: Lane<A>): void => {
    busy--;
    lane.busy = false;
    if (lane.wanted) behind--;
    const step = lane.steps.shift();
    if (step !== undefined) void stepIn(id, lane, step.run);
    else if (lane.wanted) queue.push(id);
    else lanes.delete(id);
    pump();
    if (busy === 0) for (const idle of onIdle.splice(0)) idle();
  };

  const unwant = (lane: Lane<A>): void => {
    lane.wanted = false;
    lane.listed = null;
    wanted--;
    if (lane.busy) behind--;
    answerFewer();
  };

  const answerFewer = (): void => {
    if (onFewer.length === 0) return;
    const waiting = wanted - behind;
    const answered = onFewer.filter(({ count }) => waiting < count);
    onFewer = onFewer.filter(({ count }) => waiting >= count);
    for (const { answer } of answered) answer();
  };

  const want = (id: InstanceId, listed: StoredRecord | null): Lane<A> => {
    const lane = laneOf(id);
    if (lane.wanted) {
      // It is asked for for two reasons, and what was listed may be older than one of them.
      lane.listed = null;
      return lane;
    }
    lane.wanted = true;
    lane.listed = lane.busy ? null : listed;
    wanted++;
    if (lane.busy) behind++;
    else queue.push(id);
    return lane;
  };

  return {
    request: (id) => {
      if (closed) return;
      want(id, null);
      pump();
    },
    reconcile: (id, listed) =>
      new Promise((resolve) => {
        if (closed) return resolve(null);
        want(id, listed ?? null).waiting.push(resolve);
        pump();
      }),
    lookAfresh: (id) => {
      const lane = lanes.get(id);
      // Whoever waits for a reconciliation is answered with one of its own.
      if (lane?.wanted === true && lane.waiting.length === 0) unwant(lane);
    },
    exclusive: <B>(id: InstanceId, step: () => Promise<B>) =>
      new Promise<B | null>((resolve) => {
        if (closed) return resolve(null);
        const lane = laneOf(id);
        const run = async (): Promise<void> => resolve(await step());
        if (lane.busy) lane.steps.push({ run, drop: () => resolve(null) });
        else void stepIn(id, lane, run);
      }),
    fewerThan: (count) =>
      wanted - behind < count || closed
        ? Promise.resolve()
        : new Promise((answer) => {
            onFewer.push({ count, answer });
          }),
    close: () => {
      closed = true;
      places.close();
      for (const lane of lanes.values()) {
        if (lane.wanted) unwant(lane);
        for (const answer of lane.waiting.splice(0)) answer(null);
        for (const step of lane.steps.splice(0)) step.drop();
      }
      return busy === 0 ? Promise.resolve() : new Promise((resolve) => onIdle.push(resolve));
    },
    queued: () => wanted,
    running: () => busy,
  };
};

interface Queue<A> {
  readonly push: (item: A) => void;
  readonly shift: () => A | undefined;
  readonly size: () => number;
}

/** First in, first out; a constant time each on the average, which Array.shift is not with 100,000 waiting. */
const createQueue = <A>(): Queue<A> => {
  let coming: Array<A> = [];
  let going: Array<A> = [];
  return {
    push: (item) => void coming.push(item),
    shift: () => {
      if (going.length === 0) [coming, going] = [going, coming.reverse()];
      return going.pop();
    },
    size: () => coming.length + going.length,
  };
};
