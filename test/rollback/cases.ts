/**
 * Two versions of the library in turn on one set of tables, as a host runs them that is updated and rolled back.
 *
 * The former one is the library itself as it was (`former/`), and not what somebody remembers of it. A later one does not
 * exist yet: what it writes is put into the tables by hand, and what it needs is that this comes through unharmed.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRestartPolicy } from '../../src/codec.js';
import { type Controller, type ControllerOptions, createController, type Fault } from '../../src/controller.js';
import type { RestartPolicy } from '../../src/policy.js';
import { exclusions } from '../../src/ports/hypervisor.js';
import type { InstanceId, RestartRecord, Store } from '../../src/ports/store.js';
import { initialStatus, stoppedByPerson } from '../../src/status.js';
import { arbRestartRecord } from '../../src/testing/arbitraries.js';
import { createScriptedHypervisor, createVirtualClock } from '../../src/testing.js';
import { left, right } from '../support/either.js';
import { exited, midnight } from '../support/host.js';
import { policyWith } from '../support/values.js';
import { createController as createFormerController } from './former/restart-policy-9f8ee2e.mjs';

/** The tables of a store, as each version opens them. */
export interface Tables {
  readonly former: Store;
  readonly present: Store;
  /** All columns of a row, numbers and JSON as text; undefined: there is none. */
  readonly row: (id: InstanceId) => Promise<Row | undefined>;
  /** Writes a row as a later version does, which has a column of its own. */
  readonly writeLater: (id: InstanceId, policy: string, status: string) => Promise<void>;
}

export interface Row {
  readonly revision: string;
  readonly policy: string;
  readonly status: string;
  /** The column of the later version. */
  readonly placement?: string | null;
}

type Version = 'former' | 'present';

const versions = ['former', 'present'] as const;
const otherThan = { former: 'present', present: 'former' } as const;

/** Databases take real time, which the clock of these tests does not know: no call is given up meanwhile. */
const patient = { store: Number.POSITIVE_INFINITY, leases: Number.POSITIVE_INFINITY };

const controllers = {
  former: createFormerController,
  present: (options: ControllerOptions) => createController({ ...options, deadlines: patient }),
};

const minute = 60_000;

/** A host on which one version after the other is run. The machines run on meanwhile. */
const hostOf = (tables: Tables, exclusion: (typeof exclusions)[number] = 'section') => {
  const clock = createVirtualClock(midnight);
  const hypervisor = right(createScriptedHypervisor({ clock, exclusion }));
  return {
    clock,
    hypervisor,
    /** Runs a version: it looks at every instance, does its work, and closes. Answers with what it did not manage. */
    run: async (version: Version, work: (controller: Controller) => Promise<unknown> = async () => {}) => {
      const faults: Array<Fault> = [];
      const controller = right(
        controllers[version]({ store: tables[version], hypervisor, clock, onFault: (fault) => faults.push(fault) }),
      );
      right(await controller.reconcileAll()());
      await work(controller);
      await controller.close()();
      return faults;
    },
  };
};

const recordOf = async (store: Store, id: InstanceId): Promise<RestartRecord> => {
  const loaded = right(await store.load(id)());
  if (loaded._tag === 'None') throw new Error(`${id} has no record`);
  const { policy, status } = loaded.value;
  return { policy, status };
};

const policy: RestartPolicy = policyWith({ mode: 'on_failure', backoff: 5_000, maxAttempts: 3 });

// ---------------------------------------------------------------------------
// what each wrote, the other reads
// ---------------------------------------------------------------------------

