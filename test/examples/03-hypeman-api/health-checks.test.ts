import type { Hypeman } from '@onkernel/hypeman';
import { type Either, right as rightOf } from 'fp-ts/lib/Either.js';
import type { InstanceObservation } from 'restart-policy';
import type { HealthReport } from 'restart-policy/controller';
import { createVirtualClock, type VirtualClock } from 'restart-policy/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { type HealthCheck, readHealthCheck, writeHealthCheck } from '../../../examples/03-hypeman-api/health/check.js';
import { createHealthChecks, type HealthChecks } from '../../../examples/03-hypeman-api/health/checks.js';
import { addResult, openWindow, type ProbeResult } from '../../../examples/03-hypeman-api/health/window.js';
import { left, right } from '../../support/either.js';
import { observationWith } from '../../support/values.js';

const checkWith = (fields: Partial<HealthCheck> = {}): HealthCheck => {
  const check = right(readHealthCheck({ tcp: { port: 80 } }));
  if (check === null) throw new Error('no check');
  return { ...check, ...fields };
};
const passed: ProbeResult = { _tag: 'Passed' };
const failed: ProbeResult = { _tag: 'Failed', error: 'connection refused' };

describe('a health check', () => {
  test("has hypeman's defaults", () => {
    expect(checkWith()).toEqual({
      probe: { _tag: 'Tcp', port: 80 },
      interval: 10_000,
      timeout: 2_000,
      startPeriod: 30_000,
      failureThreshold: 3,
      successThreshold: 1,
    });
    expect(right(readHealthCheck({ http: { port: 80 } }))?.probe).toEqual({
      _tag: 'Http',
      scheme: 'http',
      port: 80,
      path: '/',
      expectedStatus: 200,
    });
  });

  test.each([[undefined], [null], [{}], [{ type: 'none' }], [{ type: 'none', tcp: { port: 80 } }]] as const)(
    'that reads %j is none',
    (body) => {
      expect(right(readHealthCheck(body))).toBeNull();
    },
  );

  const refused: ReadonlyArray<readonly [Hypeman.HealthCheck, string]> = [
    [{ type: 'tcp' }, 'health_check.tcp is required when type is tcp'],
    [{ type: 'tcp', http: { port: 80 } }, 'health_check.tcp is required when type is tcp'],
    [{ tcp: { port: 80 }, exec: { command: ['true'] } }, 'health_check must have exactly one of http, tcp and exec'],
    [{ tcp: { port: 80 }, interval: '0s' }, 'health_check.interval must be positive'],
    [{ tcp: { port: 80 }, timeout: '-1s' }, 'health_check.timeout must be positive'],
    [{ tcp: { port: 80 }, start_period: '-1s' }, 'health_check.start_period must not be negative'],
    [{ tcp: { port: 80 }, timeout: '11s' }, 'health_check.timeout must not be longer than health_check.interval'],
  ];
  test.each(refused)('that reads %j is refused', (body, message) => {
    expect(left(readHealthCheck(body))).toBe(message);
  });

  test('is shown as it was asked for, with its defaults', () => {
    const exec = { command: ['test', '-e', 'well'], working_dir: '/tmp' };
    const shown = writeHealthCheck(right(readHealthCheck({ exec, start_period: '0s', interval: '1m' })) ?? checkWith());
    expect(shown).toEqual({
      type: 'exec',
      exec,
      interval: '1m0s',
      timeout: '2s',
      start_period: '0s',
      failure_threshold: 3,
      success_threshold: 1,
    });
    expect(right(readHealthCheck(shown))).toEqual(right(readHealthCheck({ exec, start_period: '0s', interval: '1m' })));
  });
});

