/**
 * What a history is told by a controller.
 */
import { describe, expect, test } from 'vitest';
import type { DecisionRecord } from '../../src/controller.js';
import { type HistoryEntry, recordHistory } from '../../src/history.js';
import { type InstanceObservation, initialStatus, stoppedByPerson } from '../../src/index.js';
import { left, right } from '../support/either.js';
import { always, exited, midnight, never, onFailure } from '../support/host.js';
import { observationWith, policyWith } from '../support/values.js';
import { createToldHost, inBrief } from './told.js';

const tagsOf = (entries: ReadonlyArray<HistoryEntry>) => entries.map(({ _tag }) => _tag);

describe('an end of a run', () => {
  test('is told with its code, its cause and its length, under a policy of never too', async () => {
    const host = createToldHost();
    const controller = await host.beginTold();
    right(await controller.updatePolicy('web', never)());
    right(await controller.manualStart('web')());
    await host.clock.advance(1_500);
    host.hypervisor.exit('web', 7);
    await host.clock.settle();
    const [policy, start, ended, ...more] = inBrief(await host.told('web'));
    expect([policy, start]).toMatchObject([{ command: 'policy' }, { command: 'start' }]);
    expect(ended).toEqual({
      _tag: 'RunEnded',
      at: midnight + 1_500,
      startedAt: midnight,
      stoppedAt: midnight + 1_500,
      lasted: 1_500,
      exitCode: 7,
      cause: 'exit',
      by: 'itself',
      reason: 'policy_never',
    });
    expect(more).toEqual([]);
  });

  test('is told once, however often it is looked at, and again by no other controller', async () => {
    const host = createToldHost();
    await host.seed('web', never);
    host.hypervisor.set('web', exited(1));
    const controller = await host.beginTold();
    right(await controller.reconcile('web')());
    await host.clock.advance(3_600_000);
    await controller.close()();
    await host.beginTold();
    expect(tagsOf(await host.told('web'))).toEqual(['RunEnded']);
  });

  test('of each run of a crash loop is told, and each attempt', async () => {
    const host = createToldHost();
    await host.seed('web', policyWith({ mode: 'on_failure', backoff: 5_000, maxAttempts: 2 }));
    host.hypervisor.nextStart('web', { exits: { afterMs: 100, exitCode: 3 } }, 5);
    const controller = await host.beginTold();
    right(await controller.manualStart('web')());
    await host.clock.advance(60_000);
    expect(inBrief(await host.told('web')).map(({ at: _, ...entry }) => entry)).toMatchObject([
      { _tag: 'Command', command: 'start', reason: 'manual_start' },
      { _tag: 'RunEnded', exitCode: 3, lasted: 100, reason: 'restart_after_exit' },
      { _tag: 'Attempt', attempt: 1, action: 'Start', why: 'exit', counted: true },
      { _tag: 'RunEnded', exitCode: 3, lasted: 100, reason: 'waiting_for_backoff' },
      { _tag: 'Attempt', attempt: 2, action: 'Start', why: 'exit', counted: true },
      { _tag: 'RunEnded', exitCode: 3, lasted: 100, reason: 'max_attempts_exceeded' },
      { _tag: 'Blocked', attempts: 2, why: 'exit' },
    ]);
  });
});

