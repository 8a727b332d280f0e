/** What the host lacks, as a controller tells it: apart from what the workload refuses. */
import { left as leftOf, right as rightOf } from 'fp-ts/lib/Either.js';
import { describe, expect, test, vi } from 'vitest';
import type { Fault, HostFault, Hypervisor, InstanceId } from '../../src/controller.js';
import { failed, hostFault, hostResources, refused } from '../../src/controller.js';
import { createController, orThrow, RestartPolicyError } from '../../src/promises.js';
import { controllerOf } from '../support/controller.js';
import { left, right } from '../support/either.js';
import { always, createHost, exited, onFailure } from '../support/host.js';

const noRoom = hostFault('disk_space', 'the run could not be recorded, so it was not started: ENOSPC', 'ENOSPC');

type Answer = Awaited<ReturnType<ReturnType<Hypervisor['start']>>>;

/** A controller on a hypervisor that answers starts as it is told, after the permit's check. */
const begun = async (answers: () => Answer, more: Partial<Hypervisor> = {}) => {
  const host = createHost();
  const faults: Array<Fault> = [];
  const start: Hypervisor['start'] = (id, permit) => async () => {
    const answer = answers();
    if (answer._tag === 'Right') return host.hypervisor.start(id, permit)();
    const checked = await permit.check();
    if (checked._tag === 'Left') return checked;
    if (answer.left._tag === 'Refused') await permit.onRefused?.();
    return answer;
  };
  await host.seed('web', { ...onFailure, mode: 'always', cooldown: 60_000 });
  host.hypervisor.set('web', exited(1));
  const controller = controllerOf({
    store: host.store,
    hypervisor: { ...host.hypervisor, start, ...more },
    clock: host.clock,
    onFault: (fault) => faults.push(fault),
  });
  await host.clock.settle();
  return { host, faults, controller };
};

describe('a start that the host lacks something for', () => {
  test.each([
    ['refused', refused(noRoom.message, noRoom)],
    ['failed', failed('cannot run web', noRoom)],
  ])('is told as that, when it was %s, and costs an attempt', async (_, answer) => {
    const { host, faults, controller } = await begun(() => leftOf(answer));
    expect(faults).toEqual([{ _tag: 'Fault', id: 'web', during: 'start', error: noRoom }]);
    expect(await host.status('web')).toMatchObject({ attempts: 1 });
    await controller.close()();
  });

  test('is told as a refusal when it is the workload that cannot be run', async () => {
    const answer = refused('there is no such program');
    const { faults, controller } = await begun(() => leftOf(answer));
    expect(faults).toEqual([{ _tag: 'Fault', id: 'web', during: 'start', error: answer }]);
    await controller.close()();
  });

  test('is put back when it was a person’s, who is answered with the fault as the cause', async () => {
    const { host, controller } = await begun(() => leftOf(refused(noRoom.message, noRoom)));
    await host.overwrite('web', (await host.status('web')) ?? expect.fail(), always);
    right(await controller.manualStop('web')());
    expect(left(await controller.manualStart('web')())).toMatchObject({ _tag: 'Refused', cause: noRoom });
    expect(await host.status('web')).toMatchObject({ blockedReason: 'manual_stop' });
    await controller.close()();
  });

  test('comes back after a cooldown when the host lacks it no more', async () => {
    let isFull = true;
    const { host, controller } = await begun(() => (isFull ? leftOf(refused('no room', noRoom)) : rightOf(undefined)));
    await host.clock.advance(120_000);
    expect(await host.status('web')).toMatchObject({ blockedReason: 'max_attempts_exceeded', attempts: 3 });
    isFull = false;
    await host.clock.advance(60_000);
    expect(await host.status('web')).toMatchObject({ blockedReason: null, attempts: 1 });
    await controller.close()();
  });
});

describe('what a hypervisor tells of its host', () => {
  test('is a fault of no call of the controller, until it is closed', async () => {
    let tell = (_: InstanceId | null, __: HostFault): void => {};
    const cancel = vi.fn();
    const { faults, controller } = await begun(() => rightOf(undefined), {
      onFault: (listener) => {
        tell = listener;
        return cancel;
      },
    });
    tell('web', noRoom);
    tell(null, noRoom);
    expect(faults).toEqual([
      { _tag: 'Fault', id: 'web', during: 'host', error: noRoom },
      { _tag: 'Fault', id: null, during: 'host', error: noRoom },
    ]);
    await controller.close()();
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  test('is missed where it cannot be listened to, which is told, and nothing else suffers', async () => {
    const { host, faults, controller } = await begun(() => rightOf(undefined), {
      onFault: () => {
        throw new Error('no watches left');
      },
    });
    const error = { _tag: 'Failed', message: 'the hypervisor threw: Error: no watches left' };
    expect(faults).toMatchObject([{ id: null, during: 'subscribe', error }]);
    expect(host.hypervisor.running('web')).toBe(1);
    await controller.close()();
  });

  test('is said in words, and has the system’s error as its cause', async () => {
    const host = createHost();
    await host.seed('web', always);
    const inspect: Hypervisor['inspect'] = () => async () => leftOf(failed('cannot be seen', noRoom));
    const hypervisor = { ...host.hypervisor, inspect };
    const { reconcile, close } = createController({ store: host.store, clock: host.clock, hypervisor });
    const error: unknown = await reconcile('web').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RestartPolicyError);
    expect(error).toMatchObject({ reason: { _tag: 'Fault', error: noRoom }, cause: 'ENOSPC' });
    expect(String(error)).toContain(`the host lacks disk_space: ${noRoom.message}`);
    await close();
  });

  test('needs a function, or none, to be told with', async () => {
    const host = createHost();
    const hypervisor = { ...host.hypervisor, onFault: 'loudly' } as unknown as Hypervisor;
    expect(() => createController({ store: host.store, clock: host.clock, hypervisor })).toThrow(
      /must have a function as onFault, or none/,
    );
    expect(() => orThrow(leftOf(refused('no room', noRoom)))).toThrow(/refused, and nothing was done: no room/);
  });
});

test('each resource has a name of its own', () => {
  expect(new Set(hostResources).size).toBe(hostResources.length);
});
