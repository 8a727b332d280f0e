/**
 * The tests on real parts (processes, machines, databases, browsers, the packed package), as folders and files of test/.
 * `npm run test:core` runs all the others: what is not named here is among them.
 */

/** Minutes of faults: `npm run test:real` alone runs them. */
export const longFaults = 'test/real/';

/** `npm run test:real` runs these, and looks after whatever they start. */
export const lookedAfter = ['test/linux/', 'test/postgres/', 'test/qemu/', longFaults, 'test/shared-process/'];

/** Two files at a time: they wait more than they work, and whatever they start is theirs alone. */
export const twoAtATime = [
  ...lookedAfter,
  'test/history/killed.test.ts',
  'test/package/tarball.test.ts',
  'test/process/',
  'test/simulate/golden.test.ts',
  'test/sqlite/processes.test.ts',
];

/** One file at a time: they take the whole machine (a browser, a fleet), or measure, or look at when things happen. */
export const oneAtATime = [
  'test/bench/bench.test.ts',
  'test/cli/processes.test.ts',
  'test/crash/',
  'test/examples/',
  'test/metrics/operations.test.ts',
  'test/playground/page.test.ts',
  'test/peers/quick.test.ts',
  'test/peers/whole/',
];

export const onRealParts = [...twoAtATime, ...oneAtATime];
