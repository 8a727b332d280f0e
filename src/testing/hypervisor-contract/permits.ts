/**
 * Permits for the cases.
 */
import { left, right } from '../../either.js';
import { type Permit, superseded } from '../../ports/hypervisor.js';
import { type InstanceId, invalidRecord, type Revision, storeFailed } from '../../ports/store.js';
import type { Hold } from '../hold.js';

export const given = (revision: Revision): Permit => ({ revision, check: async () => right(undefined) });

const unreadable = (id: InstanceId) => invalidRecord(id, ['not a record'], { revision: 1, policy: null, status: null });

/** A permit for each way in which a check can say no. */
export const denials = (id: InstanceId, revision: Revision) =>
  [superseded, storeFailed('the store does not answer'), unreadable(id)].map((answer) => ({
    tag: answer._tag,
    permit: { revision, check: async () => left(answer) } satisfies Permit,
  }));

/** A permit whose check waits until it is released. */
export const heldAt = (revision: Revision, hold: Hold): Permit => ({
  revision,
  check: async () => {
    await hold.pass();
    return right(undefined);
  },
});

/** Writes down when the check of a permit begins and ends. */
export const noting = (order: Array<string>, name: string, permit: Permit): Permit => ({
  ...permit,
  check: async () => {
    order.push(`${name} begins`);
    const answer = await permit.check();
    order.push(`${name} ends`);
    return answer;
  },
});
