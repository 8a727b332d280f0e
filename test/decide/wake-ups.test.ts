/** nextWakeAt: when to decide again, derived from the status alone. */
import { describe, expect, test } from 'vitest';
import type { InstanceObservation } from '../../src/event.js';
import { initialStatus } from '../../src/status.js';
import { neverRan, policyOf, running, statusOf, stopped } from '../support/fixtures.js';
import { nextWakeAt } from '../support/subject.js';

const always = policyOf();
const onFailure = policyOf({ mode: 'on_failure' });
const health = { lastReason: 'health_check_failed' } as const;
const blocked = { blockedReason: 'max_attempts_exceeded' } as const;
const once = statusOf({ attempts: 1, lastAttemptAt: 20 });
const waiting = statusOf({ attempts: 1, lastAttemptAt: 20, nextAttemptAt: 35 });
const unhealthy = running({ health: 'unhealthy' });
const healthy = running({ health: 'healthy' });

describe('only a new fact can change anything', () => {
  test.each([
    ['failed', stopped()],
    ['runs unhealthy', unhealthy],
    ['runs well', healthy],
  ])('for an instance that a person stopped: it %s', (_, instance) => {
    const held = statusOf({ attempts: 1, lastAttemptAt: 20, blockedReason: 'manual_stop' });
    expect(nextWakeAt(always, held, instance)).toBeNull();
  });

  test.each([
    ['failed', stopped()],
    ['runs unhealthy', unhealthy],
    ['runs well', healthy],
  ])('under a policy of never: it %s', (_, instance) => {
    expect(nextWakeAt(policyOf({ mode: 'never' }), waiting, instance)).toBeNull();
  });

  test.each(['initializing', 'other'] as const)('while it is in the state %s', (state) => {
    for (const verdict of ['unknown', 'healthy', 'unhealthy'] as const) {
      expect(nextWakeAt(always, waiting, running({ state, health: verdict }))).toBeNull();
    }
  });

  test('for an instance that never ran', () => {
    expect(nextWakeAt(always, initialStatus, neverRan())).toBeNull();
    expect(nextWakeAt(always, statusOf({ nextAttemptAt: 30 }), neverRan())).toBeNull();
  });

  test('after a clean exit under on_failure', () => {
    expect(nextWakeAt(onFailure, once, stopped({ exitCode: 0 }))).toBeNull();
  });

  test('for a stopped instance whose attempts are used up', () => {
    expect(nextWakeAt(always, statusOf({ attempts: 3, lastAttemptAt: 20, ...blocked }), stopped())).toBeNull();
  });

  test('for an unhealthy instance whose attempts are used up', () => {
    expect(nextWakeAt(always, statusOf({ attempts: 3, lastAttemptAt: 20, ...blocked }), unhealthy)).toBeNull();
  });
});

describe('only a person can change anything', () => {
  test.each([
    ['failed', stopped()],
    ['runs unhealthy', unhealthy],
    ['runs well', healthy],
    ['does not get going', running({ state: 'initializing' })],
  ])('while supervision is paused: it %s', (_, instance) => {
    const paused = statusOf({ attempts: 1, lastAttemptAt: 20, blockedReason: 'paused' });
    expect(nextWakeAt(policyOf({ startTimeout: 5 }), paused, instance)).toBeNull();
  });

  test('where a rule leaves the instance stopped', () => {
    const policy = policyOf({ rules: [{ exitCodes: [1], action: 'stop' }] });
    expect(nextWakeAt(policy, once, stopped())).toBeNull();
    expect(nextWakeAt(policy, once, stopped({ exitCode: 2 }))).toBe(30);
    const restarting = statusOf({ ...once, ...health });
    expect(nextWakeAt(policy, restarting, stopped({ startedAt: 0 }))).toBe(30);
  });
});

