/**
 * Cases of A4: the check of a permit, and calls that are refused after it.
 */
import type { Permit } from '../../ports/hypervisor.js';
import type { ContractCase } from '../contract.js';
import { createHold } from '../hold.js';
import { aMoment, arrives, comesUp, countsRuns, isDown, isUp, started } from './observations.js';
import { denials, given, heldAt } from './permits.js';
import type { Rule } from './under-test.js';

export const checkCases = (rule: Rule): ReadonlyArray<ContractCase> => [
  rule('A4 a start whose check does not pass starts nothing, and answers what the check did', async (under, expect) => {
    const { hypervisor, id } = under;
    for (const { tag, permit } of denials(id, 1)) {
      await expect.left('start', hypervisor.start(id, permit), tag);
      await aMoment();
      const seen = await isDown(hypervisor, expect, id, 'after a start that was not to be');
      expect.equal('when it ran', seen.startedAt, null);
    }
    await started(hypervisor, expect, id, 2);
    for (const { tag, permit } of denials(id, 3)) {
      await expect.left('start of what runs', hypervisor.start(id, permit), tag);
    }
    await countsRuns(under, expect, 1);
    return 'held';
  }),

  rule('A4 a stop whose check does not pass stops nothing, and answers what the check did', async (under, expect) => {
    const { hypervisor, id } = under;
    for (const { tag, permit } of denials(id, 1)) {
      await expect.left('stop of what does not run', hypervisor.stop(id, permit), tag);
    }
    const before = await started(hypervisor, expect, id, 2);
    for (const { tag, permit } of denials(id, 3)) {
      await expect.left('stop', hypervisor.stop(id, permit), tag);
      await aMoment();
      const after = await isUp(hypervisor, expect, id, 'after a stop that was not to be');
      expect.equal('when the run began', after.startedAt, before.startedAt);
    }
    return 'held';
  }),

  rule('A4 nothing is started or stopped before the check has passed', async (under, expect) => {
    const { hypervisor, id } = under;
    const beforeStart = createHold();
    const starting = hypervisor.start(id, heldAt(1, beforeStart))();
    await arrives(expect, beforeStart, 'the check of the start');
    await aMoment();
    await isDown(hypervisor, expect, id, 'while the check of its start runs');
    beforeStart.release();
    await expect.right('start', () => starting);
    await comesUp(hypervisor, expect, id);
    const beforeStop = createHold();
    const stopping = hypervisor.stop(id, heldAt(2, beforeStop))();
    await arrives(expect, beforeStop, 'the check of the stop');
    await aMoment();
    await isUp(hypervisor, expect, id, 'while the check of its stop runs');
    beforeStop.release();
    await expect.right('stop', () => stopping);
    return 'held';
  }),

  rule('A4 onRefused does not run for a call that is not refused', async ({ hypervisor, id }, expect) => {
    let runs = 0;
    const counting = (permit: Permit): Permit => ({
      ...permit,
      onRefused: async () => {
        runs++;
      },
    });
    for (const { tag, permit } of denials(id, 1)) {
      await expect.left('start', hypervisor.start(id, counting(permit)), tag);
      await expect.left('stop', hypervisor.stop(id, counting(permit)), tag);
    }
    await expect.right('stop of what does not run', hypervisor.stop(id, counting(given(2))));
    await expect.right('start', hypervisor.start(id, counting(given(3))));
    await comesUp(hypervisor, expect, id);
    await expect.right('start of what runs', hypervisor.start(id, counting(given(4))));
    await expect.right('stop', hypervisor.stop(id, counting(given(5))));
    expect.equal('how often onRefused ran', runs, 0);
    return 'held';
  }),

  rule('A4 a refused start has done nothing', async ({ hypervisor, refusingStart }, expect) => {
    if (refusingStart === undefined) return 'not_applicable';
    await expect.left('start', hypervisor.start(refusingStart, given(1)), 'Refused');
    await aMoment();
    await isDown(hypervisor, expect, refusingStart, 'after a refused start');
    for (const { tag, permit } of denials(refusingStart, 2)) {
      await expect.left('start that must not be', hypervisor.start(refusingStart, permit), tag);
    }
    return 'held';
  }),

  rule('A4 a refused stop has done nothing, and the next one stops', async (under, expect) => {
    const { hypervisor, id, refuseNextStop } = under;
    if (refuseNextStop === undefined) return 'not_applicable';
    const before = await started(hypervisor, expect, id, 1);
    await expect.lent('refuseNextStop', refuseNextStop);
    await expect.left('stop', hypervisor.stop(id, given(2)), 'Refused');
    const after = await isUp(hypervisor, expect, id, 'after a refused stop');
    expect.equal('when the run began', after.startedAt, before.startedAt);
    await expect.right('next stop', hypervisor.stop(id, given(3)));
    await isDown(hypervisor, expect, id, 'after the next stop');
    return 'held';
  }),
];