describe('the probes of a run', () => {
  const startedAt = 1_000;

  test('make it healthy after as many successes in a row as the check asks for', () => {
    const check = checkWith({ successThreshold: 2 });
    const once = addResult(check, openWindow(startedAt), 1_001, passed);
    expect(once.verdict).toBe('starting');
    expect(addResult(check, addResult(check, once, 1_002, failed), 1_003, passed).verdict).toBe('starting');
    expect(addResult(check, once, 1_002, passed).verdict).toBe('healthy');
  });

  test('may fail in the start period as often as they like, and are counted from its end on', () => {
    const check = checkWith({ startPeriod: 100, failureThreshold: 2 });
    let window = openWindow(startedAt);
    for (const at of [1_000, 1_050, 1_099]) window = addResult(check, window, at, failed);
    expect(window).toMatchObject({ verdict: 'starting', consecutiveFailures: 0, lastFailureAt: 1_099 });
    window = addResult(check, window, 1_100, failed);
    expect(window).toMatchObject({ verdict: 'starting', consecutiveFailures: 1, lastError: 'connection refused' });
    expect(addResult(check, window, 1_101, failed).verdict).toBe('unhealthy');
  });

  test('leave a verdict as it is until enough of them say otherwise', () => {
    const check = checkWith({ startPeriod: 0, failureThreshold: 2, successThreshold: 2 });
    let window = openWindow(startedAt);
    const verdicts = [failed, failed, passed, failed, passed, passed, passed, passed, failed, passed].map((result) => {
      window = addResult(check, window, 2_000, result);
      return window.verdict;
    });
    expect(verdicts).toEqual([
      'starting',
      'unhealthy',
      'unhealthy',
      'unhealthy',
      'unhealthy',
      'healthy',
      'healthy',
      'healthy',
      'healthy',
      'healthy',
    ]);
  });

  test('make it unhealthy when half of the last ones failed, though none failed as often in a row', () => {
    const check = checkWith({ startPeriod: 0, failureThreshold: 3 });
    const verdictsOf = (results: ReadonlyArray<ProbeResult>) => {
      let window = openWindow(startedAt);
      return results.map((result) => {
        window = addResult(check, window, 2_000, result);
        return window.verdict;
      });
    };
    const flapping = Array.from({ length: 16 }, (_, n) => (n % 2 === 0 ? passed : failed));
    expect(verdictsOf(flapping).slice(10)).toEqual(['healthy', ...new Array(5).fill('unhealthy')]);
    // One third of them is not half.
    const sometimes = Array.from({ length: 60 }, (_, n) => (n % 3 === 0 ? failed : passed));
    expect(
      verdictsOf(sometimes)
        .slice(1)
        .every((verdict) => verdict === 'healthy'),
    ).toBe(true);
    // It is well again when less than half of the last ones failed, and not at the first success.
    const recovering = verdictsOf([...flapping, passed, passed, passed, passed]);
    expect(recovering.slice(16)).toEqual(['unhealthy', 'healthy', 'healthy', 'healthy']);
  });

  test('of the start period are not among the last ones', () => {
    const check = checkWith({ startPeriod: 1_000, failureThreshold: 1 });
    let window = openWindow(startedAt);
    for (let n = 0; n < 10; n++) window = addResult(check, window, startedAt + n, failed);
    window = addResult(check, window, startedAt + 1_000, passed);
    expect(window).toMatchObject({ verdict: 'healthy', recent: ['Passed'] });
  });

  test('keep no more of an error than a response has room for', () => {
    const error = 'x'.repeat(5_000);
    expect(addResult(checkWith(), openWindow(0), 1, { _tag: 'Failed', error }).lastError).toHaveLength(512);
  });
});

