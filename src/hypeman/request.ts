/**
 * What a request body asks for. A body is user input: it is read strictly, and whatever is wrong comes back as the body
 * of a 400 response in hypeman's shape.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../either.js';
import { eqRestartPolicy, policyDefaults, type RestartPolicy } from '../policy.js';
import { quoteKey } from '../quote.js';
import { notKnown } from '../validation.js';
import { type DecodeError, decodeRestartPolicy } from '../wire.js';
import { type BeyondReference, fieldsBeyond, referenceFields, referencePolicy } from './reference.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * `invalid_restart_policy`: the field is there and wrong. `invalid_request`: the body is no object, so that nobody can
 * say what it asks for. Both are hypeman's own codes.
 *
 * @since 0.2.0
 */
export type BadRequestCode = 'invalid_restart_policy' | 'invalid_request';

/**
 * A response to send as it is: status 400, and hypeman's error body.
 *
 * @since 0.2.0
 */
export interface BadRequest {
  readonly status: 400;
  readonly body: {
    readonly code: BadRequestCode;
    /** All that is wrong, for people, one after the other; each begins with the path of its field. */
    readonly message: string;
    /** The same one by one, where there is more than one. */
    readonly details?: ReadonlyArray<{ readonly code: BadRequestCode; readonly message: string }>;
  };
}

/**
 * What an update does to the stored policy. `Keep`: nothing, and it is not an update, so do not pass it to the controller
 * (D10). `Clear`: from now on it is {@link neverPolicy}. `Replace`: from now on it is `policy`, whose mode is not never.
 *
 * @since 0.2.0
 */
export type PolicyChange =
  | { readonly _tag: 'Keep' }
  | { readonly _tag: 'Clear' }
  | { readonly _tag: 'Replace'; readonly policy: RestartPolicy };

/**
 * The policy of an instance without one: mode never, everything else at its default. Frozen and shared.
 *
 * @since 0.2.0
 */
export const neverPolicy: RestartPolicy = Object.freeze({ ...policyDefaults });

const keep: PolicyChange = Object.freeze({ _tag: 'Keep' });
const clear: PolicyChange = Object.freeze({ _tag: 'Clear' });

// ---------------------------------------------------------------------------
// requests
// ---------------------------------------------------------------------------

/**
 * The policy that the body of a create asks for. Absent (or undefined) is {@link neverPolicy}, and so is whatever has
 * mode never: the fields beside never are checked (D14) and then mean nothing. Null is an error, as it is in hypeman,
 * whose validator lets no null pass: in a create there is nothing to clear, so a null is a value that somebody failed to
 * fill in, and taking it for never would leave an instance silently unsupervised. A field beyond the reference is an error
 * too, unless `beyond` says that the clients know them.
 * Left: the response to send. Never throws.
 *
 * @example
 * import { policyFromCreate } from 'restart-policy/hypeman'
 *
 * const read = policyFromCreate({ name: 'web-1', image: 'alpine', restart_policy: { policy: 'always', backoff: '0s' } })
 * assert.deepStrictEqual(read, {
 *   _tag: 'Left',
 *   left: {
 *     status: 400,
 *     body: { code: 'invalid_restart_policy', message: 'restart_policy.backoff must be positive, got the text "0s"' },
 *   },
 * })
 *
 * @since 0.2.0
 */
export const policyFromCreate = (body: unknown, options: BeyondReference = {}): Either<BadRequest, RestartPolicy> => {
  const field = readField(body);
  if (field._tag === 'Left') return field;
  return field.right === undefined ? right(neverPolicy) : decode(field.right, options);
};

/**
 * What the body of an update does to the stored policy. Absent (or undefined) keeps; null, `{}` and mode never clear;
 * anything else replaces the whole policy: fields are not merged, a field that is left out has its default. Where that
 * leaves the policy as it is, the answer is `Keep`. Left: the response to send. Never throws.
 *
 * @example
 * import { restartPolicy } from 'restart-policy'
 * import { policyChange } from 'restart-policy/hypeman'
 *
 * const stored = restartPolicy({ mode: 'always', backoff: '2s' })
 * assert.strictEqual(stored._tag, 'Right')
 * if (stored._tag === 'Right') {
 *   const change = (body: unknown) => policyChange(body, stored.right)
 *   assert.deepStrictEqual(change({ tags: {} }), { _tag: 'Right', right: { _tag: 'Keep' } })
 *   assert.deepStrictEqual(change({ restart_policy: null }), { _tag: 'Right', right: { _tag: 'Clear' } })
 *   assert.deepStrictEqual(change({ restart_policy: { policy: 'always', backoff: '2000ms' } }), {
 *     _tag: 'Right',
 *     right: { _tag: 'Keep' },
 *   })
 * }
 *
 * @since 0.2.0
 */
