/**
 * Mutation testing: `npm run mutate` (all of it), `npm run mutate -- --mutate src/duration.ts` (a part).
 *
 * The tests are those that end within seconds (vitest.mutation.config.ts). What survives is explained, or an error of the
 * tests: docs/guarantees.md.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: [
    'src/decide.ts',
    'src/duration.ts',
    'src/codec.ts',
    'src/codec/*.ts',
    'src/controller.ts',
    'src/controller/*.ts',
  ],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // Loops that a mutant makes endless: a multiple of what the tests take, and a moment.
  timeoutMS: 5_000,
  timeoutFactor: 2,
  reporters: ['clear-text', 'json', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: 'reports/mutation.json' },
  tempDirName: '.stryker-tmp',
  cleanTempDir: 'always',
  dryRunTimeoutMinutes: 10,
  ignorePatterns: ['dist', 'reports', 'coverage', 'docs', 'bench', 'examples'],
  checkers: [],
};
