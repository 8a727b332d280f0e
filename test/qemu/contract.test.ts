import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, vi } from 'vitest';
import { type HypervisorUnderTest, hypervisorContract } from '../../src/testing.js';
import { testContract } from '../contracts/support.js';
import { boot } from '../linux/boot.js';
import { kill } from '../linux/instances.js';
import { until } from '../linux/support.js';
import { refuseNextSignal } from '../process/contract-host.js';
import { takeAway } from '../support/take-away.js';
import { exitsOnRequest } from './guests.js';
import { describeOnQemu, openings, processesOf } from './support.js';

const { newDirectory, machine, open } = openings();

afterEach(() => {
  vi.restoreAllMocks();
});

const make = async (): Promise<HypervisorUnderTest> => {
  const directory = newDirectory();
  // Says with what the instance is to end.
  const serial = join(newDirectory(), 'serial');
  const described = machine(exitsOnRequest, '-serial', `unix:${serial},server=on,wait=off`);
  const created = new Set(['web-1']);
  let lead = 0;
  const clock = { now: () => Date.now() + lead };
  const options = { directory, graceMs: 20, clock, machineOf: (id: string) => (created.has(id) ? described : null) };
  const hypervisor = await open(options);
  return {
    hypervisor,
    id: 'web-1',
    exit: async (exitCode) => {
      const socket = connect(serial);
      await once(socket, 'connect');
      socket.on('error', () => {}).end(Buffer.from([exitCode]));
    },
    exitRange: [1, 127],
    kill: async () => {
      for (const pid of processesOf(directory).machines) kill(pid);
    },
    endHost: async () => {
      await hypervisor.close();
      boot(directory, processesOf(directory).shells);
      await until(() => processesOf(directory).machines.length === 0);
      return open(options);
    },
    slowToStop: async () => {
      const { machines } = processesOf(directory);
      for (const pid of machines) kill(pid, 'SIGSTOP');
      return async () => {
        for (const pid of machines) kill(pid, 'SIGCONT');
      };
    },
    clock: {
      now: clock.now,
      step: async (byMs) => {
        lead += byMs;
      },
    },
    countRuns: async () => processesOf(directory).machines.length,
    refusingStart: 'web-2',
    refuseNextStop: refuseNextSignal,
    create: async (id) => void created.add(id),
    breakDown: async () => takeAway(directory),
    reopen: async () => {
      await hypervisor.close();
      return open(options);
    },
  };
};

describeOnQemu('the QEMU hypervisor keeps the contract as class section', () => {
  testContract(hypervisorContract(make), ['no section:', 'fenced:']);
});