describe('who ended a run', () => {
  test('is a person, where it ended by their stop', async () => {
    const host = createToldHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight - 1_000 });
    const controller = await host.beginTold();
    right(await controller.manualStop('web')());
    await host.clock.settle();
    expect(inBrief(await host.told('web'))).toMatchObject([
      { _tag: 'Command', command: 'stop', reason: 'manual_stop_recorded' },
      { _tag: 'RunEnded', by: 'person', lasted: 1_000, reason: 'manual_stop' },
    ]);
  });

  test('is itself, where it had ended before the person stopped it', async () => {
    const host = createToldHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight - 1_000 });
    const controller = await host.beginTold();
    host.hypervisor.deliver({ copies: 0 });
    host.hypervisor.exit('web', 9);
    await host.clock.advance(10);
    right(await controller.manualStop('web')());
    await host.clock.settle();
    expect(inBrief(await host.told('web')).at(-1)).toMatchObject({ _tag: 'RunEnded', by: 'itself', exitCode: 9 });
  });

  test('is its policy, where it was unhealthy; its end is told when the next run is seen', async () => {
    const host = createToldHost();
    await host.seed('web', policyWith({ backoff: 5_000 }));
    host.hypervisor.set('web', { state: 'running', startedAt: midnight - 1_000 });
    const controller = await host.beginTold();
    const unhealthy = async () => {
      const { startedAt } = right(await host.hypervisor.inspect('web')());
      right(await controller.reportHealth('web', { startedAt: startedAt ?? 0, health: 'unhealthy' })());
      await host.clock.settle();
    };
    await unhealthy();
    await host.clock.advance(1_000);
    await unhealthy();
    await host.clock.advance(4_000);
    expect(inBrief(await host.told('web'))).toMatchObject([
      { _tag: 'Attempt', attempt: 1, action: 'Restart', why: 'unhealthy', at: midnight },
      { _tag: 'RunEnded', by: 'policy', startedAt: midnight - 1_000, cause: 'unknown' },
      { _tag: 'Unwell', why: 'unhealthy', at: midnight + 1_000, nextAttemptAt: midnight + 5_000 },
      { _tag: 'Attempt', attempt: 2, action: 'Restart', why: 'unhealthy', at: midnight + 5_000 },
      { _tag: 'RunEnded', by: 'policy', startedAt: midnight },
    ]);
  });

  test('nobody has seen, where a person started it before anybody looked', async () => {
    const host = createToldHost();
    await host.seed('web', never);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight - 1_000 });
    const controller = await host.beginTold();
    host.hypervisor.deliver({ copies: 0 });
    host.hypervisor.exit('web', 9);
    await host.clock.advance(50);
    right(await controller.manualStart('web')());
    await host.clock.settle();
    expect(inBrief(await host.told('web'))).toEqual([
      { _tag: 'Command', at: midnight + 50, command: 'start', reason: 'manual_start' },
      { _tag: 'RunEnded', at: midnight + 50, startedAt: midnight - 1_000, cause: 'unknown', by: 'itself' },
    ]);
  });

  test('nobody has seen, where its health came and went: it began when it began', async () => {
    const host = createToldHost();
    await host.seed('web', never);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight - 1_000 });
    const controller = await host.beginTold();
    for (const health of ['unhealthy', 'healthy'] as const) {
      await host.clock.advance(60_000);
      right(await controller.reportHealth('web', { startedAt: midnight - 1_000, health })());
    }
    await host.clock.advance(60_000);
    host.hypervisor.deliver({ copies: 0 });
    host.hypervisor.exit('web', 9);
    right(await controller.manualStart('web')());
    await host.clock.settle();
    const ends = inBrief(await host.told('web')).filter(({ _tag }) => _tag === 'RunEnded');
    expect(ends).toMatchObject([{ startedAt: midnight - 1_000, by: 'itself' }]);
  });

  test('is told once where it was ill, ended unseen, and could not be started', async () => {
    const host = createToldHost();
    await host.seed('web', never);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight - 1_000 });
    const controller = await host.beginTold();
    for (const health of ['unhealthy', 'healthy'] as const) {
      await host.clock.advance(1_000);
      right(await controller.reportHealth('web', { startedAt: midnight - 1_000, health })());
    }
    await host.clock.advance(1_000);
    host.hypervisor.deliver({ copies: 0 });
    host.hypervisor.exit('web', 9);
    host.hypervisor.nextStart('web', { outcome: 'failed' });
    expect(left(await controller.manualStart('web')())).toMatchObject({ _tag: 'Failed' });
    await host.clock.settle();
    const ends = inBrief(await host.told('web')).filter(({ _tag }) => _tag === 'RunEnded');
    expect(ends).toMatchObject([{ startedAt: midnight - 1_000, exitCode: 9, lasted: 4_000 }]);
  });

  test('does not change because the clock was set: a run that goes on, or has ended, is told no second time', async () => {
    const host = createToldHost();
    await host.seed('web', never);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight - 1_000 });
    const controller = await host.beginTold();
    // What runs is not begun again by a person's start, so that says nothing of it.
    right(await controller.manualStart('web')());
    await host.clock.settle();
    host.clock.jump(midnight + 86_400_000);
    right(await controller.reconcile('web')());
    host.hypervisor.exit('web', 0);
    await host.clock.settle();
    host.clock.jump(midnight - 86_400_000);
    right(await controller.reconcile('web')());
    host.clock.jump(midnight + 2 * 86_400_000);
    right(await controller.reconcile('web')());
    expect(inBrief(await host.told('web'))).toMatchObject([
      { _tag: 'Command', command: 'start' },
      { _tag: 'RunEnded', lasted: 1_000, exitCode: 0 },
    ]);
  });
});

