import { right as rightOf } from 'fp-ts/lib/Either.js';
import { initialStatus, type RestartPolicy, type RestartStatus } from 'restart-policy';
import { createMemoryStore } from 'restart-policy/adapters/memory';
import {
  type Controller,
  createController,
  type DecisionRecord,
  type Fault,
  type Hypervisor,
  invalidRecord,
  type Permit,
  type Store,
  storeFailed,
} from 'restart-policy/controller';
import { createMetrics, type Metrics, type MetricsOptions, metricNames } from 'restart-policy/metrics';
import { createScriptedHypervisor, createVirtualClock } from 'restart-policy/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { neverRan } from '../../src/ports/hypervisor.js';
import { left, right } from '../support/either.js';
import { policyWith } from '../support/values.js';
import { openScraped, type Scraped } from './scraped.js';

/** A controller whose metrics are made on the real SDK, and what it said, to count by. */
const supervise = (scraped: Scraped, store: Store, options: { readonly perSecond?: number } = {}) => {
  const clock = createVirtualClock();
  const hypervisor = right(createScriptedHypervisor({ clock }));
  const decisions: Array<DecisionRecord> = [];
  const faults: Array<Fault> = [];
  const metrics: Metrics = right(
    createMetrics({ meter: scraped.meter, store, now: clock.now, activity: () => controller.activity() }),
  );
  const controller: Controller = right(
    createController({
      store,
      hypervisor: metrics.watch(hypervisor),
      clock,
      starts: options,
      onDecision: (decision) => {
        decisions.push(decision);
        metrics.onDecision(decision);
      },
      onFault: (fault) => {
        faults.push(fault);
        metrics.onFault(fault);
      },
    }),
  );
  return { clock, hypervisor, decisions, faults, metrics, controller };
};

const tally = <A>(items: ReadonlyArray<A>, seriesOf: (item: A) => string): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const item of items) counts[seriesOf(item)] = (counts[seriesOf(item)] ?? 0) + 1;
  return counts;
};

const state = (name: string): string => `restart_policy_instance_state{restart_policy_instance_state="${name}"}`;

