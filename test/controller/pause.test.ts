import { describe, expect, test } from 'vitest';
import { initialStatus, type RestartPolicy, stoppedByPerson } from '../../src/index.js';
import { exclusions } from '../../src/ports/hypervisor.js';
import type { StartScript } from '../../src/testing.js';
import { left, right } from '../support/either.js';
import { always, createHost, exited, type Host, midnight, never, onFailure } from '../support/host.js';

const paused = { ...initialStatus, blockedReason: 'paused' } as const;

/** An unhealthy instance whose restart has come between its stop, which it heeds, and its start. */
const betweenStopAndStart = async (policy: RestartPolicy = onFailure, script: StartScript = {}) => {
  const host = createHost();
  await host.seed('web', policy);
  host.hypervisor.nextStart('web', script);
  host.hypervisor.set('web', { state: 'running', startedAt: midnight - 1_000 });
  host.hypervisor.nextStop('web', { exitCode: 0 });
  const controller = await host.begin();
  const other = await host.begin();
  host.hypervisor.deliver({ copies: 0 });
  const start = host.hypervisor.hold('start', 'web', 'before_check');
  right(await controller.reportHealth('web', { startedAt: midnight - 1_000, health: 'unhealthy' })());
  await start.reached;
  return {
    host,
    controller,
    /** Knows nothing of it: it is not notified. */
    other,
    goOn: async () => {
      start.release();
      await host.clock.settle();
    },
  };
};