describe('a failure window', () => {
  test('that a stable run ends is told, once it is over', async () => {
    const host = createToldHost();
    await host.seed('web', policyWith({ stableAfter: 60_000 }));
    host.hypervisor.set('web', exited(1));
    await host.beginTold();
    await host.clock.advance(60_000);
    expect(inBrief(await host.told('web')).slice(1)).toEqual([
      { _tag: 'Attempt', at: midnight, attempt: 1, action: 'Start', why: 'exit', counted: true },
      { _tag: 'WindowOver', at: midnight + 60_000, why: 'stable', attempts: 1 },
    ]);
  });

  test('that a stable run had ended before anybody looked is told before the attempt of the next one', async () => {
    const host = createToldHost();
    const attempts = { ...initialStatus, attempts: 2, lastAttemptAt: midnight - 700_000 };
    await host.seed('web', policyWith({ stableAfter: 600_000 }), attempts);
    host.hypervisor.set('web', observationWith({ startedAt: midnight - 690_000, stoppedAt: midnight, exitCode: 1 }));
    await host.beginTold();
    expect(inBrief(await host.told('web')).slice(1)).toMatchObject([
      { _tag: 'WindowOver', why: 'stable', attempts: 2 },
      { _tag: 'Attempt', attempt: 1, counted: true },
    ]);
  });

  test('that is blocked until its cooldown is over, is told as blocked, as over, and with the next attempt', async () => {
    const host = createToldHost();
    const policy = policyWith({ maxAttempts: 1, cooldown: 60_000 });
    await host.seed('web', policy);
    host.hypervisor.nextStart('web', { exits: { afterMs: 10, exitCode: 2 } });
    host.hypervisor.set('web', exited(2));
    await host.beginTold();
    await host.clock.advance(60_010);
    expect(inBrief(await host.told('web')).map(({ at: _, ...entry }) => entry)).toMatchObject([
      { _tag: 'RunEnded' },
      { _tag: 'Attempt', attempt: 1 },
      { _tag: 'RunEnded', reason: 'cooling_down' },
      { _tag: 'Blocked', attempts: 1, why: 'exit', until: midnight + 60_010 },
      { _tag: 'WindowOver', why: 'cooldown', attempts: 1 },
      { _tag: 'Attempt', attempt: 1, counted: true },
    ]);
  });

  test('does not count an attempt that a rule of its policy leaves uncounted, and says so', async () => {
    const host = createToldHost();
    const rules = [{ exitCodes: [75], action: 'restart_uncounted' }] as const;
    await host.seed('web', policyWith({ rules }), { ...initialStatus, attempts: 1, lastAttemptAt: midnight - 9_000 });
    host.hypervisor.set('web', exited(75));
    await host.beginTold();
    expect(inBrief(await host.told('web')).at(-1)).toMatchObject({ _tag: 'Attempt', attempt: 1, counted: false });
  });

  test('of what gets going by itself is told as recovered', async () => {
    const host = createToldHost();
    await host.seed('web', policyWith({ backoffFrom: 'exit', backoff: 60_000 }));
    host.hypervisor.set('web', exited(1));
    await host.beginTold();
    host.hypervisor.set('web', { state: 'running', startedAt: midnight });
    await host.clock.settle();
    expect(tagsOf(await host.told('web'))).toEqual(['RunEnded', 'Recovered']);
  });
});

