/** What an opened directory says of control groups, and does where there are none. */
import { readFileSync } from 'node:fs';
import { left as leftOf } from 'fp-ts/lib/Either.js';
import { expect, test, vi } from 'vitest';
import * as controlGroups from '../../src/adapters/linux/control-groups.js';
import { openQemuHypervisor } from '../../src/adapters/qemu.js';
import { left } from '../support/either.js';
import { runsForEver } from './guests.js';
import { describeOnQemu, openings, processesOf } from './support.js';

const { newDirectory, machine, run } = openings();

vi.mock('../../src/adapters/linux/control-groups.js', { spy: true });

const recordOf = (directory: string) => JSON.parse(readFileSync(`${directory}/web-1.json`, 'utf8'));

describeOnQemu('an opened directory', () => {
  test('knows runs by control groups, which it makes, where they are required', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver), { graceMs: 0, controlGroups: 'required' });
    expect(hypervisor.capabilities).toMatchObject({ exclusion: 'section', runsKnownBy: 'control_group' });
    const { group }: { readonly group?: string } = recordOf(directory);
    const [pid] = processesOf(directory).machines;
    expect(readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('/').at(-1)?.trim()).toBe(group?.split('/').at(-1));
  });

  test('makes none where they are off', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver), { graceMs: 0, controlGroups: 'off' });
    expect(hypervisor.capabilities.runsKnownBy).toBe('process');
    expect(recordOf(directory)).not.toHaveProperty('group');
  });

  test('that requires them is not opened where there are none', async () => {
    const none = new Error('a run cannot be a control group here: nothing is mounted');
    vi.mocked(controlGroups.openControlGroups).mockResolvedValueOnce(leftOf(none));
    const options = { directory: newDirectory(), machineOf: () => null };
    expect(left(await openQemuHypervisor({ ...options, controlGroups: 'required' })())).toMatchObject({
      _tag: 'OpenFailed',
      message: none.message,
    });
  });

  test('refuses a way that it does not know', async () => {
    const options: object = { directory: newDirectory(), machineOf: () => null, controlGroups: 'sometimes' };
    const refused = left(await openQemuHypervisor(options as Parameters<typeof openQemuHypervisor>[0])());
    expect(refused).toMatchObject({ _tag: 'InvalidOptions', errors: [{ option: 'controlGroups' }] });
  });
});
