/**
 * Holding a call at a chosen point: how a test makes two things happen in one order and no other.
 *
 * @since 0.1.0
 */

/**
 * A call that is (or will be) held. Never released, it hangs.
 *
 * @since 0.1.0
 */
export interface Held {
  /** Resolves when a call has come to the point and waits there. */
  readonly reached: Promise<void>;
  /** Lets the call go on, also one that has not come yet. Idempotent. */
  readonly release: () => void;
}

export interface Hold extends Held {
  /** What the held call awaits. */
  readonly pass: () => Promise<void>;
}

export const createHold = (): Hold => {
  const arrival = signal();
  const permission = signal();
  return {
    reached: arrival.promise,
    release: permission.give,
    pass: () => {
      arrival.give();
      return permission.promise;
    },
  };
};

/** Holds that wait for their calls; each takes the first call that it fits. */
export interface Holds<Point> {
  readonly add: (point: Point) => Held;
  /** What a call awaits at a point; undefined: nothing holds it there. */
  readonly pass: (fits: (point: Point) => boolean) => Promise<void> | undefined;
  /** Releases the holds that no call has come to yet. */
  readonly clear: () => void;
}

export const createHolds = <Point>(): Holds<Point> => {
  const holds: Array<{ readonly point: Point; readonly hold: Hold }> = [];
  return {
    add: (point) => {
      const hold = createHold();
      holds.push({ point, hold });
      return hold;
    },
    pass: (fits) => {
      const index = holds.findIndex(({ point }) => fits(point));
      const [found] = index === -1 ? [] : holds.splice(index, 1);
      return found?.hold.pass();
    },
    clear: () => {
      for (const { hold } of holds.splice(0)) hold.release();
    },
  };
};

interface Signal {
  readonly promise: Promise<void>;
  readonly give: () => void;
}

const signal = (): Signal => {
  let give = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { promise, give: () => give() };
};

/** The answer to a call of a process that has died: none, for ever. */
export const never = <A>(): Promise<A> => new Promise(() => undefined);
