/**
 * What a lint answers, and what all lints have in common.
 */
import type { Millis } from '../duration.js';
import type { RestartPolicy } from '../policy.js';
import type { LintCode } from './codes.js';
import type { Loop } from './loops.js';

/**
 * A field of a policy, or one of its rules by its index from 0.
 *
 * @since 0.2.0
 */
export type LintField = keyof RestartPolicy | `rules[${number}]`;

/**
 * One thing in a policy that does not do what it seems to.
 *
 * @since 0.2.0
 */
export interface LintWarning {
  readonly code: LintCode;
  /** What is at odds, by the names of `RestartPolicy`; never empty. */
  readonly fields: ReadonlyArray<LintField>;
  /** What will happen, with the numbers of this policy: a sentence or two. */
  readonly message: string;
  /** Which field to set to what, so that the warning goes: a sentence that names fields as `fields` does. */
  readonly hint: string;
}

/** What a lint finds: one code's warnings. */
export type Found = ReadonlyArray<Omit<LintWarning, 'code'>>;

/** Looks for what one code warns of, in a policy that restarts at all. */
export type Lint = (policy: RestartPolicy, loop: Loop) => Found;

export const nothing: Found = [];

/** The fields that say how long waits are. */
export const waitFields = ({ maxBackoff }: RestartPolicy): ReadonlyArray<LintField> =>
  maxBackoff === undefined ? ['backoff'] : ['backoff', 'maxBackoff'];

/** A span that people write, above another. */
export const above = (span: Millis): Millis => {
  const unit = [3_600_000, 60_000, 1_000, 100].find((size) => span >= 2 * size) ?? 1;
  return (Math.floor(span / unit) + 1) * unit;
};