/** Every kind of status, and policies with every field. */
const kinds: Readonly<Record<string, RestartRecord>> = {
  initial: { policy: policyWith(), status: initialStatus },
  never: { policy: policyWith({ mode: 'never' }), status: initialStatus },
  stopped: { policy, status: stoppedByPerson },
  paused: { policy, status: { ...initialStatus, attempts: 2, lastAttemptAt: midnight, blockedReason: 'paused' } },
  waiting: {
    policy,
    status: { ...initialStatus, attempts: 1, lastAttemptAt: midnight - 5_000, nextAttemptAt: midnight + 250 },
  },
  unhealthy: {
    policy,
    status: { ...initialStatus, attempts: 1, lastAttemptAt: midnight, lastReason: 'health_check_failed' },
  },
  timed_out: {
    policy: policyWith({ startTimeout: 30_000, jitter: 0.5 }),
    status: { ...initialStatus, attempts: 1, lastAttemptAt: midnight, lastReason: 'start_timeout' },
  },
  limited: {
    policy,
    status: { ...initialStatus, attempts: 3, lastAttemptAt: midnight, blockedReason: 'max_attempts_exceeded' },
  },
  cooling: {
    policy: policyWith({ maxAttempts: 2, limitInterval: 60_000, cooldown: 10 * minute }),
    status: {
      ...initialStatus,
      attempts: 2,
      lastAttemptAt: midnight,
      nextAttemptAt: midnight + 10 * minute,
      blockedReason: 'max_attempts_exceeded',
      recentAttempts: [midnight - 1_000, midnight],
    },
  },
  growing: {
    policy: policyWith({ maxBackoff: minute, backoffFactor: 1.5, backoffFrom: 'exit', stableAfter: 2 * minute }),
    status: initialStatus,
  },
  ruled: {
    policy: policyWith({
      rules: [
        { causes: ['out_of_memory'], action: 'stop' },
        { exitCodes: [3, [10, 20]], action: 'restart_uncounted' },
      ],
    }),
    status: initialStatus,
  },
};

const readsWhatTheOtherWrote = (fresh: () => Promise<Tables>, writer: Version): void => {
  const reader = otherThan[writer];

  test('a record of every kind', async () => {
    const tables = await fresh();
    for (const [id, record] of Object.entries(kinds)) right(await tables[writer].save(id, record, null)());
    for (const [id, record] of Object.entries(kinds)) expect(await recordOf(tables[reader], id)).toEqual(record);
    expect([...right(await tables[reader].list())].sort()).toEqual(Object.keys(kinds).sort());
  });

  test('any record, and writes it again as it was', async () => {
    const tables = await fresh();
    let made = 0;
    await fc.assert(
      fc.asyncProperty(arbRestartRecord, async (record) => {
        const id = `any-${++made}`;
        const revision = right(await tables[writer].save(id, record, null)());
        const written = await tables.row(id);
        const loaded = right(await tables[reader].load(id)());
        if (loaded._tag === 'None') throw new Error('it has no record');
        expect(loaded.value.revision).toBe(revision);
        const again = right(await tables[reader].save(id, loaded.value, revision)());
        expect(again).toBeGreaterThan(revision);
        expect(await tables.row(id)).toEqual({ ...written, revision: String(again) });
        expect(left(await tables[writer].save(id, record, revision)())).toEqual({ _tag: 'Conflict' });
      }),
      { numRuns: 50 },
    );
  });

  test('an instance in its crash loop: no attempt is counted twice, and none is forgotten', async () => {
    const tables = await fresh();
    const { hypervisor, clock, run } = hostOf(tables);
    right(await tables[writer].save('web', { policy, status: initialStatus }, null)());
    hypervisor.set('web', exited(1));
    const fail = async (controller: Controller): Promise<void> => {
      hypervisor.exit('web', 1);
      right(await controller.reconcile('web')());
    };
    // The first attempt is made at once, for none was made before.
    await run(writer, fail);
    expect((await recordOf(tables[reader], 'web')).status).toMatchObject({
      attempts: 1,
      nextAttemptAt: midnight + 5_000,
    });
    await run(reader, async (controller) => {
      await clock.advance(5_000);
      right(await controller.reconcile('web')());
      await fail(controller);
    });
    await run(writer, async (controller) => {
      await clock.advance(5_000);
      right(await controller.reconcile('web')());
      await fail(controller);
    });
    await run(reader, async (controller) => {
      await clock.advance(minute);
      right(await controller.reconcile('web')());
    });
    expect((await recordOf(tables[writer], 'web')).status).toMatchObject({
      attempts: 3,
      blockedReason: 'max_attempts_exceeded',
    });
    expect(hypervisor.runs).toHaveLength(3);
  });

  test("a person's stop, a pause, a resume, a start and a new policy", async () => {
    const tables = await fresh();
    const { hypervisor, clock, run } = hostOf(tables);
    for (const id of ['stopped', 'paused', 'resumed', 'started']) {
      right(await tables[writer].save(id, { policy: policyWith(), status: initialStatus }, null)());
      hypervisor.set(id, { state: 'running', startedAt: midnight - 1_000 });
    }
    await run(writer, async (controller) => {
      right(await controller.manualStop('stopped')());
      right(await controller.pause('paused')());
      right(await controller.pause('resumed')());
      right(await controller.resume('resumed')());
      right(await controller.manualStop('started')());
      right(await controller.manualStart('started')());
    });
    for (const id of ['paused', 'resumed', 'started']) hypervisor.exit(id, 1);
    const faults = await run(reader, async (controller) => {
      await clock.advance(minute);
      for (const id of ['stopped', 'paused', 'resumed', 'started']) right(await controller.reconcile(id)());
    });
    const running = ['stopped', 'paused', 'resumed', 'started'].map((id) => hypervisor.running(id));
    expect([running, faults]).toEqual([[0, 0, 1, 1], []]);

    await run(reader, async (controller) => {
      right(await controller.updatePolicy('stopped', policy)());
      right(await controller.requestDelete('resumed')());
      right(await controller.manualStart('paused')());
      right(await controller.manualStop('started')());
    });
    expect(hypervisor.running('paused')).toBe(1);
    hypervisor.exit('paused', 1);
    await run(writer, async (controller) => {
      await clock.advance(minute);
      right(await controller.reconcile('paused')());
    });
    expect(['stopped', 'paused', 'resumed', 'started'].map((id) => hypervisor.running(id))).toEqual([0, 1, 0, 0]);
    expect(await recordOf(tables[writer], 'stopped')).toEqual({ policy, status: stoppedByPerson });
    expect(await tables.row('resumed')).toBeUndefined();
  });
};

