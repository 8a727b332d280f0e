/**
 * Health that comes and goes: a run that was ill does not end its failure window by being well at the right moment, and one
 * that never was is not held up.
 */
import { describe, expect, test } from 'vitest';
import type { Health } from '../../src/event.js';
import { initialStatus, type RestartStatus } from '../../src/index.js';
import { right } from '../support/either.js';
import { createHost, midnight } from '../support/host.js';
import { policyWith } from '../support/values.js';

const minute = 60_000;

/** An instance that runs since then, with attempts that were counted; and what says how it is. */
const running = async (
  status: Partial<RestartStatus> = {},
  policy = policyWith({ stableAfter: 10 * minute }),
  since = midnight,
) => {
  const host = createHost();
  host.clock.jump(since);
  await host.seed('web', policy, { ...initialStatus, attempts: 3, lastAttemptAt: since - 1, ...status });
  host.hypervisor.set('web', { state: 'running', startedAt: since });
  const controller = await host.begin();
  return {
    host,
    controller,
    say: async (health: Health) => {
      right(await controller.reportHealth('web', { startedAt: midnight, health })());
      await host.clock.settle();
    },
    attempts: async () => (await host.status('web'))?.attempts,
  };
};

/** A wait that is longer than a run must last: so what is ill is not restarted meanwhile. */
const patient = policyWith({ backoff: 60 * minute, stableAfter: 10 * minute });

describe('a run that was never ill', () => {
  test('counts from its beginning, whatever else is said of it meanwhile, and however often', async () => {
    const { host, say, attempts } = await running();
    for (const health of ['healthy', 'healthy', 'unknown', 'healthy', 'healthy'] as const) {
      await say(health);
      await host.clock.advance(2 * minute - 1);
    }
    expect(await attempts()).toBe(3);
    await host.clock.advance(5);
    expect(await attempts()).toBe(0);
  });

  test('counts from its beginning also where that was before 1970, by the clock as it stands', async () => {
    const { host, attempts } = await running({}, undefined, -60 * minute);
    await host.clock.advance(10 * minute - 1);
    expect(await attempts()).toBe(3);
    await host.clock.advance(1);
    expect(await attempts()).toBe(0);
  });
});

describe('a run that was ill', () => {
  test('and is well at the moment at which it would be stable does not end its failure window', async () => {
    const { host, say, attempts } = await running({}, patient);
    await say('healthy');
    await host.clock.advance(4 * minute);
    await say('unhealthy');
    await host.clock.advance(5 * minute);
    await say('healthy');
    await host.clock.advance(minute);
    expect(await attempts()).toBe(3);
    expect(host.decisions.at(-1)?.reason).not.toBe('stable');
  });

  test('ends it once it has been well for as long as a run must last, and at that very moment', async () => {
    const { host, say, attempts, controller } = await running({}, patient);
    await say('unhealthy');
    await host.clock.advance(5 * minute);
    await say('healthy');
    expect(right(await controller.status('web')())?.wakesAt).toBe(midnight + 15 * minute);
    await host.clock.advance(10 * minute - 1);
    expect(await attempts()).toBe(3);
    await host.clock.advance(1);
    expect(await host.status('web')).toEqual(initialStatus);
    const stable = host.decisions.filter(({ reason }) => reason === 'stable');
    expect(stable.map(({ now }) => now)).toEqual([midnight + 15 * minute]);
  });

  test('half of the time ends it never', async () => {
    const { host, say, attempts } = await running({}, patient);
    for (let round = 0; round < 10; round++) {
      await say('healthy');
      await host.clock.advance(2.5 * minute);
      await say('unhealthy');
      await host.clock.advance(2.5 * minute);
    }
    expect(await attempts()).toBe(3);
  });

  test('ends it neither where it used up its attempts, which would give it new ones', async () => {
    const policy = policyWith({ maxAttempts: 3, stableAfter: 10 * minute });
    const { host, say } = await running({ blockedReason: 'max_attempts_exceeded' }, policy);
    await say('unhealthy');
    await host.clock.advance(9 * minute);
    await say('healthy');
    await host.clock.advance(2 * minute);
    expect((await host.status('web'))?.blockedReason).toBe('max_attempts_exceeded');
    await host.clock.advance(8 * minute);
    expect(await host.status('web')).toEqual(initialStatus);
  });

  test('counts from then also where nobody checks it any more', async () => {
    const { host, say, attempts } = await running({}, patient);
    await say('unhealthy');
    await host.clock.advance(9 * minute);
    await say('healthy');
    await say('unknown');
    await host.clock.advance(9 * minute);
    expect(await attempts()).toBe(3);
    await host.clock.advance(minute);
    expect(await attempts()).toBe(0);
  });

  test('is shown with the beginning that it has', async () => {
    const { host, say, controller } = await running({}, patient);
    await say('unhealthy');
    await host.clock.advance(minute);
    await say('healthy');
    expect(right(await controller.status('web')())?.instance).toMatchObject({ startedAt: midnight, health: 'healthy' });
  });

  test('and is again is decided on with the beginning that it has', async () => {
    const { host, say } = await running({}, patient);
    for (const health of ['unhealthy', 'healthy', 'unhealthy'] as const) {
      await say(health);
      await host.clock.advance(minute);
    }
    expect(host.decisions.at(-1)?.event).toMatchObject({ instance: { startedAt: midnight, health: 'unhealthy' } });
  });

  test('ends no failure window where nobody says when it began', async () => {
    const { host, controller, attempts } = await running({}, patient);
    host.hypervisor.set('web', { startedAt: null });
    for (const health of ['unhealthy', 'healthy'] as const) {
      // The types want a moment, and a host in JavaScript says again what the hypervisor said.
      right(await controller.reportHealth('web', { startedAt: null as never, health })());
      await host.clock.advance(minute);
    }
    await host.clock.advance(20 * minute);
    expect(await attempts()).toBe(3);
  });

  test('does not wait longer because the clock was set back', async () => {
    const { host, say, attempts } = await running({}, patient);
    await say('unhealthy');
    await host.clock.advance(minute);
    await say('healthy');
    host.clock.jump(midnight - 86_400_000);
    // By the clock as it stands the run began a day earlier, and the host says anew how it is.
    right(await host.hypervisor.inspect('web')());
    await host.clock.advance(11 * minute);
    expect(await attempts()).toBe(0);
  });

  test('leaves the next one alone: how the former one was does not count', async () => {
    const { host, controller, say, attempts } = await running({ attempts: 1 });
    await host.clock.advance(minute);
    await say('unhealthy');
    await host.clock.settle();
    expect(host.calls('web')).toEqual(['stop done', 'start done']);
    expect(await attempts()).toBe(2);
    await host.clock.advance(5 * minute);
    right(await controller.reportHealth('web', { startedAt: midnight + minute, health: 'healthy' })());
    await host.clock.advance(5 * minute);
    expect(await host.status('web')).toEqual(initialStatus);
  });
});