describe('a pause', () => {
  test('leaves what runs alone, and what exits down, until the resume', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight });
    const controller = await host.begin();
    const { revision, reason } = right(await controller.pause('web')());
    expect(reason).toBe('pause_recorded');
    expect(await host.record('web')).toMatchObject({ status: paused, revision });
    await host.clock.advance(120_000);
    expect(host.hypervisor.running('web')).toBe(1);

    host.hypervisor.exit('web', 1);
    await host.clock.advance(86_400_000);
    expect(host.calls('web')).toEqual([]);
    expect(host.decisions.at(-1)?.reason).toBe('paused');

    const resumed = right(await controller.resume('web')());
    expect(resumed?.reason).toBe('resumed');
    expect(resumed?.revision).toBeGreaterThan(revision);
    await host.clock.settle();
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test('asks the hypervisor for nothing but what the instance looks like, also where it does not answer', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    const controller = await host.begin();
    host.hypervisor.failInspect('web', Number.POSITIVE_INFINITY);
    right(await controller.pause('web')());
    right(await controller.resume('web')());
    expect(host.calls('web')).toEqual([]);
  });

  test('does not restart what turns unhealthy', async () => {
    const host = createHost();
    await host.seed('web', always, paused);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight });
    const controller = await host.begin();
    right(await controller.reportHealth('web', { startedAt: midnight, health: 'unhealthy' })());
    await host.clock.advance(600_000);
    expect(host.calls('web')).toEqual([]);
    right(await controller.resume('web')());
    await host.clock.settle();
    expect(host.calls('web')).toEqual(['stop done', 'start done']);
  });

  test('during the backoff cancels the wake-up, and the resume arms it anew', async () => {
    const host = createHost();
    await host.seed('web', always, { ...initialStatus, attempts: 1, lastAttemptAt: midnight });
    host.hypervisor.set('web', exited(1));
    const controller = await host.begin();
    expect(controller.activity().armed).toBe(1);
    right(await controller.pause('web')());
    await host.clock.settle();
    expect(controller.activity().armed).toBe(0);
    right(await controller.resume('web')());
    await host.clock.settle();
    expect(right(await controller.status('web')())).toMatchObject({
      status: { attempts: 1, nextAttemptAt: midnight + 5_000 },
      wakesAt: midnight + 5_000,
    });
  });

  test.each(exclusions)('voids an attempt that has not passed its check: %s', async (exclusion) => {
    const host = createHost(exclusion);
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    const start = host.hypervisor.hold('start', 'web', 'before_check');
    const controller = await host.begin();
    await start.reached;
    right(await controller.pause('web')());
    start.release();
    await host.clock.advance(600_000);
    expect(host.calls('web')).toEqual(['start Superseded']);
    expect(await host.status('web')).toMatchObject({ attempts: 1, blockedReason: 'paused' });
  });

  test.each(exclusions)('does not stop what an attempt starts that was past its check: %s', async (exclusion) => {
    const host = createHost(exclusion);
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    const start = host.hypervisor.hold('start', 'web', 'before_effect');
    const controller = await host.begin();
    await start.reached;
    right(await controller.pause('web')()); // does not wait for it either
    start.release();
    await host.clock.advance(600_000);
    expect(host.calls('web')).toEqual(['start done']);
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test('does not charge an attempt that fails meanwhile', async () => {
    const host = createHost();
    await host.seed('web', { ...always, maxAttempts: 1 });
    host.hypervisor.set('web', exited(1));
    host.hypervisor.nextStart('web', { outcome: 'failed', wait: { at: 'before_effect', ms: 1_000 } });
    const controller = await host.begin();
    right(await controller.pause('web')());
    await host.clock.advance(1_000);
    expect(host.calls('web')).toEqual(['start Failed']);
    expect(await host.status('web')).toEqual({ ...paused, attempts: 1, lastAttemptAt: midnight });
  });

  test('while an unhealthy instance is being restarted leaves it down until the resume', async () => {
    const { host, controller, goOn } = await betweenStopAndStart();
    right(await controller.pause('web')());
    await goOn();
    await host.clock.advance(600_000);
    expect(host.calls('web')).toEqual(['stop done', 'start Superseded']);
    // It ended with 0, and comes back all the same: it was ours to start.
    right(await controller.resume('web')());
    await host.clock.settle();
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test('of what a person stopped says so, and writes nothing', async () => {
    const host = createHost();
    await host.seed('web', always, stoppedByPerson);
    const controller = await host.begin();
    const before = await host.record('web');
    expect(right(await controller.pause('web')())).toEqual({ revision: before?.revision, reason: 'manual_stop' });
    expect(await host.record('web')).toEqual(before);
    right(await controller.manualStart('web')());
    host.hypervisor.exit('web', 1);
    await host.clock.settle();
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test('beside a stop that is refused does not keep the stop from taking back its marker (D12)', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    host.hypervisor.nextStop('web', { outcome: 'refused' });
    const controller = await host.begin();
    const stop = host.hypervisor.hold('stop', 'web', 'before_effect');
    const stopping = controller.manualStop('web')();
    await stop.reached;
    expect(right(await controller.pause('web')()).reason).toBe('manual_stop');
    stop.release();
    expect(left(await stopping)._tag).toBe('Refused');
    expect(await host.status('web')).toEqual(initialStatus);
    await host.clock.advance(60_000);
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test('of what is paused is a new revision, so that nothing that was drawn from the former one holds', async () => {
    const host = createHost();
    await host.seed('web', always, paused);
    const controller = await host.begin();
    const resume = host.faulty.hold('save', 'web', 'before');
    const resuming = controller.resume('web')();
    await resume.reached;
    const again = right(await controller.pause('web')());
    expect(again).toEqual({ revision: 2, reason: 'paused' });
    resume.release();
    expect(right(await resuming)).toEqual({ revision: 3, reason: 'resumed' });
  });

  test('of an id without a record holds against a policy that comes later', async () => {
    const host = createHost();
    host.hypervisor.set('web', exited(1));
    const controller = await host.begin();
    expect(right(await controller.pause('web')()).reason).toBe('pause_recorded');
    right(await controller.updatePolicy('web', always)());
    await host.clock.advance(600_000);
    expect(host.calls('web')).toEqual([]);
    expect(await host.record('web')).toMatchObject({ policy: always, status: paused });
  });

  test('does not bring back an instance that was deleted meanwhile', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    const controller = await host.begin();
    const save = host.faulty.hold('save', 'web', 'before');
    const pausing = controller.pause('web')();
    await save.reached;
    right(await controller.requestDelete('web')());
    save.release();
    expect(left(await pausing)._tag).toBe('Superseded');
    expect(await host.record('web')).toBeNull();
  });

  test('is written again when it conflicts, and not acknowledged when the store does not answer', async () => {
    const host = createHost();
    await host.seed('web', always);
    const controller = await host.begin();
    host.faulty.inject({ operation: 'load', fault: 'fail_before' });
    expect(left(await controller.pause('web')())._tag).toBe('StoreFailed');
    host.faulty.inject({ operation: 'save', fault: 'fail_before' });
    expect(left(await controller.pause('web')())._tag).toBe('StoreFailed');
    expect(await host.status('web')).toEqual(initialStatus);
    host.faulty.inject({ operation: 'save', fault: 'conflict', times: 3 });
    right(await controller.pause('web')());
    expect(await host.status('web')).toEqual(paused);
  });

  test('survives the controller, and a new policy', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    const former = await host.begin();
    right(await former.pause('web')());
    await former.close()();
    expect(left(await former.pause('web')())._tag).toBe('Closed');
    expect(left(await former.resume('web')())._tag).toBe('Closed');

    const controller = await host.begin();
    right(await controller.updatePolicy('web', onFailure)());
    host.hypervisor.exit('web', 1);
    await host.clock.advance(600_000);
    expect(host.calls('web')).toEqual([]);
  });

  test('through one controller holds the attempts of another back, and a resume through one wakes both', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    const [one, other] = [await host.begin(), await host.begin()];
    right(await one.pause('web')());
    host.hypervisor.exit('web', 1);
    await host.clock.advance(600_000);
    expect(host.calls('web')).toEqual([]);
    right(await other.resume('web')());
    await host.clock.settle();
    expect([host.hypervisor.running('web'), host.hypervisor.overlaps]).toEqual([1, 0]);
  });
});

describe('a person who stops or starts what is paused', () => {
  test('stops it for good: a resume does not start it', async () => {
    const host = createHost();
    await host.seed('web', always, paused);
    host.hypervisor.set('web', { state: 'running' });
    const controller = await host.begin();
    right(await controller.manualStop('web')());
    expect(right(await controller.resume('web')())?.reason).toBe('not_paused');
    await host.clock.advance(600_000);
    expect(host.calls('web')).toEqual(['stop done']);
    expect(await host.status('web')).toEqual(stoppedByPerson);
  });

  test.each(exclusions)('and whose stop is refused leaves it paused (D12): %s', async (exclusion) => {
    const host = createHost(exclusion);
    await host.seed('web', always, paused);
    host.hypervisor.set('web', { state: 'running' });
    host.hypervisor.nextStop('web', { outcome: 'refused' });
    const controller = await host.begin();
    expect(left(await controller.manualStop('web')())._tag).toBe('Refused');
    expect(await host.status('web')).toEqual(paused);
    // On a fenced hypervisor the run is given a tag that a repair on its way must not kill; nobody would start it again.
    expect(host.calls('web')).toEqual(['stop Refused', ...(exclusion === 'fenced' ? ['retag done'] : [])]);
    await host.clock.advance(60_000);
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test('starts it, and it is supervised from then on', async () => {
    const host = createHost();
    await host.seed('web', always, { ...paused, attempts: 2, lastAttemptAt: midnight });
    host.hypervisor.set('web', exited(1));
    const controller = await host.begin();
    right(await controller.manualStart('web')());
    expect(await host.status('web')).toEqual(initialStatus);
    host.hypervisor.exit('web', 1);
    await host.clock.settle();
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test('and whose start is refused leaves it paused (D12)', async () => {
    const host = createHost();
    const status = { ...paused, attempts: 2, lastAttemptAt: midnight };
    await host.seed('web', always, status);
    host.hypervisor.set('web', exited(1));
    host.hypervisor.nextStart('web', { outcome: 'refused' });
    const controller = await host.begin();
    expect(left(await controller.manualStart('web')())._tag).toBe('Refused');
    expect(await host.status('web')).toEqual(status);
  });

  test.each(exclusions)(
    'and is overtaken by a pause starts it all the same, and it stays paused: %s',
    async (exclusion) => {
      const host = createHost(exclusion);
      await host.seed('web', always, stoppedByPerson);
      host.hypervisor.set('web', exited(1));
      const controller = await host.begin();
      const start = host.hypervisor.hold('start', 'web', 'before_check');
      const starting = controller.manualStart('web')();
      await start.reached;
      const { revision } = right(await controller.pause('web')());
      start.release();
      expect(right(await starting)).toEqual({ revision });
      expect(host.calls('web')).toEqual(['start Superseded', 'start done']);
      expect(await host.status('web')).toEqual(paused);
      host.hypervisor.exit('web', 1);
      await host.clock.advance(600_000);
      expect(host.hypervisor.running('web')).toBe(0);
    },
  );

  test('and is overtaken by a pause after the start has passed its check is answered, and nothing is stopped', async () => {
    const host = createHost('none');
    await host.seed('web', always, stoppedByPerson);
    host.hypervisor.set('web', exited(1));
    const controller = await host.begin();
    const start = host.hypervisor.hold('start', 'web', 'before_effect');
    const starting = controller.manualStart('web')();
    await start.reached;
    right(await controller.pause('web')());
    start.release();
    right(await starting);
    await host.clock.advance(60_000);
    expect(host.calls('web')).toEqual(['start done']);
  });

  test('deletes it, pause and all', async () => {
    const host = createHost();
    await host.seed('web', always, paused);
    host.hypervisor.set('web', { state: 'running' });
    const controller = await host.begin();
    right(await controller.requestDelete('web')());
    expect([await host.record('web'), host.hypervisor.running('web')]).toEqual([null, 0]);
  });

  test('resets it, and its policy is in force again', async () => {
    const host = createHost();
    await host.seed('web', always, paused);
    host.hypervisor.set('web', exited(1));
    const controller = await host.begin();
    right(await controller.reset('web')());
    await host.clock.settle();
    expect(host.hypervisor.running('web')).toBe(1);
  });
});

describe('a resume', () => {
  test('of what is not paused changes nothing, and looks all the same', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running' });
    const controller = await host.begin();
    host.hypervisor.deliver({ copies: 0 });
    host.hypervisor.exit('web', 1);
    const before = await host.record('web');
    expect(right(await controller.resume('web')())).toEqual({ revision: before?.revision, reason: 'not_paused' });
    await host.clock.settle();
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test('of what is not paused voids no attempt on its way', async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', exited(1));
    const start = host.hypervisor.hold('start', 'web', 'before_check');
    const controller = await host.begin();
    await start.reached;
    right(await controller.resume('web')());
    start.release();
    await host.clock.settle();
    expect(host.calls('web')).toEqual(['start done']);
  });

  test('of an id without a record is answered so, and makes none', async () => {
    const host = createHost();
    const controller = await host.begin();
    expect(right(await controller.resume('web')())).toBeNull();
    expect(await host.record('web')).toBeNull();
  });

  test('is written again when it conflicts, and not acknowledged when the store does not answer', async () => {
    const host = createHost();
    await host.seed('web', always, paused);
    const controller = await host.begin();
    host.faulty.inject({ operation: 'load', fault: 'fail_before' });
    expect(left(await controller.resume('web')())._tag).toBe('StoreFailed');
    host.faulty.inject({ operation: 'save', fault: 'fail_before' });
    expect(left(await controller.resume('web')())._tag).toBe('StoreFailed');
    expect(await host.status('web')).toEqual(paused);
    host.faulty.inject({ operation: 'save', fault: 'conflict', times: 3 });
    right(await controller.resume('web')());
    expect(await host.status('web')).toEqual(initialStatus);
  });

  test('that was recorded without an answer, and is asked for again, looks at once', async () => {
    const host = createHost();
    await host.seed('web', always, paused);
    host.hypervisor.set('web', exited(1));
    const controller = await host.begin();
    host.faulty.inject({ operation: 'save', fault: 'fail_after' });
    expect(left(await controller.resume('web')())._tag).toBe('StoreFailed');
    expect(right(await controller.resume('web')())?.reason).toBe('not_paused');
    await host.clock.settle();
    expect(host.hypervisor.running('web')).toBe(1);
  });

  test('goes on with the window where it was: a limit that was reached holds', async () => {
    const host = createHost();
    await host.seed('web', onFailure, {
      ...initialStatus,
      attempts: 3,
      lastAttemptAt: midnight - 1_000,
      blockedReason: 'max_attempts_exceeded',
    });
    host.hypervisor.set('web', exited(1));
    const controller = await host.begin();
    right(await controller.pause('web')());
    expect(await host.status('web')).toMatchObject({ attempts: 3, blockedReason: 'paused' });
    right(await controller.resume('web')());
    await host.clock.advance(600_000);
    expect(host.calls('web')).toEqual([]);
    expect(await host.status('web')).toMatchObject({ attempts: 3, blockedReason: 'max_attempts_exceeded' });
  });

  test('begins a cooldown anew, after which a new window begins', async () => {
    const host = createHost();
    const policy: RestartPolicy = { ...onFailure, cooldown: 60_000 };
    await host.seed('web', policy, { ...initialStatus, attempts: 3, lastAttemptAt: midnight - 5_000 });
    host.hypervisor.set('web', exited(1));
    const controller = await host.begin();
    expect(right(await controller.status('web')())).toMatchObject({
      status: { blockedReason: 'max_attempts_exceeded', nextAttemptAt: midnight + 60_000 },
      wakesAt: midnight + 60_000,
    });
    await host.clock.advance(40_000);
    right(await controller.pause('web')());
    right(await controller.resume('web')());
    await host.clock.advance(59_999);
    expect(host.calls('web')).toEqual([]);
    await host.clock.advance(1);
    expect(host.calls('web')).toEqual(['start done']);
    expect(await host.status('web')).toMatchObject({ attempts: 1, blockedReason: null });
  });
});

describe('a policy that changes while an unhealthy instance is being restarted (D17)', () => {
  const newer: RestartPolicy = { ...onFailure, backoff: 7_000 };

  const expectBack = async (host: Host): Promise<void> => {
    expect(host.hypervisor.running('web')).toBe(0);
    expect(host.decisions.find(({ event }) => event._tag === 'PolicyUpdated')?.event).toEqual({
      _tag: 'PolicyUpdated',
      attemptUnderWay: true,
    });
    // Spaced from the attempt that the update voided.
    await host.clock.advanceTo(midnight + 6_999);
    expect(host.hypervisor.running('web')).toBe(0);
    await host.clock.advance(1);
    expect(host.hypervisor.running('web')).toBe(1);
  };

  test('leaves nothing down that we stopped, although it ended with 0', async () => {
    const { host, controller, goOn } = await betweenStopAndStart();
    right(await controller.updatePolicy('web', newer)());
    await goOn();
    expect(host.calls('web')).toEqual(['stop done', 'start Superseded']);
    await expectBack(host);
  });

  test('nor where another controller took the new policy', async () => {
    const { host, other, goOn } = await betweenStopAndStart();
    right(await other.updatePolicy('web', newer)());
    await goOn();
    await expectBack(host);
  });

  test('nor where the hypervisor does not answer at that moment', async () => {
    const { host, controller, goOn } = await betweenStopAndStart();
    host.hypervisor.failInspect('web');
    right(await controller.updatePolicy('web', newer)());
    await goOn();
    await expectBack(host);
  });

  test('nor where the hypervisor does not know when the run began', async () => {
    const { host, controller, goOn } = await betweenStopAndStart();
    host.hypervisor.set('web', { startedAt: null });
    right(await controller.updatePolicy('web', newer)());
    await goOn();
    await expectBack(host);
  });

  test('nor where it changes twice', async () => {
    const { host, controller, goOn } = await betweenStopAndStart();
    right(await controller.updatePolicy('web', { ...newer, backoff: 9_000 })());
    right(await controller.updatePolicy('web', newer)());
    await goOn();
    await expectBack(host);
  });

  test('and is not asked about where no attempt can be under way', async () => {
    const host = createHost();
    await host.seed('web', never);
    host.hypervisor.set('web', exited(0));
    const controller = await host.begin();
    host.hypervisor.failInspect('web', Number.POSITIVE_INFINITY);
    const ofHealth = { ...initialStatus, lastReason: 'health_check_failed' } as const;
    for (const status of [
      initialStatus,
      paused,
      stoppedByPerson,
      { ...initialStatus, attempts: 1, lastAttemptAt: midnight },
      { ...ofHealth, lastAttemptAt: midnight },
      { ...ofHealth, attempts: 1, lastAttemptAt: midnight, nextAttemptAt: midnight + 5_000 },
      { ...ofHealth, attempts: 1 },
    ]) {
      await host.overwrite('web', status);
      right(await controller.updatePolicy('web', newer)());
      expect(host.decisions.at(-1)?.event).toEqual({ _tag: 'PolicyUpdated' });
    }
  });

  test('begins a new window at once where the instance has been started since', async () => {
    const { host, controller, goOn } = await betweenStopAndStart();
    await goOn();
    expect(host.hypervisor.running('web')).toBe(1);
    right(await controller.updatePolicy('web', newer)());
    expect(await host.status('web')).toEqual(initialStatus);
  });

  test('leaves down what used up its attempts: a person starts it', async () => {
    const limited = { ...onFailure, maxAttempts: 1 };
    const { host, controller, goOn } = await betweenStopAndStart(limited, { outcome: 'failed' });
    await goOn();
    expect(await host.status('web')).toMatchObject({ attempts: 1, blockedReason: 'max_attempts_exceeded' });
    right(await controller.updatePolicy('web', newer)());
    await host.clock.advance(600_000);
    expect(host.hypervisor.running('web')).toBe(0);
  });
});