describe('an attempt that fails', () => {
  test('is told with what failed, and when the next one is due', async () => {
    const host = createToldHost();
    await host.seed('web', policyWith({ backoff: 5_000 }));
    host.hypervisor.set('web', exited(1));
    host.hypervisor.nextStart('web', { outcome: 'failed' });
    await host.beginTold();
    const [, , failed, ...more] = inBrief(await host.told('web'));
    expect(failed).toEqual({
      _tag: 'AttemptFailed',
      at: midnight,
      attempt: 1,
      during: 'start',
      message: expect.stringMatching(/./),
      nextAttemptAt: midnight + 5_000,
    });
    expect(more).toEqual([]);
  });

  test('is told when it times out', async () => {
    const host = createToldHost();
    await host.seed('web', policyWith({ backoff: 5_000 }));
    host.hypervisor.set('web', exited(1));
    host.hypervisor.nextStart('web', { wait: { at: 'before_check', ms: null } });
    await host.beginTold({ deadlines: { start: 30_000 } });
    await host.clock.advance(30_000);
    expect(inBrief(await host.told('web'))[2]).toMatchObject({
      _tag: 'AttemptFailed',
      at: midnight + 30_000,
      during: 'start',
      message: expect.stringContaining('no answer within 30s'),
    });
  });

  test('at the limit is told, and then that it is blocked', async () => {
    const host = createToldHost();
    await host.seed('web', policyWith({ maxAttempts: 1 }));
    host.hypervisor.set('web', exited(1));
    host.hypervisor.nextStart('web', { outcome: 'failed' });
    await host.beginTold();
    expect(inBrief(await host.told('web')).slice(2)).toMatchObject([
      { _tag: 'AttemptFailed', attempt: 1 },
      { _tag: 'Blocked', attempts: 1 },
    ]);
  });

  test('at a limit with a cooldown promises no attempt before that is over', async () => {
    const host = createToldHost();
    await host.seed('web', policyWith({ maxAttempts: 1, cooldown: 60_000 }));
    host.hypervisor.set('web', exited(1));
    host.hypervisor.nextStart('web', { outcome: 'failed' });
    await host.beginTold();
    const [, , failed, blocked] = await host.told('web');
    expect(failed).toMatchObject({ _tag: 'AttemptFailed', nextAttemptAt: null });
    expect(blocked).toMatchObject({ _tag: 'Blocked', until: midnight + 60_000 });
  });

  test('after the stop of a run that had lasted ends no failure window', async () => {
    const host = createToldHost();
    const counted = { ...initialStatus, attempts: 2, lastAttemptAt: midnight - 7_200_000 };
    await host.seed('web', policyWith({ backoff: 5_000, stableAfter: 600_000 }), counted);
    const startedAt = midnight - 3_600_000;
    host.hypervisor.set('web', { state: 'running', startedAt, health: 'unhealthy' });
    host.hypervisor.nextStart('web', { outcome: 'failed' });
    await host.beginTold();
    await host.clock.advance(5_000);
    expect(tagsOf(await host.told('web'))).toEqual(['Attempt', 'AttemptFailed', 'RunEnded', 'Attempt']);
  });

  test('for a long reason is told with its beginning', async () => {
    const entries: Array<HistoryEntry> = [];
    const { onDecision, onFault } = recordHistory({ add: (more) => entries.push(...more) });
    const error = { _tag: 'Failed', message: `${'x'.repeat(298)}😀${'y'.repeat(9_999)}`, cause: null } as const;
    onFault({ _tag: 'Fault', id: 'web', during: 'stop', error });
    onDecision(decided({ _tag: 'AttemptFailed', attempt: 1 }, { reason: 'attempt_failed' }));
    expect(entries).toMatchObject([{ during: 'stop', message: `${'x'.repeat(298)}😀…` }]);
  });

  test('without a fault that was told before says so', async () => {
    const entries: Array<HistoryEntry> = [];
    const { onDecision, onFault } = recordHistory({ add: (more) => entries.push(...more) });
    onFault({ _tag: 'Fault', id: 'web', during: 'start', error: { _tag: 'Failed', message: 'busy', cause: null } });
    onFault({ _tag: 'Fault', id: 'web', during: 'load', error: { _tag: 'StoreFailed', message: 'no', cause: null } });
    onFault({ _tag: 'Fault', id: null, during: 'start', error: { _tag: 'Failed', message: 'no', cause: null } });
    for (const attempt of [1, 2]) onDecision(decided({ _tag: 'AttemptFailed', attempt }, { reason: 'attempt_failed' }));
    onDecision(decided({ _tag: 'AttemptFailed', attempt: 1 }, { reason: 'stale' }));
    expect(entries).toMatchObject([
      { attempt: 1, during: 'start', message: 'busy' },
      { attempt: 2, during: null, message: null },
    ]);
  });
});

/** A decision as the listener gets it, of which a test speaks of some fields only. */
const decided = (event: DecisionRecord['event'], part: Partial<DecisionRecord> = {}): DecisionRecord => ({
  id: 'web',
  event,
  policy: always,
  before: initialStatus,
  after: initialStatus,
  actions: [],
  reason: 'running',
  revision: 1,
  now: midnight,
  ...part,
});

