/**
 * The controller for hosts without fp-ts: its methods run at once and answer with Promises, which reject with a
 * {@link RestartPolicyError}. Ports are passed as they are.
 *
 * @packageDocumentation
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import {
  type ControllerOptions,
  createController as createLazyController,
  type Fault,
  type InvalidOptions,
  invalidPolicy,
  type Controller as LazyController,
} from './controller.js';
import { map } from './non-empty-array.js';
import { type PolicyError, type RestartPolicy, type RestartPolicyInput, restartPolicy } from './policy.js';
import { withNames, withOwnFunction, withValues } from './promises/policy-errors.js';
import { quoteShort } from './quote.js';
import { isEither } from './validation.js';
import type { DecodeError } from './wire.js';

// ---------------------------------------------------------------------------
// errors
// ---------------------------------------------------------------------------

/**
 * Why a store or a hypervisor of this library could not be opened.
 *
 * @since 0.2.0
 */
export interface NotOpened {
  readonly _tag: 'DirectoryInUse' | 'UnsupportedPlatform' | 'OpenFailed';
  readonly message: string;
  readonly cause?: unknown;
}

/**
 * A history could not be read or written: `HistoryFailed` of `restart-policy/history`.
 *
 * @since 0.2.0
 */
export interface HistoryNotReached {
  readonly _tag: 'HistoryFailed';
  readonly message: string;
  readonly cause: unknown;
}

/**
 * What was read is no policy or status as `restart-policy/codec` reads them. `errors` are all that is wrong, and `message`
 * says it in words.
 *
 * @since 0.2.0
 */
export interface NotDecoded {
  readonly _tag: 'NotDecoded';
  readonly message: string;
  readonly errors: NonEmptyArray<DecodeError>;
}

type LeftOf<Method> = Method extends (...args: never) => TaskEither<infer E, unknown> ? E : never;

/**
 * All that a {@link RestartPolicyError} can be about: every left of the controller's methods, wrong options, what
 * keeps a store or a hypervisor from being opened, a history that cannot be reached, and what cannot be decoded.
 *
 * @since 0.2.0
 */
export type ErrorReason =
  | LeftOf<LazyController[keyof LazyController]>
  | InvalidOptions
  | NotOpened
  | HistoryNotReached
  | NotDecoded;

/**
 * What this entry throws and rejects with. `reason` says what happened, by its `_tag`; `message` says it in words, with
 * the call; `cause` is what a store or a hypervisor threw, if anything did.
 *
 * @since 0.2.0
 */
export class RestartPolicyError extends Error {
  override readonly name = 'RestartPolicyError';
  readonly reason: ErrorReason;

  /** `call` is what the message begins with; null or absent: nothing. */
  constructor(reason: ErrorReason, call: string | null = null) {
    const cause = causeOf(reason);
    super(call === null ? inWords(reason) : `${call}: ${inWords(reason)}`, cause === undefined ? {} : { cause });
    this.reason = reason;
  }
}

const inWords = (reason: ErrorReason | Fault['error']): string => {
  switch (reason._tag) {
    case 'Superseded':
      return 'superseded: something later won, and this was not done';
    case 'Refused':
      return `refused, and nothing was done: ${reason.message}`;
    case 'Failed':
      return `failed: ${reason.message}`;
    case 'HostFault':
      return `the host lacks ${reason.resource}: ${reason.message}`;
    case 'StoreFailed':
      return `the store failed: ${reason.message}`;
    case 'HistoryFailed':
      return `the history failed: ${reason.message}`;
    case 'InvalidRecord':
      return `the record of ${quoteShort(reason.id)} cannot be read: ${reason.problems.join('; ')}`;
    case 'InvalidPolicy':
      return `not a policy: ${reason.message}`;
    case 'NotDecoded':
      return `cannot be read: ${reason.message}`;
    case 'InvalidOptions':
      return `wrong options: ${reason.message}`;
    case 'Closed':
      return 'the controller is closed, and nothing was done';
    case 'StaleRun':
      return 'the report is not of the current run, and was dropped';
    case 'Fault': {
      const of = reason.id === null ? '' : ` of ${quoteShort(reason.id)}`;
      return `${reason.during}${of}: ${inWords(reason.error)}`;
    }
    case 'DirectoryInUse':
    case 'UnsupportedPlatform':
    case 'OpenFailed':
      return `not opened: ${reason.message}`;
    default:
      return `unknown: ${JSON.stringify(reason satisfies never)}`;
  }
};

const causeOf = (reason: ErrorReason | Fault['error']): unknown => {
  if (reason._tag === 'Fault') return causeOf(reason.error);
  return 'cause' in reason ? reason.cause : undefined;
};

/** What an Either or a TaskEither may have on its left to be unwrapped: a tagged error, or all that is wrong with a value. */
type Thrown = ErrorReason | NonEmptyArray<DecodeError> | NonEmptyArray<PolicyError>;

/**
 * The right value, or a throw (of a TaskEither, which is run at once: a rejection) of a {@link RestartPolicyError}. For
 * what answers with fp-ts: opening stores and hypervisors, ports, `decodeRestartPolicy` of `restart-policy/codec`, and
 * `restartPolicy` (for which {@link restartPolicyOrThrow} knows more to say: what stood there).
 *
 * @example
 * import { openProcessHypervisor } from 'restart-policy/adapters/process'
 * import { decodeRestartPolicy } from 'restart-policy/codec'
 * import { orThrow, RestartPolicyError } from 'restart-policy/promises'
 *
 * const opening = orThrow(openProcessHypervisor({ directory: '', commandOf: () => null }))
 * await assert.rejects(opening, (error) => error instanceof RestartPolicyError && error.reason._tag === 'InvalidOptions')
 *
 * assert.throws(() => orThrow(decodeRestartPolicy({ policy: 'always', backof: '2s' })), {
 *   message: 'cannot be read: restart_policy.backof is not a known field; did you mean backoff?',
 * })
 *
 * @since 0.2.0
 */
