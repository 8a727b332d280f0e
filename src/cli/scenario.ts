/**
 * What `simulate` and `compare` put policies through: the workload, for how long, and what people do meanwhile.
 */
import type { Command } from 'commander';
import type { Either } from 'fp-ts/lib/Either.js';
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import type { Millis } from '../duration.js';
import { left, right } from '../either.js';
import type { PersonAct, Workload } from '../simulate.js';
import { spanText } from '../span-text.js';
import type { Timestamp } from '../status.js';
import type { GivenOptions } from './command.js';
import type { RunLog } from './input/log.js';
import { momentOf } from './input/moment.js';
import { readOptions } from './options.js';
import type { Problem } from './problem.js';
import { changed, readChanges } from './scenario/changes.js';
import { readBase, readLogOption } from './scenario/ends.js';
import { type Fleet, readFleet } from './scenario/fleet.js';
import { readWords } from './scenario/people.js';
import type { Terminal } from './terminal.js';

export interface Scenario {
  readonly workload: Workload;
  readonly for: Millis;
  readonly from: Timestamp;
  readonly id: string | undefined;
  readonly seed: number | undefined;
  readonly words: ReadonlyArray<PersonAct>;
  /** null: one instance. */
  readonly fleet: Fleet | null;
  /** null: the workload is made up. */
  readonly log: RunLog | null;
  /** One line for people: what the instance does. */
  readonly description: string;
}

/** What `--help` says of these options. */
export const scenarioHelp = `  --crash-after D    each run ends after so long (1s, 2m30s, 1h, 7d; default 1s)
  --mean-uptime D    or: each run ends by chance, after so long on average
  --log FILE         or: the runs of a log: CSV, JSON lines, docker events
  --repeat           begins the log again when it is used up (default: runs on)
  --exit CODE[,..]   how runs end (default 1, or unknown); --cause WORD: why
  --for D            how long (default 1h, or as long as the log)
  --boots-for D      each start takes so long; --unhealthy-after D: bad then
  --start-fails [N]  the first N restarts fail; without N, every one
  --words LIST       what people do: stop@10m,start@20m,pause@1h,resume@2h
  --fleet N          so many instances; --per-second N, --in-flight N: starts
  --id ID, --seed N  draw other jitter and chance; --id also picks a log's runs
  --from TIME        when it begins, for the times of --json`;

export const declareScenario = (command: Command): Command =>
  command
    .option('--crash-after <span>')
    .option('--mean-uptime <span>')
    .option('--log <file>')
    .option('--repeat')
    .option('--exit <codes>')
    .option('--cause <word>')
    .option('--for <span>')
    .option('--boots-for <span>')
    .option('--unhealthy-after <span>')
    .option('--start-fails [count]')
    .option('--words <list>')
    .option('--fleet <count>')
    .option('--per-second <count>')
    .option('--in-flight <count>')
    .option('--id <id>')
    .option('--seed <number>')
    .option('--from <time>');

/** Left: all that is wrong with the options and the log. */
export const readScenario = async (
  given: GivenOptions,
  terminal: Terminal,
): Promise<Either<NonEmptyArray<Problem>, Scenario>> => {
  const options = readOptions(given);
  const problems: Array<Problem> = [];
  const id = options.text('--id');
  if (id === '') options.tell('--id', 'must not be empty');
  const log = await readLogOption(options, id, terminal, problems);
  const base = readBase(options, log);
  const changes = readChanges(options);
  const span = options.span('--for', 1) ?? log?.span ?? defaultSpan;
  const from = options.by('--from', momentOf) ?? log?.from ?? 0;
  const words = readWords(options, from, span);
  const seed = options.count('--seed', 0, 2 ** 32 - 1);
  const fleet = readFleet(options);
  const [first, ...rest] = [...options.problems, ...problems];
  if (first !== undefined) return left([first, ...rest]);
  return right({
    workload: changed(base.workload, changes),
    for: span,
    from,
    id,
    seed,
    words,
    fleet,
    log,
    description: [
      ...(fleet === null ? [] : [`${fleet.instances} instances`]),
      base.description,
      ...changes.descriptions,
      `for ${spanText(span)}`,
    ].join(', '),
  });
};

const defaultSpan: Millis = 3_600_000;
