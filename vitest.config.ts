import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { entries, specifier } from './scripts/entries.mjs';
import { longFaults as faults, onRealParts } from './scripts/real-parts.mjs';

/** The long form of the checks; `npm run prove`. */
const isProof = process.env['PROVE'] !== undefined;
const isCore = process.env['CORE'] !== undefined;
const isReal = process.env['REAL'] !== undefined;
const isPeers = process.env['PEERS'] !== undefined;
/** `vitest.mutation.config.ts` has its own list. */
const isMutation = process.env['MUTATION_TESTS'] !== undefined;
const isWhole = !isProof && !isCore && !isReal && !isPeers && !isMutation;

const pathOf = (path: string): string => path.replace(/\/$/, '/**');
const longFaults = pathOf(faults);
/** Minutes of other systems: `npm run test:peers`. */
const allPeers = 'test/peers/whole/**';
const everything = ['test/**/*.test.ts'];

// Examples and tests import the library by the names that users have for it, and get the source.
const alias = Object.entries(entries).map(([name, file]) => ({
  find: new RegExp(`^${specifier(name)}$`),
  replacement: fileURLToPath(new URL(file, import.meta.url)),
}));

/** All cores for what only computes; then one file at a time, for the real parts have work of their own. */
const core: TestProjectConfiguration = {
  extends: true,
  test: {
    name: 'core',
    include: everything,
    exclude: [...configDefaults.exclude, longFaults, allPeers, ...onRealParts.map(pathOf)],
    maxWorkers: '100%',
    sequence: { groupOrder: 0 },
  },
};
const realParts: TestProjectConfiguration = {
  extends: true,
  test: {
    name: 'real parts',
    include: onRealParts.map((path) => (path.endsWith('/') ? `${path}**/*.test.ts` : path)),
    exclude: [...configDefaults.exclude, longFaults, allPeers],
    maxWorkers: 1,
    sequence: { groupOrder: 1 },
  },
};

export default defineConfig({
  resolve: { alias },
  test: {
    ...(isWhole ? { projects: [core, realParts] } : { include: everything }),
    exclude: [
      ...configDefaults.exclude,
      ...(isReal ? [] : [longFaults]),
      ...(isPeers ? [] : [allPeers]),
      ...(isCore ? onRealParts.map(pathOf) : []),
    ],
    // `npm run test:real` does so itself.
    ...(isWhole ? { globalSetup: ['test/support/nothing-left-behind.ts'] } : {}),
    setupFiles: ['test/support/properties.ts'],
    // Real processes and files need a moment; nothing asserts on how long they take.
    testTimeout: isProof ? 3_600_000 : 60_000,
    hookTimeout: 60_000,
  },
});
