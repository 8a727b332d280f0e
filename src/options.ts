/**
 * What a host passes as options, checked where it enters: nothing is silently put right, and all that is wrong is said
 * at once.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import { type Millis, maxMillis, minMillis } from './duration.js';
import { isLeft, left, mapLeft, right } from './either.js';
import { describeValue, quoteKey } from './quote.js';
import { type Check, isEither, notKnown } from './validation.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * What is wrong with one option. `message` begins with the option's name.
 *
 * @since 0.2.0
 */
export interface OptionError {
  readonly option: string;
  readonly message: string;
}

/**
 * Some options are not what they must be, so nothing was made or opened. `message` has all of `errors`, in the order in
 * which the options are documented.
 *
 * @since 0.2.0
 */
export interface InvalidOptions {
  readonly _tag: 'InvalidOptions';
  readonly message: string;
  readonly errors: NonEmptyArray<OptionError>;
}

/** As a check of one value; of an option that has options itself the errors name each of them, from there on. */
export type OptionCheck<A> = (u: unknown) => Either<string | NonEmptyArray<OptionError>, A>;

/** A check for each option. An option that is added to the type and not checked does not compile. */
export type OptionChecks<A> = { readonly [K in keyof A]-?: OptionCheck<A[K]> };

// ---------------------------------------------------------------------------
// checks
// ---------------------------------------------------------------------------

/**
 * Left: all that is wrong with the options, unknown ones included. `checks` answer with the default where one is absent.
 * `beside` is an argument that stands before the options, checked with them. Never throws.
 */
export const checkOptions =
  <A extends object>(checks: OptionChecks<A>) =>
  (given: unknown, beside: Partial<A> = {}): Either<InvalidOptions, A> => {
    if (typeof given !== 'object' || given === null) {
      return left(
        invalidOptions([{ option: 'options', message: `options must be an object, not ${describeValue(given)}` }]),
      );
    }
    const read = (option: string): unknown => Reflect.get(Object.hasOwn(beside, option) ? beside : given, option);
    const checked: Record<string, unknown> = {};
    const errors = Object.entries<OptionCheck<unknown>>(checks).flatMap(([option, check]) => {
      const one = ifReadable(() => check(read(option)));
      if (isLeft(one)) return errorsOf(option, one.left);
      checked[option] = one.right;
      return [];
    });
    const keys = ifReadable(() => right(Object.keys(given).filter((key) => read(key) !== undefined)));
    const others = isLeft(keys) ? errorsOf('options', keys.left) : errorsOfOthers(keys.right, Object.keys(checks));
    const [first, ...rest] = [...errors, ...others];
    return first === undefined ? right(checked as A) : left(invalidOptions([first, ...rest]));
  };

/** An error for each key that is not among the known ones, in their order. */
const errorsOfOthers = (keys: ReadonlyArray<string>, known: ReadonlyArray<string>): ReadonlyArray<OptionError> =>
  keys.filter((key) => !known.includes(key)).map((key) => optionError(key, notKnown('option', key, known)));

/** A getter or a proxy of the host's may throw. */
const ifReadable = <E, A>(read: () => Either<E, A>): Either<E | string, A> => {
  try {
    return read();
  } catch {
    return left('cannot be read');
  }
};

/** `message` follows the option's name. */
const optionError = (option: string, message: string): OptionError => ({
  option: quoteKey(option),
  message: `${quoteKey(option)} ${message}`,
});

const errorsOf = (option: string, problem: string | NonEmptyArray<OptionError>): ReadonlyArray<OptionError> =>
  typeof problem === 'string'
    ? [optionError(option, problem)]
    : problem.map((inner) => ({ option: `${option}.${inner.option}`, message: `${option}.${inner.message}` }));

export const invalidOptions = (errors: NonEmptyArray<OptionError>): InvalidOptions => ({
  _tag: 'InvalidOptions',
  message: errors.map(({ message }) => message).join('; '),
  errors,
});

/** The default where the option is absent, else the check. */
export const optional =
  <A, E = string>(ifAbsent: A, check: (u: unknown) => Either<E, A>): ((u: unknown) => Either<E, A>) =>
  (u) =>
    u === undefined ? right(ifAbsent) : check(u);

/** An option that has options itself. */
export const optionsWithin = <A extends object>(checks: OptionChecks<A>): OptionCheck<A> => {
  const check = checkOptions(checks);
  return (u) =>
    typeof u === 'object' && u !== null
      ? mapLeft(({ errors }: InvalidOptions) => errors)(check(u))
      : left(`must be an object, not ${describeValue(u)}`);
};

const expected =
  <A>(what: string, holds: (u: unknown) => boolean): Check<A> =>
  (u) =>
    holds(u)
      ? right(u as A)
      : left(`must be ${what}, ${u === undefined ? 'but it is missing' : `not ${describeValue(u)}`}`);

/** A whole number between two, both included. */
export const wholeNumber = (least: number, most: number = Number.MAX_SAFE_INTEGER): Check<number> =>
  expected(
    most === Number.MAX_SAFE_INTEGER ? `a whole number from ${least}` : `a whole number from ${least} to ${most}`,
    (u) => Number.isSafeInteger(u) && (u as number) >= least && (u as number) <= most,
  );

/** A number between two, both included; fractions are allowed. */
export const numberBetween = (least: number, most: number): Check<number> =>
  expected(`a number from ${least} to ${most}`, (u) => typeof u === 'number' && u >= least && u <= most);

/** A span between two, both included; fractions of a millisecond are allowed. */
export const millis = (least: Millis = minMillis, most: Millis = maxMillis): Check<Millis> =>
  expected(
    least === minMillis ? 'a positive number of milliseconds' : `from ${least} to ${most} milliseconds`,
    (u) => typeof u === 'number' && u >= least && u <= most,
  );

/** A span that may also never end. */
export const millisOrInfinity = (least: 0 | typeof minMillis = minMillis): Check<Millis> =>
  expected(
    least === 0 ? 'a number of milliseconds from 0, or Infinity' : 'a positive number of milliseconds, or Infinity',
    (u) => u === Number.POSITIVE_INFINITY || (typeof u === 'number' && u >= least && u <= maxMillis),
  );

export const aFunction = <F>(): Check<F> => expected('a function', (u) => typeof u === 'function');

export const text = (what: string, holds: (text: string) => boolean = (given) => given !== ''): Check<string> =>
  expected(what, (u) => typeof u === 'string' && holds(u));

export const oneOf = <A extends string>(...known: ReadonlyArray<A>): Check<A> =>
  expected(`one of ${known.join(', ')}`, (u) => (known as ReadonlyArray<unknown>).includes(u));

/** A port: an object, or a function, with these methods, of its own or of its class. */
export const port =
  <P extends object>(name: string, ...methods: ReadonlyArray<keyof P & string>): Check<P> =>
  (u) => {
    const what = `${name} with ${methods.join(', ')}`;
    if ((typeof u !== 'object' && typeof u !== 'function') || u === null) return expected<P>(what, () => false)(u);
    const lacking = methods.filter((method) => typeof (u as P)[method] !== 'function');
    if (lacking.length === 0) return right(u as P);
    if (typeof u === 'function') return left('is a function: if it is a TaskEither, call it and await it');
    if (typeof (u as PromiseLike<unknown>).then === 'function') return left('is a Promise: await it');
    if (isEither(u)) {
      return left('is an Either: unwrap its Right first');
    }
    return left(`must be ${what}, but this object has no ${lacking.join(', ')}`);
  };
