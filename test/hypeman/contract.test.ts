import { describe } from 'vitest';
import { createHypemanHypervisor } from '../../src/adapters/hypeman.js';
import { type HypervisorUnderTest, hypervisorContract } from '../../src/testing.js';
import { testContract } from '../contracts/support.js';
import { right } from '../support/either.js';
import { openFakeHypeman } from './server.js';

const make = async (): Promise<HypervisorUnderTest> => {
  // The suite wants an end after the beginning, which hypeman itself does not say of a run that ended by itself.
  const hypeman = await openFakeHypeman({ datesEnds: true });
  const { client } = hypeman;
  hypeman.create('web-1');
  hypeman.create('web-2');
  hypeman.refuseStarts('web-2');
  return {
    hypervisor: right(createHypemanHypervisor({ client })),
    id: 'web-1',
    exit: async (exitCode) => hypeman.exit('web-1', exitCode),
    exitRange: [0, 255],
    slowToStop: async () => {
      const release = hypeman.slowStops();
      return async () => release();
    },
    countRuns: async () => hypeman.runs('web-1'),
    refusingStart: 'web-2',
    refuseNextStop: async () =>
      hypeman.answerNext('stop', { status: 409, body: { code: 'invalid_state', message: 'cannot stop' } }),
    reopen: async () => right(createHypemanHypervisor({ client })),
    breakDown: hypeman.close,
    close: hypeman.close,
  };
};

const untold = ['cause: a run that a signal ended', 'cause: a run that its host ended'];

describe('the hypeman hypervisor keeps the contract as class none, through the real client', () => {
  // Its ids, and its clock, are its own. It tells neither that a signal ended a run nor that the host did.
  testContract(hypervisorContract(make), ['section:', 'fenced:', 'ids:', 'A6', 'A7', ...untold]);
});
