/**
 * What the contract suites are made of: cases that any test runner can run, and failures that name the rule.
 *
 * @since 0.1.0
 */
import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * `not_applicable`: the case needs something that the adapter under test does not have, or did not lend. A suite in
 * which everything is held and nothing is not applicable says the most.
 *
 * @since 0.1.0
 */
export type ContractVerdict = 'held' | 'not_applicable';

/**
 * One case of a contract suite. `run` rejects with an error that names the rule, what was expected and what was seen.
 *
 * @since 0.1.0
 */
export interface ContractCase {
  /** A sentence that begins with the number of the rule. */
  readonly name: string;
  readonly run: () => Promise<ContractVerdict>;
}

/** What a case looks at the adapter with; each throws when what was seen is not what the rule says. */
export interface Expect {
  readonly equal: (what: string, seen: unknown, expected: unknown) => void;
  readonly that: (holds: boolean, what: string, seen: unknown) => void;
  readonly right: <A>(what: string, call: TaskEither<unknown, A>) => Promise<A>;
  readonly left: <L extends { readonly _tag: string }>(
    what: string,
    call: TaskEither<L, unknown>,
    ...tags: ReadonlyArray<L['_tag']>
  ) => Promise<L>;
  /** Looks again until it has come, or patience is at its end. Says nothing: the next look tells. */
  readonly eventually: (come: () => Promise<boolean>) => Promise<void>;
}

/** What every adapter under test may bring along. */
interface UnderTest {
  readonly patienceMs?: number;
  readonly close?: () => Promise<void>;
}

// ---------------------------------------------------------------------------
// cases
// ---------------------------------------------------------------------------

/** Makes cases of bodies: each has an adapter of its own, which is closed however the case ends. */
export const caseMaker =
  <Under extends UnderTest>(port: string, make: () => Promise<Under>) =>
  (name: string, body: (under: Under, expect: Expect) => Promise<ContractVerdict>): ContractCase => ({
    name,
    run: async () => {
      const under = await make();
      try {
        return await body(under, expectations(`${port} ${name}`, under.patienceMs ?? 10_000));
      } catch (cause) {
        if (cause instanceof ContractBroken) throw cause;
        throw new ContractBroken(`${port} ${name}: nothing may throw or reject, and saw ${String(cause)}`, { cause });
      } finally {
        await under.close?.();
      }
    },
  });

class ContractBroken extends Error {
  override readonly name = 'ContractBroken';
}

const expectations = (rule: string, patienceMs: number): Expect => {
  const that: Expect['that'] = (holds, what, seen) => {
    if (!holds) throw new ContractBroken(`${rule}: ${what}; saw ${show(seen)}`);
  };
  return {
    that,
    equal: (what, seen, expected) => that(show(seen) === show(expected), `${what}: expected ${show(expected)}`, seen),
    right: async (what, call) => {
      const answer = await call();
      if (isLeft(answer)) throw new ContractBroken(`${rule}: ${what}: expected a Right; saw ${show(answer)}`);
      return answer.right;
    },
    left: async (what, call, ...tags) => {
      const answer = await call();
      if (isLeft(answer) && tags.includes(answer.left._tag)) return answer.left;
      throw new ContractBroken(`${rule}: ${what}: expected ${tags.join(' or ')}; saw ${show(answer)}`);
    },
    eventually: async (come) => {
      for (let waitedMs = 0; waitedMs < patienceMs && !(await come()); waitedMs += lookEveryMs)
        await pause(lookEveryMs);
    },
  };
};

const lookEveryMs = 20;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** As text, with keys in one order: what is equal reads equal. */
const show = (value: unknown): string => {
  const sorted = (_key: string, part: unknown): unknown => {
    if (part instanceof Error) return String(part);
    if (part === undefined) return 'undefined';
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return JSON.stringify(value, sorted);
};
