/** What the page makes of instances, without a browser: their conditions, their order, and their times. */
import { describe, expect, test } from 'vitest';
import type { OverviewInstance } from '../../../../examples/03-hypeman-api/overview.js';
import {
  attemptsText,
  type Condition,
  conditionOf,
  conditions,
  stateText,
  whyOf,
} from '../../../../examples/03-hypeman-api/page/condition.js';
import { countsOf, inOrderOf, listed, type Order } from '../../../../examples/03-hypeman-api/page/order.js';
import {
  commandText,
  countdown,
  sentence,
  span,
  timeText,
  withTimes,
} from '../../../../examples/03-hypeman-api/page/words.js';
import { fleetOf, instanceWith, statusWith } from './shown.js';

const of = (condition: string, part: Partial<OverviewInstance>) => [condition, instanceWith(part)] as const;
const stopped = { state: 'Stopped', exitCode: 1 } as const;
const limit = { attempts: 3, blockedReason: 'max_attempts_exceeded' } as const;

describe('an instance', () => {
  test.each([
    of('running', {}),
    of('running', { recentAttempts: 12 }),
    of('blocked', { ...stopped, status: statusWith(limit) }),
    of('cooling', { ...stopped, status: statusWith({ ...limit, nextAttemptAt: 1 }) }),
    of('flapping', { status: statusWith({ attempts: 12 }) }),
    of('flapping', { ...stopped, recentAttempts: 3, status: statusWith({ attempts: 1, nextAttemptAt: 1 }) }),
    of('waiting', { ...stopped, recentAttempts: 1, status: statusWith({ attempts: 1, nextAttemptAt: 1 }) }),
    of('unhealthy', { health: 'unhealthy' }),
    of('starting', { state: 'Initializing' }),
    of('paused', { status: statusWith({ blockedReason: 'paused' }) }),
    of('ended', { ...stopped, exitCode: 0 }),
    of('stopped', { ...stopped, status: statusWith({ blockedReason: 'manual_stop' }) }),
    of('stopping', { status: statusWith({ blockedReason: 'manual_stop' }) }),
    of('stopping', { state: 'Initializing', status: statusWith({ blockedReason: 'manual_stop' }) }),
    of('unknown', { state: 'Unknown', status: statusWith({ blockedReason: 'manual_stop' }) }),
    of('failed', { ...stopped, reason: 'policy_never' }),
    of('failed', { ...stopped, exitCode: null, reason: 'stopped_by_rule' }),
    of('ended', { ...stopped, exitCode: 0, reason: 'policy_never' }),
    of('ended', { state: 'Stopped', startedAt: null, reason: 'policy_never' }),
    of('unknown', { state: 'Unknown' }),
    of('unknown', { status: null, policy: null }),
  ])('is %s', (condition, instance) => {
    expect(conditionOf(instance)).toBe(condition);
  });

  test('says why it is as it is, and that it runs just now is no reason to say that all is well', () => {
    const flapping = { recentAttempts: 12, status: statusWith({ attempts: 4 }) };
    expect(whyOf(instanceWith(flapping))).toBe('12 attempts within an hour, and not stable yet.');
    expect(whyOf(instanceWith({ ...flapping, ...stopped, reason: 'waiting_for_backoff' }))).toBe(
      '12 attempts within an hour. The next attempt waits for the backoff. Exit code 1.',
    );
    expect(whyOf(instanceWith({ stateError: 'the hypervisor did not answer' }))).toBe('The hypervisor did not answer.');
    expect(whyOf(instanceWith({ reason: null }))).toBe('Nothing was decided since the server started.');
    expect(whyOf(instanceWith())).toBe('It is running.');
    const stopping = instanceWith({
      status: statusWith({ blockedReason: 'manual_stop' }),
      fault: { at: 0, text: 'stop failed: not allowed to end process 7' },
    });
    expect(whyOf({ ...stopping, fault: null })).toBe('A person stopped it, and it still runs.');
    expect(whyOf(stopping)).toBe('A person stopped it, and it still runs. Stop failed: not allowed to end process 7.');
    const paused = { reason: 'paused', status: statusWith({ blockedReason: 'paused' }) } as const;
    expect(whyOf(instanceWith({ ...paused, ...stopped }))).toMatch(/\. It does not run\. Exit code 1\.$/);
    expect(whyOf(instanceWith(paused))).not.toContain('It does not run');
    expect(stateText(instanceWith(stopped))).toBe('Stopped, exit code 1');
    expect(attemptsText(instanceWith({ status: statusWith({ attempts: 1 }) }))).toBe('1 of 3 attempts');
    expect(attemptsText(instanceWith())).toBe('');
  });
});

