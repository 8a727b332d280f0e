/** The signal of a call: by it a port learns that nobody waits for its answer any more. */
import { describe, expect, test } from 'vitest';
import type { PortCall } from '../../src/ports/call.js';
import { createMemoryStore } from '../../src/testing.js';
import { controllerOf } from '../support/controller.js';
import { right } from '../support/either.js';
import { always, createHost, exited } from '../support/host.js';
import { leasesOfAll } from '../support/leases.js';

const second = 1_000;
const minute = 60 * second;

/** Each call by its port, its name and its deadline. */
const calls = [
  ['store', 'load', 10 * second],
  ['store', 'save', 10 * second],
  ['store', 'list', 10 * second],
  ['store', 'listRecords', 10 * second],
  ['store', 'remove', 10 * second],
  ['leases', 'hold', 10 * second],
  ['leases', 'check', 10 * second],
  ['leases', 'release', 10 * second],
  ['hypervisor', 'inspect', 10 * second],
  ['hypervisor', 'start', 2 * minute],
  ['hypervisor', 'stop', minute],
] as const;

/** Starts an instance, deletes it and looks at it once more: every call is made, and the one that is named never answers. */
const begin = async (port: 'store' | 'leases' | 'hypervisor', name: string) => {
  const host = createHost();
  const told: Array<PortCall> = [];
  const hanging = (...args: ReadonlyArray<unknown>) => {
    // The last argument: a start and a stop have their signal in the permit.
    told.push(args.at(-1) as PortCall);
    const never = new Promise<never>(() => {});
    return name === 'list' ? never : () => never;
  };
  const { listRecords } = createMemoryStore();
  const store = { ...host.store, ...(name === 'listRecords' && { listRecords }) };
  const ports = { store, hypervisor: host.hypervisor, leases: leasesOfAll };
  await host.seed('web', always);
  host.hypervisor.set('web', exited(1));
  const controller = controllerOf({
    clock: host.clock,
    ...ports,
    [port]: { ...ports[port], [name]: hanging },
  });
  await host.clock.settle();
  void controller.requestDelete('web')();
  await host.clock.settle();
  void controller.reconcile('web')();
  await host.clock.settle();
  const [call] = told;
  if (call === undefined) return expect.fail('not called');
  return { clock: host.clock, controller, call };
};

describe.each(calls)('of the %s: %s', (port, name, deadline) => {
  test('is aborted when its deadline has passed, and never before', async () => {
    const { clock, call } = await begin(port, name);
    let aborts = 0;
    call.signal?.addEventListener('abort', () => void aborts++);
    await clock.advance(deadline - 1);
    expect([call.signal?.aborted, aborts]).toEqual([false, 0]);
    await clock.advance(1);
    expect([call.signal?.aborted, aborts]).toEqual([true, 1]);
  });

  test('is aborted when the controller has closed', async () => {
    const { controller, call } = await begin(port, name);
    expect(call.signal?.aborted).toBe(false);
    right(await controller.close({ within: 0 })());
    expect(call.signal?.aborted).toBe(true);
  });

  test('is aborted from the beginning when it is asked for that late', async () => {
    const { clock, call } = await begin(port, name);
    await clock.advance(deadline);
    expect(call.signal?.aborted).toBe(true);
  });
});
