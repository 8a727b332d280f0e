import { rm } from 'node:fs/promises';
import { afterEach, describe, vi } from 'vitest';
import { hypervisorContract } from '../../src/testing.js';
import { testContract } from '../contracts/support.js';
import { makerOf } from '../process/contract-host.js';
import { groupsOf, openings } from './support.js';

const make = makerOf(
  openings(),
  (pipe) => groupsOf(pipe).length,
  (directory) => rm(directory, { recursive: true }),
);

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the shared process hypervisor keeps the contract as class section', () => {
  testContract(hypervisorContract(make), ['no section:', 'fenced:']);
});
