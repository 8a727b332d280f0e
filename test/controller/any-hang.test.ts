/**
 * Ports that answer at once, late, with a failure, or not at all, in any mixture; people who say anything; a clock that is
 * set. In the end, once all have answered: nobody was left without an answer, no timer stands, and what runs is what the
 * records say.
 */
import fc from 'fast-check';
import type { Either } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { defaultDeadlines } from '../../src/controller/deadlines.js';
import type { CallSignal, Controller, ControllerOptions } from '../../src/controller.js';
import { initialStatus } from '../../src/index.js';
import { type Exclusion, exclusions, failed, type Hypervisor } from '../../src/ports/hypervisor.js';
import type { Leases } from '../../src/ports/leases.js';
import { type InstanceId, type Store, storeFailed } from '../../src/ports/store.js';
import {
  createMemoryStore,
  createScriptedHypervisor,
  createVirtualClock,
  type VirtualClock,
} from '../../src/testing.js';
import { controllerOf } from '../support/controller.js';
import { right } from '../support/either.js';
import { always, never } from '../support/host.js';
import { runs } from '../support/proof.js';

const second = 1_000;
const minute = 60 * second;
const day = 24 * 60 * minute;

// ---------------------------------------------------------------------------
// what becomes of a call
// ---------------------------------------------------------------------------

/** `at`: before it does anything, or when only its answer is missing. `ms` null: until it is released. */
type Fate =
  | { readonly is: 'sound' | 'failing' | 'throwing' }
  | { readonly is: 'late'; readonly at: 'before' | 'after'; readonly ms: number | null };

const sound: Fate = { is: 'sound' };

const arbFate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(sound) },
  { weight: 1, arbitrary: fc.constantFrom<Fate>({ is: 'failing' }, { is: 'throwing' }) },
  {
    weight: 3,
    arbitrary: fc.record({
      is: fc.constant('late' as const),
      at: fc.constantFrom('before' as const, 'after' as const),
      ms: fc.constantFrom(0, second, 15 * second, 3 * minute, null),
    }),
  },
);

/** Gives each call its fate, one after the other; all further ones are sound. */
const createFates = (clock: VirtualClock, fates: ReadonlyArray<Fate>) => {
  let calls = 0;
  let isOver = false;
  let held: Array<{ readonly until: number; readonly release: () => void }> = [];
  let leaps = 0;
  const givenUpEarly: Array<string> = [];

  /** No call is given up before its deadline, but for a clock that leaps ahead, and a controller that closes. */
  const watch = ({ kind, signal }: Asked): void => {
    const begun = { at: clock.elapsed(), leaps };
    signal?.addEventListener('abort', () => {
      const lasted = clock.elapsed() - begun.at;
      const isEarly = !isOver && begun.leaps === leaps && lasted < defaultDeadlines[kind];
      if (isEarly) givenUpEarly.push(`${kind} after ${lasted} ms`);
    });
  };

  const releaseUntil = (elapsed: number): void => {
    const due = held.filter(({ until }) => until <= elapsed);
    held = held.filter(({ until }) => until > elapsed);
    for (const { release } of due) release();
  };

  return {
    meet: async <E, A>(run: () => Promise<Either<E, A>>, failure: E, asked?: Asked): Promise<Either<E, A>> => {
      if (asked !== undefined) watch(asked);
      const fate = isOver ? sound : (fates[calls++] ?? sound);
      const hold = (at: 'before' | 'after'): Promise<void> =>
        isOver || fate.is !== 'late' || fate.at !== at
          ? Promise.resolve()
          : new Promise((release) => {
              held.push({ until: fate.ms === null ? Number.POSITIVE_INFINITY : clock.elapsed() + fate.ms, release });
            });
      if (fate.is === 'throwing') throw new Error('broken');
      if (fate.is === 'failing') return { _tag: 'Left', left: failure };
      await hold('before');
      const answer = await run();
      await hold('after');
      return answer;
    },
    /** Time has passed: whoever was late until now goes on. */
    pass: () => releaseUntil(clock.elapsed()),
    leap: () => {
      leaps++;
    },
    givenUpEarly,
    /** From now on all is sound, and whoever is held goes on. */
    end: () => {
      isOver = true;
      releaseUntil(Number.POSITIVE_INFINITY);
    },
  };
};

type Fates = ReturnType<typeof createFates>;

interface Asked {
  readonly kind: keyof typeof defaultDeadlines;
  readonly signal: CallSignal | undefined;
}

const fatefulStore = ({ meet }: Fates, store: Store, listsRecords: boolean): Store => {
  const failure = storeFailed('fate');
  const { listRecords } = store;
  return {
    load: (id, call) => () => meet(store.load(id), failure, { kind: 'store', signal: call?.signal }),
    save: (id, record, expected, call) => () =>
      meet(store.save(id, record, expected), failure, { kind: 'store', signal: call?.signal }),
    remove: (id, expected) => () => meet(store.remove(id, expected), failure),
    list: () => meet(() => store.list(), failure),
    ...(listsRecords && listRecords !== undefined
      ? { listRecords: (page) => () => meet(listRecords(page), failure) }
      : {}),
  };
};

