/**
 * Cases of A6: the times of a run are of the clock as it stands, and no step of the clock changes how old the run is.
 */
import type { Millis } from '../../duration.js';
import type { Hypervisor } from '../../ports/hypervisor.js';
import type { ContractCase, Expect } from '../contract.js';
import { isDown, isUp, started } from './observations.js';
import { given } from './permits.js';
import type { HypervisorUnderTest, Rule } from './under-test.js';

const hour: Millis = 3_600_000;

/** Longer than any case takes. */
const leeway: Millis = 120_000;

export const timeCases = (rule: Rule): ReadonlyArray<ContractCase> => [
  rule('A6 a step of the clock does not age a run, nor make it younger', async (under, expect) => {
    const { hypervisor, id, clock, reopen } = under;
    if (clock === undefined) return 'not_applicable';
    await started(hypervisor, expect, id, 1);
    await isYoung(under, hypervisor, expect, 'when it has just begun');
    for (const [by, where] of steps) {
      await expect.lent('clock.step', () => clock.step(by));
      await isYoung(under, hypervisor, expect, `when the clock was set ${where}`);
    }
    if (reopen === undefined) return 'held';
    const later = await expect.lent('reopen', reopen);
    await started(later, expect, id, 2);
    await isYoung(under, later, expect, 'to a later process');
    await expect.lent('clock.step', () => clock.step(hour));
    await isYoung(under, later, expect, 'to a later process when the clock was set forward');
    return 'held';
  }),

  rule('A6 a step of the clock makes no run that ended longer, and moves its end along', async (under, expect) => {
    const { hypervisor, id, clock } = under;
    if (clock === undefined) return 'not_applicable';
    await started(hypervisor, expect, id, 1);
    await expect.lent('clock.step', () => clock.step(hour));
    await expect.right('stop', hypervisor.stop(id, given(2)));
    for (const [by, where] of [[0, 'forward before its end'] as const, ...steps]) {
      if (by !== 0) await expect.lent('clock.step', () => clock.step(by));
      const { startedAt, stoppedAt } = await isDown(hypervisor, expect, id, 'when it was stopped');
      if (startedAt === null || stoppedAt === null) return 'held'; // not known, which is no wrong time
      const lengthAndAge = { length: stoppedAt - startedAt, ended: clock.now() - stoppedAt };
      const isRight = isShort(lengthAndAge.length) && isShort(lengthAndAge.ended);
      expect.that(isRight, `a run that ended just now was short when the clock was set ${where}`, lengthAndAge);
    }
    return 'held';
  }),
];

const steps = [
  [hour, 'forward'],
  [-3 * hour, 'back'],
] as const;

const isShort = (span: Millis): boolean => span > -leeway && span < leeway;

const isYoung = async (
  { id, clock }: HypervisorUnderTest,
  hypervisor: Hypervisor,
  expect: Expect,
  when: string,
): Promise<void> => {
  const { startedAt } = await isUp(hypervisor, expect, id, when);
  const age = startedAt === null || clock === undefined ? null : clock.now() - startedAt;
  expect.that(age !== null && isShort(age), `a run that began just now is young ${when}`, { startedAt, age });
};