// ---------------------------------------------------------------------------
// what a later one wrote
// ---------------------------------------------------------------------------

const known = { policy: '{"policy": "always", "backoff": "5s"}', status: '{"attempts": 1}' };

/** Numbers and spaces as nobody here would write them, for they must stay. */
const later = {
  policy: '{"policy": "always", "backoff": "5s", "affinity": {"zone": "b", "weight": 1.50}}',
  reason: '{"attempts": 2, "blocked_reason": "quarantined"}',
  field: '{"attempts": 2, "last_attempt_at": "2025-01-01T00:00:00Z", "drain_until": "2025-01-02T00:00:00Z"}',
};

const writtenLater = [
  ['a policy with a field of a later version', later.policy, known.status],
  ['a reason of a later version', known.policy, later.reason],
  ['a status with a field of a later version', known.policy, later.field],
  ['a policy and a status of a later version', later.policy, later.reason],
] as const;

/** With the later version's own column, whatever the versions here do. */
const placed = 'rack-7';

const meetsWhatALaterOneWrote = (fresh: () => Promise<Tables>): void => {
  const begin = async (policy: string, status: string, exclusion: (typeof exclusions)[number] = 'section') => {
    const tables = await fresh();
    await tables.writeLater('web', policy, status);
    const row = await tables.row('web');
    if (row === undefined) throw new Error('nothing was written');
    const host = hostOf(tables, exclusion);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight - 1_000 });
    return { ...host, tables, row };
  };

  describe.each(writtenLater)('%s', (_, policy, status) => {
    test('is left alone by whatever is automatic, to the byte', async () => {
      const { hypervisor, clock, tables, row, run } = await begin(policy, status);
      hypervisor.exit('web', 1);
      const faults = await run('present', async (controller) => {
        for (let n = 0; n < 5; n++) {
          await clock.advance(minute);
          hypervisor.notify('web');
          expect(left(await controller.reconcile('web')())).toMatchObject({ error: { _tag: 'InvalidRecord' } });
        }
      });
      expect([hypervisor.calls, await tables.row('web')]).toEqual([[], row]);
      expect(new Set(faults.map(({ id, during, error }) => `${id} ${during} ${error._tag}`))).toEqual(
        new Set(['web load InvalidRecord']),
      );
    });

    test.each(exclusions)('is stopped, and stays so when the later version is back: %s', async (exclusion) => {
      const { hypervisor, clock, tables, row, run } = await begin(policy, status, exclusion);
      await run('present', async (controller) => {
        const { revision } = right(await controller.manualStop('web')());
        expect(await tables.row('web')).toMatchObject({ revision: String(revision) });
      });
      expect(hypervisor.running('web')).toBe(0);
      // What the later version finds: its policy whole, its own column, and a stop in words that every version knows.
      const stopped = await tables.row('web');
      expect(stopped).toEqual({ ...row, revision: stopped?.revision, status: stopped?.status });
      expect(JSON.parse(stopped?.status ?? '')).toMatchObject({ blocked_reason: 'manual_stop' });
      expect(Number(stopped?.revision)).toBeGreaterThan(Number(row.revision));
      // And this one, rolled back once more: the stop holds against whoever starts it by other means.
      hypervisor.set('web', { state: 'running', startedAt: clock.now() });
      await run('present');
      expect(hypervisor.running('web')).toBe(0);
      expect(await tables.row('web')).toEqual(stopped);
    });

    test('is deleted', async () => {
      const { hypervisor, tables, run } = await begin(policy, status);
      await run('present', async (controller) => right(await controller.requestDelete('web')()));
      expect([hypervisor.running('web'), await tables.row('web')]).toEqual([0, undefined]);
    });

    test('is given a policy, beside which what could not be read of its status stays', async () => {
      const { hypervisor, tables, row, run } = await begin(policy, status);
      await run('present', async (controller) => {
        expect(right(await controller.updatePolicy('web', policyWith({ mode: 'never' }))())).toMatchObject({
          changed: true,
        });
      });
      const updated = await tables.row('web');
      expect(right(decodeRestartPolicy(JSON.parse(updated?.policy ?? '')))).toEqual(policyWith({ mode: 'never' }));
      expect(updated?.placement).toBe(placed);
      if (status !== known.status) expect(updated?.status).toBe(row.status);
      expect(hypervisor.calls).toEqual([]);
    });

    test('is not started, and whoever asks is told why', async () => {
      const { hypervisor, tables, row, run } = await begin(policy, status);
      hypervisor.exit('web', 1);
      await run('present', async (controller) => {
        for (const answer of [
          await controller.manualStart('web')(),
          await controller.pause('web')(),
          await controller.resume('web')(),
          await controller.reset('web')(),
          await controller.status('web')(),
        ]) {
          expect(left(answer)).toMatchObject({ _tag: 'InvalidRecord', revision: Number(row.revision) });
        }
      });
      expect([hypervisor.calls, await tables.row('web')]).toEqual([[], row]);
    });

    test('is supervised again when a person has stopped it, given it a policy, and started it', async () => {
      const { hypervisor, clock, tables, run } = await begin(policy, status);
      await run('present', async (controller) => {
        right(await controller.manualStop('web')());
        right(await controller.updatePolicy('web', policyWith())());
        right(await controller.manualStart('web')());
        hypervisor.exit('web', 1);
        right(await controller.reconcile('web')());
        await clock.advance(minute);
        right(await controller.reconcile('web')());
      });
      expect(hypervisor.running('web')).toBe(1);
      expect((await tables.row('web'))?.placement).toBe(placed);
    });

    test('is again what the later version makes of it, where that writes over the stop', async () => {
      const { hypervisor, tables, row, run } = await begin(policy, status);
      await run('present', async (controller) => {
        right(await controller.manualStop('web')());
        // The later version starts it, in its own words.
        await tables.writeLater('web', policy, status);
        hypervisor.set('web', { state: 'running', startedAt: midnight });
        left(await controller.reconcile('web')());
      });
      expect(hypervisor.running('web')).toBe(1);
      expect(await tables.row('web')).toMatchObject({ policy: row.policy, status: row.status });
    });
  });

  test('a record with a column of a later version only, and nothing else, is supervised, and the column stays', async () => {
    const { hypervisor, clock, tables, run } = await begin(known.policy, known.status);
    hypervisor.exit('web', 1);
    await run('present', async (controller) => {
      await clock.advance(minute);
      right(await controller.reconcile('web')());
    });
    expect([hypervisor.running('web'), (await tables.row('web'))?.placement]).toEqual([1, placed]);
  });

  test('what could not be read stops nobody else from being supervised', async () => {
    const { hypervisor, clock, tables, run } = await begin(later.policy, later.reason);
    right(await tables.former.save('db', { policy: policyWith(), status: initialStatus }, null)());
    hypervisor.set('db', exited(1));
    await run('present', async (controller) => {
      await clock.advance(minute);
      right(await controller.reconcile('db')());
    });
    expect(hypervisor.running('db')).toBe(1);
  });
};

