/**
 * What a policy does, in words: its description for people, and warnings of what in it does not do what it seems to.
 *
 * Both are pure, and know no more of a policy than `decide` does: every field that changes a decision changes the
 * description, and every warning has a simulation in its test that shows what it warns of.
 *
 * @packageDocumentation
 */
import { warningsOf } from './describe/lint.js';
import { sentencesOf } from './describe/sentences.js';
import type { LintWarning } from './describe/warning.js';
import { type WireLintWarning, wireWarning } from './describe/wire-names.js';
import type { RestartPolicy } from './policy.js';

export { explainLint, type LintCode, lintCodes } from './describe/codes.js';
export type { LintField, LintWarning } from './describe/warning.js';
export type { WireLintWarning } from './describe/wire-names.js';

/**
 * A policy in a few English sentences: when an instance is restarted, how long it waits, with the first waits spelled out, and
 * what ends it. Two policies under which anything is decided differently are described differently. The policy must be
 * one that `restartPolicy` or the codec made. Never throws.
 *
 * @example
 * import { describePolicy } from 'restart-policy/describe'
 *
 * const policy = { mode: 'always', backoff: 1_000, maxBackoff: 300_000, maxAttempts: 0, stableAfter: 600_000 } as const
 * assert.match(describePolicy(policy), /1 s, 2 s, 4 s and so on, doubling up to 5 min/)
 *
 * @since 0.2.0
 */
export const describePolicy = (policy: RestartPolicy): string => sentencesOf(policy).join(' ');

/**
 * Warns of what in a policy does not do what its owner will believe that it does: of a limit that no crash loop reaches, say.
 * In the order of {@link lintCodes}; empty: nothing to warn of. {@link explainLint} says when exactly each is given; jitter
 * is left out of account there, for it only lengthens waits. The policy must be one that `restartPolicy` or the codec made.
 * Never throws.
 *
 * @example
 * import { lintPolicy } from 'restart-policy/describe'
 *
 * const policy = { mode: 'always', backoff: 5_000, maxAttempts: 5, limitInterval: 10_000, stableAfter: 600_000 } as const
 * const [warning] = lintPolicy(policy)
 * assert.strictEqual(warning?.code, 'limit_unreachable')
 *
 * @since 0.2.0
 */
export const lintPolicy = (policy: RestartPolicy): ReadonlyArray<LintWarning> => warningsOf(policy);

/**
 * The same warning for whoever writes the policy as JSON or YAML: fields bear the names that they have on the wire.
 *
 * @example
 * import { lintPolicy, withWireNames } from 'restart-policy/describe'
 *
 * const policy = { mode: 'never', backoff: 5_000, maxAttempts: 3, stableAfter: 600_000 } as const
 * assert.deepStrictEqual(lintPolicy(policy).map(withWireNames)[0]?.fields, ['policy', 'max_attempts'])
 *
 * @since 0.2.0
 */
export const withWireNames = (warning: LintWarning): WireLintWarning => wireWarning(warning);
