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

/** What a call of a process that has died comes to. */
export const never = <A>(): Promise<A> => new Promise(() => undefined);
