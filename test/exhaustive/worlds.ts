/**
 * The small worlds that are explored whole: a group of fields each, with every value that a decision could tell apart, and
 * the other fields absent or at a value that stands for them; the last has all of them at once.
 *
 * The product of all fields is out of reach, and would show little more: fields meet each other in few places, each of
 * which is in one of the worlds.
 * - Growth, jitter and `backoffFrom` are asked only for how long a wait is and when it is due. What follows when it is due
 *   does not depend on why it is that long, so they need none of the fields that say what follows: `waits`.
 * - `limitInterval` and `cooldown` are asked only where the limit is, and meet the wait there (the limit is looked at when
 *   the attempt is due): `limits` has both with every limit, and waits of two lengths.
 * - `startTimeout` and `rules` only say what calls for an attempt, and whether it counts; so they meet the limit with its
 *   interval and its cooldown: `answers` has a rule of every action, by cause, by exit code and by both.
 * - `everything` has two policies with all the fields, so that what was overlooked here has a place to show.
 *
 * A policy of never is in none but the first: under it nothing is asked of the other fields ([never] comes before them).
 * Random policies, statuses and lives with every field in every combination are the properties' part (test/g*), and the
 * second implementation's (test/oracle).
 */
import { restartModes } from '../../src/policy.js';
import { policyWith } from '../support/values.js';
import type { End, World } from './domain.js';

/** 0 and 1 stand for every exit code where no rule names one; null: it is not known. */
const plainEnds: ReadonlyArray<End> = [{ exitCode: 0 }, { exitCode: 1 }, { exitCode: null }];

const acting = ['always', 'on_failure'] as const;

interface FourFields {
  readonly limits: ReadonlyArray<number>;
  readonly backoffs: ReadonlyArray<number>;
  readonly stableAfters: ReadonlyArray<number>;
}

const fourFields = ({ limits, backoffs, stableAfters }: FourFields): World['policies'] =>
  restartModes.flatMap((mode) =>
    limits.flatMap((maxAttempts) =>
      backoffs.flatMap((backoff) =>
        stableAfters.map((stableAfter) => policyWith({ mode, backoff, maxAttempts, stableAfter })),
      ),
    ),
  );

/**
 * The waits of `growing` are 1, 2, 3, 3, ... of `jittery` 2 to 4, and of `both` 1 or 2, 2 to 4, 3 to 6; the second salt
 * has other shares than the first.
 */
const waits = (modes: ReadonlyArray<(typeof acting)[number]>, maxAttempts: number): World['policies'] => {
  const growing = { backoff: 1, maxBackoff: 3 };
  const jittery = { backoff: 2, jitter: 1 };
  const both = { backoff: 1, maxBackoff: 2, backoffFactor: 1.5, jitter: 1 };
  const stableAfter = 3;
  return modes.flatMap((mode) =>
    [{ backoff: 1.5 }, growing, jittery, both].flatMap((wait) =>
      [{}, { backoffFrom: 'exit' } as const].map((origin) =>
        policyWith({ mode, maxAttempts, stableAfter, ...wait, ...origin }),
      ),
    ),
  );
};

const limits = (backoffs: ReadonlyArray<number>): World['policies'] =>
  [1, 2].flatMap((maxAttempts) =>
    backoffs.flatMap((backoff) =>
      [
        { limitInterval: 2 },
        { limitInterval: 3, cooldown: 4 },
        { limitInterval: 1.5, cooldown: 1.5 },
        { cooldown: 1 },
        { cooldown: 4 },
      ].map((limit) => policyWith({ maxAttempts, backoff, stableAfter: 3, ...limit })),
    ),
  );

/** As far as the rules tell them apart. */
const ruledEnds: ReadonlyArray<End> = [
  { exitCode: 0 },
  { exitCode: 1 },
  { exitCode: null },
  { exitCode: 2 },
  { exitCode: 0, cause: 'host' },
  { exitCode: null, cause: 'signal' },
];

const rules = [
  { causes: ['host'], action: 'restart_uncounted' },
  { exitCodes: [[2, 3]], action: 'stop' },
  { causes: ['unknown', 'exit'], exitCodes: [0], action: 'restart' },
  { causes: ['signal'], action: 'restart_uncounted' },
] as const;

const answers = (): World['policies'] => [
  policyWith({ mode: 'on_failure', maxAttempts: 1, backoff: 1, stableAfter: 3, rules }),
  policyWith({ mode: 'always', maxAttempts: 0, backoff: 2, stableAfter: 2, rules, startTimeout: 1 }),
  policyWith({ mode: 'on_failure', maxAttempts: 2, backoff: 1, stableAfter: 3, rules, limitInterval: 2, startTimeout: 2 }),
  policyWith({ mode: 'always', maxAttempts: 1, backoff: 2, stableAfter: 3, cooldown: 3, startTimeout: 2.5 }),
  policyWith({ mode: 'on_failure', maxAttempts: 2, backoff: 1, stableAfter: 3, startTimeout: 1 }),
];

const everything = (): World['policies'] => [
  policyWith({
    mode: 'on_failure',
    backoff: 1,
    maxAttempts: 2,
    stableAfter: 3,
    maxBackoff: 2,
    backoffFrom: 'exit',
    jitter: 0.5,
    limitInterval: 3,
    cooldown: 3,
    startTimeout: 2,
    rules,
  }),
  policyWith({
    mode: 'always',
    backoff: 1.5,
    maxAttempts: 1,
    stableAfter: 2,
    maxBackoff: 2,
    jitter: 1,
    limitInterval: 2,
    cooldown: 2.5,
    startTimeout: 1,
    rules,
  }),
];

/** Reachable statuses only, and facts only where the table asks for them. */
const small = { everyFact: false, everyStatus: false };

const large = { everyFact: true, everyStatus: true };

export const smallWorlds: ReadonlyArray<World> = [
  {
    name: 'the four fields of the reference',
    policies: fourFields({ limits: [0, 1, 2, 3], backoffs: [1, 2], stableAfters: [2, 3] }),
    ends: plainEnds,
    salts: [0],
    ...small,
  },
  { name: 'waits', policies: waits(['on_failure'], 2), ends: plainEnds, salts: [0, 7], ...small },
  { name: 'limits', policies: limits([1]), ends: plainEnds.slice(1), salts: [0], ...small },
  { name: 'answers', policies: answers(), ends: ruledEnds, salts: [0], ...small },
  { name: 'everything', policies: everything(), ends: ruledEnds, salts: [0], ...small },
];

export const largeWorlds: ReadonlyArray<World> = [
  {
    name: 'the four fields of the reference',
    policies: fourFields({ limits: [0, 1, 2], backoffs: [1, 1.5, 3], stableAfters: [2.5, 4] }),
    ends: plainEnds,
    salts: [0],
    ...large,
  },
  { name: 'waits', policies: waits(acting, 2), ends: plainEnds, salts: [0, 7], ...large },
  { name: 'limits', policies: limits([1, 3]), ends: plainEnds, salts: [0], ...large },
  { name: 'answers', policies: answers(), ends: ruledEnds, salts: [0], ...large },
  { name: 'everything', policies: everything(), ends: ruledEnds, salts: [0, 7], ...large },
];
