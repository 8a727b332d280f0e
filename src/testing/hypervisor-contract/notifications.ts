/**
 * Cases of `subscribe`.
 */
import type { InstanceId } from '../../ports/store.js';
import type { ContractCase } from '../contract.js';
import { aMoment, goesDown, started } from './observations.js';
import { given } from './permits.js';
import type { Rule } from './under-test.js';

export const notificationCases = (rule: Rule): ReadonlyArray<ContractCase> => [
  rule('subscribe: the end of a run is notified, with the id', async ({ hypervisor, id, exit }, expect) => {
    if (exit === undefined) return 'not_applicable';
    await started(hypervisor, expect, id, 1);
    const notified = new Set<InstanceId>();
    const cancel = hypervisor.subscribe((changed) => notified.add(changed));
    await expect.lent('exit', () => exit(3));
    await goesDown(hypervisor, expect, id);
    await expect.eventually(async () => notified.size > 0);
    cancel();
    expect.equal('which instances were named', [...notified], [id]);
    return 'held';
  }),

  rule('subscribe: one listener goes, twice if it likes, and the others stay', async (under, expect) => {
    const { hypervisor, id } = under;
    let callsOfGone = 0;
    let callsOfOther = 0;
    const cancelGone = hypervisor.subscribe(() => callsOfGone++);
    const cancelOther = hypervisor.subscribe(() => callsOfOther++);
    cancelGone();
    cancelGone();
    await started(hypervisor, expect, id, 1);
    await expect.right('stop', hypervisor.stop(id, given(2)));
    await expect.eventually(async () => callsOfOther > 0);
    await aMoment();
    cancelOther();
    expect.that(callsOfOther > 0, 'a listener is notified of starts and stops', callsOfOther);
    expect.equal('how often a cancelled listener is notified', callsOfGone, 0);
    return 'held';
  }),
];
