/**
 * What options must be. All that is wrong with them is told at once, as of a policy.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { type Millis, maxMillis, parseDuration } from '../duration.js';
import { didYouMean, nearestWord } from '../nearest.js';
import { describeValue, quoteShort } from '../quote.js';
import type { GivenOptions } from './command.js';
import { type Problem, problem } from './problem.js';

/** Reads options one by one. undefined: it was not given, or is wrong, which is among the problems then. */
export interface OptionReader {
  readonly problems: ReadonlyArray<Problem>;
  readonly isGiven: (option: string) => boolean;
  readonly text: (option: string) => string | undefined;
  /** As it is given, cut at commas, each part trimmed. */
  readonly list: (option: string) => ReadonlyArray<string> | undefined;
  /** Milliseconds from a least one. */
  readonly span: (option: string, least: 0 | 1) => Millis | undefined;
  readonly count: (option: string, least: number, most: number) => number | undefined;
  readonly word: <A extends string>(option: string, known: ReadonlyArray<A>) => A | undefined;
  /** As some function reads it; its Left follows the option's name. */
  readonly by: <A>(option: string, read: (text: string) => Either<string, A>) => A | undefined;
  /** One thing more that is wrong. */
  readonly tell: (option: string | null, message: string) => undefined;
}

export const readOptions = (given: GivenOptions): OptionReader => {
  const problems: Array<Problem> = [];
  const tell = (option: string | null, message: string): undefined => {
    problems.push(problem(null, option === null ? message : `${option} ${message}`));
  };
  const text = (option: string): string | undefined => {
    const value = given[keyOf(option)];
    return value === undefined || typeof value === 'boolean' ? undefined : String(value);
  };
  const by: OptionReader['by'] = (option, read) => {
    const value = text(option);
    if (value === undefined) return undefined;
    const answer = read(value);
    return answer._tag === 'Right' ? answer.right : tell(option, answer.left);
  };
  return {
    problems,
    tell,
    text,
    by,
    isGiven: (option) => given[keyOf(option)] !== undefined,
    list: (option) =>
      text(option)
        ?.split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    span: (option, least) => by(option, (value) => spanOf(value, least)),
    count: (option, least, most) =>
      by(option, (value) => {
        const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
        return number >= least && number <= most
          ? { _tag: 'Right', right: number }
          : { _tag: 'Left', left: `must be a whole number from ${least} to ${most}, got ${quoteShort(value)}` };
      }),
    word: (option, known) => by(option, (value) => wordOf(value, known)),
  };
};

/** As the parser names what `--crash-after` was given. */
const keyOf = (option: string): string =>
  option.replace(/^--/, '').replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** A duration as in a policy, and days besides: nobody wants to count the hours of a month. */
const spanOf = (text: string, least: 0 | 1): Either<string, Millis> => {
  const inHours = text.replace(/(\d+(?:\.\d+)?)d/g, (_, days: string) => `${Number(days) * 24}h`);
  const parsed = parseDuration(inHours);
  if (parsed._tag === 'Right' && parsed.right >= least && parsed.right <= maxMillis) return parsed;
  const wrong = parsed._tag === 'Right' || parsed.left._tag === 'DurationNegative';
  const what = wrong ? `must be ${least} ms or more` : 'must be a duration such as 1m30s, in d, h, m, s, ms';
  return { _tag: 'Left', left: `${what}, got ${quoteShort(text)}` };
};

/** `meantBy` says which one was meant; null: nobody can tell. */
export const wordOf = <A extends string>(
  text: string,
  known: ReadonlyArray<A>,
  meantBy: (text: string) => A | null = (given) => nearestWord(given, known),
): Either<string, A> => {
  const found = known.find((word) => word === text);
  if (found !== undefined) return { _tag: 'Right', right: found };
  const words = `must be one of ${known.join(', ')}, not ${describeValue(text)}`;
  return { _tag: 'Left', left: `${words}${didYouMean(meantBy(text))}` };
};
