/**
 * Records for the cases, and what the cases ask of a store.
 */
import type { RestartPolicy } from '../../policy.js';
import type { InstanceId, RestartRecord, Revision, Store, StoredRecord } from '../../ports/store.js';
import { initialStatus } from '../../status.js';
import type { Expect } from '../contract.js';
import type { StoreUnderTest } from './under-test.js';

export const policy: RestartPolicy = {
  mode: 'on_failure',
  backoff: 1_500.000_001,
  maxAttempts: 3,
  stableAfter: 600_000,
};

/** A record that differs from others by its number. */
export const record = (attempts: number): RestartRecord => ({ policy, status: { ...initialStatus, attempts } });

/** The store, and the other way to the same records where there is one: calls that race go through both. */
export const waysTo = async ({ store, another }: StoreUnderTest, expect: Expect): Promise<ReadonlyArray<Store>> =>
  another === undefined ? [store] : [store, await expect.lent('another', another)];

export const create = (store: Store, expect: Expect, id: InstanceId, what: RestartRecord): Promise<Revision> =>
  expect.right(`save of a new record of ${id}`, store.save(id, what, null));

export const isStored = async (
  store: Store,
  expect: Expect,
  id: InstanceId,
  { policy, status }: RestartRecord,
  revision: Revision,
): Promise<void> => {
  const loaded = await expect.right(`load of ${id}`, store.load(id));
  const stored: StoredRecord = { policy, status, revision };
  expect.equal(`what is stored of ${id}`, loaded._tag === 'Some' ? loaded.value : 'none', stored);
};

export const isAbsent = async (store: Store, expect: Expect, id: InstanceId): Promise<void> => {
  const loaded = await expect.right(`load of ${id}`, store.load(id));
  expect.equal(`whether ${id} has a record`, loaded._tag, 'None');
};

export const lists = async (store: Store, expect: Expect, ids: ReadonlyArray<InstanceId>): Promise<void> => {
  const listed = await expect.right('list', store.list);
  expect.equal('the listed ids', [...listed].sort(), [...ids].sort());
};
