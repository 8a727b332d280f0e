/** The compiler sees to it that every action is dealt with; this is for one that comes all the same. */
import { expect, test, vi } from 'vitest';
import type { RestartAction } from '../../src/action.js';
import { type Decision, decide } from '../../src/decide.js';
import { left } from '../support/either.js';
import { always, createHost, exited } from '../support/host.js';

vi.mock(import('../../src/decide.js'), async (original) => ({ ...(await original()), decide: vi.fn() }));

test('an action that the controller does not know is a fault, and starts and stops nothing', async () => {
  const action = { _tag: 'Hibernate', attempt: 1 } as unknown as RestartAction;
  vi.mocked(decide).mockImplementation(
    (_, status): Decision => ({ status, actions: [action], reason: 'restart_after_exit' }),
  );
  const host = createHost();
  await host.seed('web', always);
  host.hypervisor.set('web', exited(1));
  const controller = await host.begin();
  const fault = {
    _tag: 'Fault',
    id: 'web',
    during: 'start',
    error: { _tag: 'Failed', message: 'no such action: {"_tag":"Hibernate","attempt":1}' },
  };
  expect(host.faults).toEqual([fault]);
  expect(left(await controller.reconcile('web')())).toEqual(fault);
  expect(host.calls('web')).toEqual([]);
});
