/** Waits: policies whose growth and jitter a port could get wrong by a digit, each at several attempts of several salts. */

import { decodeRestartPolicy } from '../../src/codec.js';
import type { RestartPolicy } from '../../src/policy.js';
import { saltOf, shareOf } from '../../src/salt.js';
import { longestWait, waitAfterAttempt, waitAfterExit } from '../../src/waits.js';
import type { RestartPolicyWire } from '../../src/wire.js';
import { right } from '../support/either.js';

export interface Waits {
  readonly policy: unknown;
  readonly waits: ReadonlyArray<{
    readonly attempts: number;
    readonly salt: number;
    /** The share of jitter, in 2^32nds. */
    readonly hash: number;
    readonly wait: number;
    readonly exit_wait: number;
    readonly longest: number;
  }>;
}

/** The first ones, some at which growth has ended, and some that four bytes do not hold. */
const usual = [0, 1, 2, 3, 4, 7];
const huge = [1_000, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1];
const salts = [0, 7, saltOf('web-1'), 2 ** 32 - 1];

type Question = readonly [
  policy: Partial<RestartPolicyWire>,
  attempts: ReadonlyArray<number>,
  salts: ReadonlyArray<number>,
];

const questions: ReadonlyArray<Question> = [
  // Constant.
  [{ backoff: '5s' }, [0, 1, 2, 2 ** 53 - 1], [0, 7]],
  [{ backoff: '1ns' }, [0, 1], [0]],
  [{ backoff: '7.25ms' }, [0, 1], [0]],
  // Growing.
  [{ backoff: '5s', max_backoff: '5m' }, [...usual, ...huge], [0]],
  [{ backoff: '5s', max_backoff: '5s' }, [0, 1, 2], [0]],
  [{ backoff: '1s', max_backoff: '1h', backoff_factor: 1.1 }, [...usual, 20, 85, 86, 87, ...huge], [0]],
  [{ backoff: '1s', max_backoff: '1h', backoff_factor: 1.5 }, [...usual, 20, 21], [0]],
  [{ backoff: '1ns', max_backoff: '1h', backoff_factor: 1.4 }, [...usual, 40, 60, 80], [0]],
  [{ backoff: '1.000001ms', max_backoff: '1m', backoff_factor: 3 }, [...usual, 10, 11], [0]],
  [{ backoff: '7.25ms', max_backoff: '55.5ms', backoff_factor: 100 }, [0, 1, 2], [0]],
  [{ backoff: '333.333333ms', max_backoff: '24h', backoff_factor: 1.7 }, [...usual, 20, 24, 25], [0]],
  [{ backoff: '1s', max_backoff: '24h', backoff_factor: 1.000001 }, [2, 1_000, 1_000_000, ...huge], [0]],
  // The order in which the power is multiplied shows in the last digit.
  [{ backoff: '2000000s', max_backoff: '2386h', backoff_factor: 1.3 }, [6, 7, 8], [0]],
  // Spread.
  [{ backoff: '5s', jitter: 0.1 }, [...usual, ...huge], salts],
  [{ backoff: '10s', jitter: 1 }, [0, 1, 2], salts],
  [{ backoff: '1ns', jitter: 1 }, [0, 1], salts],
  [{ backoff: '7.25ms', jitter: 0.3 }, usual, [0, 7]],
  // Both.
  [{ backoff: '5s', max_backoff: '5m', jitter: 0.5 }, [...usual, ...huge], salts],
  [{ backoff: '5s', max_backoff: '5m', jitter: 0.5, backoff_from: 'exit' }, [...usual, ...huge], salts],
  [
    { backoff: '1s', max_backoff: '1h', backoff_factor: 1.1, jitter: 0.2, backoff_from: 'exit' },
    [...usual, 86, 87],
    salts,
  ],
  // Spans of more than 2^33 ms, of which the text is that of the nearest double.
  [{ backoff: '1281023h53m38.427s', max_backoff: '2562047h47m16.854775807s' }, [1, 2, 3], [0]],
  [{ backoff: '2562047h47m16.854775807s', jitter: 1 }, [0, 1], [0, 7]],
];

const waitsOf = (policy: RestartPolicy, attempts: number, salt: number): Waits['waits'][number] => ({
  attempts,
  salt,
  hash: shareOf(attempts, salt) * 2 ** 32,
  wait: waitAfterAttempt(policy, attempts, salt),
  exit_wait: waitAfterExit(policy, attempts, salt),
  longest: longestWait(policy, attempts),
});

export const waits = (): ReadonlyArray<Waits> =>
  questions.map(([part, attempts, ofSalts]) => {
    const wire = { policy: 'always', ...part };
    const policy = right(decodeRestartPolicy(wire));
    return {
      policy: wire,
      waits: ofSalts.flatMap((salt) => attempts.map((number) => waitsOf(policy, number, salt))),
    };
  });