describe('what is scraped of the real exporter', () => {
  let scraped: Scraped;
  beforeEach(async () => {
    scraped = await openScraped();
  });
  afterEach(() => scraped.close());

  test('agrees with what happened to a fleet', async () => {
    const { clock, hypervisor, decisions, faults, controller } = supervise(scraped, createMemoryStore());
    const start = async (id: string, policy: Partial<RestartPolicy>): Promise<void> => {
      right(await controller.updatePolicy(id, policyWith(policy))());
      right(await controller.manualStart(id)());
    };
    // Ended four times within the limit of three.
    await start('crasher', { backoff: 1_000, maxAttempts: 3 });
    for (let run = 0; run < 4; run++) {
      hypervisor.exit('crasher', 1);
      await clock.advance(1_000);
    }
    // The same, and it comes back by itself.
    await start('cooling', { backoff: 1_000, maxAttempts: 1, cooldown: 3_600_000 });
    for (let run = 0; run < 2; run++) {
      hypervisor.exit('cooling', 1);
      await clock.advance(1_000);
    }
    // Its start is refused once, fails once, and takes two seconds then.
    await start('awkward', { backoff: 10_000 });
    hypervisor.nextStart('awkward', { outcome: 'refused' });
    hypervisor.nextStart('awkward', { outcome: 'failed' });
    hypervisor.nextStart('awkward', { wait: { at: 'before_check', ms: 2_000 } });
    hypervisor.exit('awkward', 1);
    await clock.advance(30_000);
    // Unhealthy once.
    await start('ailing', { backoff: 1_000 });
    const { startedAt } = right(await hypervisor.inspect('ailing')());
    await clock.advance(1);
    right(await controller.reportHealth('ailing', { startedAt: startedAt ?? 0, health: 'unhealthy' })());
    await clock.settle();
    await start('waiting', { backoff: 86_400_000 });
    hypervisor.exit('waiting', 1);
    await clock.advance(1);
    hypervisor.exit('waiting', 1);
    await start('stopped', {});
    right(await controller.manualStop('stopped')());
    await start('paused', {});
    right(await controller.pause('paused')());
    await clock.settle();

    const { text, values } = await scraped.scrape();
    expect(values).toMatchObject({
      ...tally(decisions, ({ reason }) => `restart_policy_decisions_total{restart_policy_reason="${reason}"}`),
      ...tally(faults, ({ during }) => `restart_policy_faults_total{restart_policy_during="${during}"}`),
      'restart_policy_attempts_total{restart_policy_cause="exit",restart_policy_outcome="started"}': 3 + 1 + 1 + 1,
      'restart_policy_attempts_total{restart_policy_cause="exit",restart_policy_outcome="refused"}': 1,
      'restart_policy_attempts_total{restart_policy_cause="exit",restart_policy_outcome="failed"}': 1,
      'restart_policy_attempts_total{restart_policy_cause="unhealthy",restart_policy_outcome="started"}': 1,
      [state('manual_stop')]: 1,
      [state('paused')]: 1,
      [state('max_attempts_exceeded')]: 1,
      [state('cooling_down')]: 1,
      [state('waiting_for_backoff')]: 1,
      [state('supervised')]: 2,
      [state('unreadable')]: 0,
      'restart_policy_start_duration_count{restart_policy_outcome="started"}': 7 + 6 + 1,
      'restart_policy_start_duration_sum{restart_policy_outcome="started"}': 2,
      'restart_policy_start_duration_count{restart_policy_outcome="refused",error_type="Refused"}': 1,
      'restart_policy_start_duration_count{restart_policy_outcome="failed",error_type="Failed"}': 1,
      restart_policy_controller_armed_wake_ups: controller.activity().armed,
      restart_policy_controller_queued_instances: 0,
    });
    expect(decisions.length).toBeGreaterThan(20);
    expect(faults.map(({ during }) => during)).toEqual(['start', 'start']);
    // Every metric there is has been scraped, none is an instance's, and Prometheus is told what each one is.
    for (const name of metricNames) expect(text).toContain(`# TYPE ${name.replaceAll('.', '_')}`);
    for (const id of ['crasher', 'cooling', 'awkward', 'ailing']) expect(text).not.toContain(`"${id}"`);
    expect(text).toContain('# UNIT restart_policy_start_duration s');
    await controller.close()();
  });

  test('counts an attempt whose start never answers as one that failed, once', async () => {
    const { clock, hypervisor, controller } = supervise(scraped, createMemoryStore());
    right(await controller.updatePolicy('web-1', policyWith({ backoff: 600_000 }))());
    right(await controller.manualStart('web-1')());
    hypervisor.nextStart('web-1', { wait: { at: 'before_check', ms: null } });
    hypervisor.exit('web-1', 1);
    await clock.advance(200_000);
    const { values } = await scraped.scrape();
    const attempts = Object.entries(values).filter(([series]) => series.startsWith('restart_policy_attempts_total{'));
    expect(attempts).toEqual([
      ['restart_policy_attempts_total{restart_policy_cause="exit",restart_policy_outcome="failed"}', 1],
    ]);
    await controller.close({ within: 0 })();
  });

  test('tells of instances that wait for their turn in a storm', async () => {
    const { clock, hypervisor, controller } = supervise(scraped, createMemoryStore(), { perSecond: 1 });
    const ids = Array.from({ length: 10 }, (_, index) => `web-${index}`);
    for (const id of ids) {
      right(await controller.updatePolicy(id, policyWith({ backoff: 1 }))());
      right(await controller.manualStart(id)());
    }
    for (const id of ids) hypervisor.exit(id, 1);
    await clock.advance(1_500);
    const { waiting } = controller.activity();
    expect(waiting).toBeGreaterThan(0);
    expect((await scraped.scrape()).values['restart_policy_controller_waiting_instances']).toBe(waiting);
    await controller.close()();
  });

  const status = (part: Partial<RestartStatus>): RestartStatus => ({ ...initialStatus, ...part });

  test('counts more instances than a page has, and those of a store without pages', async () => {
    const store = createMemoryStore();
    for (let index = 0; index < 1_201; index++) {
      const blockedReason = index % 3 === 0 ? 'paused' : null;
      right(await store.save(`web-${index}`, { policy: policyWith(), status: status({ blockedReason }) }, null)());
    }
    const { load, list } = store;
    const [paged, plain] = [scraped, await openScraped()];
    right(createMetrics({ meter: paged.meter, store, now: () => 0 }));
    right(createMetrics({ meter: plain.meter, store: { load, list }, now: () => 0 }));
    for (const { scrape } of [paged, plain]) {
      expect((await scrape()).values).toMatchObject({ [state('paused')]: 401, [state('supervised')]: 800 });
    }
    await plain.close();
  });

  test('says which records cannot be read, and keeps what it last read while the store does not answer', async () => {
    const parts = { revision: 1, policy: null, status: null };
    const broken = invalidRecord('web-1', ['restart_status is odd'], parts);
    const stopped = invalidRecord('web-2', ['odd'], { ...parts, status: status({ blockedReason: 'manual_stop' }) });
    let answers = true;
    let ids = ['web-1', 'web-2'];
    const store: Pick<Store, 'load' | 'list'> = {
      load: (id) => async () => ({ _tag: 'Left', left: id === 'web-1' ? broken : stopped }),
      list: async () => (answers ? { _tag: 'Right', right: ids } : { _tag: 'Left', left: storeFailed('busy') }),
    };
    right(createMetrics({ meter: scraped.meter, store, now: () => 0 }));
    expect((await scraped.scrape()).values).toMatchObject({ [state('unreadable')]: 1, [state('manual_stop')]: 1 });
    answers = false;
    expect((await scraped.scrape()).values).toMatchObject({ [state('unreadable')]: 1, [state('manual_stop')]: 1 });
    answers = true;
    ids = ['web-2'];
    expect((await scraped.scrape()).values).toMatchObject({ [state('unreadable')]: 0, [state('manual_stop')]: 1 });
  });

  test('ends with the metrics: a closed one is asked for nothing', async () => {
    let asked = 0;
    const store = { load: createMemoryStore().load, list: async () => ({ _tag: 'Right', right: [] }) as const };
    const list = () => {
      asked++;
      return store.list();
    };
    const metrics = right(createMetrics({ meter: scraped.meter, store: { ...store, list }, now: () => 0 }));
    await scraped.scrape();
    metrics.close();
    metrics.close();
    await scraped.scrape();
    expect(asked).toBe(1);
  });
});

