/**
 * Looks at every instance: when the controller begins, at each resync, when a port says that any may have changed, and when
 * the host asks for it.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { Millis } from '../duration.js';
import { constVoid } from '../function.js';
import type { Clock } from '../ports/clock.js';
import type { InstanceId, StoredRecord, StoreFailed } from '../ports/store.js';
import type { Timestamp } from '../status.js';
import type { StartAdmission } from './admission.js';
import type { AllRecords } from './all-records.js';
import type { Calls } from './calls.js';

export interface Resync {
  /** Asks for a look at every instance. However often it is asked for before it begins, it is done once. */
  readonly request: () => void;
  /** Looks at every instance, and answers when each was looked at. Left: they could not be listed. */
  readonly reconcileAll: () => Promise<Either<StoreFailed, void>>;
}

interface Surroundings {
  readonly records: AllRecords;
  readonly reconcile: (id: InstanceId, listed?: StoredRecord) => Promise<unknown>;
  readonly calls: Pick<Calls, 'remind'>;
  /** null: nothing holds a start back. */
  readonly admission: Pick<StartAdmission, 'resync'> | null;
  readonly clock: Clock;
  readonly every: Millis;
  /** Arms the next resync. */
  readonly arm: (at: Timestamp) => void;
  readonly onFault: (error: StoreFailed) => void;
  readonly isClosed: () => boolean;
}

export const createResync = ({
  records,
  reconcile,
  calls,
  admission,
  clock,
  every,
  arm,
  onFault,
  isClosed,
}: Surroundings): Resync => {
  let lastRun: Promise<unknown> = Promise.resolve();
  let isRequested = false;

  /** One after the other: of two that list the same instances at once, neither could use what it listed. */
  const inTurn = <A>(run: () => Promise<A>): Promise<A> => {
    const running = lastRun.then(run);
    lastRun = running;
    return running;
  };

  /** Arms the next resync whether or not the records could be listed. */
  const lookAtAll = async (
    look: (id: InstanceId, listed?: StoredRecord) => void,
  ): Promise<Either<StoreFailed, void>> => {
    const dueAt = clock.now() + every;
    calls.remind();
    // What has no record any more may still wait or hold a place, and only a look finds that out.
    const listed = await records.forEach(look, admission?.resync() ?? []);
    // Not later than that from now, should the clock have been set back meanwhile.
    arm(Math.min(Math.max(dueAt, clock.now()), clock.now() + every));
    if (listed._tag === 'Left') onFault(listed.left);
    return listed;
  };

  return {
    request: () => {
      if (isRequested) return;
      isRequested = true;
      void inTurn(async () => {
        isRequested = false;
        if (!isClosed()) await lookAtAll((id, listed) => void reconcile(id, listed));
      });
    },
    reconcileAll: async () => {
      const looks = createTally();
      const listed = await inTurn(() => lookAtAll((id, record) => looks.add(reconcile(id, record))));
      // Outside of its turn: a look that hangs must not keep the next resync from beginning.
      await looks.allEnded();
      return listed;
    },
  };
};

interface Tally {
  /** One that does not reject. */
  readonly add: (look: Promise<unknown>) => void;
  /** To be called once, after the last was added. */
  readonly allEnded: () => Promise<void>;
}

/** How many looks are under way: those of a large fleet are not kept, nor waited for by one long turn that takes up each. */
const createTally = (): Tally => {
  let underWay = 0;
  let notify = constVoid;
  const leave = (): void => {
    if (--underWay === 0) notify();
  };
  return {
    add: (look) => {
      underWay++;
      void look.then(leave);
    },
    allEnded: () =>
      underWay === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            notify = resolve;
          }),
  };
};
