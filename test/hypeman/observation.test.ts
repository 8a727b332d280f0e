import { describe, expect, test } from 'vitest';
import { type HypemanState, observedHealth, observedState, toObservation } from '../../src/hypeman.js';
import { decide, type InstanceState, initialStatus, observed, restartPolicy } from '../../src/index.js';
import { right } from '../support/either.js';

const meanings: Readonly<Record<HypemanState, InstanceState>> = {
  Created: 'initializing',
  Initializing: 'initializing',
  Running: 'running',
  Paused: 'other',
  Shutdown: 'other',
  Stopped: 'stopped',
  Standby: 'other',
  Unknown: 'other',
};

const always = right(restartPolicy({ mode: 'always' }));

describe('an instance of hypeman', () => {
  test.each(Object.entries(meanings))('that is %s is %s', (state, meaning) => {
    expect(observedState(state)).toBe(meaning);
  });

  test.each(['', 'stopped', 'RUNNING', 'Hibernated', 'constructor', '__proto__'])(
    'in a state that is not hypeman’s (%j) is left alone',
    (state) => {
      expect(observedState(state)).toBe('other');
    },
  );

  test.each(Object.keys(meanings) as ReadonlyArray<HypemanState>)(
    'is started by a policy only from Stopped, as hypeman’s own starts it (%s)',
    (state) => {
      const seen = toObservation({ state, startedAt: 1_000, stoppedAt: 2_000, exitCode: 1, health: 'disabled' });
      const { actions } = decide(always, initialStatus, observed(seen), 10_000);
      expect(actions).toHaveLength(state === 'Stopped' ? 1 : 0);
    },
  );

  test('that was forked or created, and never ran, is not started', () => {
    const seen = toObservation({
      state: 'Stopped',
      startedAt: null,
      stoppedAt: null,
      exitCode: null,
      health: 'unknown',
    });
    expect(decide(always, initialStatus, observed(seen), 10_000).reason).toBe('never_started');
  });

  test.each([
    ['healthy', 'healthy'],
    ['unhealthy', 'unhealthy'],
    ['unknown', 'unknown'],
    ['disabled', 'unknown'],
    ['starting', 'unknown'],
    ['a word of a later version', 'unknown'],
  ])('whose health is %s is %s', (health, meaning) => {
    expect(observedHealth(health)).toBe(meaning);
  });

  const ended = { state: 'Stopped', startedAt: 5_000, stoppedAt: 9_000, exitCode: 0, health: 'disabled' } as const;

  test.each([
    ['that was stopped', ended, { stoppedAt: 9_000, exitCode: 0 }],
    ['that was stopped in the millisecond it started', { ...ended, stoppedAt: 5_000 }, { stoppedAt: 5_000 }],
    [
      'whose last dated end is that of an earlier run',
      { ...ended, stoppedAt: 4_999 },
      { stoppedAt: null, exitCode: 0 },
    ],
    ['that never ran, yet was stopped', { ...ended, startedAt: null }, { startedAt: null, stoppedAt: null }],
    ['that runs again', { ...ended, state: 'Running' as const }, { startedAt: 5_000, stoppedAt: null, exitCode: null }],
    ['that starts again', { ...ended, state: 'Created' as const }, { stoppedAt: null, exitCode: null }],
    ['on standby', { ...ended, state: 'Standby' as const }, { state: 'other', stoppedAt: 9_000 }],
  ])('%s: times and exit code are of its last run', (_, view, expected) => {
    expect(toObservation(view)).toMatchObject(expected);
  });
});
