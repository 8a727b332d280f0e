/**
 * The calls of the ports: each is answered by its port, or at its deadline, or when the controller has closed. Whichever
 * comes first; the port is never waited for longer.
 *
 * A call that outlasts its deadline is unanswered until it ends: it may take effect at any later moment, or never. It ends
 * no section and undoes nothing. Whatever it answers then leads to a look, and nothing else is drawn from it.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { formatDuration } from '../duration.js';
import { left } from '../either.js';
import { constVoid } from '../function.js';
import type { CallSignal, PortCall } from '../ports/call.js';
import type { Clock } from '../ports/clock.js';
import { type Failed, failed } from '../ports/hypervisor.js';
import type { InstanceId, StoreFailed } from '../ports/store.js';
import type { Timestamp } from '../status.js';
import { textOfThrown } from '../thrown.js';
import { type Countdown, type CountedDown, createCountdown } from './countdown.js';
import { type Deadlines, noAnswerWithin } from './deadlines.js';
import type { FaultStep } from './fault-steps.js';
import { type Flaw, flawIn } from './port-answers.js';

/** Who asked for a start or a stop: a person, or the policy. A repair is a person's, carried out later. */
export type Asker = 'person' | 'policy';

/** What a call is of, whichever instance it is about. One for all calls of a kind: nothing is made for each. */
export interface CallOf<F extends Failed | StoreFailed> {
  readonly kind: keyof Deadlines;
  readonly during: FaultStep;
  readonly by: Asker;
  /** It creates a record, whatever there was before. */
  readonly creates: boolean;
  /** Whose call it is, for messages: `the store`. */
  readonly port: string;
  readonly fail: (message: string, cause?: unknown) => F;
  readonly flaw: Flaw;
  /** The tags of what its Left may be. */
  readonly failures: ReadonlyArray<string>;
}

export interface Calls {
  /** `id` null: not of one instance. */
  readonly make: <F extends Failed | StoreFailed, E, A>(
    of: CallOf<F>,
    id: InstanceId | null,
    run: (call: PortCall) => Promise<Either<E, A>>,
  ) => Promise<Either<E | F, A>>;
  /** Whether a start or a stop of the instance is unanswered, and which; null: none is. A stop, if both are. */
  readonly unansweredAction: (id: InstanceId) => 'start' | 'stop' | null;
  /** Whether a start that the policy asked for is unanswered. */
  readonly isAttemptUnanswered: (id: InstanceId) => boolean;
  /** Whether a save that creates the record is unanswered: it may still do so, also when another one was removed since. */
  readonly isCreationUnanswered: (id: InstanceId) => boolean;
  /** When the first deadline passed of the calls that are unanswered now; null: none is. */
  readonly unansweredSince: (id: InstanceId) => Timestamp | null;
  /** Notifies again of the calls that are still unanswered: once for each instance and step, of the oldest. */
  readonly remind: () => void;
  /** The error was notified as the fault of a deadline: nobody needs to be told again. */
  readonly isTold: (error: object) => boolean;
  /** No timer is left standing that nothing waits for. */
  readonly rest: () => void;
  /** Answers when every call that was made has ended, the unanswered ones too. */
  readonly allEnded: () => Promise<void>;
  /**
   * From now on no call is made. Whoever still waits for one is answered at once. Answers with the instances of the calls
   * that have not ended, in order.
   */
  readonly end: () => ReadonlyArray<InstanceId>;
  readonly isEnded: () => boolean;
}

interface Surroundings {
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly fault: (fault: { id: InstanceId | null; during: FaultStep; error: Failed | StoreFailed }) => void;
  /** A call of the instance has answered after its deadline. */
  readonly onLate: (id: InstanceId) => void;
}

/** A call that is under way or unanswered. */
class Call implements PortCall, CountedDown<Call> {
  dueAt: Timestamp = Number.POSITIVE_INFINITY;
  older: Call | null = null;
  newer: Call | null = null;
  /** Answers whoever waits. */
  answer: (failure: Either<Failed | StoreFailed, never>) => void = constVoid;
  #abort: AbortController | null = null;

  constructor(
    readonly of: CallOf<Failed | StoreFailed>,
    readonly id: InstanceId | null,
  ) {}

  /** Made when a port asks for it: most never do, and it costs more than all the rest. */
  get signal(): CallSignal {
    this.#abort ??= new AbortController();
    if (this.since !== null) this.#abort.abort();
    return this.#abort.signal;
  }

  /** When it was given up; null: it was not. */
  since: Timestamp | null = null;

  giveUp(now: Timestamp): void {
    this.since = now;
    this.#abort?.abort();
  }
}

const closedMessage = 'the controller has closed';

const none: ReadonlyArray<Call> = [];

