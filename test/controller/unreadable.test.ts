/**
 * Records that nobody can read: nothing automatic happens on them, and a person's word is stronger than that.
 */
import Database from 'libsql';
import { describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../src/adapters/sqlite.js';
import type { DecisionRecord } from '../../src/controller.js';
import { initialStatus, stoppedByPerson } from '../../src/index.js';
import { policyDefaults } from '../../src/policy.js';
import type { Exclusion } from '../../src/ports/hypervisor.js';
import { withFaults } from '../../src/testing.js';
import { controllerOf } from '../support/controller.js';
import { left, right } from '../support/either.js';
import { always, createHost, exited, midnight, never } from '../support/host.js';

const minute = 60_000;

/** What a later version may have written, and what nobody has. */
const later = {
  policy: '{ "policy" : "always","backoff":"5s","affinity":{"zone":"b"} }',
  status: '{"attempts":0,"blocked_reason":"quarantined"}',
  policyJson: '{"policy":"always"}',
  nothing: 'no JSON at all',
} as const;

const statusJson = '{}';
const unreadable = [
  ['a policy of a later version', later.policy, statusJson],
  ['a status of a later version', later.policyJson, later.status],
  ['both of a later version', later.policy, later.status],
  ['a policy that is no JSON', later.nothing, statusJson],
  ['a status that is no JSON', later.policyJson, later.nothing],
] as const;

const begin = async (policy: string, status: string, exclusion: Exclusion = 'section') => {
  const host = createHost(exclusion);
  const database = new Database(':memory:');
  const store = right(openSqliteStore(database));
  const faulty = withFaults(store);
  database.prepare('INSERT INTO restart_instances (id, policy, status) VALUES (?, ?, ?)').run('web', policy, status);
  const texts = () =>
    database.prepare("SELECT policy, status FROM restart_instances WHERE id = 'web'").get() as
      | { policy: string; status: string }
      | undefined;
  const decisions: Array<DecisionRecord> = [];
  const faults: Array<string> = [];
  const controller = controllerOf({
    store: faulty.store,
    hypervisor: host.hypervisor,
    clock: host.clock,
    onDecision: (decision) => decisions.push(decision),
    onFault: ({ during, error }) => faults.push(`${during} ${error._tag}`),
  });
  await host.clock.settle();
  return { ...host, store, faulty, database, controller, texts, decisions, faults };
};

describe.each(unreadable)('%s', (_, policy, status) => {
  test('is left as it is: nothing automatic happens, and it is told at each resync', async () => {
    const { hypervisor, clock, texts, faults } = await begin(policy, status);
    hypervisor.set('web', exited(1));
    hypervisor.notify('web');
    await clock.advance(10 * minute);
    expect(hypervisor.calls).toEqual([]);
    expect(texts()).toMatchObject({ policy, status });
    expect(faults.length).toBeGreaterThanOrEqual(11);
    expect(new Set(faults)).toEqual(new Set(['load InvalidRecord']));
  });

  test.each(['section', 'fenced', 'none'] as const)('is stopped by a person: %s', async (exclusion) => {
    const { hypervisor, clock, controller, texts, store } = await begin(policy, status, exclusion);
    hypervisor.set('web', { state: 'running', startedAt: midnight });
    const { revision } = right(await controller.manualStop('web')());
    expect(hypervisor.running('web')).toBe(0);
    // Of what stood there only the status is replaced.
    expect(texts()?.policy).toBe(policy);
    const loaded = await store.load('web')();
    const stored = loaded._tag === 'Left' ? loaded.left : loaded.right;
    expect('value' in stored ? stored.value : stored).toMatchObject({ revision, status: stoppedByPerson });
    // What starts it from outside is stopped again.
    hypervisor.set('web', { state: 'running', startedAt: clock.now() });
    await clock.advance(minute);
    expect(hypervisor.running('web')).toBe(0);
  });

  test('is told of with what of it can be read, and with the defaults for the rest, when a person stops it', async () => {
    const { controller, decisions } = await begin(policy, status);
    right(await controller.manualStop('web')());
    expect(decisions).toMatchObject([
      { policy: policy === later.policyJson ? always : policyDefaults, before: initialStatus, after: stoppedByPerson },
    ]);
  });

  test('is deleted by a person', async () => {
    const { hypervisor, controller, texts } = await begin(policy, status);
    hypervisor.set('web', { state: 'running', startedAt: midnight });
    right(await controller.requestDelete('web')());
    expect([hypervisor.running('web'), texts()]).toEqual([0, undefined]);
  });

  test('gets a policy from a person', async () => {
    const { controller, texts } = await begin(policy, status);
    expect(right(await controller.updatePolicy('web', never)())).toMatchObject({ changed: true });
    expect(JSON.parse(texts()?.policy ?? '')).toMatchObject({ policy: 'never' });
    expect(right(await controller.updatePolicy('web', never)())).toMatchObject({ changed: false });
  });

  test('keeps a status that nobody can read beside a new policy', async () => {
    const { controller, texts } = await begin(policy, status);
    right(await controller.updatePolicy('web', never)());
    if (status === statusJson) expect(JSON.parse(texts()?.status ?? '')).toEqual(JSON.parse(statusJson));
    else expect(texts()?.status).toBe(status);
  });

  test('is not started by a person, who is told what is wrong with it', async () => {
    const { hypervisor, controller, texts } = await begin(policy, status);
    const error = left(await controller.manualStart('web')());
    expect(error).toMatchObject({
      _tag: 'InvalidRecord',
      problems: expect.arrayContaining([expect.stringContaining('restart_')]),
    });
    expect(hypervisor.calls).toEqual([]);
    expect(texts()).toMatchObject({ policy, status });
    for (const answer of [await controller.pause('web')(), await controller.reset('web')()]) {
      expect(left(answer)).toMatchObject({ _tag: 'InvalidRecord' });
    }
  });

  test('is supervised again once a person has stopped it, given it a policy, and started it', async () => {
    const { hypervisor, clock, controller } = await begin(policy, status);
    right(await controller.manualStop('web')());
    right(await controller.updatePolicy('web', always)());
    right(await controller.manualStart('web')());
    hypervisor.exit('web', 1);
    await clock.settle();
    expect(hypervisor.running('web')).toBe(1);
  });

  test('whose stop is refused is put back where that can be read, and else said to be recorded', async () => {
    const { hypervisor, controller, texts } = await begin(policy, status);
    hypervisor.set('web', { state: 'running', startedAt: midnight });
    hypervisor.nextStop('web', { outcome: 'refused' });
    const error = left(await controller.manualStop('web')());
    if (status === statusJson) {
      expect(error).toMatchObject({ _tag: 'Refused' });
      expect(JSON.parse(texts()?.status ?? '')).toEqual({});
    } else {
      expect(error).toMatchObject({ _tag: 'Failed', message: expect.stringContaining('could not be read') });
      expect(JSON.parse(texts()?.status ?? '')).toMatchObject({ blocked_reason: 'manual_stop' });
    }
    expect(texts()?.policy).toBe(policy);
  });

  test('whose stop fails half-way is stopped by repair', async () => {
    const { hypervisor, clock, controller } = await begin(policy, status);
    hypervisor.set('web', { state: 'running', startedAt: midnight });
    hypervisor.nextStop('web', { outcome: 'failed' });
    expect(left(await controller.manualStop('web')())).toMatchObject({ _tag: 'Failed' });
    await clock.settle();
    expect(hypervisor.running('web')).toBe(0);
  });
});

test('a record that a person’s stop was written over, and whose policy cannot be read, is told as what cannot be loaded', async () => {
  const { hypervisor, faults } = await begin(later.policy, '{"attempts":0,"blocked_reason":"manual_stop"}');
  expect(faults).toEqual(['load InvalidRecord']);
  expect(hypervisor.calls).toEqual([]);
});

test('a refused stop of what is stopped gives the run no tag that would shield it from that stop, also where its policy cannot be read', async () => {
  const marked = '{"attempts":0,"blocked_reason":"manual_stop"}';
  const { hypervisor, clock, calls, controller } = await begin(later.policy, marked, 'fenced');
  hypervisor.deliver({ copies: 0 });
  hypervisor.set('web', { state: 'running', startedAt: midnight });
  hypervisor.nextStop('web', { outcome: 'refused' });
  expect(left(await controller.manualStop('web')())).toMatchObject({ _tag: 'Refused' });
  await clock.settle();
  expect(calls('web')).toEqual(['stop Refused', 'stop done']);
});

test.each([
  ['a policy', statusJson, /^recorded, but what is stored cannot be read: restart_policy\./],
  [
    'a policy and a status',
    later.status,
    /^recorded, but what is stored cannot be read: restart_policy\..+; restart_status\./,
  ],
])(
  'a stop that is under way is not carried out over %s of which nobody knows that a person stopped the instance',
  async (_, status, message) => {
    const { hypervisor, clock, controller, database, texts } = await begin(later.policyJson, statusJson);
    hypervisor.set('web', { state: 'running', startedAt: midnight });
    const stop = hypervisor.hold('stop', 'web', 'before_check');
    const answer = controller.manualStop('web')();
    await stop.reached;
    database
      .prepare('UPDATE restart_instances SET policy = ?, status = ?, revision = revision + 1')
      .run(later.policy, status);
    stop.release();
    expect(left(await answer)).toMatchObject({ _tag: 'Failed', message: expect.stringMatching(message) });
    await clock.advance(minute);
    expect(hypervisor.running('web')).toBe(1);
    expect(texts()).toMatchObject({ policy: later.policy, status });
  },
);

describe('a new policy over one that cannot be read', () => {
  const spent = '{"attempts":2,"last_attempt_at":"2024-12-31T23:59:00Z"}';

  test('begins a new window, like every new policy, and is answered with its revision', async () => {
    const { controller, store, decisions } = await begin(later.policy, spent);
    const { revision } = right(await controller.updatePolicy('web', never)());
    expect(right(await store.load('web')())).toEqual({
      _tag: 'Some',
      value: { policy: never, status: initialStatus, revision },
    });
    expect(decisions[0]).toMatchObject({ before: { attempts: 2 }, reason: 'policy_updated', revision });
  });

  test('that cannot be saved is answered with the store’s error, and what stands there is left as it is', async () => {
    const { controller, faulty, texts } = await begin(later.policy, spent);
    faulty.inject({ operation: 'save', fault: 'fail_before' });
    expect(left(await controller.updatePolicy('web', never)())).toMatchObject({ _tag: 'StoreFailed' });
    expect(texts()).toMatchObject({ policy: later.policy, status: spent });
  });

  test('is saved over what somebody else has written meanwhile', async () => {
    const { controller, faulty, store } = await begin(later.policy, spent);
    faulty.inject({ operation: 'save', fault: 'conflict' });
    const { revision } = right(await controller.updatePolicy('web', never)());
    expect(right(await store.load('web')())).toMatchObject({ value: { policy: never, revision } });
  });
});

test('a status of one instance that cannot be read keeps nobody else from being listed', async () => {
  const { store, controller } = await begin(later.policy, later.status);
  right(await store.save('other', { policy: never, status: initialStatus }, null)());
  const { reports } = right(await controller.list()());
  expect(reports.map(({ id, report }) => [id, report._tag])).toEqual([
    ['other', 'Right'],
    ['web', 'Left'],
  ]);
});