describe('a wait is woken from when the next attempt is due', () => {
  test('after a clean exit under always', () => {
    expect(nextWakeAt(always, waiting, stopped({ exitCode: 0 }))).toBe(35);
  });

  test.each([
    ['stopped', stopped()],
    ['unhealthy', unhealthy],
  ])('for an instance that is %s', (_, instance) => {
    expect(nextWakeAt(always, waiting, instance)).toBe(35);
    expect(nextWakeAt(always, once, instance)).toBe(30);
  });

  test('for a workload that we stopped for its health, its clean exit notwithstanding', () => {
    const pending = statusOf({ attempts: 1, lastAttemptAt: 20, nextAttemptAt: 35, ...health });
    expect(nextWakeAt(onFailure, pending, stopped({ exitCode: 0 }))).toBe(35);
    expect(nextWakeAt(onFailure, pending, stopped({ startedAt: 20, exitCode: 0 }))).toBeNull();
  });

  test('after an exit under on_failure that is a failure or unknown', () => {
    expect(nextWakeAt(onFailure, waiting, stopped())).toBe(35);
    expect(nextWakeAt(onFailure, waiting, stopped({ exitCode: null }))).toBe(35);
  });

  test('after an attempt that came to nothing, although the instance never ran', () => {
    expect(nextWakeAt(always, once, neverRan())).toBe(30);
  });

  test('after an exit with 0 that a rule answers', () => {
    const policy = policyOf({ mode: 'on_failure', rules: [{ causes: ['host'], action: 'restart' }] });
    expect(nextWakeAt(policy, waiting, stopped({ exitCode: 0, cause: 'host' }))).toBe(35);
    expect(nextWakeAt(policy, waiting, stopped({ exitCode: 0 }))).toBeNull();
  });

  test('of the length that its attempt and its salt give it', () => {
    expect(nextWakeAt(policyOf({ maxBackoff: 100 }), { ...once, attempts: 3 }, stopped())).toBe(60);
    const jittery = policyOf({ backoff: 100, jitter: 1 });
    expect(nextWakeAt(jittery, once, stopped())).toBe(219);
    expect(nextWakeAt(jittery, once, stopped({ salt: 7 }))).toBe(208);
  });

  test('never a moment before whole milliseconds allow it', () => {
    expect(nextWakeAt(policyOf({ backoff: 10.25 }), once, stopped())).toBe(31);
    const today = 1_700_000_000_000;
    const status = statusOf({ attempts: 1, lastAttemptAt: today });
    expect(nextWakeAt(policyOf({ backoff: 0.000_001 }), status, stopped())).toBe(today + 1);
  });

  test('at once, where a decision is due and was not made', () => {
    expect(nextWakeAt(always, initialStatus, unhealthy)).toBeNull();
    expect(nextWakeAt(always, once, stopped())).toBeLessThan(1_000);
  });
});

describe('a stable run that ended is asked about in its new window', () => {
  const long: InstanceObservation = stopped({ startedAt: 20, stoppedAt: 120 });

  test('the block of the old window does not silence it', () => {
    const used = statusOf({ attempts: 3, lastAttemptAt: 20, ...blocked });
    expect(nextWakeAt(policyOf({ backoff: 500 }), used, long)).toBe(520);
  });

  test('its old wait does not count, the spacing does', () => {
    const moved = statusOf({ attempts: 1, lastAttemptAt: 20, nextAttemptAt: 540 });
    expect(nextWakeAt(policyOf({ backoff: 500 }), moved, long)).toBe(520);
  });
});

describe('a cooldown is woken from when it is over', () => {
  const policy = policyOf({ cooldown: 100, startTimeout: 15 });
  const cooling = statusOf({ attempts: 3, lastAttemptAt: 20, nextAttemptAt: 125, ...blocked });

  test.each([
    ['stopped', stopped()],
    ['unhealthy', unhealthy],
    ['initializing', running({ state: 'initializing' })],
  ])('for an instance that is %s', (_, instance) => {
    expect(nextWakeAt(policy, cooling, instance)).toBe(125);
  });

  test('not where a rule leaves it stopped', () => {
    expect(nextWakeAt(policyOf({ ...policy, rules: [{ action: 'stop' }] }), cooling, stopped())).toBeNull();
  });

  test('after the start time-out, where that is later', () => {
    expect(nextWakeAt(policy, cooling, running({ state: 'initializing', startedAt: 120 }))).toBe(135);
  });
});

