import { describe, expect, test } from 'vitest';
import { initialStatus, type RestartPolicy, saltOf } from '../../src/index.js';
import { right } from '../support/either.js';
import { always, createHost, exited, midnight } from '../support/host.js';

const count = 1_000;

/** Waits begin at the exit, so the first attempt is spread as well. */
const afterExit: RestartPolicy = { ...always, backoff: 10_000, backoffFrom: 'exit' };

/** All run, and fail at the same moment: how many are started again in each second from then on. */
const startsPerSecond = async (policy: RestartPolicy): Promise<ReadonlyArray<number>> => {
  const host = createHost();
  const ids = Array.from({ length: count }, (_, i) => `vm-${i}`);
  for (const id of ids) {
    await host.seed(id, policy);
    host.hypervisor.set(id, { state: 'running', startedAt: midnight - 60_000 });
  }
  await host.begin();
  for (const id of ids) host.hypervisor.exit(id, 1);
  await host.clock.advance(30_000);

  const seconds = new Array<number>(30).fill(0);
  for (const { operation, calledAt } of host.hypervisor.calls) {
    expect(operation).toBe('start');
    const second = Math.floor((calledAt - midnight) / 1_000);
    seconds[second] = (seconds[second] ?? 0) + 1;
  }
  return seconds;
};

const total = (seconds: ReadonlyArray<number>): number => seconds.reduce((sum, starts) => sum + starts, 0);

describe('a thousand instances that fail at the same moment', () => {
  test('come back apart with jitter: no second has more than 15 % of the first starts', async () => {
    const seconds = await startsPerSecond({ ...afterExit, jitter: 1 });
    expect(total(seconds)).toBe(count);
    expect(Math.max(...seconds)).toBeLessThanOrEqual(0.15 * count);
    expect(total(seconds.slice(0, 10))).toBe(0); // jitter only lengthens a wait
    expect(total(seconds.slice(20))).toBe(0); // by no more than its share
  });

  test('come back in one second without it', async () => {
    const seconds = await startsPerSecond(afterExit);
    expect(seconds.map((starts, second) => [second, starts]).filter(([, starts]) => starts !== 0)).toEqual([
      [10, count],
    ]);
  });
});

describe('the salt of an instance', () => {
  const spread: RestartPolicy = { ...always, jitter: 1 };

  test('is part of what is decided on, of a failed attempt, and of what is told of it', async () => {
    const host = createHost();
    await host.seed('web', spread);
    host.hypervisor.set('web', exited(1));
    host.hypervisor.nextStart('web', { outcome: 'failed' });
    const controller = await host.begin();
    const salt = saltOf('web');
    expect(host.decisions.map(({ event }) => event)).toMatchObject([
      { _tag: 'Observed', instance: { salt } },
      { _tag: 'AttemptFailed', attempt: 1, salt },
      { _tag: 'Observed', instance: { salt } },
    ]);
    expect(right(await controller.status('web')())?.instance?.salt).toBe(salt);
  });

  test('is the same for every wait and its wake-up, so that each is over when it says, and differs by the instance', async () => {
    const waits = new Set<number>();
    for (const id of ['web', 'db']) {
      const host = createHost();
      await host.seed(id, spread, { ...initialStatus, attempts: 1, lastAttemptAt: midnight });
      host.hypervisor.set(id, exited(1));
      host.hypervisor.nextStart(id, { outcome: 'failed' });
      const controller = await host.begin();
      for (const calls of [['start Failed'], ['start Failed', 'start done']]) {
        const report = right(await controller.status(id)());
        const at = report?.wakesAt ?? 0;
        expect(report?.status.nextAttemptAt).toBe(at);
        waits.add(at - host.clock.now());
        await host.clock.advanceTo(at - 1);
        expect(host.calls(id)).toHaveLength(calls.length - 1);
        await host.clock.advance(1);
        expect(host.calls(id)).toEqual(calls);
      }
    }
    expect(waits.size).toBe(4);
  });

  test('is not asked of the hypervisor: what an adapter says of it is not heeded', async () => {
    const host = createHost();
    await host.seed('web', spread);
    host.hypervisor.set('web', { ...exited(1), salt: 7 });
    const controller = await host.begin();
    expect(right(await controller.status('web')())?.instance?.salt).toBe(saltOf('web'));
  });
});
