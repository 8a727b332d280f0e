/**
 * Policies that a command is given, in their wire form: right there in the document, or as its `restart_policy`.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import { RestartPolicyCodec } from '../../codec.js';
import { left, right } from '../../either.js';
import { didYouMeanOneOf, nearest } from '../../nearest.js';
import type { RestartPolicy } from '../../policy.js';
import { describeValue } from '../../quote.js';
import { type Problem, problem } from '../problem.js';
import type { Terminal } from '../terminal.js';
import { type Parsed, parseText } from './document.js';
import { isInline, readText, type Text } from './text.js';

/** A policy, and what it is called. */
export interface NamedPolicy {
  readonly name: string;
  readonly policy: RestartPolicy;
}

/** Each of them, in their order. Left: all that is wrong with it. */
export const readPolicies = async (
  from: ReadonlyArray<string>,
  terminal: Terminal,
): Promise<ReadonlyArray<Either<NonEmptyArray<Problem>, NamedPolicy>>> => {
  const read: Array<Either<NonEmptyArray<Problem>, NamedPolicy>> = [];
  const inline = severalInline(from).values();
  for (const [index, each] of from.entries()) {
    const isInputAgain = each === '-' && from.indexOf('-') < index;
    const text = isInputAgain ? left(problem('-', 'standard input is read once')) : await readText(each, terminal);
    const numbered = isInline(each) ? inline.next().value : undefined;
    read.push(text._tag === 'Left' ? left([text.left]) : readPolicy(numbered ?? text.right));
  }
  return read;
};

/** Those that are right there, told apart by their numbers; none where there is one alone, which needs none. */
export const severalInline = (from: ReadonlyArray<string>): ReadonlyArray<Text> => {
  const inline = from.filter(isInline);
  return inline.length > 1 ? inline.map((text, index) => ({ name: `inline-${index + 1}`, text })) : [];
};

const root = 'restart_policy';

export const readPolicy = (text: Text): Either<NonEmptyArray<Problem>, NamedPolicy> => {
  const parsed = parseText(text);
  return parsed._tag === 'Left' ? parsed : policyIn(parsed.right, text.name);
};

const policyIn = (parsed: Parsed, name: string): Either<NonEmptyArray<Problem>, NamedPolicy> => {
  const { value, placeOf } = parsed;
  if (value === null || value === undefined) {
    return left([problem(name, `is empty: a policy has a field "policy", which is one of never, always, on_failure`)]);
  }
  const misspelt = misspeltRoot(value);
  if (misspelt !== null) {
    const place = placeOf([misspelt], 'key');
    return left([problem(name, `${misspelt} is not a known field; did you mean ${root}?`, place)]);
  }
  const path = isObject(value) && Object.hasOwn(value, root) ? [root] : [];
  const wire = path.length === 0 ? value : (value as Readonly<Record<string, unknown>>)[root];
  const validated = RestartPolicyCodec['~standard'].validate(wire);
  if (validated.issues === undefined) return right({ name, policy: validated.value });
  const [first, ...rest] = validated.issues.map(({ message, path: steps }) =>
    problem(
      name,
      message + meant(message, wire, steps),
      placeOf([...path, ...steps], message.includes(' is not a known field') ? 'key' : 'value'),
    ),
  );
  return left(first === undefined ? [problem(name, `${root} is not understood`)] : [first, ...rest]);
};

const isObject = (u: unknown): u is object => typeof u === 'object' && u !== null && !Array.isArray(u);

/** A key that was meant to be the one that holds the policy. No field of a policy is called nearly so. */
const misspeltRoot = (value: unknown): string | null =>
  isObject(value) && !Object.hasOwn(value, root)
    ? (Object.keys(value).find((key) => nearest(key, [root]) !== null) ?? null)
    : null;

/** What was probably meant, where the codec names what is allowed and leaves it at that. */
const meant = (message: string, wire: unknown, path: ReadonlyArray<PropertyKey>): string => {
  // Of the whole the codec does not say what it is instead.
  if (path.length === 0) return `, got ${describeValue(wire)}`;
  // The one field whose name in TypeScript is another word.
  if (path.at(-1) === 'mode') return ' (what is mode in TypeScript is policy here)';
  const given = path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown>)[step], wire);
  return didYouMeanOneOf(message, given);
};