export function orThrow<A>(result: Either<Thrown, A>): A;
export function orThrow<A>(effect: TaskEither<Thrown, A>): Promise<A>;
export function orThrow<A>(given: Either<Thrown, A> | TaskEither<Thrown, A>): A | Promise<A> {
  return typeof given === 'function' ? given().then((result) => rightOf(result)) : rightOf(given);
}

const rightOf = <A>(result: Either<Thrown, A>, call?: string): A => {
  if (result._tag === 'Left') throw new RestartPolicyError(reasonOf(result.left), call);
  return result.right;
};

const reasonOf = (left: Thrown): ErrorReason => {
  if (isErrors(left)) {
    return isDecoding(left)
      ? { _tag: 'NotDecoded', message: left.map(({ message }) => message).join('; '), errors: left }
      : invalidPolicy(map(withNames)(left));
  }
  return left._tag === 'InvalidPolicy' ? invalidPolicy(map(withOwnFunction)(left.errors)) : left;
};

type Errors = Extract<Thrown, ReadonlyArray<unknown>>;

const isErrors = (left: Thrown): left is Errors => Array.isArray(left);

const isDecoding = (errors: Errors): errors is NonEmptyArray<DecodeError> => 'path' in errors[0];

// ---------------------------------------------------------------------------
// policy
// ---------------------------------------------------------------------------

/**
 * `restartPolicy` of `restart-policy`, but wrong input is thrown: a {@link RestartPolicyError} whose `reason` is an
 * `InvalidPolicy` with all of its errors, each with what stood there and what was probably meant.
 *
 * @example
 * import { restartPolicyOrThrow } from 'restart-policy/promises'
 *
 * const policy = restartPolicyOrThrow({ mode: 'on_failure', backoff: '2s', maxAttempts: 3 })
 * assert.strictEqual(policy.backoff, 2_000)
 * assert.throws(() => restartPolicyOrThrow({ mode: 'always', backoff: '0s' }), {
 *   message: 'restartPolicyOrThrow: not a policy: backoff must be positive, got the text "0s"',
 * })
 *
 * @since 0.2.0
 */
export const restartPolicyOrThrow = (input: RestartPolicyInput): RestartPolicy => {
  const made = restartPolicy(input);
  if (made._tag === 'Left')
    throw new RestartPolicyError(invalidPolicy(map(withValues(input))(made.left)), 'restartPolicyOrThrow');
  return made.right;
};

// ---------------------------------------------------------------------------
// controller
// ---------------------------------------------------------------------------

/** A method that runs at once, in the place of one that answers with an effect. */
type AtOnce<Method> = Method extends (...args: infer Args) => TaskEither<unknown, infer A>
  ? (...args: Args) => Promise<A>
  : Method extends (...args: infer Args) => Task<infer A>
    ? (...args: Args) => Promise<A>
    : Method;

/**
 * The `Controller` of `restart-policy/controller`, method by method. What is a Right there resolves, and what is a Left
 * rejects with a {@link RestartPolicyError}, whose `reason` is that left.
 *
 * @since 0.2.0
 */
export type Controller = { readonly [Name in keyof LazyController]: AtOnce<LazyController[Name]> };

/**
 * Starts to supervise, as `createController` of `restart-policy/controller` does. Wrong options are thrown: a
 * {@link RestartPolicyError} whose `reason` is an `InvalidOptions` with all of its errors.
 *
 * @example
 * import { createController, orThrow, restartPolicyOrThrow } from 'restart-policy/promises'
 * import { createMemoryStore, createScriptedHypervisor, createVirtualClock } from 'restart-policy/testing'
 *
 * const clock = createVirtualClock()
 * const hypervisor = orThrow(createScriptedHypervisor({ clock }))
 * const controller = createController({ store: createMemoryStore(), hypervisor, clock })
 * await controller.updatePolicy('web-1', restartPolicyOrThrow({ mode: 'always' }))
 * await controller.manualStart('web-1')
 * assert.strictEqual((await controller.status('web-1'))?.instance?.state, 'running')
 * await controller.close()
 *
 * @since 0.2.0
 */
export const createController = (options: ControllerOptions): Controller => {
  const controller = rightOf(createLazyController(options), 'createController');
  // Every method, whatever its name: so one that the controller gains is here too.
  const methods = Object.entries<unknown>({ ...controller }).map(([name, method]) => [
    name,
    atOnce(name, method as Method),
  ]);
  return Object.fromEntries(methods);
};

type Method = (...args: ReadonlyArray<unknown>) => unknown;

const atOnce =
  (name: string, method: Method): Method =>
  (...args) => {
    const answer = method(...args);
    return typeof answer === 'function' ? settle(answer as Task<unknown>, callOf(name, args)) : answer;
  };

/** A Task that answers with no Either resolves with what it answers. */
const settle = async (effect: Task<unknown>, call: string): Promise<unknown> => {
  const result = await effect();
  return isEither(result) ? rightOf(result as Either<ErrorReason, unknown>, call) : result;
};

/** As it is written in a program, without what is beside the id. */
const callOf = (name: string, [id]: ReadonlyArray<unknown>): string =>
  typeof id === 'string' ? `${name}(${quoteShort(id)})` : name;
