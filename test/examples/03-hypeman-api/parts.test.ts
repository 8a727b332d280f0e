import { left as leftOf, right as rightOf } from 'fp-ts/lib/Either.js';
import Database from 'libsql';
import {
  initialStatus,
  manuallyStarted,
  observed,
  type RestartReason,
  type RestartStatus,
  restartReasons,
} from 'restart-policy';
import { createMemoryStore } from 'restart-policy/adapters/memory';
import {
  type ActionError,
  type DecisionRecord,
  failed,
  type InstanceId,
  invalidRecord,
  refused,
  storeFailed,
  superseded,
} from 'restart-policy/controller';
import { neverPolicy } from 'restart-policy/hypeman';
import { beforeEach, describe, expect, test } from 'vitest';
import { refusalOf } from '../../../examples/03-hypeman-api/answers.js';
import { createChanges } from '../../../examples/03-hypeman-api/changes.js';
import { define } from '../../../examples/03-hypeman-api/instances/definition.js';
import { type Definitions, openDefinitions } from '../../../examples/03-hypeman-api/instances/definitions.js';
import { remove } from '../../../examples/03-hypeman-api/instances/remove.js';
import { openSnapshots } from '../../../examples/03-hypeman-api/instances/snapshots.js';
import { sweep } from '../../../examples/03-hypeman-api/instances/sweep.js';
import { createMetrics } from '../../../examples/03-hypeman-api/metrics.js';
import type { Parts } from '../../../examples/03-hypeman-api/parts.js';
import { createTimeline } from '../../../examples/03-hypeman-api/timeline.js';
import { createTurns } from '../../../examples/03-hypeman-api/turns.js';
import { right } from '../../support/either.js';
import { observationWith } from '../../support/values.js';

const workload = { image: 'none', command: ['true'], env: {}, healthCheck: null };
const stopped = observed(observationWith({ startedAt: 0, stoppedAt: 1, exitCode: 1 }));

const decision = (fields: Partial<DecisionRecord> & { readonly reason: RestartReason }): DecisionRecord => ({
  id: 'web-1',
  event: stopped,
  policy: neverPolicy,
  before: initialStatus,
  after: initialStatus,
  actions: [],
  revision: 1,
  now: 0,
  ...fields,
});

describe('the definitions of instances', () => {
  let definitions: Definitions;
  beforeEach(() => {
    definitions = openDefinitions(new Database(':memory:'));
  });

  test('are found by id and by name, and no name is given twice', () => {
    const first = define('web', workload, 1);
    expect(definitions.insert(first)).toBe(true);
    expect(definitions.insert(define('web', workload, 2))).toBe(false);
    expect(definitions.find('web')).toEqual(first);
    expect(definitions.find(first.id)).toEqual(first);
    expect(definitions.all()).toEqual([first]);
    definitions.remove(first.id);
    expect(definitions.find('web')).toBeNull();
    expect(definitions.change(first.id, { image: 'other' })).toBeNull();
    expect(definitions.all()).toEqual([]);
  });

  test('and their records are swept where a crash left one without the other', async () => {
    const store = createMemoryStore();
    const [whole, halfCreated] = [define('whole', workload, 1), define('half-created', workload, 2)];
    for (const definition of [whole, halfCreated]) definitions.insert(definition);
    for (const id of [whole.id, 'orphan'])
      right(await store.save(id, { policy: neverPolicy, status: initialStatus }, null)());
    const forgotten: Array<InstanceId> = [];
    const forget = (id: InstanceId) => async () => rightOf(void forgotten.push(id));
    right(await sweep(definitions, store, { forget })());
    expect(definitions.all()).toEqual([whole]);
    expect(right(await store.list())).toEqual([whole.id]);
    expect(forgotten).toEqual([halfCreated.id]);
  });

  test('are removed for good also when a start slips into the delete', async () => {
    const definition = define('web', workload, 1);
    definitions.insert(definition);
    const calls: Array<string> = [];
    let slippedIn = true;
    const parts = {
      definitions,
      snapshots: openSnapshots(new Database(':memory:')),
      timeline: createTimeline(),
      changes: createChanges(),
      checks: { reconcile: () => {} },
      hypervisor: { forget: () => async () => rightOf(void calls.push('forget')) },
      controller: {
        requestDelete: () => async () => {
          calls.push(`delete, ${definitions.get(definition.id) === null ? 'not startable' : 'startable'}`);
          return rightOf({ revision: 1 });
        },
        status: () => async () => {
          const report = slippedIn ? {} : null;
          slippedIn = false;
          return rightOf(report);
        },
      },
    } as unknown as Parts;
    right(await remove(parts, definition));
    expect(calls).toEqual(['delete, startable', 'delete, not startable', 'forget']);
  });
});

describe('turns', () => {
  test('come one after the other for an instance, also after one that failed, and side by side for two', async () => {
    const turns = createTurns();
    const seen: Array<string> = [];
    let finish = (): void => {};
    const first = turns('web-1', async () => {
      seen.push('first begins');
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      seen.push('first ends');
      throw new Error('first');
    });
    const second = turns('web-1', async () => seen.push('second'));
    await turns('web-2', async () => seen.push('other'));
    finish();
    await expect(first).rejects.toThrow('first');
    await second;
    expect(seen).toEqual(['first begins', 'other', 'first ends', 'second']);
  });
});