describe('health checks', () => {
  let clock: VirtualClock;
  let check: HealthCheck | null;
  let instance: InstanceObservation;
  /** What a probe answers; null: nothing, until it is broken off. */
  let answer: ProbeResult | null;
  let probes: Array<number>;
  let reports: Array<HealthReport>;
  let verdicts: Array<string>;
  let faults: Array<unknown>;
  let inspected: Either<{ _tag: 'Failed'; message: string; cause: unknown }, InstanceObservation> | null;
  let checks: HealthChecks;

  const run = (startedAt: number): InstanceObservation => observationWith({ state: 'running', startedAt });

  beforeEach(() => {
    clock = createVirtualClock(0);
    check = checkWith({ startPeriod: 0 });
    instance = run(0);
    answer = passed;
    probes = [];
    reports = [];
    verdicts = [];
    faults = [];
    inspected = null;
    checks = createHealthChecks({
      clock,
      inspect: () => async () => inspected ?? rightOf(instance),
      checkOf: () => check,
      probe: (_id, _check, signal) => {
        probes.push(clock.now());
        const given = answer;
        if (given !== null) return Promise.resolve(given);
        return new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve({ _tag: 'Failed', error: 'aborted' }));
        });
      },
      report: async (_id, report) => reports.push(report),
      onVerdict: (_id, verdict) => verdicts.push(verdict),
      onFault: (_id, error) => faults.push(error),
    });
  });

  test('probe a run at once and then at every interval, and report each verdict again', async () => {
    checks.reconcile('web-1');
    await clock.advance(25_000);
    expect(probes).toEqual([0, 10_000, 20_000]);
    expect(reports).toEqual([0, 0, 0].map((startedAt) => ({ startedAt, health: 'healthy' })));
    expect(verdicts).toEqual(['healthy']);
    expect(checks.windowOf('web-1')).toMatchObject({ verdict: 'healthy', lastSuccessAt: 20_000 });
  });

  test('say nothing of a run that has no verdict yet', async () => {
    answer = failed;
    checks.reconcile('web-1');
    await clock.advance(10_000);
    expect(reports).toEqual([]);
    await clock.advance(10_000);
    expect(reports).toEqual([{ startedAt: 0, health: 'unhealthy' }]);
    expect(verdicts).toEqual(['unhealthy']);
  });

  test('give a probe no longer than its timeout, and wait a whole interval after it', async () => {
    answer = null;
    checks.reconcile('web-1');
    await clock.advance(1_999);
    expect(checks.windowOf('web-1')?.lastCheckedAt).toBeNull();
    await clock.advance(1);
    expect(checks.windowOf('web-1')).toMatchObject({ lastError: 'no answer within 2s', lastFailureAt: 2_000 });
    await clock.advance(10_000);
    expect(probes).toEqual([0, 12_000]);
  });

  test('do not probe more often because somebody looks more often', async () => {
    for (let looks = 0; looks < 5; looks++) checks.reconcile('web-1');
    await clock.advance(5_000);
    checks.reconcile('web-1');
    await clock.advance(4_999);
    expect(probes).toEqual([0]);
  });

  test('begin anew with a new run, of which nothing is known', async () => {
    checks.reconcile('web-1');
    await clock.advance(3_000);
    instance = { ...instance, state: 'stopped', stoppedAt: 3_000, exitCode: 1 };
    checks.reconcile('web-1');
    await clock.advance(60_000);
    expect(probes).toEqual([0]);
    expect(checks.windowOf('web-1')).toBeNull();

    answer = failed;
    instance = run(63_000);
    checks.reconcile('web-1');
    await clock.settle();
    expect(probes).toEqual([0, 63_000]);
    expect(checks.windowOf('web-1')).toMatchObject({ startedAt: 63_000, verdict: 'starting' });
  });

  test('drop what a probe says of a run that ended meanwhile', async () => {
    answer = null;
    checks.reconcile('web-1');
    await clock.advance(1_000);
    instance = run(1_000);
    checks.reconcile('web-1');
    answer = passed;
    await clock.advance(1_000);
    expect(probes).toEqual([0, 2_000]);
    expect(reports).toEqual([{ startedAt: 1_000, health: 'healthy' }]);
  });

  test.each([['is taken away'], ['is replaced']])('take a verdict back when the check %s', async (change) => {
    answer = failed;
    check = checkWith({ startPeriod: 0, failureThreshold: 1 });
    checks.reconcile('web-1');
    await clock.settle();
    check = change === 'is replaced' ? checkWith({ startPeriod: 0, failureThreshold: 2 }) : null;
    checks.reconcile('web-1');
    await clock.settle();
    expect(reports).toEqual([
      { startedAt: 0, health: 'unhealthy' },
      { startedAt: 0, health: 'unknown' },
    ]);
    await clock.advance(10_000);
    expect(probes).toEqual(change === 'is replaced' ? [0, 0, 10_000] : [0]);
  });

  test('go on at their interval when the clock is set back', async () => {
    clock.jump(3_600_000);
    instance = run(3_600_000);
    checks.reconcile('web-1');
    await clock.settle();
    clock.jump(0);
    await clock.advance(25_000);
    expect(probes).toEqual([3_600_000, 10_000, 20_000]);
  });

  test('tell when they cannot look, and look again when they are told to', async () => {
    inspected = { _tag: 'Left', left: { _tag: 'Failed', message: 'no answer', cause: null } };
    checks.reconcile('web-1');
    await clock.settle();
    expect(faults).toEqual([new Error('no answer')]);
    inspected = null;
    checks.reconcile('web-1');
    await clock.settle();
    expect(verdicts).toEqual(['healthy']);
  });

  test('are over when they are closed: a probe is broken off, and nothing comes after', async () => {
    checks.reconcile('web-1');
    await clock.settle();
    answer = null;
    await clock.advance(10_500);
    await checks.close();
    checks.reconcile('web-1');
    await clock.advance(60_000);
    expect(probes).toEqual([0, 10_000]);
    expect(reports).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});
