/**
 * Cases of rule 3: a load sees what was saved.
 */
import type { RestartPolicy } from '../../policy.js';
import { initialStatus, type RestartStatus, stoppedByPerson } from '../../status.js';
import type { ContractCase } from '../contract.js';
import { create, isAbsent, isStored, policy, record } from './records.js';
import type { Rule } from './under-test.js';

export const loadCases = (rule: Rule): ReadonlyArray<ContractCase> => [
  rule('3 what was saved is loaded whole, field by field', async ({ store }, expect) => {
    const at = 1_735_689_600_123;
    const statuses: ReadonlyArray<RestartStatus> = [
      initialStatus,
      stoppedByPerson,
      { ...initialStatus, attempts: 2, lastAttemptAt: at, nextAttemptAt: at + 1 },
      { ...initialStatus, attempts: 3, lastAttemptAt: at, blockedReason: 'max_attempts_exceeded' },
      { ...initialStatus, nextAttemptAt: at, lastReason: 'health_check_failed' },
      { ...initialStatus, attempts: Number.MAX_SAFE_INTEGER, lastAttemptAt: 0 },
    ];
    const policies: ReadonlyArray<RestartPolicy> = [
      policy,
      { mode: 'never', backoff: 5_000, maxAttempts: 0, stableAfter: 600_000 },
      { mode: 'always', backoff: 0.000_001, maxAttempts: Number.MAX_SAFE_INTEGER, stableAfter: 7_776_000_000 },
    ];
    for (const [n, status] of statuses.entries()) {
      for (const [m, each] of policies.entries()) {
        const id = `instance-${n}-${m}`;
        const revision = await create(store, expect, id, { policy: each, status });
        await isStored(store, expect, id, { policy: each, status }, revision);
      }
    }
    return 'held';
  }),

  rule('3 what the caller does to a record after its save reaches nobody', async ({ store }, expect) => {
    const mine = { policy: { ...policy }, status: { ...initialStatus } };
    const revision = await create(store, expect, 'web', mine);
    mine.status.attempts = 99;
    mine.policy.maxAttempts = 99;
    await isStored(store, expect, 'web', record(0), revision);
    return 'held';
  }),

  rule('3 a load sees every save that was answered before, by whichever process', async (under, expect) => {
    if (under.another === undefined) return 'not_applicable';
    const other = await expect.lent('another', under.another);
    let revision = await create(under.store, expect, 'web', record(0));
    for (let n = 1; n <= 6; n++) {
      const [writer, reader] = n % 2 === 0 ? [under.store, other] : [other, under.store];
      // The reader loads before the write too, so that one that keeps what it loaded is found out.
      await isStored(reader, expect, 'web', record(n - 1), revision);
      revision = await expect.right('save', writer.save('web', record(n), revision));
      await isStored(reader, expect, 'web', record(n), revision);
    }
    await expect.right('remove', under.store.remove('web', revision));
    await isAbsent(other, expect, 'web');
    return 'held';
  }),

  rule(
    '3 a load of what was written a moment ago sees it, and of what never was sees none',
    async ({ store }, expect) => {
      let revision = await create(store, expect, 'web', record(0));
      for (let n = 1; n <= 3; n++) {
        await isStored(store, expect, 'web', record(n - 1), revision);
        revision = await expect.right('save', store.save('web', record(n), revision));
        await isStored(store, expect, 'web', record(n), revision);
      }
      await isAbsent(store, expect, 'db');
      return 'held';
    },
  ),
];