const fatefulHypervisor = ({ meet }: Fates, hypervisor: Hypervisor): Hypervisor => {
  const failure = failed('fate');
  const { retag } = hypervisor;
  return {
    capabilities: hypervisor.capabilities,
    subscribe: hypervisor.subscribe,
    inspect: (id, call) => () => meet(hypervisor.inspect(id), failure, { kind: 'inspect', signal: call?.signal }),
    start: (id, permit) => () => meet(hypervisor.start(id, permit), failure, { kind: 'start', signal: permit.signal }),
    stop: (id, permit) => () => meet(hypervisor.stop(id, permit), failure, { kind: 'stop', signal: permit.signal }),
    ...(retag === undefined ? {} : { retag: (id, permit) => () => meet(retag(id, permit), failure) }),
  };
};

const fatefulLeases = ({ meet }: Fates): Leases => {
  const held = new Map<InstanceId, number>();
  const failure = storeFailed('fate');
  let epochs = 0;
  const now = <A>(answer: () => A): Promise<Either<typeof failure, A>> =>
    meet(async () => ({ _tag: 'Right', right: answer() }), failure);
  return {
    hold: (id) => () =>
      now(() => {
        const epoch = held.get(id) ?? ++epochs;
        held.set(id, epoch);
        return { id, epoch };
      }),
    check:
      ({ id, epoch }) =>
      () =>
        now(() => held.get(id) === epoch),
    release: (id) => () => now(() => void held.delete(id)),
    subscribe: () => () => {},
    close: async (keep = []) => {
      await now(() => {
        for (const id of [...held.keys()]) if (!keep.includes(id)) held.delete(id);
      });
    },
  };
};

// ---------------------------------------------------------------------------
// what happens
// ---------------------------------------------------------------------------

/** Names that an object would have of its own are names like any other. */
const ids = ['web', '__proto__', 'constructor'] as const;

type Happening =
  | { readonly is: 'word'; readonly word: keyof typeof words; readonly id: InstanceId }
  | { readonly is: 'pass'; readonly ms: number }
  | { readonly is: 'set'; readonly by: number }
  | { readonly is: 'exit' | 'notify'; readonly id: InstanceId };

const words = {
  start: (controller: Controller, id: InstanceId) => controller.manualStart(id),
  stop: (controller: Controller, id: InstanceId) => controller.manualStop(id),
  delete: (controller: Controller, id: InstanceId) => controller.requestDelete(id),
  pause: (controller: Controller, id: InstanceId) => controller.pause(id),
  resume: (controller: Controller, id: InstanceId) => controller.resume(id),
  reset: (controller: Controller, id: InstanceId) => controller.reset(id),
  always: (controller: Controller, id: InstanceId) => controller.updatePolicy(id, always),
  never: (controller: Controller, id: InstanceId) => controller.updatePolicy(id, never),
  unhealthy: (controller: Controller, id: InstanceId) =>
    controller.reportHealth(id, { startedAt: 0, health: 'unhealthy' }),
  reconcile: (controller: Controller, id: InstanceId) => controller.reconcile(id),
  reconcileAll: (controller: Controller) => controller.reconcileAll(),
  status: (controller: Controller, id: InstanceId) => controller.status(id),
  list: (controller: Controller) => controller.list(),
} as const;

const arbId = fc.constantFrom(...ids);

const arbHappening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      is: fc.constant('word' as const),
      word: fc.constantFrom(...(Object.keys(words) as ReadonlyArray<keyof typeof words>)),
      id: arbId,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      is: fc.constant('pass' as const),
      ms: fc.constantFrom(0, second, 10 * second, 70 * second, 4 * minute),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ is: fc.constant('set' as const), by: fc.constantFrom(-day, -minute, minute, day) }),
  },
  { weight: 3, arbitrary: fc.record({ is: fc.constantFrom('exit' as const, 'notify' as const), id: arbId }) },
);

interface Life {
  readonly fates: ReadonlyArray<Fate>;
  readonly happenings: ReadonlyArray<Happening>;
  readonly options: Pick<ControllerOptions, 'concurrency' | 'starts'>;
  readonly hasLeases: boolean;
  readonly listsRecords: boolean;
}

const arbLife: fc.Arbitrary<Life> = fc.record({
  fates: fc.array(arbFate, { maxLength: 60, size: 'max' }),
  happenings: fc.array(arbHappening, { maxLength: 25, size: 'max' }),
  options: fc.constantFrom<Life['options']>({}, { concurrency: 1 }, { starts: { inFlight: 1 } }),
  hasLeases: fc.boolean(),
  listsRecords: fc.boolean(),
});

