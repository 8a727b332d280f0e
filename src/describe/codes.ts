/**
 * What lints warn of. Each code has one exact meaning, and is given where that is so and nowhere else.
 *
 * Two words that several of them share. A crash loop: an instance of which every run ends with a failure that is answered by
 * a counted attempt, after the same time, and which starts at once when it is started (where the rules leave no such end: of
 * which every start fails at once). A wait: as it is without jitter, which only lengthens it.
 *
 * @since 0.2.0
 */

/** Every code there is, and when it is given. */
const meanings = {
  limit_unreachable:
    'There is a limit interval, and a crash loop goes on for ever: either the waits alone spread the attempts of the limit ' +
    'over the whole interval, or longer; or they and runs that last just as long as a stable one fit into it, so that each ' +
    'run begins a new failure window before the limit is reached.',
  tight_loop:
    'An instance that ends at once is started again after less than a second, every time, for ever: no wait reaches a second, ' +
    'and no limit is reached; or an end is answered by attempts that are not counted, and the first wait is below a second.',
  growth_unreachable:
    'The wait is to grow, and does not: either the limit is reached before the longest wait is, whatever the runs of a crash ' +
    'loop last below a stable one; or a stable run is shorter than the first wait, so that an instance that is down for most ' +
    'of the time begins a new failure window with every run.',
  cooldown_below_wait:
    'A crash loop that reaches the limit is blocked for no longer than it would have waited without a limit.',
  rule_unreachable: 'A rule decides about no end of a run: the rules before it decide about all that it matches.',
  rule_without_effect:
    'A rule decides about ends of runs, and each of them would be answered so without it. To be counted or not is the same ' +
    'where there is no limit, no growth and no jitter.',
  start_timeout_without_effect:
    'The start time-out of an automatic attempt is shorter than the first wait: what does not get going is started again when ' +
    'the wait is over, and no sooner. Only a start by a person, and the last attempt of a limit, are given up in time.',
  never_with_fields: 'The policy never restarts anything, and has fields besides that say how to.',
} as const;

/**
 * What a lint warns of. The union is closed: an exhaustive `switch` over it stays exhaustive within a major version.
 *
 * @since 0.2.0
 */
export type LintCode = keyof typeof meanings;

/**
 * Every code of a lint there is.
 *
 * @since 0.2.0
 */
export const lintCodes = Object.keys(meanings) as ReadonlyArray<LintCode>;

/**
 * Says when exactly a code is given, in words for people, whatever the policy.
 *
 * @example
 * import { explainLint } from 'restart-policy/describe'
 *
 * assert.match(explainLint('rule_unreachable'), /decides about no end/)
 *
 * @since 0.2.0
 */
export const explainLint = (code: LintCode): string => meanings[code];
