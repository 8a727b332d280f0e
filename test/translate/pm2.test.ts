import { expect, test } from 'vitest';
import { fromPm2 } from '../../src/translate.js';
import { right } from '../support/either.js';

test.each([
  [[0], 'stays down'],
  [[3], 'is restarted'],
])(
  'what is said of an application that ends for memory is what its rules do, with stop_exit_codes %j',
  (codes, then) => {
    const { policy, losses } = right(
      fromPm2({ name: 'a', script: 'a.js', max_memory_restart: '1G', stop_exit_codes: codes }),
    );
    expect(losses.map(({ effect }) => effect).join()).toContain(`a run that ends for memory ${then}`);
    const isStopped = policy.rules?.some(({ causes }) => causes?.includes('out_of_memory'));
    expect(isStopped).toBe(then === 'stays down');
  },
);
