/**
 * A policy as options: one for each field but the rules, which are better written down.
 */
import type { Command } from 'commander';
import type { Either } from 'fp-ts/lib/Either.js';
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import { type DecodeError, decodeRestartPolicy } from '../../codec.js';
import { left, right } from '../../either.js';
import { didYouMean, nearestWord } from '../../nearest.js';
import { map } from '../../non-empty-array.js';
import { type RestartPolicy, restartModes } from '../../policy.js';
import { quoteShort } from '../../quote.js';
import { readPolicies } from '../input/policy.js';
import type { OptionReader } from '../options.js';
import { type Problem, problem } from '../problem.js';
import type { Terminal } from '../terminal.js';

/** What is wanted of a command that nobody wrote a policy for. */
const byDefault = { policy: 'always', backoff: '2s' };

/** Each option with its field on the wire, and whether that is a number there. */
const flags: ReadonlyArray<readonly [flag: string, field: string, isNumber: boolean]> = [
  ['--mode', 'policy', false],
  ['--backoff', 'backoff', false],
  ['--max-attempts', 'max_attempts', true],
  ['--stable-after', 'stable_after', false],
  ['--max-backoff', 'max_backoff', false],
  ['--backoff-factor', 'backoff_factor', true],
  ['--backoff-from', 'backoff_from', false],
  ['--jitter', 'jitter', true],
  ['--limit-interval', 'limit_interval', false],
  ['--cooldown', 'cooldown', false],
  ['--start-timeout', 'start_timeout', false],
];

export const declarePolicy = (command: Command): Command =>
  flags.reduce((declared, [flag]) => declared.option(`${flag} <value>`), command.option('--policy <file>'));

/** Left: all that is wrong with it. */
export const readGivenPolicy = async (
  options: OptionReader,
  terminal: Terminal,
): Promise<Either<NonEmptyArray<Problem>, RestartPolicy>> => {
  const given = flags.filter(([flag]) => options.isGiven(flag));
  const file = options.text('--policy');
  if (file !== undefined) {
    if (given.length > 0) {
      return left([problem(null, `--policy and ${given.map(([flag]) => flag).join(', ')} exclude each other`)]);
    }
    const [read] = await readPolicies([file], terminal);
    return read?._tag === 'Right' ? right(read.right.policy) : (read ?? left([problem(file, 'cannot be read')]));
  }
  const wire = Object.fromEntries(
    given.map(([flag, field, isNumber]) => {
      const value = options.text(flag) ?? '';
      return [field, isNumber ? Number(value || Number.NaN) : value];
    }),
  );
  const decoded = decodeRestartPolicy(given.length === 0 ? byDefault : { policy: byDefault.policy, ...wire });
  return decoded._tag === 'Right' ? decoded : left(map(problemOf(options))(decoded.left));
};

/** In the words of the options. */
const problemOf =
  (options: OptionReader) =>
  ({ path, message }: DecodeError): Problem => {
    const [flag] = flags.find(([, field]) => path === `restart_policy.${field}`) ?? [path];
    const typed = options.text(flag) ?? '';
    // What was read may be a number that was made of what was typed.
    const [said = '', read] = message.slice(path.length).split(', got ');
    const got = read === undefined ? '' : `, got ${quoteShort(typed)}`;
    const named = flags.reduce(
      (text, [other, field]) => text.replace(new RegExp(`(needs|below) ${field}\\b`), `$1 ${other}`),
      said,
    );
    const meant = flag === '--mode' ? nearestWord(typed, restartModes) : null;
    return problem(null, `${flag}${named}${got}${didYouMean(meant)}`);
  };