export const policyChange = (
  body: unknown,
  stored: RestartPolicy,
  options: BeyondReference = {},
): Either<BadRequest, PolicyChange> => {
  const field = readField(body);
  if (field._tag === 'Left') return field;
  if (field.right === undefined) return right(keep);
  const asked = field.right === null ? right(neverPolicy) : decode(field.right, options);
  if (asked._tag === 'Left') return asked;
  const policy = asked.right;
  // One never is like another, whatever spans are stored with it.
  if (policy.mode === 'never') return right(stored.mode === 'never' ? keep : clear);
  // What a client was shown and sends back is no update, also where the host keeps more than it shows.
  const shown = options.beyond === true ? stored : referencePolicy(stored);
  return right(eqRestartPolicy.equals(policy, shown) ? keep : { _tag: 'Replace', policy });
};

// ---------------------------------------------------------------------------
// parts
// ---------------------------------------------------------------------------

/** The field as it stands; undefined: absent. Only a field of the body's own counts, not one that it inherits. */
const readField = (body: unknown): Either<BadRequest, unknown> => {
  try {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      return left(badRequest('invalid_request', ['the request body must be an object']));
    }
    return right(
      Object.hasOwn(body, 'restart_policy') ? (body as Record<string, unknown>)['restart_policy'] : undefined,
    );
  } catch {
    // A getter or a proxy of the caller's threw.
    return left(badRequest('invalid_request', ['the request body must be an object whose fields can be read']));
  }
};

const decode = (field: unknown, { beyond = false }: BeyondReference): Either<BadRequest, RestartPolicy> => {
  const decoded = decodeRestartPolicy(field);
  const errors = decoded._tag === 'Left' ? decoded.left : [];
  const messages = beyond ? errors.map(({ message }) => message) : messagesOfReference(field, errors);
  if (decoded._tag === 'Left' || messages.length > 0) return left(badRequest('invalid_restart_policy', messages));
  return right(decoded.right.mode === 'never' ? neverPolicy : decoded.right);
};

/**
 * What is wrong where the four fields of the reference are all that is known: first what is wrong with these, then each field
 * beyond, whatever is in it, then the others.
 */
const messagesOfReference = (field: unknown, errors: ReadonlyArray<DecodeError>): ReadonlyArray<string> => {
  const known: ReadonlyArray<string> = referenceFields;
  const paths = [policyPath, ...known.map(pathOf)];
  const keys = keysOf(field);
  return [
    ...errors.filter(({ path }) => paths.includes(path)).map(({ message }) => message),
    ...Object.keys(fieldsBeyond)
      .filter((key) => keys.includes(key))
      .map((key) => `${pathOf(key)} ${onlyBeyond}`),
    ...keys
      .filter((key) => !known.includes(key) && !Object.hasOwn(fieldsBeyond, key))
      .map((key) => `${pathOf(key)} ${notKnown('field', key, known)}`),
  ];
};

const onlyBeyond = 'is known to this API only where its host allows fields beyond the reference';

const policyPath = 'restart_policy';
const pathOf = (key: string): string => `${policyPath}.${quoteKey(key)}`;

/** The fields that are set; none of what is no object, or cannot be read, which is an error of its own. */
const keysOf = (field: unknown): ReadonlyArray<string> => {
  try {
    if (typeof field !== 'object' || field === null || Array.isArray(field)) return [];
    return Object.keys(field).filter((key) => Reflect.get(field, key) !== undefined);
  } catch {
    return [];
  }
};

const badRequest = (code: BadRequestCode, messages: ReadonlyArray<string>): BadRequest => ({
  status: 400,
  body: {
    code,
    message: messages.join('; '),
    ...(messages.length > 1 ? { details: messages.map((message) => ({ code, message })) } : {}),
  },
});
