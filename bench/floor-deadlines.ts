/**
 * Deadlines written by hand, for the floor: each call of a port is answered by the port or, when its time is up, as failed.
 *
 * It is what one writes first: a promise that whichever comes first resolves, and a wake-up that the answer cancels. It knows
 * nothing of what is unanswered, of late answers, nor of a signal for the port.
 */
import { type Either, left } from 'fp-ts/lib/Either.js';
import {
  type Clock,
  type Failed,
  failed,
  type Hypervisor,
  type Store,
  type StoreFailed,
  storeFailed,
} from 'restart-policy/controller';
import type { Ports } from './controller-floor.js';

const millis = { store: 10_000, inspect: 10_000, start: 120_000, stop: 60_000 } as const;

const within = <E, A, F>(
  clock: Clock,
  span: number,
  call: Promise<Either<E, A>>,
  fail: (message: string, cause?: unknown) => F,
): Promise<Either<E | F, A>> =>
  new Promise((resolve) => {
    const cancel = clock.wakeAt(clock.now() + span, () => resolve(left(fail('no answer'))));
    call.then(
      (answer) => {
        cancel();
        resolve(answer);
      },
      (cause) => {
        cancel();
        resolve(left(fail('it threw', cause)));
      },
    );
  });

export const withDeadlines = ({ store, hypervisor, clock }: Ports): Ports => {
  const ofStore = <E, A>(call: Promise<Either<E, A>>): Promise<Either<E | StoreFailed, A>> =>
    within(clock, millis.store, call, storeFailed);
  const of = <E, A>(kind: 'inspect' | 'start' | 'stop', call: Promise<Either<E, A>>): Promise<Either<E | Failed, A>> =>
    within(clock, millis[kind], call, failed);
  const timedStore: Store = {
    ...store,
    load: (id) => () => ofStore(store.load(id)()),
    save: (id, record, expected) => () => ofStore(store.save(id, record, expected)()),
  };
  const timedHypervisor: Hypervisor = {
    ...hypervisor,
    inspect: (id) => () => of('inspect', hypervisor.inspect(id)()),
    start: (id, permit) => () => of('start', hypervisor.start(id, permit)()),
    stop: (id, permit) => () => of('stop', hypervisor.stop(id, permit)()),
  };
  return { store: timedStore, hypervisor: timedHypervisor, clock };
};