describe('what metrics are made with', () => {
  test('is checked, all of it at once', () => {
    const given = { meter: {}, store: null, now: 0, activity: 1, labels: true } as unknown as MetricsOptions;
    expect(left(createMetrics(given)).errors.map(({ option }) => option)).toEqual([
      'meter',
      'store',
      'now',
      'activity',
      'labels',
    ]);
  });

  test('a hypervisor of a class does what it did, by all of its methods', async () => {
    class OfClass implements Hypervisor {
      readonly capabilities = { exclusion: 'fenced', guestReboot: 'exit' } as const;
      readonly seen: Array<string> = [];
      inspect = () => async () => rightOf(neverRan);
      subscribe() {
        this.seen.push('subscribe');
        return () => {};
      }
      onFault() {
        this.seen.push('onFault');
        return () => {};
      }
      start(id: string) {
        return async () => rightOf(void this.seen.push(`start ${id}`));
      }
      stop(id: string) {
        return async () => rightOf(void this.seen.push(`stop ${id}`));
      }
      retag(id: string) {
        return async () => {
          this.seen.push(`retag ${id}`);
          return rightOf('tagged' as const);
        };
      }
    }
    const nothing = { add: () => {}, record: () => {}, addCallback: () => {}, removeCallback: () => {} };
    const make = () => nothing;
    const meter = { createCounter: make, createHistogram: make, createObservableUpDownCounter: make };
    const { watch } = right(createMetrics({ meter, store: createMemoryStore(), now: () => 0 }));
    const given = new OfClass();
    const watched = watch(given);
    const permit: Permit = { revision: 1, check: async () => rightOf(undefined) };
    watched.subscribe(() => {});
    watched.onFault?.(() => {});
    await watched.start('web', permit)();
    await watched.stop('web', permit)();
    await watched.retag?.('web', permit)();
    expect(given.seen).toEqual(['subscribe', 'onFault', 'start web', 'stop web', 'retag web']);
    expect(watched.capabilities).toBe(given.capabilities);
    expect(right(await watched.inspect('web')())).toEqual(neverRan);
  });
});