describe('a command of a person', () => {
  test('is one entry, whatever is decided because of it', async () => {
    const host = createToldHost();
    const controller = await host.beginTold();
    right(await controller.updatePolicy('web', onFailure)());
    right(await controller.updatePolicy('web', onFailure)());
    right(await controller.manualStart('web')());
    right(await controller.pause('web')());
    right(await controller.resume('web')());
    right(await controller.resume('web')());
    right(await controller.reset('web')());
    right(await controller.manualStop('web')());
    await host.clock.advance(120_000);
    right(await controller.requestDelete('web')());
    await host.clock.advance(120_000);
    const commands = (await host.told('web')).filter(({ _tag }) => _tag !== 'RunEnded');
    expect(inBrief(commands).map(({ command, reason }) => `${command}: ${reason}`)).toEqual([
      'policy: policy_updated',
      'start: manual_start',
      'pause: pause_recorded',
      'resume: resumed',
      'resume: not_paused',
      'reset: reset',
      'stop: manual_stop_recorded',
      'delete: delete_requested',
    ]);
  });

  test('that is refused is told as refused, for nothing of it stands', async () => {
    const host = createToldHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight - 1_000 });
    const controller = await host.beginTold();
    host.hypervisor.nextStop('web', { outcome: 'refused' });
    expect(left(await controller.manualStop('web')())).toMatchObject({ _tag: 'Refused' });
    await host.clock.settle();
    expect(inBrief(await host.told('web'))).toMatchObject([
      { _tag: 'Command', command: 'stop' },
      { _tag: 'CommandFailed', command: 'stop', error: 'Refused', message: expect.stringMatching(/./) },
    ]);
  });

  test('of which the start fails is told with what failed', async () => {
    const host = createToldHost();
    await host.seed('web', never);
    const controller = await host.beginTold();
    host.hypervisor.nextStart('web', { outcome: 'failed' });
    expect(left(await controller.manualStart('web')())).toMatchObject({ _tag: 'Failed' });
    expect(inBrief(await host.told('web'))).toMatchObject([
      { _tag: 'Command', command: 'start' },
      { _tag: 'CommandFailed', command: 'start', error: 'Failed' },
    ]);
  });

  test('that a closed controller does not take, and a policy that is none, are told to nobody', async () => {
    const host = createToldHost();
    const controller = await host.beginTold();
    expect(left(await controller.updatePolicy('web', { ...always, backoff: -1 })())._tag).toBe('InvalidPolicy');
    await controller.close()();
    expect(left(await controller.manualStop('web')())._tag).toBe('Closed');
    expect(left(await controller.manualStart('web')())._tag).toBe('Closed');
    expect(await host.told('web')).toEqual([]);
  });
});

describe('what is worth telling', () => {
  const observed = (instance: Partial<InstanceObservation>) =>
    decided({ _tag: 'Observed', instance: observationWith(instance) });

  test('is nothing where nothing happened', () => {
    const entries: Array<HistoryEntry> = [];
    const { onDecision } = recordHistory({ add: (more) => entries.push(...more) });
    onDecision(observed({ state: 'running', startedAt: midnight }));
    onDecision(observed({ state: 'running', startedAt: midnight }));
    onDecision(observed({ state: 'initializing', startedAt: midnight + 1 }));
    onDecision(observed({ state: 'other', startedAt: midnight + 1 }));
    onDecision(observed({ state: 'stopped' }));
    expect(entries).toEqual([]);
  });

  test('is each end that differs in its length or its code, and each of another life of its instance', () => {
    const entries: Array<HistoryEntry> = [];
    const { onDecision, onCommand } = recordHistory({ add: (more) => entries.push(...more) });
    const stopped = (startedAt: number, lasted: number, exitCode: number) =>
      onDecision(observed({ state: 'stopped', startedAt, stoppedAt: startedAt + lasted, exitCode }));
    stopped(midnight, 1_000, 1);
    // Somebody else starts it. What seems to be the same run at another time is, for the clock may have been set.
    stopped(midnight + 5_000, 1_000, 2);
    stopped(midnight + 10_000, 1_001, 2);
    stopped(midnight + 15_000, 1_001, 2);
    expect(entries).toMatchObject([{ exitCode: 1 }, { exitCode: 2 }, { lasted: 1_001 }]);
    onCommand({ id: 'web', event: { _tag: 'DeleteRequested' }, error: null, now: midnight + 20_000 });
    stopped(midnight + 25_000, 1_001, 2);
    expect(entries).toHaveLength(4);
  });

  test('of a stop before the first look is that a person ended the run, where nobody knows when they stopped it', () => {
    const entries: Array<HistoryEntry> = [];
    const { onDecision } = recordHistory({ add: (more) => entries.push(...more) });
    onDecision({ ...observed(exited(null)), before: stoppedByPerson, after: stoppedByPerson, reason: 'manual_stop' });
    expect(entries).toMatchObject([{ by: 'person', cause: 'unknown', exitCode: null, lasted: 1_000 }]);
  });
});
