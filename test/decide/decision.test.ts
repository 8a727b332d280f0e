/** What every decision has in common: nothing changed is seen by identity, and every reason can be said in words. */
import { describe, expect, test } from 'vitest';
import { attemptFailed, manuallyStopped, observed, type RestartEvent, supervisionPaused } from '../../src/event.js';
import { explainReason, type RestartReason } from '../../src/reason.js';
import { initialStatus, type RestartStatus, stoppedByPerson } from '../../src/status.js';
import { expectUnchanged, observe, policyOf, running, statusOf, stopped } from '../support/fixtures.js';
import { decide, nextWakeAt } from '../support/subject.js';

const always = policyOf();

// A Record, not an array: a reason that is added without a line here does not compile.
const words: Readonly<Record<RestartReason, RegExp>> = {
  manual_stop: /a person stopped it, .* until a person starts it/,
  policy_never: /never/,
  stable: /stable/,
  recovered: /recovered/,
  initializing: /initializing/,
  running: /running/,
  not_actionable: /not acted on/,
  never_started: /^it stays stopped until a person starts it/,
  clean_exit: /exited cleanly, .* failures/,
  stopped_by_rule: /a rule of its policy/,
  max_attempts_exceeded: /used up its attempts$/,
  cooling_down: /used up its attempts: .* cooldown/,
  waiting_for_backoff: /backoff/,
  restart_after_exit: /exited, .* restarts/,
  restart_after_unhealthy: /unhealthy, .* restarts/,
  restart_after_start_timeout: /in time, .* restarts/,
  manual_stop_recorded: /^a person stopped it$/,
  delete_requested: /deleted/,
  manual_start: /a person started it: a new/,
  paused: /paused its supervision, until it is resumed/,
  pause_recorded: /^a person paused its supervision$/,
  resumed: /resumed/,
  not_paused: /not paused/,
  policy_updated: /policy changed: a new/,
  reset: /forked or restored/,
  stale: /earlier attempt/,
  attempt_failed: /attempt failed/,
};

describe('a reason in words', () => {
  test.each(Object.entries(words))('%s says what it means to a person', (reason, meaning) => {
    const text = explainReason(reason as RestartReason);
    expect(text).toMatch(meaning);
    expect(text, 'a clause after "instance web-1: "').toMatch(/^[a-z][^.]*[a-z]$/);
  });

  test('no two reasons say the same', () => {
    const texts = Object.keys(words).map((reason) => explainReason(reason as RestartReason));
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts).toHaveLength(27);
  });
});

describe('a decision without action', () => {
  const quietOnes: ReadonlyArray<readonly [RestartStatus, RestartEvent]> = [
    [stoppedByPerson, observed(stopped())],
    [initialStatus, observed(running())],
    [statusOf({ attempts: 1, lastAttemptAt: 45 }), observed(stopped())],
    [initialStatus, manuallyStopped],
    [initialStatus, attemptFailed(1)],
  ];

  test('shares one empty list of actions, so that the quiet path allocates little', () => {
    const lists = quietOnes.map(([status, event]) => decide(always, status, event, 50).actions);
    expect(lists[0]).toEqual([]);
    expect(new Set(lists).size).toBe(1);
  });

  test('shares a list that nobody can add to', () => {
    for (const [status, event] of quietOnes)
      expect(Object.isFrozen(decide(always, status, event, 50).actions)).toBe(true);
  });
});

describe('the statuses that are shared', () => {
  test('an empty window and a stop by a person are frozen', () => {
    expect(Object.isFrozen(initialStatus)).toBe(true);
    expect(Object.isFrozen(stoppedByPerson)).toBe(true);
    expect(initialStatus).toEqual({
      attempts: 0,
      lastAttemptAt: null,
      nextAttemptAt: null,
      blockedReason: null,
      lastReason: null,
    });
  });
});

describe('what TypeScript does not allow', () => {
  const busy = statusOf({ attempts: 1, lastAttemptAt: 20, nextAttemptAt: 30 });

  test('an event of no kind that we know changes nothing', () => {
    const unknown = { _tag: 'Rebooted' } as unknown as RestartEvent;
    expectUnchanged(decide(always, busy, unknown, 50), busy, 'not_actionable');
  });

  test('a mode of no kind that is known is like never', () => {
    const odd = policyOf({ mode: 'sometimes' as unknown as 'always' });
    for (const instance of [stopped(), running({ health: 'unhealthy' })]) {
      expectUnchanged(observe(odd, busy, instance, 50), busy, 'policy_never');
      expect(nextWakeAt(odd, busy, instance)).toBeNull();
    }
    expectUnchanged(decide(odd, busy, attemptFailed(1), 50), busy, 'policy_never');
  });

  test('an instance that is blocked for a reason that we do not know, or for none, is as one at its limit', () => {
    for (const blockedReason of ['quarantined', undefined]) {
      const odd = statusOf({ attempts: 1, lastAttemptAt: 20, blockedReason: blockedReason as 'paused' });
      expectUnchanged(observe(always, odd, stopped(), 50), odd, 'max_attempts_exceeded');
      expectUnchanged(decide(always, odd, attemptFailed(1), 50), odd, 'max_attempts_exceeded');
      expect(nextWakeAt(always, odd, stopped())).toBeNull();
      expect(decide(always, odd, supervisionPaused, 50).reason).toBe('pause_recorded');
    }
  });

  test('a state that we do not know is never acted on, nor woken for', () => {
    const odd = stopped({ state: 'crashed' as unknown as 'stopped' });
    expectUnchanged(observe(always, busy, odd, 50), busy, 'not_actionable');
    expect(nextWakeAt(always, busy, odd)).toBeNull();
  });
});
