/**
 * What the contract suites are made of: cases that any test runner can run, and failures that name the rule.
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { isLeft } from '../either.js';
import { constVoid } from '../function.js';
import { isEither } from '../validation.js';
import { differenceOf, shorten, show } from './contract/message.js';

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

/** How a case checks the adapter; each throws when what was seen is not what the rule says. */
export interface Expect {
  readonly equal: (what: string, seen: unknown, expected: unknown) => void;
  readonly that: (holds: boolean, what: string, seen: unknown) => void;
  readonly right: <A>(what: string, call: TaskEither<unknown, A>) => Promise<A>;
  readonly left: <L extends { readonly _tag: string }>(
    what: string,
    call: TaskEither<L, unknown>,
    ...tags: ReadonlyArray<L['_tag']>
  ) => Promise<L>;
  /** For a call that may be answered in several ways, and must be answered. */
  readonly answer: <L, A>(what: string, call: TaskEither<L, A>) => Promise<Either<L, A>>;
  /** Runs a part that was lent with the adapter under test. When it rejects, the error names the part. */
  readonly lent: <A>(part: string, run: () => Promise<A>) => Promise<A>;
  /** Asks until the answer is yes or patience is at its end; it does not throw: the next check does. */
  readonly eventually: (come: () => Promise<boolean>) => Promise<void>;
}

/** What every adapter under test may bring along. */
interface UnderTest {
  readonly patienceMs?: number | undefined;
  readonly close?: (() => Promise<void>) | undefined;
}

// ---------------------------------------------------------------------------
// cases
// ---------------------------------------------------------------------------

/** Makes a case of its name and its body. */
export type CaseMaker<Under> = (
  name: string,
  body: (under: Under, expect: Expect) => Promise<ContractVerdict>,
) => ContractCase;

/** Each case has an adapter of its own, which is closed however the case ends. */
export const caseMaker =
  <Under extends UnderTest>(port: 'store' | 'hypervisor' | 'history', make: () => Promise<Under>): CaseMaker<Under> =>
  (name, body) => ({
    name,
    run: async () => {
      const under = await make();
      const expect = expectations(port, name, under.patienceMs ?? 10_000);
      const close = async (): Promise<void> => under.close?.();
      const verdict = await body(under, expect).catch(async (cause: unknown) => {
        // A fault of closing must not hide what was found.
        await close().catch(constVoid);
        throw cause instanceof ContractBroken ? cause : broken(`${port} rule ${name}: ${thrown(cause)}`, cause);
      });
      await expect.lent('close', close);
      return verdict;
    },
  });

class ContractBroken extends Error {
  override readonly name = 'ContractBroken';
}

const broken = (message: string, cause?: unknown): ContractBroken =>
  new ContractBroken(message, cause === undefined ? undefined : { cause });

const thrown = (cause: unknown): string => `nothing may throw or reject, and saw ${shorten(String(cause))}`;

const expectations = (port: string, name: string, patienceMs: number): Expect => {
  const rule = `${port} rule ${name}`;

  const that: Expect['that'] = (holds, what, seen) => {
    if (!holds) throw broken(`${rule}: ${shorten(what)}; saw ${show(seen)}`);
  };

  /** The first answer; null: none came. */
  const firstOf = async <A>(what: string, call: Task<A>): Promise<A | null> => {
    const patience = timer(patienceMs);
    try {
      return await Promise.race([call(), patience.over]);
    } catch (cause) {
      throw broken(`${rule}: ${shorten(what)}: ${thrown(cause)}`, cause);
    } finally {
      patience.cancel();
    }
  };

  /** An adapter in JavaScript, or one with a cast, may answer anything: its case says so, and fails at nothing else. */
  const answer: Expect['answer'] = async (what, call) => {
    if (typeof call !== 'function') {
      throw broken(`${rule}: ${shorten(what)}: expected a TaskEither, which is a function; saw ${show(call)}`);
    }
    const first = await firstOf(what, call);
    if (first === null) throw broken(`${rule}: ${shorten(what)}: expected an answer within ${patienceMs} ms; saw none`);
    if (!isEither(first)) throw broken(`${rule}: ${shorten(what)}: expected an Either; saw ${show(first)}`);
    return first;
  };

  return {
    that,
    answer,
    equal: (what, seen, expected) => {
      const difference = differenceOf(seen, expected);
      if (difference === null) return;
      const { path, ...parts } = difference;
      const where = `; differs at ${shorten(path)}: expected ${show(parts.expected)}, saw ${show(parts.seen)}`;
      const whole = `${shorten(what)}: expected ${show(expected)}; saw ${show(seen)}`;
      throw broken(`${rule}: ${whole}${path === '' ? '' : where}`);
    },
    right: async (what, call) => {
      const seen = await answer(what, call);
      if (isLeft(seen)) throw broken(`${rule}: ${shorten(what)}: expected a Right; saw ${show(seen)}`);
      return seen.right;
    },
    left: async (what, call, ...tags) => {
      const seen = await answer(what, call);
      if (isLeft(seen) && tags.includes(seen.left._tag)) return seen.left;
      throw broken(`${rule}: ${shorten(what)}: expected ${tags.join(' or ')}; saw ${show(seen)}`);
    },
    lent: async (part, run) => {
      try {
        return await run();
      } catch (cause) {
        const fault = `${part} of the ${port} under test rejected, which says nothing of the ${port} itself`;
        throw broken(`${rule}: ${fault}: ${shorten(String(cause))}`, cause);
      }
    },
    eventually: async (come) => {
      for (let waitedMs = 0; waitedMs < patienceMs && !(await come()); waitedMs += askEveryMs) await pause(askEveryMs);
    },
  };
};

const askEveryMs = 20;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A pause that can be cancelled, so that it does not keep the process alive. */
const timer = (ms: number): { readonly over: Promise<null>; readonly cancel: () => void } => {
  let cancel: () => void = constVoid;
  const over = new Promise<null>((resolve) => {
    const timeout = setTimeout(() => resolve(null), Math.min(ms, longestTimeoutMs));
    cancel = () => clearTimeout(timeout);
  });
  return { over, cancel: () => cancel() };
};

/** A longer timeout would end at once. */
const longestTimeoutMs = 2_147_483_647;
