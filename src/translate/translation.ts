/**
 * What a translation answers with, and how it is made: all that is wrong with what was given, at once, or a policy with
 * all that it does otherwise.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import { left, right } from '../either.js';
import { map as mapAll } from '../non-empty-array.js';
import { type RestartPolicy, type RestartPolicyInput, restartPolicy } from '../policy.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * Something that a translation does not keep: it will be different.
 *
 * @since 0.2.0
 */
export interface Loss {
  /** Where it stands in what was given, such as "Service.RestartSec" or "rules[1].action"; or where it could stand. */
  readonly field: string;
  /** What stands there, as it was given. null: nothing does, and it is what happens where nothing is said. */
  readonly value: unknown;
  /** What will be different, for whoever operates it: one or two sentences. */
  readonly effect: string;
}

/**
 * The same, for what is better than before.
 *
 * @since 0.2.0
 */
export type Gain = Loss;

/**
 * A policy that does what another system was asked to do, but for its losses and gains.
 *
 * @since 0.2.0
 */
export interface Translation {
  readonly policy: RestartPolicy;
  /** Empty: nothing is lost. */
  readonly losses: ReadonlyArray<Loss>;
  readonly gains: ReadonlyArray<Gain>;
}

/**
 * What is wrong with something that was to be translated. `field` is its path, and `message` begins with it.
 *
 * @since 0.2.0
 */
export interface TranslationError {
  readonly field: string;
  readonly message: string;
}

/**
 * A translation, or all errors at once.
 *
 * @since 0.2.0
 */
export type Translated<A> = Either<NonEmptyArray<TranslationError>, A>;

/**
 * What another system is called, which of its versions is meant, and where that is written.
 *
 * @since 0.2.0
 */
export interface Peer {
  /** Such as "Docker". */
  readonly title: string;
  /** What of it is read, and of which versions it holds: a sentence. */
  readonly versions: string;
  readonly sources: ReadonlyArray<Source>;
}

/**
 * Where a fact about another system is written.
 *
 * @since 0.2.0
 */
export interface Source {
  /** What is found there, in a few words. */
  readonly says: string;
  readonly url: string;
  /** When it was read, as YYYY-MM-DD. */
  readonly read: string;
}

// ---------------------------------------------------------------------------
// making one
// ---------------------------------------------------------------------------

/** What is noticed while something is read. Fields are paths; a message follows its path. */
export interface Notes {
  /** Answers with undefined, which stands for the value from then on: nobody sees what is made of it. */
  readonly error: (field: string, message: string) => undefined;
  readonly loss: (field: string, value: unknown, effect: string) => void;
  readonly gain: (field: string, value: unknown, effect: string) => void;
}

/** The loss of what stands beside a policy that restarts nothing. */
export const withoutRestarts = 'It has no effect: nothing is restarted, here as there.';

/** What was noticed. */
export interface Noted {
  readonly losses: ReadonlyArray<Loss>;
  readonly gains: ReadonlyArray<Gain>;
}

/**
 * Translates with `read`, whose answer counts only where it noticed no error. What is wrong with the whole, and what throws
 * when it is read, is told of a field of the name `whole`. Never throws.
 */
export const translating =
  <I, A>(whole: string, read: (given: I, notes: Notes) => A) =>
  (given: I): Translated<{ readonly value: A; readonly noted: Noted }> => {
    const errors: Array<TranslationError> = [];
    const losses: Array<Loss> = [];
    const gains: Array<Gain> = [];
    const notes: Notes = {
      error: (field, message) => {
        const path = field === '' ? whole : field;
        errors.push({ field: path, message: `${path} ${message}` });
        return undefined;
      },
      loss: (field, value, effect) => {
        losses.push({ field: field === '' ? whole : field, value, effect });
      },
      gain: (field, value, effect) => {
        gains.push({ field: field === '' ? whole : field, value, effect });
      },
    };
    try {
      const value = read(given, notes);
      const [first, ...more] = errors;
      return first === undefined ? right({ value, noted: { losses, gains } }) : left([first, ...more]);
    } catch {
      // A getter or a proxy of the caller's threw. Its error is not inspected: that could throw too.
      return left([{ field: whole, message: `${whole} must be an object whose fields can be read` }]);
    }
  };

/** The same, where a policy is made of it. */
export const translatingToPolicy = (
  whole: string,
  read: (given: unknown, notes: Notes) => RestartPolicyInput | undefined,
): ((given: unknown) => Translated<Translation>) => {
  const translate = translating(whole, read);
  return (given) => {
    const translated = translate(given);
    if (translated._tag === 'Left') return translated;
    const { value, noted } = translated.right;
    const policy = restartPolicy(value ?? { mode: 'never' });
    return policy._tag === 'Right'
      ? right({ policy: policy.right, losses: noted.losses, gains: noted.gains })
      : left(
          mapAll(({ message }: { readonly message: string }) => ({
            field: whole,
            message: `${whole} makes no policy: ${message}`,
          }))(policy.left),
        );
  };
};
