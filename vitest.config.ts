import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';
import { entries, specifier } from './scripts/entries.mjs';
import { onRealParts } from './scripts/real-parts.mjs';

/** The long form of the checks; `npm run prove`. */
const isProof = process.env['PROVE'] !== undefined;
const isCore = process.env['CORE'] !== undefined;
const isReal = process.env['REAL'] !== undefined;

// Examples and tests import the library by the names that users have for it, and get the source.
const alias = Object.entries(entries).map(([name, file]) => ({
  find: new RegExp(`^${specifier(name)}$`),
  replacement: fileURLToPath(new URL(file, import.meta.url)),
}));

export default defineConfig({
  resolve: { alias },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [
      ...configDefaults.exclude,
      // Minutes of faults on real parts: `npm run test:real`.
      ...(isReal ? [] : ['test/real/**']),
      ...(isCore ? onRealParts.map((path) => path.replace(/\/$/, '/**')) : []),
    ],
    setupFiles: ['test/support/properties.ts'],
    // Real processes and files need a moment; nothing asserts on how long they take.
    testTimeout: isProof ? 3_600_000 : 60_000,
    hookTimeout: 60_000,
  },
});
