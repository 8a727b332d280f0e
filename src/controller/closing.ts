/**
 * How a controller closes: what has begun may finish, until it has or the time is up. After that nothing begins any more.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Millis } from '../duration.js';
import { right } from '../either.js';
import { checkOptions, type InvalidOptions, millisOrInfinity, optional } from '../options.js';
import type { Cancel, Clock } from '../ports/clock.js';
import type { Leases } from '../ports/leases.js';
import { type InstanceId, storeFailed } from '../ports/store.js';
import type { Calls } from './calls.js';
import type { Fault } from './context.js';
import { noAnswerWithin } from './deadlines.js';

/**
 * How a controller closes.
 *
 * @since 0.2.0
 */
export interface CloseOptions {
  /**
   * It answers after so many milliseconds at the latest: from 0, or Infinity; with leases these are let go after that, within
   * their own deadline. Calls that have outlasted their deadlines are waited for too. Default: until all that has begun has
   * ended or outlasted its deadline.
   */
  readonly within?: Millis | undefined;
}

/**
 * What a controller leaves behind that has closed.
 *
 * @since 0.2.0
 */
export interface CloseReport {
  /**
   * The instances, in order, of which a call has not answered yet: what was asked for may still take effect there, and
   * nowhere else. Empty: all that began has ended.
   */
  readonly unanswered: ReadonlyArray<InstanceId>;
}

interface Within extends CloseOptions {
  readonly within: Millis | undefined;
}

const checkClose: (options: CloseOptions) => Either<InvalidOptions, Within> = checkOptions<Within>({
  within: optional(undefined, millisOrInfinity(0)),
});

interface Surroundings {
  /** From now on nothing begins by itself. */
  readonly begin: () => void;
  /** Answers when what has begun has ended: whatever waits for a port waits at most for its deadline. */
  readonly finish: () => Promise<unknown>;
  /** The same once no port is waited for any more. */
  readonly settle: () => Promise<unknown>;
  readonly calls: Calls;
  readonly clock: Clock;
  readonly leases: Leases | undefined;
  /** For the leases' own closing. */
  readonly deadline: Millis;
  readonly fault: (fault: Omit<Fault, '_tag'>) => void;
}

export const createClosing = ({
  begin,
  finish,
  settle,
  calls,
  clock,
  leases,
  deadline,
  fault,
}: Surroundings): ((options?: CloseOptions) => TaskEither<InvalidOptions, CloseReport>) => {
  let closing: Promise<CloseReport> | null = null;
  let end = (): void => {};
  let isOver = false;
  const timers: Array<Cancel> = [];

  const close = async (): Promise<CloseReport> => {
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    await ended;
    isOver = true;
    for (const cancel of timers.splice(0)) cancel();
    const unanswered = calls.end();
    // Whoever still waited for a port has been answered, and begins nothing more.
    await settle();
    if (leases !== undefined) await letGo(leases, unanswered);
    return { unanswered };
  };

  /** The leases last until here, because the permits of what was still under way check them. */
  const letGo = async (held: Leases, kept: ReadonlyArray<InstanceId>): Promise<void> => {
    const how = await Promise.race([closeQuietly(held, kept), after(deadline)]);
    if (how === 'late') fault({ id: null, during: 'release', error: storeFailed(noAnswerWithin(deadline)) });
    for (const cancel of timers.splice(0)) cancel();
    // What may still take effect here keeps its lease until it has ended, or this process has.
    if (kept.length > 0) void calls.allEnded().then(() => closeQuietly(held, []));
  };

  const after = (ms: Millis): Promise<'late'> =>
    new Promise((resolve) => {
      if (ms !== Number.POSITIVE_INFINITY) timers.push(clock.wakeAt(clock.now() + ms, () => resolve('late')));
    });

  return (options = {}) =>
    async () => {
      const checked = checkClose(options);
      if (checked._tag === 'Left') return checked;
      if (closing === null) {
        closing = close();
        // Only now: to close unsubscribes, and what a host does then may close the controller once more.
        begin();
      }
      const { within } = checked.right;
      const ended = within === undefined ? finish() : Promise.all([finish(), calls.allEnded()]);
      void ended.then(end);
      if (within === 0) end();
      else if (within !== undefined && !isOver) void after(within).then(end);
      return right(await closing);
    };
};

/** Leases that could not be let go lapse. */
const closeQuietly = async (leases: Leases, keep: ReadonlyArray<InstanceId>): Promise<'closed'> => {
  try {
    await leases.close(keep);
  } catch {
    // They lapse.
  }
  return 'closed';
};