export const createCalls = ({ clock, deadlines, fault, onLate }: Surroundings): Calls => {
  const unanswered = new Map<InstanceId | null, Set<Call>>();
  const told = new WeakSet<object>();
  let open = 0;
  let isOver = false;
  const onAllEnded: Array<() => void> = [];

  const keep = (call: Call): void => {
    const { id } = call;
    const others = unanswered.get(id);
    if (others === undefined) unanswered.set(id, new Set([call]));
    else others.add(call);
  };

  const onDue = (call: Call): void => {
    keep(call);
    call.giveUp(clock.now());
    const { during, kind, fail } = call.of;
    const error = fail(noAnswerWithin(deadlines[kind]));
    told.add(error);
    call.answer(left(error));
    fault({ id: call.id, during, error });
  };

  const countdowns: { readonly [Kind in keyof Deadlines]: Countdown<Call> } = {
    store: createCountdown(clock, deadlines.store, onDue),
    leases: createCountdown(clock, deadlines.leases, onDue),
    inspect: createCountdown(clock, deadlines.inspect, onDue),
    start: createCountdown(clock, deadlines.start, onDue),
    stop: createCountdown(clock, deadlines.stop, onDue),
  };

  /** The port has answered. True: whoever made the call still waits. */
  const end = (call: Call): boolean => {
    const { id } = call;
    const isInTime = call.since === null;
    if (isInTime) countdowns[call.of.kind].end(call);
    else {
      const others = unanswered.get(id);
      others?.delete(call);
      if (others?.size === 0) unanswered.delete(id);
      if (id !== null && !isOver) onLate(id);
    }
    if (--open === 0) for (const ended of onAllEnded.splice(0)) ended();
    return isInTime;
  };

  /** The oldest first. Asked at every look, and nearly always empty. */
  const unansweredOf = (id: InstanceId): ReadonlyArray<Call> => {
    const calls = unanswered.get(id);
    return calls === undefined ? none : [...calls];
  };

  return {
    make: <F extends Failed | StoreFailed, E, A>(
      of: CallOf<F>,
      id: InstanceId | null,
      run: (call: PortCall) => Promise<Either<E, A>>,
    ): Promise<Either<E | F, A>> => {
      const { port, fail, kind } = of;
      if (isOver) return Promise.resolve(left(fail(closedMessage)));
      const broken = (cause: unknown): Either<E | F, A> => left(fail(`${port} threw: ${textOfThrown(cause)}`, cause));
      const call = new Call(of, id);
      let running: Promise<Either<E, A>>;
      try {
        running = Promise.resolve(run(call));
      } catch (cause) {
        return Promise.resolve(broken(cause));
      }
      open++;
      countdowns[kind].begin(call);
      return new Promise((resolve) => {
        // Of the types of failures it is the one that `fail` makes.
        call.answer = resolve as Call['answer'];
        running.then(
          (answer) => {
            if (!end(call)) return;
            const flaw = flawIn(answer, of.flaw, of.failures);
            resolve(flaw === null ? answer : left(fail(`${port} answered ${flaw}`)));
          },
          (cause) => {
            if (end(call)) resolve(broken(cause));
          },
        );
      });
    },
    unansweredAction: (id) => {
      const calls = unansweredOf(id);
      if (calls.length === 0) return null;
      return (['stop', 'start'] as const).find((kind) => calls.some(({ of }) => of.kind === kind)) ?? null;
    },
    isAttemptUnanswered: (id) => unansweredOf(id).some(({ of }) => of.kind === 'start' && of.by === 'policy'),
    isCreationUnanswered: (id) => unansweredOf(id).some(({ of }) => of.creates),
    unansweredSince: (id) => unansweredOf(id)[0]?.since ?? null,
    remind: () => {
      const now = clock.now();
      for (const [id, calls] of unanswered) {
        const reminded = new Set<FaultStep>();
        for (const { of, since: givenUpAt } of calls) {
          // Not in the very moment in which it was notified for the first time.
          if (givenUpAt === null || now === givenUpAt || reminded.has(of.during)) continue;
          reminded.add(of.during);
          const since = Math.max(0, now - givenUpAt) + deadlines[of.kind];
          fault({ id, during: of.during, error: failed(`still no answer after ${formatDuration(since)}`) });
        }
      }
    },
    isTold: (error) => told.has(error),
    rest: () => {
      for (const countdown of Object.values(countdowns)) countdown.rest();
    },
    allEnded: () => (open === 0 ? Promise.resolve() : new Promise((resolve) => void onAllEnded.push(resolve))),
    end: () => {
      isOver = true;
      for (const countdown of Object.values(countdowns)) {
        for (const call of countdown.items()) {
          keep(call);
          call.giveUp(clock.now());
          call.answer(left(call.of.fail(closedMessage)));
        }
        countdown.clear();
      }
      return [...unanswered.keys()].filter((id) => id !== null).sort();
    },
    isEnded: () => isOver,
  };
};
