import { afterEach, describe, vi } from 'vitest';
import { hypervisorContract } from '../../src/testing.js';
import { testContract } from '../contracts/support.js';
import { boot } from '../linux/boot.js';
import { makerOf } from '../process/contract-host.js';
import { takeAway } from '../support/take-away.js';
import { groupsOf, groupUses, living, openings } from './support.js';

const { newDirectory, open } = openings();

afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(groupUses)(
  'the shared process hypervisor keeps the contract as class section, with control groups %s',
  (controlGroups) => {
    const make = makerOf(
      { newDirectory, open: (options) => open({ ...options, controlGroups }) },
      {
        groupsAt: groupsOf,
        commandsAt: living,
        breakDown: async (directory) => takeAway(directory),
        endHost: async (directory, pipe) => boot(directory, groupsOf(pipe)),
      },
    );
    testContract(hypervisorContract(make), ['no section:', 'fenced:']);
  },
);
