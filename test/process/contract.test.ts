import { afterEach, describe, vi } from 'vitest';
import { hypervisorContract } from '../../src/testing.js';
import { testContract } from '../contracts/support.js';
import { makerOf } from './contract-host.js';
import { living, openings } from './support.js';

const make = makerOf(openings(), { groupsAt: living, commandsAt: living });

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the process hypervisor keeps the contract as class section', () => {
  // It looks at its own children, and ends them: there is nothing that could be taken away from it.
  testContract(hypervisorContract(make), ['no section:', 'fenced:', 'faults:']);
});
