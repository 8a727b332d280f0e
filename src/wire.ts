/**
 * Policies and statuses on the wire, read and written without io-ts: what the codecs wrap.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import { mapLeft } from './either.js';
import { map } from './non-empty-array.js';
import type { RestartPolicy } from './policy.js';
import { quoteKey } from './quote.js';
import type { RestartStatus } from './status.js';
import { readPolicy } from './wire/canonical-policy.js';
import { readStatus } from './wire/canonical-status.js';
import type { Flaw, Read } from './wire/fields.js';

export { readPolicy } from './wire/canonical-policy.js';
export { readStatus } from './wire/canonical-status.js';
export type { Flaw, Read } from './wire/fields.js';
export { isPolicy, type RestartPolicyWire, type RestartRuleWire, writePolicy } from './wire/policy-wire.js';
export {
  isStatus,
  type RestartStatusWire,
  readTime,
  statusNames,
  statusReader,
  writeStatus,
} from './wire/status-wire.js';

/**
 * One thing that is wrong. `path` is the full path, such as "restart_policy.backoff", and `message`, which is for
 * people, begins with it. Both are of bounded length: a key of more than 64 characters is cut.
 *
 * @since 0.1.0
 */
export interface DecodeError {
  readonly path: string;
  readonly message: string;
}

export type Root = 'restart_policy' | 'restart_status';

export const errorOf =
  (root: Root) =>
  ({ places, message }: Flaw): DecodeError => {
    // Keys are user input too: escaped, and cut where they are long.
    const steps = places.map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${quoteKey(key)}`));
    const path = `${root}${steps.join('')}`;
    return { path, message: `${path} ${message}` };
  };

export const decodeWith = <A>(root: Root, read: Read<A>): ((u: unknown) => Either<NonEmptyArray<DecodeError>, A>) => {
  const inWords = mapLeft(map(errorOf(root)));
  return (u) => inWords(read(u));
};

/**
 * Reads a policy as a user wrote it. Strict: a field that is not known, null, or of the wrong kind is an error, never
 * ignored. `{}` means never; a blank duration takes its default. Left: all that is wrong, at once. Never throws, and
 * takes time linear in the input.
 *
 * @example
 * import { decodeRestartPolicy } from 'restart-policy/codec'
 *
 * assert.deepStrictEqual(decodeRestartPolicy({ policy: 'always', backoff: '2s', max_attempt: 5 }), {
 *   _tag: 'Left',
 *   left: [
 *     {
 *       path: 'restart_policy.max_attempt',
 *       message: 'restart_policy.max_attempt is not a known field; did you mean max_attempts?',
 *     },
 *   ],
 * })
 *
 * @since 0.1.0
 */
export const decodeRestartPolicy: (u: unknown) => Either<NonEmptyArray<DecodeError>, RestartPolicy> =
  /* @__PURE__ */ decodeWith('restart_policy', readPolicy);

/**
 * Reads a status as it was persisted. Missing and null are the same, also for the whole value; fields that are not
 * known are ignored, so that an older version can read what a newer one wrote; whatever is malformed is an error, never
 * a silent default. Times are rounded to the millisecond, `last_attempt_at` down and `next_attempt_at` up. Left: all
 * that is wrong, at once. Never throws.
 *
 * @example
 * import { decodeRestartStatus } from 'restart-policy/codec'
 *
 * assert.deepStrictEqual(decodeRestartStatus({ attempts: 1, last_attempt_at: '1970-01-01T00:00:02Z' }), {
 *   _tag: 'Right',
 *   right: { attempts: 1, lastAttemptAt: 2_000, nextAttemptAt: null, blockedReason: null, lastReason: null },
 * })
 *
 * @since 0.1.0
 */
export const decodeRestartStatus: (u: unknown) => Either<NonEmptyArray<DecodeError>, RestartStatus> =
  /* @__PURE__ */ decodeWith('restart_status', readStatus);
