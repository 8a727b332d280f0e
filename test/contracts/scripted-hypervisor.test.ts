import { describe } from 'vitest';
import type { Exclusion } from '../../src/ports/hypervisor.js';
import {
  createScriptedHypervisor,
  createVirtualClock,
  type HypervisorUnderTest,
  hypervisorContract,
} from '../../src/testing.js';
import { right } from '../support/either.js';
import { testContract } from './support.js';

const underTest = (exclusion: Exclusion) => async (): Promise<HypervisorUnderTest> => {
  const clock = createVirtualClock();
  const scripted = right(createScriptedHypervisor({ clock, exclusion }));
  const process = scripted.connect();
  scripted.nextStart('refusing', { outcome: 'refused' }, Number.POSITIVE_INFINITY);
  return {
    hypervisor: process,
    id: 'web-1',
    exit: async (exitCode) => scripted.exit('web-1', exitCode, 'exit'),
    exitRange: [0, 255],
    kill: async () => scripted.kill('web-1', 'signal'),
    endHost: async () => {
      process.crash();
      scripted.endHost();
      return scripted.connect();
    },
    slowToStop: async () => {
      scripted.nextStop('web-1', { endingMs: 1_000 });
      return () => clock.advance(1_000);
    },
    clock: { now: clock.now, step: async (byMs) => clock.jump(clock.now() + byMs) },
    countRuns: async () => scripted.running('web-1'),
    refusingStart: 'refusing',
    refuseNextStop: async () => scripted.nextStop('web-1', { outcome: 'refused' }),
    reopen: async () => {
      process.crash();
      return scripted.connect();
    },
    create: async () => undefined,
    breakDown: async () => {
      scripted.failInspect('web-1', Number.POSITIVE_INFINITY);
      scripted.nextStart('web-1', { outcome: 'failed' }, Number.POSITIVE_INFINITY);
      scripted.nextStop('web-1', { outcome: 'failed' }, Number.POSITIVE_INFINITY);
    },
  };
};

describe('the scripted hypervisor keeps the contract as class section', () => {
  testContract(hypervisorContract(underTest('section')), ['no section:', 'fenced:']);
});

describe('the scripted hypervisor keeps the contract as class fenced', () => {
  testContract(hypervisorContract(underTest('fenced')), ['section:']);
});

describe('the scripted hypervisor keeps the contract as class none', () => {
  testContract(hypervisorContract(underTest('none')), ['section:', 'fenced:']);
});
