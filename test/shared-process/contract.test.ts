import { rm } from 'node:fs/promises';
import { afterEach, describe, vi } from 'vitest';
import { hypervisorContract } from '../../src/testing.js';
import { testContract } from '../contracts/support.js';
import { boot } from '../linux/boot.js';
import { makerOf } from '../process/contract-host.js';
import { groupsOf, living, openings } from './support.js';

const make = makerOf(openings(), {
  groupsAt: groupsOf,
  commandsAt: living,
  breakDown: (directory) => rm(directory, { recursive: true }),
  endHost: async (directory, pipe) => boot(directory, groupsOf(pipe)),
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the shared process hypervisor keeps the contract as class section', () => {
  testContract(hypervisorContract(make), ['no section:', 'fenced:']);
});
