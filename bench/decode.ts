/**
 * Reading a policy and a status: the codec, its strict reader alone, and a check written by hand.
 */
import { isDeepStrictEqual } from 'node:util';
import { decodeRestartPolicy, decodeRestartStatus } from 'restart-policy/codec';
import { decodePolicyStrictly, decodeStatusStrictly } from '../test/support/strict-readers.js';
import { policyByHand, statusByHand } from './decode-floor.js';
import { cpuTimesOf, type Effort, type Side } from './measure.js';

export const decodeNames = [
  'policy, four fields',
  'policy, all fields and a rule',
  'policy, durations never met before',
  'status, two times',
  'status, blocked',
  'policy, durations spelt otherwise',
  'policy, a wrong number',
  'policy, an unknown field',
  'status, times of another zone',
] as const;

export type DecodeName = (typeof decodeNames)[number];

/** Nanoseconds of CPU. */
export interface DecodeCost {
  readonly what: DecodeName;
  readonly codec: number;
  readonly strict: number;
  /** null: that hand does not read it, or tells nothing of what is wrong. */
  readonly byHand: number | null;
}

// ---------------------------------------------------------------------------
// inputs
// ---------------------------------------------------------------------------

const spans = ['1s', '5s', '30s', '1m0s', '1m30s', '250ms', '2h0m0s', '1.5s'];

const pick = <A>(list: ReadonlyArray<A>, n: number): A => list[n % list.length] as A;

const policyOf = (n: number): Record<string, unknown> => ({
  policy: pick(['always', 'on_failure'], n),
  backoff: pick(spans, n),
  max_attempts: 1 + (n % 9),
  stable_after: pick(['10m0s', '5m0s', '1h0m0s'], n),
});

const statusOf = (n: number): Record<string, unknown> => ({
  attempts: 1 + (n % 9),
  last_attempt_at: new Date(1_735_689_600_000 + n * 86_399_000).toISOString().replace('.000Z', 'Z'),
  next_attempt_at: new Date(1_735_689_605_250 + n * 86_399_000).toISOString().replace('0Z', 'Z'),
});

const inputOf = (what: DecodeName, n: number): Record<string, unknown> => {
  switch (what) {
    case 'policy, four fields':
      return policyOf(n);
    case 'policy, all fields and a rule':
      return {
        ...policyOf(n),
        max_backoff: '2h0m0s',
        backoff_factor: 3,
        backoff_from: 'exit',
        jitter: 0.2,
        limit_interval: '1h0m0s',
        cooldown: '2h0m0s',
        start_timeout: pick(spans, n),
        rules: [{ causes: ['exit', 'signal'], exit_codes: [78, [2, 5]], action: 'stop' }],
      };
    case 'policy, durations never met before':
      return {
        ...policyOf(n),
        backoff: `${n % 60}m${(n * 7) % 60}.${100 + n}s`,
        stable_after: `${1 + (n % 2_000)}h${n % 59}m5s`,
      };
    case 'status, two times':
      return statusOf(n);
    case 'status, blocked':
      return { attempts: n % 9, blocked_reason: pick(['manual_stop', 'paused'], n) };
    case 'policy, durations spelt otherwise':
      return {
        ...policyOf(n),
        backoff: pick(['90s', '1.5h', '0.5m', '1500ms'], n),
        stable_after: pick(['10m', '0.25h'], n),
      };
    case 'policy, a wrong number':
      return { ...policyOf(n), max_attempts: -1 - n };
    case 'policy, an unknown field':
      return { ...policyOf(n), max_attempt: n };
    case 'status, times of another zone':
      return { attempts: 1, last_attempt_at: `2026-01-05T${10 + (n % 14)}:00:00+01:00` };
    default:
      return what satisfies never;
  }
};

/** From JSON text, as hosts have them. More than any memory keeps, where they are to be new each time. */
export const decodeInputs = (what: DecodeName): ReadonlyArray<unknown> =>
  Array.from({ length: what === 'policy, durations never met before' ? 5_000 : 500 }, (_, n) =>
    JSON.parse(JSON.stringify(inputOf(what, n))),
  );

// ---------------------------------------------------------------------------
// sides
// ---------------------------------------------------------------------------

/** Where every answer goes: an object that nobody could see might never be made. */
const sink: { last: unknown } = { last: null };

// A loop of its own for each reader, so that each is compiled for its own callee.
const loops = {
  policy: {
    codec: (inputs: ReadonlyArray<unknown>): void => {
      for (const input of inputs) sink.last = decodeRestartPolicy(input);
    },
    strict: (inputs: ReadonlyArray<unknown>): void => {
      for (const input of inputs) sink.last = decodePolicyStrictly(input);
    },
    byHand: (inputs: ReadonlyArray<unknown>): void => {
      for (const input of inputs) sink.last = policyByHand(input);
    },
  },
  status: {
    codec: (inputs: ReadonlyArray<unknown>): void => {
      for (const input of inputs) sink.last = decodeRestartStatus(input);
    },
    strict: (inputs: ReadonlyArray<unknown>): void => {
      for (const input of inputs) sink.last = decodeStatusStrictly(input);
    },
    byHand: (inputs: ReadonlyArray<unknown>): void => {
      for (const input of inputs) sink.last = statusByHand(input);
    },
  },
};

/** What the three answer to one input. `byHand` is null where it does not read it. */
export const decodeAnswers = (what: DecodeName, input: unknown) =>
  what.startsWith('policy')
    ? { codec: decodeRestartPolicy(input), strict: decodePolicyStrictly(input), byHand: policyByHand(input) }
    : { codec: decodeRestartStatus(input), strict: decodeStatusStrictly(input), byHand: statusByHand(input) };

/** What answers differently must not be compared. */
const handReads = (what: DecodeName, inputs: ReadonlyArray<unknown>): boolean => {
  const read = inputs.map((input) => {
    const { codec, strict, byHand } = decodeAnswers(what, input);
    const right = codec._tag === 'Right' ? codec.right : null;
    if (!isDeepStrictEqual(codec, strict) || (byHand !== null && !isDeepStrictEqual(byHand, right))) {
      throw new Error(`the readers answer ${JSON.stringify({ what, input, codec, strict, byHand })}`);
    }
    return byHand !== null;
  });
  return read.every((hand) => hand);
};

export const measureDecode = (effort: Effort): ReadonlyArray<DecodeCost> => {
  const all = decodeNames.map((what) => {
    const inputs = decodeInputs(what);
    const { codec, strict, byHand } = what.startsWith('policy') ? loops.policy : loops.status;
    const sideOf = (loop: (inputs: ReadonlyArray<unknown>) => void): Side => ({
      items: inputs.length,
      run: () => loop(inputs),
    });
    const sides = [sideOf(codec), sideOf(strict), ...(handReads(what, inputs) ? [sideOf(byHand)] : [])];
    return { what, sides };
  });
  // All kinds before any is measured: code that has seen only one of them is faster than it ever is in a host.
  for (let again = 0; again < 2 * effort.rounds; again++) {
    for (const { sides } of all) for (const { run } of sides) run();
  }
  return all.map(({ what, sides }) => {
    const [codec = Number.NaN, strict = Number.NaN, byHand = null] = cpuTimesOf(sides, effort);
    return { what, codec, strict, byHand };
  });
};
