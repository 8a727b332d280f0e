import { describe, expect, test } from 'vitest';
import { manuallyStopped, policyUpdated } from '../../src/index.js';
import { crashLoop, fixedRuns, type Run, runsOf, type SimulationOptions, simulate } from '../../src/simulate.js';
import { left, right } from '../support/either.js';
import { policyWith } from '../support/values.js';

const good = { policy: policyWith(), workload: crashLoop({ runsFor: 1_000 }), for: 60_000 };

const messagesOf = (options: object): ReadonlyArray<string> =>
  left(simulate({ ...good, ...options } as SimulationOptions)).errors.map(({ message }) => message);

describe('a simulation that cannot be', () => {
  test.each([
    [{ for: 0 }, 'for must be a positive number of milliseconds, not 0'],
    [{ for: undefined }, 'for must be a positive number of milliseconds, but it is missing'],
    [{ for: '1h' }, 'for must be a positive number of milliseconds, not the text "1h"'],
    [{ from: 0.5 }, 'from must be a whole number of milliseconds since the epoch, not 0.5'],
    [{ from: 253_402_300_799_000 }, 'for must not lead beyond the year 9999'],
    [{ seed: -1 }, 'seed must be a whole number from 0 to 4294967295, not -1'],
    [{ id: '' }, 'id must be a text that is not empty, not the text ""'],
    [{ workload: 'crash' }, 'workload must be a function, not the text "crash"'],
    [{ words: {} }, 'words must be an array, not an object'],
    [{ mostEntries: 0 }, 'mostEntries must be a whole number from 1, not 0'],
    [
      { until: 1 },
      'until is not a known option; the known ones are policy, workload, for, id, seed, from, words, mostEntries',
    ],
    [{ policy: undefined }, 'policy is missing'],
    [{ policy: { ...good.policy, backoff: 0 } }, 'policy.backoff must be a positive number of milliseconds, not 0'],
    [{ policy: { policy: 'always' } }, 'policy is in its wire form: decode it with decodeRestartPolicy first'],
  ])('is refused, and the field is named: %o', (options, message) => {
    expect(messagesOf(options)).toEqual([message]);
  });

  test('is refused with all that is wrong at once', () => {
    expect(messagesOf({ for: -1, seed: 0.5, policy: { ...good.policy, backoff: 0, maxAttempts: -1 } })).toHaveLength(4);
    expect(left(simulate(undefined as never)).message).toBe('options must be an object, not undefined');
  });

  test.each([
    [[null], 'words[0] must be an object with at and event, not null'],
    [
      [{ at: -1, event: manuallyStopped }],
      'words[0].at must be a whole number of milliseconds from 0 to before 60000, not -1',
    ],
    [
      [{ at: 60_000, event: manuallyStopped }],
      'words[0].at must be a whole number of milliseconds from 0 to before 60000, not 60000',
    ],
    [
      [2, 1].map((at) => ({ at, event: manuallyStopped })),
      'words[1].at must not be before the one that stands before it: 1 comes after 2',
    ],
    [
      [{ at: 1, event: { _tag: 'Reset' } }],
      'words[0].event must be one of ManualStop, ManualStart, PolicyUpdated, Pause, Resume, not the text "Reset"',
    ],
    [[{ at: 1 }], 'words[0].event must be one of ManualStop, ManualStart, PolicyUpdated, Pause, Resume, not undefined'],
    [[{ at: 1, event: policyUpdated }], 'words[0].policy is missing'],
    [
      [{ at: 1, event: policyUpdated, policy: { ...good.policy, mode: 'sometimes' } }],
      'words[0].policy.mode must be one of never, always, on_failure, not the text "sometimes"',
    ],
    [[{ at: 1, event: manuallyStopped, policy: good.policy }], 'words[0].policy stands only beside PolicyUpdated'],
  ])('has an act of a person that cannot be: %o', (words, message) => {
    expect(messagesOf({ words })).toEqual([message]);
  });

  test.each([
    [{ runsFor: -1 }, '.runsFor must be null or a number of milliseconds from 0, not -1'],
    [{}, '.runsFor must be null or a number of milliseconds from 0, but it is missing'],
    [{ runsFor: Number.NaN }, '.runsFor must be null or a number of milliseconds from 0, not NaN'],
    [{ runsFor: 1, bootsFor: -1 }, '.bootsFor must be a number of milliseconds from 0, or Infinity, not -1'],
    [{ runsFor: 1, exitCode: 0.5 }, '.exitCode must be null or a whole number, not 0.5'],
    [
      { runsFor: 1, cause: 'boredom' },
      '.cause must be one of exit, signal, out_of_memory, panic, host, unknown, not the text "boredom"',
    ],
    [{ runsFor: 1, unhealthyAfter: null }, '.unhealthyAfter must be a number of milliseconds from 0, not null'],
    [{ runsFor: 1, startFails: 'yes' }, '.startFails must be true or false, not the text "yes"'],
    [null, ' must be a run, not null'],
  ])('has a run that cannot be: %o', (run, message) => {
    expect(messagesOf({ workload: fixedRuns([{ runsFor: 1_000 }], run as Run) })).toEqual([`workload(2)${message}`]);
  });

  test('has a workload that throws', () => {
    const workload = (): Run => {
      throw new Error('no more runs');
    };
    expect(messagesOf({ workload })).toEqual(['workload(1) threw: Error: no more runs']);
    const nameless = (): Run => {
      throw Object.create(null);
    };
    expect(messagesOf({ workload: nameless })).toEqual(['workload(1) threw: an object']);
    const unreadable = (): Run => ({
      get runsFor(): number {
        throw new Error('not ready');
      },
    });
    expect(messagesOf({ workload: unreadable })).toEqual(['workload(1) threw: Error: not ready']);
  });

  test('is told when it would never end, or take all memory', () => {
    expect(
      messagesOf({ mostEntries: 100, workload: crashLoop({ runsFor: 0 }), policy: policyWith({ backoff: 1 }) }),
    ).toEqual(['for is too long for what this workload does: it has more than 100 entries after 32ms']);
  });
});

