/**
 * The public entries: the name behind `restart-policy/`, and the source that it is built from.
 *
 * The one table that the build, the linter, the tests and the examples read. A new adapter is one line here and one entry
 * in package.json's `exports`; a test checks that the two agree. A src/*.ts that is not named here is of the core.
 *
 * @type {Readonly<Record<string, string>>}
 */
export const entries = {
  index: 'src/index.ts',
  codec: 'src/codec.ts',
  controller: 'src/controller.ts',
  promises: 'src/promises.ts',
  hypeman: 'src/hypeman.ts',
  describe: 'src/describe.ts',
  simulate: 'src/simulate.ts',
  engine: 'src/engine.ts',
  translate: 'src/translate.ts',
  history: 'src/history.ts',
  metrics: 'src/metrics.ts',
  'adapters/hypeman': 'src/adapters/hypeman.ts',
  'adapters/memory': 'src/adapters/memory.ts',
  'adapters/permitted': 'src/adapters/permitted.ts',
  'adapters/postgres': 'src/adapters/postgres.ts',
  'adapters/process': 'src/adapters/process.ts',
  'adapters/qemu': 'src/adapters/qemu.ts',
  'adapters/shared-process': 'src/adapters/shared-process.ts',
  'adapters/sqlite': 'src/adapters/sqlite.ts',
  'adapters/system-clock': 'src/adapters/system-clock.ts',
  testing: 'src/testing.ts',
  'testing/explore': 'src/testing/explore.ts',
  'testing/arbitraries': 'src/testing/arbitraries.ts',
};

/**
 * What a user imports an entry as.
 *
 * @param {string} name a key of {@link entries}
 */
export const specifier = (name) => (name === 'index' ? 'restart-policy' : `restart-policy/${name}`);
