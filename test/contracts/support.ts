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

/** Something that breaks a rule of its port. */
export interface Broken<Under> {
  readonly what: string;
  readonly make: () => Promise<Under>;
  /** Cases that must fail; others may for the same reason. */
  readonly fails: ReadonlyArray<RegExp>;
  /** No others may: only these notice it. */
  readonly alone?: true;
}

/** One test for each: the cases that must fail do, and name their rule. */
export const testBroken = <Under>(
  port: 'store' | 'hypervisor',
  contract: (make: () => Promise<Under>) => ReadonlyArray<ContractCase>,
  broken: ReadonlyArray<Broken<Under>>,
): void => {
  test.concurrent.each(broken)('$what', async ({ make, fails, alone }) => {
    const cases = contract(make);
    const failing = cases.filter(({ name }) => fails.some((start) => start.test(name)));
    expect(failing).toHaveLength(fails.length);
    const failures = await failuresOf(alone ? cases : failing);
    expect([...failures.keys()]).toEqual(failing.map(({ name }) => name));
    for (const [name, message] of failures) expect(message).toContain(`${port} rule ${name}`);
  });
};
