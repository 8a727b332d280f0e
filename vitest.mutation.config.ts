import { defineConfig } from 'vitest/config';
import usual from './vitest.config.js';

/**
 * The tests that are asked about every mutant: the examples of the core, the codecs and the controller, on virtual time.
 * The properties that stand among them are asked a few times only; the G tests would take a minute for every mutant.
 */
export default defineConfig({
  ...usual,
  test: {
    ...usual.test,
    include: [
      'test/codec*.test.ts',
      'test/controller/*.test.ts',
      'test/decide/*.test.ts',
      'test/durations.test.ts',
      'test/g10-*.test.ts',
      'test/policy.test.ts',
      'test/standard-schema.test.ts',
    ],
    env: { PROPERTY_FACTOR: '0.1', MANY_CHARACTERS: '12000' },
  },
});
