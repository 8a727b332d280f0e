/**
 * The controller's floor is a fair one only if it does what the controller does: both live through the same stories, on
 * the same scripted hypervisor, and end with the same records and the same calls.
 */
import { initialStatus, type RestartPolicyInput } from 'restart-policy';
import { createMemoryStore } from 'restart-policy/adapters/memory';
import { createController, type RestartRecord, type Store } from 'restart-policy/controller';
import { createScriptedHypervisor, createVirtualClock, type ScriptedHypervisor } from 'restart-policy/testing';
import { describe, expect, test } from 'vitest';
import { policyOf } from '../../bench/cases.js';
import { superviseByHand } from '../../bench/controller-floor.js';
import { measureEvents, type Supervisor, supervisors } from '../../bench/event.js';
import { watchTurns } from '../../bench/turns.js';

interface World {
  readonly store: Store;
  readonly hypervisor: ScriptedHypervisor;
  readonly advance: (millis: number) => Promise<void>;
  readonly record: () => Promise<RestartRecord | null>;
  /** Records a stop as another process would: nobody is notified. */
  readonly stopUnnoticed: () => Promise<void>;
}

type Story = (world: World) => Promise<void>;

const id = 'web-1';

const stories: Readonly<Record<string, readonly [Partial<RestartPolicyInput>, Story]>> = {
  'an exit is answered at once': [
    {},
    async ({ hypervisor, advance }) => {
      hypervisor.exit(id, 1);
      await advance(10);
    },
  ],
  'exits are spaced, until the limit': [
    { backoff: '2s', maxAttempts: 3 },
    async ({ hypervisor, advance }) => {
      hypervisor.everyStart(() => ({ exits: { afterMs: 100, exitCode: 1 } }));
      hypervisor.exit(id, 1);
      await advance(60_000);
    },
  ],
  'a run that lasts ends the window': [
    { stableAfter: '10s' },
    async ({ hypervisor, advance }) => {
      hypervisor.exit(id, 1);
      await advance(60_000);
    },
  ],
  'the wait counts from the failure of a start, not from its beginning': [
    { backoff: '2s' },
    async ({ hypervisor, advance }) => {
      hypervisor.nextStart(id, { outcome: 'failed', wait: { at: 'before_effect', ms: 1_500 } }, 2);
      hypervisor.exit(id, 1);
      await advance(60_000);
    },
  ],
  'an exit during the start is not lost': [
    { backoff: '2s' },
    async ({ hypervisor, advance }) => {
      hypervisor.nextStart(id, { exits: { afterMs: 50, exitCode: 1 }, wait: { at: 'after_effect', ms: 500 } });
      hypervisor.exit(id, 1);
      await advance(60_000);
    },
  ],
  'a stop between the decision and the start holds': [
    {},
    async ({ hypervisor, advance, stopUnnoticed }) => {
      hypervisor.nextStart(id, { wait: { at: 'before_check', ms: 100 } });
      hypervisor.exit(id, 1);
      await advance(50);
      await stopUnnoticed();
      await advance(1_000);
    },
  ],
  'what runs though a person stopped it is stopped': [
    {},
    async ({ hypervisor, advance, stopUnnoticed }) => {
      await stopUnnoticed();
      hypervisor.notify(id);
      await advance(1_000);
    },
  ],
  'an unhealthy run is stopped and started': [
    {},
    async ({ hypervisor, advance }) => {
      hypervisor.set(id, { health: 'unhealthy' });
      await advance(1_000);
    },
  ],
};

const endOf = async (supervisor: Supervisor, [input, story]: readonly [Partial<RestartPolicyInput>, Story]) => {
  const clock = createVirtualClock();
  const store = createMemoryStore();
  const created = createScriptedHypervisor({ clock });
  if (created._tag === 'Left') throw new Error(created.left.message);
  const hypervisor = created.right;
  const policy = policyOf(input);
  hypervisor.set(id, { state: 'running', startedAt: clock.now() });
  await store.save(id, { policy, status: initialStatus }, null)();
  if (supervisor === 'floor') await superviseByHand({ store, hypervisor, clock });
  else createController({ store, hypervisor, clock, resyncEvery: 1e12 });
  await clock.settle();
  await clock.advance(5_000);

  const load = async () => {
    const loaded = await store.load(id)();
    return loaded._tag === 'Right' && loaded.right._tag === 'Some' ? loaded.right.value : null;
  };
  await story({
    store,
    hypervisor,
    advance: clock.advance,
    record: load,
    stopUnnoticed: async () => {
      const found = await load();
      if (found === null) throw new Error('there is no record');
      const status = { ...found.status, blockedReason: 'manual_stop' as const, nextAttemptAt: null };
      await store.save(id, { policy, status }, found.revision)();
    },
  });
  return {
    record: await load(),
    runs: hypervisor.runs,
    calls: hypervisor.calls,
  };
};

describe('the floor of the controller', () => {
  test.each(Object.keys(stories))('does as the controller does: %s', async (name) => {
    const story = stories[name];
    if (story === undefined) throw new Error(name);
    const floor = await endOf('floor', story);
    expect(floor).toEqual(await endOf('controller', story));
    expect(floor.calls).not.toEqual([]);
  });

  test('answers an event by three loads and two inspects', async () => {
    const costs = await measureEvents([1, 10], 1, 100);
    expect(costs.map(({ supervisor }) => supervisor)).toEqual([...supervisors, ...supervisors]);
    for (const { supervisor, calls } of costs) {
      if (supervisor === 'floor') {
        expect(calls).toEqual({ loads: 3, saves: 1, inspects: 2, starts: 1, stops: 0, wakeUps: 1 });
      } else expect(calls).toMatchObject({ saves: 1, starts: 1, stops: 0 });
    }
  });
});

test('a turn that is held up for 60 ms is seen, at the beginning and at the end of what is watched', async () => {
  const holdUp = (): void => {
    const until = performance.now() + 60;
    while (performance.now() < until);
  };
  for (const run of [async () => holdUp(), () => new Promise<void>((done) => setImmediate(() => done(holdUp())))]) {
    const { longestTurn } = await watchTurns(run);
    expect(longestTurn).toBeGreaterThanOrEqual(55);
  }
});
