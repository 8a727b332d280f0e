/**
 * Lanes: serial per instance, parallel across instances.
 *
 * - Whatever runs in an instance's lane runs alone there.
 * - Requests are collapsed: any number of them before a reconciliation begins lead to one; those that come while it is
 *   under way lead to one more, because it may have missed what they are about.
 * - At most `limit` reconciliations are under way at a time, in the order of their requests.
 * - A person's step goes before a waiting reconciliation, and waits for no other instance.
 */
import type { InstanceId } from '../ports/store.js';

export interface Lanes<A> {
  /** Asks for a reconciliation. */
  readonly request: (id: InstanceId) => void;
  /** Asks for a reconciliation, and answers with the result of one that began after this call; null: closed before. */
  readonly reconcile: (id: InstanceId) => Promise<A | null>;
  /** Runs a step in the instance's lane; null: closed before it began. */
  readonly exclusive: <B>(id: InstanceId, step: () => Promise<B>) => Promise<B | null>;
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
  waiting: Array<(result: A | null) => void>;
  readonly steps: Array<{ readonly run: () => Promise<void>; readonly drop: () => void }>;
}

export const createLanes = <A>(limit: number, reconcile: (id: InstanceId) => Promise<A>): Lanes<A> => {
  const lanes = new Map<InstanceId, Lane<A>>();
  const queue = createQueue<InstanceId>();
  let reconciling = 0;
  let busy = 0;
  let wanted = 0;
  let closed = false;
  const onIdle: Array<() => void> = [];

  const laneOf = (id: InstanceId): Lane<A> => {
    const known = lanes.get(id);
    if (known !== undefined) return known;
    const lane: Lane<A> = { busy: false, wanted: false, waiting: [], steps: [] };
    lanes.set(id, lane);
    return lane;
  };

  /** Holds the lane for one piece of work, then passes it on. `work` must not reject. */
  const hold = async (id: InstanceId, lane: Lane<A>, work: () => Promise<void>): Promise<void> => {
    lane.busy = true;
    busy++;
    await work();
    busy--;
    lane.busy = false;
    const step = lane.steps.shift();
    if (step !== undefined) void hold(id, lane, step.run);
    else if (lane.wanted) queue.push(id);
    else lanes.delete(id);
    pump();
    if (busy === 0) for (const idle of onIdle.splice(0)) idle();
  };

  const pump = (): void => {
    while (reconciling < limit) {
      const id = queue.shift();
      if (id === undefined) return;
      const lane = lanes.get(id);
      // Queued twice, closed since, or taken by a person's step: whoever holds the lane queues it again.
      if (lane === undefined || lane.busy || !lane.wanted) continue;
      reconciling++;
      void hold(id, lane, async () => {
        lane.wanted = false;
        wanted--;
        const waiting = lane.waiting.splice(0);
        const result = await reconcile(id);
        reconciling--;
        for (const answer of waiting) answer(result);
      });
    }
  };

  const want = (id: InstanceId): Lane<A> => {
    const lane = laneOf(id);
    if (!lane.wanted) {
      lane.wanted = true;
      wanted++;
      if (!lane.busy) queue.push(id);
    }
    return lane;
  };

  return {
    request: (id) => {
      if (closed) return;
      want(id);
      pump();
    },
    reconcile: (id) =>
      new Promise((resolve) => {
        if (closed) return resolve(null);
        want(id).waiting.push(resolve);
        pump();
      }),
    exclusive: <B>(id: InstanceId, step: () => Promise<B>) =>
      new Promise<B | null>((resolve) => {
        if (closed) return resolve(null);
        const lane = laneOf(id);
        const run = async (): Promise<void> => resolve(await step());
        if (lane.busy) lane.steps.push({ run, drop: () => resolve(null) });
        else void hold(id, lane, run);
      }),
    close: () => {
      closed = true;
      wanted = 0;
      for (const lane of lanes.values()) {
        lane.wanted = false;
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
  };
};
