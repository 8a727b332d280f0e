/** Programs that are hard to find, to end, or to tell apart: with a control group for each run, and without. */
import { describe, expect, test } from 'vitest';
import { readProcess } from '../../src/adapters/linux/processes.js';
import {
  daemonizing,
  hasLostEnvironment,
  headless,
  headlessUp,
  retitled,
  traceAndStop,
  workersIn,
  workingIn,
} from '../linux/difficult.js';
import { forever, observe, permit, shell } from '../linux/instances.js';
import { processesOf, until } from '../linux/support.js';
import { right } from '../support/either.js';
import { living, openings } from './support.js';

const { newDirectory, open } = openings();
const spawnHeir = processesOf(new URL('fixtures/number-given-again.ts', import.meta.url));

const parentOf = (pid: number): number | undefined => readProcess(pid)?.parent;

const spawnHost = processesOf(new URL('fixtures/difficult-host.ts', import.meta.url));

describe.each(['required', 'off'] as const)('with control groups %s', (controlGroups) => {
  const isGrouped = controlGroups === 'required';

  test('says how it knows its runs', async () => {
    const { capabilities } = await open({ controlGroups });
    expect(capabilities.runsKnownBy).toBe(isGrouped ? 'control_group' : 'process');
  });

  describe('an instance whose first thread has ended while others work', () => {
    test('runs, is not started twice, and is ended by a stop', async () => {
      const directory = newDirectory();
      const hypervisor = await open({ directory, controlGroups, commandOf: () => headless(directory) });
      right(await hypervisor.start('web-1', permit)());
      await headlessUp(directory);
      expect((await observe(hypervisor)).state).toBe('running');
      right(await hypervisor.start('web-1', permit)());
      right(await hypervisor.stop('web-1', permit)());
      expect((await observe(hypervisor)).state).toBe('stopped');
      expect(workingIn(directory)).toEqual([]);
      expect(workersIn(directory)).toHaveLength(1);
    });

    test('does not outlive its host, and has no second copy at the next one', async () => {
      const directory = newDirectory();
      const host = await spawnHost(directory, controlGroups, JSON.stringify(headless(directory)));
      await headlessUp(directory);
      await host.end('SIGKILL');
      const next = await open({ directory, controlGroups, commandOf: () => headless(directory) });
      expect(workingIn(directory)).toEqual([]);
      right(await next.start('web-1', permit)());
      await headlessUp(directory, 2);
      expect(workingIn(directory)).toHaveLength(1);
    });
  });

  describe('an instance that writes its title over its environment', () => {
    test.each([
      ['and its guardian lives', true],
      ['and its guardian dies too', false],
    ])('does not outlive its host, and has no second copy at the next one, %s', async (_, hasGuardian) => {
      const directory = newDirectory();
      const host = await spawnHost(directory, controlGroups, JSON.stringify(retitled(directory)));
      await until(() => living(`${directory} retitled`).length === 1);
      const [pid = 0] = living(`${directory} retitled`);
      expect(hasLostEnvironment(pid)).toBe(true);
      const guardians = living('restart-policy-guardian').filter((guardian) => parentOf(guardian) === host.pid);
      if (!hasGuardian) for (const guardian of guardians) process.kill(guardian, 'SIGKILL');
      await host.end('SIGKILL');
      if (hasGuardian) await until(() => living(`${directory} retitled`).length === 0);
      const next = await open({ directory, controlGroups, commandOf: () => retitled(directory) });
      expect(living(`${directory} retitled`)).toEqual([]);
      right(await next.start('web-1', permit)());
      await until(() => living(`${directory} retitled`).length === 1);
      right(await next.stop('web-1', permit)());
      expect(living(`${directory} retitled`)).toEqual([]);
    });
  });

  describe('an instance that is held by a tracer that has stopped', () => {
    test('is stopped all the same, for nothing of it runs; it can be started again, and its host closes', async () => {
      const directory = newDirectory();
      const commandOf = () => shell(forever, directory);
      const hypervisor = await open({ directory, controlGroups, graceMs: 100, commandOf });
      right(await hypervisor.start('web-1', permit)());
      const [pid = 0] = living(directory);
      const tracer = await traceAndStop(pid);
      right(await hypervisor.stop('web-1', permit)());
      expect(await observe(hypervisor)).toMatchObject({ state: 'stopped', exitCode: null, cause: 'host' });
      right(await hypervisor.start('web-1', permit)());
      const [next = 0] = living(directory);
      expect(next).not.toBe(pid);
      await hypervisor.close();
      expect(living(directory)).toEqual([]);
      await tracer.end();
    });

    test('is found to have ended by itself, in a way that nobody knows', async () => {
      const directory = newDirectory();
      const hypervisor = await open({ directory, controlGroups, commandOf: () => shell(forever, directory) });
      right(await hypervisor.start('web-1', permit)());
      const [pid = 0] = living(directory);
      const tracer = await traceAndStop(pid);
      process.kill(pid, 'SIGKILL');
      await until(async () => (await observe(hypervisor)).state === 'stopped');
      expect(await observe(hypervisor)).toMatchObject({ exitCode: null, cause: 'unknown' });
      await tracer.end();
    });
  });

  describe('an instance whose number is given to a stranger, while what it left behind is being ended', () => {
    test('leaves the stranger alone', async () => {
      const inNamespace = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
      const host = await spawnHeir.under(inNamespace, newDirectory(), controlGroups);
      expect(await host.line('web-1')).toBe('web-1 stopped, the stranger lives');
      await host.end('SIGKILL');
    });
  });

  describe('an instance that begins a daemon', () => {
    // Without a group nothing tells whose it is.
    if (isGrouped)
      test('takes the daemon along when it is stopped, and when its host dies', async () => {
        const directory = newDirectory();
        const command = daemonizing(directory, { clears: true });
        const host = await spawnHost(directory, controlGroups, JSON.stringify(command));
        await until(() => living(`${directory} daemon`).length === 1);
        await host.end('SIGKILL');
        const hypervisor = await open({ directory, controlGroups, commandOf: () => command });
        expect(living(`${directory} daemon`)).toEqual([]);
        right(await hypervisor.start('web-1', permit)());
        await until(() => living(`${directory} daemon`).length === 1);
        right(await hypervisor.stop('web-1', permit)());
        expect(living(`${directory} daemon`)).toEqual([]);
      });

    test('takes it along as long as its environment says whose it is', async () => {
      const directory = newDirectory();
      const command = daemonizing(directory, { clears: false });
      const hypervisor = await open({ directory, controlGroups, commandOf: () => command });
      right(await hypervisor.start('web-1', permit)());
      await until(() => living(`${directory} daemon`).length === 1);
      right(await hypervisor.stop('web-1', permit)());
      expect(living(`${directory} daemon`)).toEqual([]);
    });
  });
});
