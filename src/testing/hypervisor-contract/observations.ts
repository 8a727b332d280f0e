/**
 * What the cases ask of an instance, and wait for.
 */
import type { InstanceObservation } from '../../event.js';
import { type Hypervisor, neverRan } from '../../ports/hypervisor.js';
import type { InstanceId, Revision } from '../../ports/store.js';
import { type Expect, pause } from '../contract.js';
import type { Hold } from '../hold.js';
import { given } from './permits.js';
import type { HypervisorUnderTest } from './under-test.js';

export const observe = (hypervisor: Hypervisor, expect: Expect, id: InstanceId): Promise<InstanceObservation> =>
  expect.right(`inspect ${id}`, hypervisor.inspect(id));

export const neverRanYet = async (hypervisor: Hypervisor, expect: Expect, id: InstanceId): Promise<void> =>
  expect.equal(`what ${id} looks like`, await observe(hypervisor, expect, id), neverRan);

const isIn =
  (state: 'stopped' | 'running') =>
  async (hypervisor: Hypervisor, expect: Expect, id: InstanceId, when: string): Promise<InstanceObservation> => {
    const seen = await observe(hypervisor, expect, id);
    expect.that(seen.state === state, `${id} must be ${state} ${when}`, seen);
    return seen;
  };

export const isDown = isIn('stopped');
export const isUp = isIn('running');

const comesTo =
  (state: 'stopped' | 'running', when: string) =>
  async (hypervisor: Hypervisor, expect: Expect, id: InstanceId): Promise<InstanceObservation> => {
    await expect.eventually(async () => (await observe(hypervisor, expect, id)).state === state);
    return isIn(state)(hypervisor, expect, id, when);
  };

export const comesUp = comesTo('running', 'some time after its start');
export const goesDown = comesTo('stopped', 'some time after its exit');

/** Starts an instance, and waits until it runs. */
export const started = async (
  hypervisor: Hypervisor,
  expect: Expect,
  id: InstanceId,
  revision: Revision,
): Promise<InstanceObservation> => {
  await expect.right('start', hypervisor.start(id, given(revision)));
  return comesUp(hypervisor, expect, id);
};

export const countsRuns = async (
  { countRuns }: HypervisorUnderTest,
  expect: Expect,
  expected: number,
): Promise<void> => {
  if (countRuns === undefined) return;
  expect.equal('how many runs there are', await expect.lent('countRuns', countRuns), expected);
};

export const arrives = async (expect: Expect, hold: Hold, what: string): Promise<void> => {
  let arrived = false;
  void hold.reached.then(() => {
    arrived = true;
  });
  await expect.eventually(async () => arrived);
  expect.that(arrived, `${what} must be run`, 'nothing');
};

/** Waits for what must not come: a wrong adapter shows itself within that time. */
export const aMoment = (): Promise<void> => pause(25);