/** Why all of this is: what the former version made of the same rows. It also shows that `former/` is what it says it is. */
const formerlyFailed = (fresh: () => Promise<Tables>): void => {
  test('could not stop what it could not read', async () => {
    const tables = await fresh();
    await tables.writeLater('web', later.policy, known.status);
    const { hypervisor, run } = hostOf(tables);
    hypervisor.set('web', { state: 'running', startedAt: midnight });
    await run('former', async (controller) => {
      const unreadable = { _tag: 'InvalidRecord' };
      expect(left(await controller.manualStop('web')())).toMatchObject(unreadable);
      expect(left(await controller.requestDelete('web')())).toMatchObject(unreadable);
      expect(left(await controller.updatePolicy('web', policyWith())())).toMatchObject(unreadable);
    });
    expect(hypervisor.running('web')).toBe(1);
  });

  test('dropped a field of the status that it did not know', async () => {
    const tables = await fresh();
    await tables.writeLater('web', known.policy, later.field);
    const { hypervisor, run } = hostOf(tables);
    hypervisor.set('web', { state: 'running', startedAt: midnight });
    await run('former', async (controller) => right(await controller.pause('web')()));
    expect((await tables.row('web'))?.status).not.toContain('drain_until');
  });

  test('goes on with an instance that this one has stopped and given a policy that it knows', async () => {
    const tables = await fresh();
    await tables.writeLater('web', later.policy, later.reason);
    const { hypervisor, clock, run } = hostOf(tables);
    hypervisor.set('web', { state: 'running', startedAt: midnight });
    await run('present', async (controller) => {
      right(await controller.manualStop('web')());
      right(await controller.updatePolicy('web', policyWith())());
    });
    await run('former', async (controller) => {
      await clock.advance(minute);
      right(await controller.reconcile('web')());
      expect(hypervisor.running('web')).toBe(0);
      right(await controller.manualStart('web')());
    });
    expect(hypervisor.running('web')).toBe(1);
  });
};

/** All of it on the tables that `fresh` makes: the former version's own, which the present one then opens. */
export const behavesOnBoth = (fresh: () => Promise<Tables>): void => {
  for (const reader of versions) {
    describe(`the ${reader} version reads what the other wrote`, () =>
      readsWhatTheOtherWrote(fresh, otherThan[reader]));
  }
  describe('the present version, rolled back, meets', () => meetsWhatALaterOneWrote(fresh));
  describe('the former version', () => formerlyFailed(fresh));
};
