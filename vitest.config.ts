import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real processes and files need a moment; nothing asserts on how long they take.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
