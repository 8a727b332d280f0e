import { right as rightOf } from 'fp-ts/lib/Either.js';
import Database from 'libsql';
import { attemptFailed, initialStatus, observed, type RestartReason } from 'restart-policy';
import { createMemoryStore } from 'restart-policy/adapters/memory';
import {
  type DecisionRecord,
  failed,
  type InstanceId,
  invalidRecord,
  refused,
  storeFailed,
  superseded,
} from 'restart-policy/controller';
import { createMemoryHistory } from 'restart-policy/history';
import { neverPolicy } from 'restart-policy/hypeman';
import { beforeEach, describe, expect, test } from 'vitest';
import { refusalOf } from '../../../examples/03-hypeman-api/answers.js';
import { createChanges } from '../../../examples/03-hypeman-api/changes.js';
import { define } from '../../../examples/03-hypeman-api/instances/definition.js';
import { type Definitions, openDefinitions } from '../../../examples/03-hypeman-api/instances/definitions.js';
import { remove } from '../../../examples/03-hypeman-api/instances/remove.js';
import { openSnapshots } from '../../../examples/03-hypeman-api/instances/snapshots.js';
import { sweep } from '../../../examples/03-hypeman-api/instances/sweep.js';
import { createLatest } from '../../../examples/03-hypeman-api/latest.js';
import type { Parts } from '../../../examples/03-hypeman-api/parts.js';
import { createRecentAttempts, most, recall } from '../../../examples/03-hypeman-api/recent-attempts.js';
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
      latest: createLatest(),
      recent: createRecentAttempts(),
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

describe('the latest of each instance', () => {
  test('is the reason of its last decision, and the fault that has not been mended since', () => {
    const latest = createLatest();
    expect(latest.of('web-1')).toEqual({ reason: null, fault: null });
    latest.addDecision(decision({ reason: 'restart_after_exit' }));
    latest.addFault({ _tag: 'Fault', id: null, during: 'list', error: storeFailed('busy') }, 6);
    latest.addFault({ _tag: 'Fault', id: 'web-1', during: 'start', error: refused('no command') }, 7);
    const fault = { at: 7, text: 'start failed: no command' };
    expect(latest.of('web-1')).toEqual({ reason: 'restart_after_exit', fault });
    latest.addDecision(decision({ reason: 'attempt_failed', event: attemptFailed(1) }));
    expect(latest.of('web-1')).toEqual({ reason: 'attempt_failed', fault });
    latest.addDecision(decision({ reason: 'running' }));
    expect(latest.of('web-1')).toEqual({ reason: 'running', fault: null });
    latest.forget('web-1');
    expect(latest.of('web-1')).toEqual({ reason: null, fault: null });
  });
});

describe('the attempts of the last hour', () => {
  const anHour = 3_600_000;

  test('are counted by instance, those before it not, and no more than tells that it flaps', () => {
    const recent = createRecentAttempts();
    for (const at of [0, 1, anHour]) recent.add('web-1', at);
    expect([recent.count('web-1', anHour), recent.count('web-2', anHour)]).toEqual([2, 0]);
    for (let at = 0; at < 2 * most; at++) recent.add('web-2', at);
    expect(recent.count('web-2', most)).toBe(most);
    recent.forget('web-1');
    expect(recent.count('web-1', anHour)).toBe(0);
  });

  test('are remembered by the next server', async () => {
    const history = right(createMemoryHistory());
    const attempt = { _tag: 'Attempt', action: 'Start', why: 'exit', counted: true } as const;
    history.add([1, anHour, anHour + 1].map((at, index) => ({ ...attempt, id: 'web-1', at, attempt: index + 1 })));
    const recent = createRecentAttempts();
    await recall(recent, history, anHour + 2);
    expect(recent.count('web-1', anHour + 2)).toBe(2);
    expect(recent.count('web-1', 2 * anHour)).toBe(1);
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
