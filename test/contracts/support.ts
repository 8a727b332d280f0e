import { expect, test } from 'vitest';
import type { ContractCase } from '../../src/testing.js';

/** One test per case; those that an adapter has no means for are named, so that none is lost unnoticed. */
export const testContract = (cases: ReadonlyArray<ContractCase>, notApplicable: ReadonlyArray<string> = []): void => {
  for (const { name, run } of cases) {
    test(name, async () => {
      expect(await run()).toBe(notApplicable.some((start) => name.startsWith(start)) ? 'not_applicable' : 'held');
    });
  }
};

/** The names of the cases that fail, and what they say. */
export const failuresOf = async (cases: ReadonlyArray<ContractCase>): Promise<ReadonlyMap<string, string>> => {
  const failures = new Map<string, string>();
  for (const { name, run } of cases) {
    await run().catch((error: unknown) => failures.set(name, String(error)));
  }
  return failures;
};