describe('a log of runs', () => {
  test('becomes the runs, without the time between them', () => {
    const log = [
      { startedAt: 0, stoppedAt: 2_000, exitCode: 1, host: 'a' },
      { startedAt: 7_000, stoppedAt: 7_000, exitCode: null, cause: 'host' as const },
      { startedAt: 9_000 },
    ];
    expect(right(runsOf(log))).toEqual([
      { runsFor: 2_000, exitCode: 1 },
      { runsFor: 0, cause: 'host' },
      { runsFor: null },
    ]);
  });

  test.each([
    ['text', 'log must be an array of runs, not the text "text"'],
    [[1], 'log[0] must be an object with startedAt and stoppedAt, not 1'],
    [[{}], 'log[0].startedAt must be a whole number of milliseconds since the epoch, but it is missing'],
    [
      [{ startedAt: '2025' }],
      'log[0].startedAt must be a whole number of milliseconds since the epoch, not the text "2025"',
    ],
    [[{ startedAt: 2, stoppedAt: 1 }], 'log[0].stoppedAt must not be before startedAt: 1 is before 2'],
    [
      [{ startedAt: 2, stoppedAt: 2.5 }],
      'log[0].stoppedAt must be a whole number of milliseconds since the epoch, or null, not 2.5',
    ],
    [[{ startedAt: 1 }, { startedAt: 2 }], 'log[0].stoppedAt is missing, which it may be in the last row alone'],
    [
      [
        { startedAt: 5, stoppedAt: 9 },
        { startedAt: 8, stoppedAt: 9 },
      ],
      'log[1].startedAt must not be before the end of the run in the row before: 8 is before 9',
    ],
    [[{ startedAt: 1, exitCode: 'x' }], 'log[0].exitCode must be null or a whole number, not the text "x"'],
    [
      [{ startedAt: 1, cause: 'x' }],
      'log[0].cause must be one of exit, signal, out_of_memory, panic, host, unknown, not the text "x"',
    ],
  ])('with a row that cannot be is refused, and the row is named: %o', (log, message) => {
    expect(left(runsOf(log as never)).errors.map((error) => error.message)).toEqual([message]);
  });
});