describe('a fleet', () => {
  const fleet = fleetOf(500, 1_000_000);
  const all = { condition: null, text: '', order: 'need' } as const;

  test('shows what needs a person before the rest, and equals by their names', () => {
    const places = listed(fleet, all).map((instance) => conditions.indexOf(conditionOf(instance)));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(conditionOf(listed(fleet, all)[0] ?? instanceWith())).toBe('blocked');
    const names = listed(
      ['web-10', 'web-2', 'web-1'].map((name) => instanceWith({ name })),
      all,
    ).map(({ name }) => name);
    expect(names).toEqual(['web-1', 'web-2', 'web-10']);
  });

  test('is counted by condition, each instance once, and filtered by it', () => {
    const counts = countsOf(fleet);
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(500);
    for (const [condition, count] of counts) {
      const those = listed(fleet, { ...all, condition });
      expect(those).toHaveLength(count);
      expect(those.every((instance) => conditionOf(instance) === condition)).toBe(true);
    }
    expect(counts.get('flapping' satisfies Condition)).toBeGreaterThan(0);
  });

  test('is searched by name, command and id, whatever the case', () => {
    const found = (text: string) => listed(fleet, { ...all, text }).map(({ name }) => name);
    expect(found(' API-7 ')).toEqual(['api-7']);
    expect(found('--shard 499 ')).toEqual(['ingest-63']);
    expect(found('id-mail-3').sort()).toContain('mail-3');
    expect(found('nothing like it')).toEqual([]);
  });

  test.each<[Order, (instance: OverviewInstance) => number | string]>([
    ['attempts', ({ recentAttempts }) => -recentAttempts],
    ['next', ({ status }) => status?.nextAttemptAt ?? Number.MAX_SAFE_INTEGER],
    ['newest', ({ createdAt }) => -createdAt],
  ])('is sorted by %s', (order, key) => {
    const keys = listed(fleet, { ...all, order }).map(key);
    expect(keys).toEqual([...keys].sort((a, b) => Number(a) - Number(b)));
  });

  test('keeps its order while somebody is about to press a row: what is new comes last, what is gone goes', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => instanceWith({ name })) as [
      OverviewInstance,
      OverviewInstance,
      OverviewInstance,
    ];
    const ill = { ...b, health: 'unhealthy' as const };
    expect(inOrderOf([c, a], [a, ill, c])).toEqual([c, a, ill]);
    expect(inOrderOf([c, b, a], [ill, c])).toEqual([c, ill]);
  });
});

describe('what people read', () => {
  test('are spans by their two greatest parts, and a countdown that is not over before it is', () => {
    expect(span(90_061_000)).toBe('1 d 1 h');
    expect(span(62_000)).toBe('1 min 2 s');
    expect(span(340)).toBe('340 ms');
    expect(countdown(1)).toBe('1 s');
    expect(countdown(59_001)).toBe('1 min');
    expect(countdown(0)).toBe('now');
  });

  test('are times with their date and their zone', () => {
    expect(timeText(0)).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (UTC|GMT|[A-Z]{3,4}|GMT[+-]\d+(:\d+)?)$/);
  });

  test('are times within what the library says, in the same form', () => {
    expect(withTimes('it is unhealthy; an attempt is due at 1970-01-01T00:00:00.197Z')).toBe(
      `it is unhealthy; an attempt is due at ${timeText(0)}`,
    );
    expect(withTimes('a person stopped it')).toBe('a person stopped it');
  });

  test('are commands as somebody has typed them, and sentences', () => {
    expect(commandText(['/bin/sh', '-c', 'exit 7'])).toBe('exit 7');
    expect(commandText(['sleep', '60'])).toBe('sleep 60');
    expect(sentence('it ended')).toBe('It ended.');
  });
});