describe('a start is woken for when its time is up', () => {
  const policy = policyOf({ startTimeout: 15 });
  const starting = running({ state: 'initializing', startedAt: 40 });

  test('counted from its beginning, or from the last attempt where that is later or nothing else is known', () => {
    expect(nextWakeAt(policy, initialStatus, starting)).toBe(55);
    expect(nextWakeAt(policy, statusOf({ attempts: 1, lastAttemptAt: 60 }), starting)).toBe(75);
    expect(nextWakeAt(policy, once, { ...starting, startedAt: null })).toBe(35);
    expect(nextWakeAt(policy, initialStatus, { ...starting, startedAt: null })).toBeNull();
    expect(nextWakeAt(policyOf({ startTimeout: 14.5 }), initialStatus, starting)).toBe(55);
  });

  test('not where it is blocked for good', () => {
    expect(nextWakeAt(policy, statusOf({ attempts: 3, lastAttemptAt: 20, ...blocked }), starting)).toBeNull();
  });

  test('where its time was up before, when the wait is over', () => {
    const pending = statusOf({ attempts: 1, lastAttemptAt: 50, nextAttemptAt: 70, lastReason: 'start_timeout' });
    expect(nextWakeAt(policy, pending, starting)).toBe(70);
    expect(nextWakeAt(policy, { ...pending, nextAttemptAt: 60 }, starting)).toBe(65);
  });

  test('where something else is waited for, in its own time', () => {
    const pending = statusOf({ attempts: 1, lastAttemptAt: 20, nextAttemptAt: 70 });
    expect(nextWakeAt(policy, pending, starting)).toBe(55);
    expect(nextWakeAt(policy, { ...pending, ...health }, starting)).toBe(55);
    // A wait that is moved to its full length first.
    expect(
      nextWakeAt(policyOf({ startTimeout: 15, backoff: 90 }), { ...pending, lastReason: 'start_timeout' }, starting),
    ).toBe(55);
  });

  test('where a limit was reached and nobody said so yet, in its own time, for then it is said', () => {
    const resumed = statusOf({ attempts: 3, lastAttemptAt: 20, nextAttemptAt: 70, lastReason: 'start_timeout' });
    expect(nextWakeAt(policy, resumed, starting)).toBe(55);
    const within = policyOf({ startTimeout: 15, limitInterval: 50 });
    const three = { ...resumed, recentAttempts: [20, 21, 22] };
    expect(nextWakeAt(within, three, starting)).toBe(70);
    expect(nextWakeAt(within, { ...three, nextAttemptAt: 69 }, starting)).toBe(55);
  });
});

describe('a run is woken for when it turns out stable', () => {
  test.each([
    ['without health checks', running({ startedAt: 25 })],
    ['healthy', running({ startedAt: 25, health: 'healthy' })],
  ])('%s', (_, instance) => {
    expect(nextWakeAt(always, once, instance)).toBe(125);
  });

  test('counted from the last attempt where the run seems to be older', () => {
    expect(nextWakeAt(always, once, healthy)).toBe(120);
  });

  test('also when its window is blocked', () => {
    expect(nextWakeAt(always, statusOf({ attempts: 3, lastAttemptAt: 20, ...blocked }), healthy)).toBe(120);
  });

  test('never before whole milliseconds allow it', () => {
    expect(nextWakeAt(policyOf({ stableAfter: 99.5 }), once, healthy)).toBe(120);
  });

  test('not where there is no window to end', () => {
    expect(nextWakeAt(always, initialStatus, healthy)).toBeNull();
    expect(nextWakeAt(always, statusOf({ lastAttemptAt: 20 }), healthy)).toBeNull();
  });

  test('not where its beginning is not known', () => {
    expect(nextWakeAt(always, once, running({ startedAt: null, health: 'healthy' }))).toBeNull();
  });

  test('not after a health restart without a healthy verdict', () => {
    const restarted = statusOf({ attempts: 1, lastAttemptAt: 20, ...health });
    expect(nextWakeAt(always, restarted, running())).toBeNull();
    expect(nextWakeAt(always, restarted, healthy)).toBe(120);
  });
});
