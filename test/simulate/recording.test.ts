/** The runs that a simulation keeps, so that its entries can be made later: the same ones come again, in their order. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LastRun } from '../../src/simulate/last-run.js';
import { Recording } from '../../src/simulate/recording.js';
import type { Run } from '../../src/simulate.js';
import { arbRun } from './given.js';

/** What is said of a run, with what stands for nothing said the same. */
const said = ({ bootsFor, runsFor, exitCode = null, cause, unhealthyAfter, startFails = false }: Run): Run => ({
  bootsFor,
  runsFor,
  exitCode,
  cause,
  unhealthyAfter,
  startFails,
});

const recorded = (runs: ReadonlyArray<Run>): Recording => {
  const recording = new Recording();
  const run = new LastRun();
  for (const [index, each] of runs.entries()) {
    const problem = run.next(() => each, index + 1, Math.random);
    if (problem !== null) throw new Error(problem);
    recording.addRun(run);
  }
  recording.close();
  return recording;
};

const again = (recording: Recording, count: number): ReadonlyArray<Run> => {
  const workload = recording.workload();
  return Array.from({ length: count }, (_, index) => said(workload(index + 1, Math.random)));
};

const fields = ['bootsFor', 'runsFor', 'exitCode', 'cause', 'unhealthyAfter', 'startFails'] as const;

// Of few, which differ from each other in one field or two, so that many come several times in a row.
const arbRuns = fc.tuple(arbRun, arbRun).chain(([one, other]) =>
  fc.array(fc.constantFrom(one, ...fields.map((field) => ({ ...one, [field]: other[field] }))), {
    maxLength: 3_000,
    size: 'max',
  }),
);

test('all come again', () => {
  fc.assert(
    fc.property(arbRuns, (runs) => {
      expect(again(recorded(runs), runs.length)).toEqual(runs.map(said));
    }),
  );
});

test('the first comes again too where nothing is said of it', () => {
  const runs: ReadonlyArray<Run> = [{ runsFor: null }, { runsFor: null }, { runsFor: 3 }];
  expect(again(recorded(runs), 3)).toEqual(runs.map(said));
});

test('one comes again as often as it came, a hundred thousand times too', () => {
  const runs: ReadonlyArray<Run> = [
    { runsFor: 5, exitCode: 3 },
    ...Array.from({ length: 100_000 }, () => ({ runsFor: 7 })),
    { runsFor: 5 },
  ];
  expect(again(recorded(runs), runs.length)).toEqual(runs.map(said));
});

test('a workload that changes the object that it answers with changes no run before it', () => {
  const run = new LastRun();
  const recording = new Recording();
  const answer: { runsFor: number } = { runsFor: 1 };
  for (const [index, runsFor] of [1, 1, 2].entries()) {
    answer.runsFor = runsFor;
    run.next(() => answer, index + 1, Math.random);
    recording.addRun(run);
  }
  expect(again(recording, 3).map(({ runsFor }) => runsFor)).toEqual([1, 1, 2]);
});
