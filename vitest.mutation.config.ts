import { defineConfig } from 'vitest/config';
import usual from './vitest.config.js';

/**
 * The tests that are asked about every mutant (scripts/mutate/run.mjs): few files, for each is loaded anew every time. The
 * properties among them are asked a few times only, always with the same values; and the longest texts are shorter.
 */
export default defineConfig({
  ...usual,
  test: {
    ...usual.test,
    include: process.env['MUTATION_TESTS']?.split(',') ?? [],
    env: { PROPERTY_FACTOR: '0.1', PROPERTY_SEED: '1', MANY_CHARACTERS: '12000' },
  },
});