const play = async (exclusion: Exclusion, { fates: given, happenings, options, hasLeases, listsRecords }: Life) => {
  const clock = createVirtualClock();
  const fates = createFates(clock, given);
  const store = createMemoryStore();
  const hypervisor = right(createScriptedHypervisor({ clock, exclusion }));
  const begin = (): Controller =>
    controllerOf({
      store: fatefulStore(fates, store, listsRecords),
      hypervisor: fatefulHypervisor(fates, hypervisor),
      clock,
      ...(hasLeases ? { leases: fatefulLeases(fates) } : {}),
      ...options,
    });
  // The last one is not known yet.
  for (const id of ids.slice(0, 2)) {
    right(await store.save(id, { policy: always, status: initialStatus }, null)());
    hypervisor.set(id, { state: 'running' });
  }
  const controller = begin();

  const waiting = new Map<number, string>();
  const ask = (what: string, answer: Promise<unknown>): void => {
    const number = waiting.size + asked++;
    waiting.set(number, what);
    void answer.then(() => waiting.delete(number));
  };
  let asked = 0;

  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 5 * second) {
      await clock.advance(Math.min(left, 5 * second));
      fates.pass();
    }
    await clock.settle();
  };

  for (const happening of happenings) {
    switch (happening.is) {
      case 'word':
        ask(`${happening.word} ${happening.id}`, words[happening.word](controller, happening.id)());
        await clock.settle();
        break;
      case 'pass':
        await pass(happening.ms);
        break;
      case 'set':
        if (happening.by > 0) fates.leap();
        clock.jump(clock.now() + happening.by);
        await clock.settle();
        break;
      case 'exit':
        hypervisor.exit(happening.id, 1);
        await clock.settle();
        break;
      default:
        hypervisor.notify(happening.id);
        await clock.settle();
    }
  }

  const expectAgreement = async (): Promise<void> => {
    for (const id of ids) {
      const record = right(await store.load(id)());
      const isStopped = record._tag === 'None' || record.value.status.blockedReason === 'manual_stop';
      const seen = hypervisor.observation(id);
      if (isStopped) expect([id, seen.state]).not.toEqual([id, 'running']);
      else if (record.value.policy.mode === 'always' && record.value.status.blockedReason === null) {
        // What never ran is left for a person to start.
        if (seen.startedAt !== null) expect([id, seen.state]).toEqual([id, 'running']);
      }
    }
    expect(hypervisor.overlaps).toBe(0);
  };

  return { clock, fates, controller, begin, waiting, ask, pass, expectAgreement };
};

/** Lives that once ended otherwise. */
const formerCounterexamples: ReadonlyArray<[Life]> = [
  [
    // The opening of admission was called off after the clock had been set back, and the resync came a day later.
    {
      fates: [
        { is: 'late', at: 'before', ms: 0 },
        sound,
        { is: 'failing' },
        { is: 'late', at: 'before', ms: 0 },
        sound,
        sound,
        { is: 'failing' },
        sound,
        { is: 'failing' },
      ],
      happenings: [
        { is: 'word', word: 'start', id: 'constructor' },
        { is: 'exit', id: 'web' },
        { is: 'set', by: -day },
        { is: 'pass', ms: 70 * second },
      ],
      options: { starts: { inFlight: 1 } },
      hasLeases: false,
      listsRecords: false,
    },
  ],
];

describe.each(exclusions)('whatever hangs: %s', (exclusion) => {
  test('all are answered in the end, and what runs is what the records say', async () => {
    await fc.assert(
      fc.asyncProperty(arbLife, async (life) => {
        const { clock, fates, controller, waiting, pass, expectAgreement } = await play(exclusion, life);
        expect(fates.givenUpEarly).toEqual([]);
        fates.end();
        await pass(10 * minute);
        expect([...waiting.values()]).toEqual([]);
        expect(controller.activity()).toMatchObject({ queued: 0, active: 0, waiting: 0, inFlight: 0 });
        await expectAgreement();
        expect(right(await controller.close()())).toEqual({ unanswered: [] });
        expect(clock.pending).toBe(0);
      }),
      { numRuns: runs(1000), examples: [...formerCounterexamples] },
    );
  });

  test('all are answered within the time to close, and a successor finishes what was begun', async () => {
    await fc.assert(
      fc.asyncProperty(arbLife, fc.constantFrom(undefined, 0, second, minute), async (life, within) => {
        const { clock, fates, controller, begin, waiting, ask, pass, expectAgreement } = await play(exclusion, life);
        ask('close', controller.close(within === undefined ? {} : { within })());
        // And what those have who only read, which nobody waits for.
        await pass(10 * minute);
        expect([...waiting.values()]).toEqual([]);
        expect(clock.pending).toBe(0);
        fates.end();
        await clock.settle();
        const successor = begin();
        await pass(10 * minute);
        await expectAgreement();
        right(await successor.close()());
        expect(clock.pending).toBe(0);
      }),
      { numRuns: runs(1000) },
    );
  });
});
