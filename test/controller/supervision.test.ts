import { describe, expect, test } from 'vitest';
import { initialStatus } from '../../src/index.js';
import { right } from '../support/either.js';
import { always, createHost, exited, midnight, never, onFailure } from '../support/host.js';
import { policyWith } from '../support/values.js';

describe('an instance that exits', () => {
  test('is started again at once, and later exits wait for the backoff', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    await host.begin();
    expect(host.hypervisor.running('web')).toBe(1);

    host.hypervisor.exit('web', 1);
    await host.clock.settle();
    expect(await host.status('web')).toMatchObject({ attempts: 1, nextAttemptAt: midnight + 5_000 });
    expect(host.hypervisor.running('web')).toBe(0);

    await host.clock.advance(4_999);
    expect(host.hypervisor.running('web')).toBe(0);
    await host.clock.advance(1);
    expect(host.hypervisor.running('web')).toBe(1);
    expect(await host.status('web')).toMatchObject({ attempts: 2, nextAttemptAt: null });
  });

  test('gets no more attempts than its policy allows, and ten quiet minutes give it new ones', async () => {
    const host = createHost();
    await host.seed('web', onFailure);
    host.hypervisor.set('web', exited(1));
    host.hypervisor.nextStart('web', { exits: { afterMs: 1_000, exitCode: 7 } }, 2);
    await host.begin();
    await host.clock.advance(15_000);
    expect(await host.status('web')).toMatchObject({ attempts: 3, blockedReason: null });
    expect(host.hypervisor.running('web')).toBe(1);

    await host.clock.advance(600_000);
    expect(await host.status('web')).toEqual(initialStatus);

    host.hypervisor.everyStart(() => ({ exits: { afterMs: 1_000, exitCode: 7 } }));
    host.hypervisor.exit('web', 7);
    await host.clock.advance(60_000);
    expect(await host.status('web')).toMatchObject({ attempts: 3, blockedReason: 'max_attempts_exceeded' });
    expect(host.calls('web')).toEqual(new Array(6).fill('start done'));
  });

  test('of policy never stays down', async () => {
    const host = createHost();
    await host.seed('web', never);
    host.hypervisor.set('web', exited(1));
    await host.begin();
    await host.clock.advance(600_000);
    expect(host.calls('web')).toEqual([]);
  });

  test('and whose notification was lost is found by the resync (D13)', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    await host.begin();
    host.hypervisor.deliver({ copies: 0 });
    host.hypervisor.exit('web', 1);
    await host.clock.advance(59_999);
    expect(host.hypervisor.running('web')).toBe(0);
    await host.clock.advance(1);
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test('while the host was down is started again when the host is back, and its wait is not lost', async () => {
    const host = createHost();
    await host.seed('web', always, { ...initialStatus, attempts: 2, lastAttemptAt: midnight - 3_000 });
    host.hypervisor.set('web', exited(1));
    await host.begin();
    expect(host.hypervisor.running('web')).toBe(0);
    await host.clock.advance(2_000);
    expect(host.hypervisor.running('web')).toBe(1);
  });
});

describe('an instance that was never started', () => {
  test('is not started by the controller, whatever its policy (D9)', async () => {
    const host = createHost();
    const controller = await host.begin();
    right(await controller.updatePolicy('fork', always)());
    await host.clock.advance(120_000);
    expect(host.calls('fork')).toEqual([]);
    expect(host.decisions.at(-1)?.reason).toBe('never_started');

    right(await controller.manualStart('fork')());
    host.hypervisor.exit('fork', 1);
    await host.clock.settle();
    expect(host.hypervisor.running('fork')).toBe(1);
  });
});

describe('a start that fails', () => {
  test('counts, and the wait counts from the failure (D5)', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    host.hypervisor.nextStart('web', { outcome: 'failed', wait: { at: 'before_effect', ms: 3_000 } });
    await host.begin();
    await host.clock.advance(3_000);
    expect(await host.status('web')).toMatchObject({ attempts: 1, nextAttemptAt: midnight + 8_000 });
    expect(host.faults).toMatchObject([{ id: 'web', during: 'start', error: { _tag: 'Failed' } }]);
    await host.clock.advance(5_000);
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test('is refused for good: the attempts are used up, and no more are made', async () => {
    const host = createHost();
    await host.seed('web', onFailure);
    host.hypervisor.set('web', exited(1));
    host.hypervisor.everyStart(() => ({ outcome: 'refused' }));
    await host.begin();
    await host.clock.advance(600_000);
    expect(host.calls('web')).toEqual(new Array(3).fill('start Refused'));
    expect(await host.status('web')).toMatchObject({ attempts: 3, blockedReason: 'max_attempts_exceeded' });
  });

  test('but spawned all the same is one run, and no second one begins beside it', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    host.hypervisor.nextStart('web', { outcome: 'done_and_failed' });
    await host.begin();
    await host.clock.advance(60_000);
    expect(host.hypervisor.overlaps).toBe(0);
    expect(host.hypervisor.running('web')).toBe(1);
    expect(await host.status('web')).toMatchObject({ attempts: 1, nextAttemptAt: null });
  });

  test('is not charged to a window that a person has begun meanwhile', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    host.hypervisor.nextStart('web', { outcome: 'failed', wait: { at: 'before_effect', ms: 1_000 } });
    const controller = await host.begin();
    right(await controller.updatePolicy('web', { ...always, backoff: 7_000 })());
    await host.clock.advance(1_000);
    // The new window has its own first attempt, made at once.
    expect(await host.status('web')).toMatchObject({ attempts: 1, lastAttemptAt: midnight + 1_000 });
    expect(host.hypervisor.running('web')).toBe(1);
  });
});

test('a start that does not get going is given up when no more may be made, and the instance is looked at as before', async () => {
  const host = createHost();
  await host.seed('web', policyWith({ startTimeout: 30_000, maxAttempts: 1 }));
  host.hypervisor.set('web', exited(1));
  host.hypervisor.nextStart('web', { initializingMs: 600_000 });
  const controller = await host.begin();
  await host.clock.advance(30_000);
  expect(await host.status('web')).toMatchObject({ attempts: 1, blockedReason: 'max_attempts_exceeded' });
  expect(controller.activity()).toMatchObject({ active: 0, queued: 0 });
  right(await controller.manualStop('web')());
  expect(host.calls('web')).toEqual(['start done', 'stop done']);
});

describe('a clock that is set back', () => {
  test('holds no restart up for as long as it went back (D6)', async () => {
    const host = createHost();
    await host.seed('web', always, { ...initialStatus, attempts: 1, lastAttemptAt: midnight - 1_000 });
    host.hypervisor.set('web', exited(1));
    await host.begin();
    host.clock.jump(midnight - 3_600_000);
    // The wait that was armed ends when its span has passed; the reconciliation repairs the status and waits one backoff.
    await host.clock.advance(4_000 + 5_000);
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test('holds no resync up', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    await host.begin();
    host.hypervisor.deliver({ copies: 0 });
    host.clock.jump(midnight - 3_600_000);
    host.hypervisor.exit('web', 1);
    await host.clock.advance(60_000 + 5_000);
    expect(host.hypervisor.running('web')).toBe(1);
  });
});
