import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { entries, specifier } from './scripts/entries.mjs';
import { longFaults as faults, oneAtATime, onRealParts, twoAtATime } from './scripts/real-parts.mjs';

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

/** From the longest on. They have few lines, and on a clean clone vitest begins with the files that have most. */
const longest = [
  'test/g9-end-to-end',
  'test/g9-deadlines',
  'test/g1p-end-to-end',
  'test/controller/any-hang',
  'test/exhaustive/explore-beyond',
  'test/interleavings/scheduler',
  'test/g8-',
  'test/qemu/known-by',
  'test/package/tarball',
  'test/shared-process/found',
  'test/qemu/stops',
];
/** So that no worker is left with one of these when the others have nothing to do any more. */
class LongestFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const sorted = await super.sort(files);
    const placeOf = ({ moduleId }: TestSpecification): number => {
      const place = longest.findIndex((name) => moduleId.includes(`/${name}`));
      return place < 0 ? longest.length : place;
    };
    const groupOf = ({ project }: TestSpecification): number => project.config.sequence.groupOrder;
    return sorted.sort((a, b) => groupOf(a) - groupOf(b) || placeOf(a) - placeOf(b));
  }
}

const isFolder = (path: string): boolean => path.endsWith('/');
const filesOf = (paths: ReadonlyArray<string>): Array<string> =>
  paths.map((path) => (isFolder(path) ? `${path}**/*.test.ts` : path));

/** All cores for what only computes; then two files at a time, for those wait; then one. */
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
    include: filesOf(twoAtATime),
    exclude: [...configDefaults.exclude, longFaults],
    maxWorkers: 2,
    sequence: { groupOrder: 1 },
  },
};
const alone: TestProjectConfiguration = {
  extends: true,
  test: {
    name: 'real parts, alone',
    include: filesOf(oneAtATime),
    exclude: [...configDefaults.exclude, allPeers],
    maxWorkers: 1,
    sequence: { groupOrder: 2 },
  },
};

export default defineConfig({
  resolve: { alias },
  test: {
    ...(isWhole ? { projects: [core, realParts, alone] } : { include: everything }),
    exclude: [
      ...configDefaults.exclude,
      ...(isReal ? [] : [longFaults]),
      ...(isPeers ? [] : [allPeers]),
      ...(isCore ? onRealParts.map(pathOf) : []),
    ],
    // `npm run test:real` does so itself.
    ...(isWhole ? { globalSetup: ['test/support/nothing-left-behind.ts'] } : {}),
    setupFiles: ['test/support/properties.ts'],
    sequence: { sequencer: LongestFirst },
    // Real processes and files need a moment; nothing asserts on how long they take.
    testTimeout: isProof ? 3_600_000 : 60_000,
    hookTimeout: 60_000,
  },
});
