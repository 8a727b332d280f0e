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
 * There is one policy of never, in the first: under it nothing is asked of the other fields ([never] comes before them).
 * Random policies, statuses and lives with every field in every combination are the properties' part (test/g*), and the
 * second implementation's (test/oracle).
 */
import { isProof } from '../support/proof.js';
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

const fourFields = ({ limits, backoffs, stableAfters }: FourFields): World['policies'] => [
  policyWith({ mode: 'never', backoff: 1, maxAttempts: 1, stableAfter: 2 }),
  ...acting.flatMap((mode) =>
    limits.flatMap((maxAttempts) =>
      backoffs.flatMap((backoff) =>
        stableAfters.map((stableAfter) => policyWith({ mode, backoff, maxAttempts, stableAfter })),
      ),
    ),
  ),
];

/**
 * The waits of `growing` are 1, 2, 3, 3, ... of `jittery` 2 to 4, and of `both` 1 or 2, 2 to 3, 2 to 4; the second salt has
 * other shares than the first.
 */
const waits = (): World['policies'] => {
  const growing = { backoff: 1, maxBackoff: 3 };
  const jittery = { backoff: 2, jitter: 1 };
  const both = { backoff: 1, maxBackoff: 2, backoffFactor: 1.5, jitter: 1 };
  return [{ backoff: 1.5 }, growing, jittery, both].flatMap((wait) =>
    [{}, { backoffFrom: 'exit' } as const].map((origin) =>
      policyWith({ mode: 'on_failure', maxAttempts: 2, stableAfter: 2, ...wait, ...origin }),
    ),
  );
};

/** Intervals and cooldowns shorter than the wait and longer, as long as each other and not. */
const limits = (): World['policies'] => [
  policyWith({ maxAttempts: 2, backoff: 1, stableAfter: 2, limitInterval: 2 }),
  policyWith({ maxAttempts: 2, backoff: 1, stableAfter: 2, limitInterval: 2, cooldown: 3 }),
  policyWith({ maxAttempts: 1, backoff: 2, stableAfter: 2, limitInterval: 1.5, cooldown: 1.5 }),
  policyWith({ maxAttempts: 2, backoff: 1, stableAfter: 2, cooldown: 3 }),
];

/** One of each kind that the rules tell apart: by cause, by exit code, by both, and by neither. */
const ruledEnds: ReadonlyArray<End> = [
  { exitCode: 0 },
  { exitCode: 2 },
  { exitCode: null },
  { exitCode: 0, cause: 'host' },
  { exitCode: 1, cause: 'signal' },
];

const rules = [
  { causes: ['host'], action: 'restart_uncounted' },
  { exitCodes: [[2, 3]], action: 'stop' },
  { causes: ['signal', 'panic'], exitCodes: [[0, 1], 137], action: 'restart' },
] as const;

const answers = (): World['policies'] => [
  policyWith({ mode: 'on_failure', maxAttempts: 1, backoff: 1, stableAfter: 2, rules }),
  policyWith({ mode: 'always', maxAttempts: 0, backoff: 2, stableAfter: 2, rules, startTimeout: 1 }),
  policyWith({
    mode: 'on_failure',
    maxAttempts: 1,
    backoff: 1,
    stableAfter: 2,
    rules,
    limitInterval: 2,
    startTimeout: 2,
  }),
  policyWith({ mode: 'always', maxAttempts: 1, backoff: 1, stableAfter: 2, cooldown: 2, startTimeout: 1.5 }),
];

const everything = (maxAttempts: number, limitInterval: number): World['policies'] => [
  policyWith({
    mode: 'on_failure',
    backoff: 1,
    maxAttempts,
    stableAfter: 2,
    maxBackoff: 1.5,
    backoffFrom: 'exit',
    jitter: 0.5,
    limitInterval,
    cooldown: 2,
    startTimeout: 1,
    rules,
  }),
];

/** Statuses that can be reached, and facts as far as the table asks for them. */
const small = { everyFact: false, everyStatus: false };

/** The long form begins at every status, reachable or not. */
const large = { everyFact: false, everyStatus: true };

/** Of the four fields of the reference. */
export const worldOfTheReference: World = isProof
  ? {
      name: 'the four fields of the reference',
      policies: fourFields({ limits: [0, 1, 2], backoffs: [1.5, 3], stableAfters: [2.5, 4] }),
      ends: plainEnds,
      salts: [0],
      everyFact: true,
      everyStatus: true,
    }
  : {
      name: 'the four fields of the reference',
      policies: fourFields({ limits: [0, 1, 2, 3], backoffs: [1, 2], stableAfters: [2, 3] }),
      ends: plainEnds,
      salts: [0],
      ...small,
    };

/** Of the fields beyond the reference. */
export const worldsBeyond: ReadonlyArray<World> = isProof
  ? [
      { name: 'waits', policies: waits(), ends: plainEnds.slice(0, 2), salts: [0, 7], ...large },
      { name: 'limits', policies: limits(), ends: plainEnds.slice(1), salts: [0], ...large },
      { name: 'answers', policies: answers(), ends: ruledEnds, salts: [0], ...large },
      { name: 'everything', policies: everything(2, 2), ends: ruledEnds, salts: [7], ...large },
    ]
  : [
      { name: 'waits', policies: waits(), ends: plainEnds.slice(0, 2), salts: [7], ...small },
      { name: 'limits', policies: limits(), ends: plainEnds.slice(1, 2), salts: [0], ...small },
      { name: 'answers', policies: answers(), ends: ruledEnds, salts: [0], ...small },
      { name: 'everything', policies: everything(1, 1), ends: ruledEnds.slice(1, 4), salts: [7], ...small },
    ];
