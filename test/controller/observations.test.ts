/**
 * What the hypervisor says of an instance: it is decided on, told and shown as it was said.
 */
import { describe, expect, test } from 'vitest';
import type { InstanceObservation } from '../../src/event.js';
import { observed, type RestartPolicy, saltOf } from '../../src/index.js';
import { right } from '../support/either.js';
import { createHost, exited } from '../support/host.js';
import { policyWith } from '../support/values.js';

/** Left down only where the cause says so. */
const downWhenOutOfMemory: RestartPolicy = policyWith({ rules: [{ causes: ['out_of_memory'], action: 'stop' }] });

const beginWith = async (instance: InstanceObservation) => {
  const host = createHost();
  await host.seed('web', downWhenOutOfMemory);
  host.hypervisor.set('web', instance);
  const controller = await host.begin();
  return { host, controller };
};

describe('the cause of an end', () => {
  test('is decided on, told and shown with all the rest', async () => {
    const instance: InstanceObservation = { ...exited(null), cause: 'out_of_memory' };
    const { host, controller } = await beginWith(instance);
    const whole = { ...instance, salt: saltOf('web') };
    expect(host.decisions.map(({ event, reason }) => [event, reason])).toStrictEqual([
      [observed(whole), 'stopped_by_rule'],
    ]);
    expect(host.calls('web')).toEqual([]);
    expect(right(await controller.status('web')())?.instance).toStrictEqual(whole);
  });

  test('is absent where nothing is said of it', async () => {
    const { host } = await beginWith(exited(null));
    expect(host.decisions[0]?.event).toStrictEqual(observed({ ...exited(null), salt: saltOf('web') }));
    expect(host.calls('web')).toEqual(['start done']);
  });
});