describe('the timeline', () => {
  test('tells what is new, the latest first, and no more than it has room for', () => {
    const timeline = createTimeline(2);
    timeline.addDecision(decision({ reason: 'running', now: 1 }));
    timeline.addDecision(decision({ reason: 'running', now: 2 }));
    expect(timeline.of('web-1').map(({ at }) => at)).toEqual([1]);
    timeline.addVerdict('web-1', 'unhealthy', 3);
    timeline.addDecision(decision({ reason: 'running', now: 4 }));
    timeline.addDecision(
      decision({ reason: 'manual_start', event: manuallyStarted, after: { ...initialStatus }, now: 5 }),
    );
    expect(timeline.of('web-1').map(({ at, kind }) => [at, kind])).toEqual([
      [5, 'decision'],
      [3, 'verdict'],
    ]);
    timeline.addFault({ _tag: 'Fault', id: null, during: 'list', error: storeFailed('busy') }, 6);
    timeline.addFault({ _tag: 'Fault', id: 'web-1', during: 'start', error: refused('no command') }, 7);
    expect(timeline.of('web-1')[0]).toEqual({ at: 7, kind: 'fault', reason: null, text: 'start failed: no command' });
    timeline.forget('web-1');
    expect(timeline.of('web-1')).toEqual([]);
  });
});

describe('the attempts that are counted', () => {
  const attempts = async (run: (metrics: ReturnType<typeof createMetrics>) => void): Promise<ReadonlyArray<string>> => {
    const metrics = createMetrics(async () => []);
    run(metrics);
    return (await metrics.scrape()).split('\n').filter((line) => line.startsWith('restart_policy_attempts_total{'));
  };
  const unhealthy = decision({
    reason: 'restart_after_unhealthy',
    actions: [{ _tag: 'Restart', attempt: 1 }],
    revision: 7,
  });
  const end = { id: 'web-1', revision: 7, seconds: 0.1 };

  test.each<[string, ActionError]>([
    ['superseded', superseded],
    ['refused', refused('no')],
    ['failed', failed('no')],
    ['failed', storeFailed('no')],
  ])('say that one was %s, be it at the stop or at the start', async (outcome, error) => {
    const line = `restart_policy_attempts_total{cause="unhealthy",outcome="${outcome}"} 1`;
    const atTheStop = await attempts(({ countDecision, countAction }) => {
      countDecision(unhealthy);
      countAction({ ...end, act: 'stop', result: leftOf(error) });
    });
    expect(atTheStop).toEqual([line]);
    const atTheStart = await attempts(({ countDecision, countAction }) => {
      countDecision(unhealthy);
      countAction({ ...end, act: 'stop', result: rightOf(undefined) });
      countAction({ ...end, act: 'start', result: leftOf(error) });
    });
    expect(atTheStart).toEqual([line]);
  });

  test('have the cause that they are made for', async () => {
    const counted = await attempts(({ countDecision, countAction }) => {
      const reasons = restartReasons.filter((reason) => reason.startsWith('restart_after_'));
      for (const reason of reasons) {
        countDecision(decision({ reason, actions: [{ _tag: 'Start', attempt: 1 }], revision: 7 }));
        countAction({ ...end, act: 'start', result: rightOf(undefined) });
      }
    });
    expect([...counted].sort()).toEqual(
      ['exit', 'start_timeout', 'unhealthy'].map(
        (cause) => `restart_policy_attempts_total{cause="${cause}",outcome="started"} 1`,
      ),
    );
  });

  test('leave out what a person started', async () => {
    const counted = await attempts(({ countDecision, countAction }) => {
      countDecision(unhealthy);
      countAction({ ...end, revision: 8, act: 'start', result: rightOf(undefined) });
      countAction({ ...end, id: 'web-2', act: 'start', result: rightOf(undefined) });
    });
    expect(counted).toEqual([]);
  });
});

describe('the instances that are counted', () => {
  test('are blocked until a person acts, cool down, or wait for the backoff: no one is two of these', async () => {
    const of = (fields: Partial<RestartStatus>): RestartStatus => ({ ...initialStatus, ...fields });
    const metrics = createMetrics(async () => [
      initialStatus,
      of({ nextAttemptAt: 1 }),
      of({ blockedReason: 'max_attempts_exceeded' }),
      of({ blockedReason: 'max_attempts_exceeded', nextAttemptAt: 1 }),
      of({ blockedReason: 'max_attempts_exceeded', nextAttemptAt: 2 }),
      of({ blockedReason: 'paused' }),
      of({ blockedReason: 'manual_stop' }),
    ]);
    const text = await metrics.scrape();
    expect(text.split('\n').filter((line) => /^restart_policy_\w+_instances/.test(line))).toEqual([
      'restart_policy_blocked_instances{reason="manual_stop"} 1',
      'restart_policy_blocked_instances{reason="max_attempts_exceeded"} 1',
      'restart_policy_blocked_instances{reason="paused"} 1',
      'restart_policy_waiting_instances 1',
      'restart_policy_cooling_instances 2',
    ]);
  });
});

describe('an error of the controller', () => {
  test.each([
    [superseded, 409, 'superseded', false],
    [refused('no command'), 422, 'refused', false],
    [failed('no answer'), 500, 'hypervisor_failed', false],
    [storeFailed('busy'), 503, 'store_unavailable', false],
    [
      invalidRecord('web-1', ['restart_status is odd'], { revision: 1, policy: null, status: null }),
      500,
      'invalid_record',
      false,
    ],
    [{ _tag: 'Closed' }, 503, 'closing', true],
  ] as const)('%j is answered as %i %s, to be repeated: %s', (error, status, code, repeatable) => {
    expect(refusalOf(error)).toMatchObject({ status, body: { code }, repeatable });
  });
});
