/**
 * How the runs of a scenario end: all alike, by chance, or as a log says.
 */
import type { Millis } from '../../duration.js';
import { left } from '../../either.js';
import { endCauses } from '../../event.js';
import { quoteShort } from '../../quote.js';
import { crashLoop, fixedRuns, type Run, randomFailures, runsOf, type Workload } from '../../simulate.js';
import { spanText } from '../../span-text.js';
import { countOfRuns, type RunLog, readLog } from '../input/log.js';
import { readText } from '../input/text.js';
import type { OptionReader } from '../options.js';
import type { Problem } from '../problem.js';
import type { Terminal } from '../terminal.js';

const defaultCrash: Millis = 1_000;

export interface Base {
  readonly workload: Workload;
  readonly description: string;
}

const kinds = ['--crash-after', '--mean-uptime', '--log'] as const;

export const readLogOption = async (
  options: OptionReader,
  id: string | undefined,
  terminal: Terminal,
  problems: Array<Problem>,
): Promise<RunLog | null> => {
  const file = options.text('--log');
  if (file === undefined) return null;
  const text = await readText(file, terminal);
  const log = text._tag === 'Left' ? left([text.left]) : readLog(text.right, id);
  if (log._tag === 'Right') return log.right;
  problems.push(...log.left);
  return null;
};

export const readBase = (options: OptionReader, log: RunLog | null): Base => {
  const given = kinds.filter((kind) => options.isGiven(kind));
  if (given.length > 1) options.tell(null, `${given.join(' and ')} exclude each other`);
  const crashAfter = options.span('--crash-after', 0);
  const meanUptime = options.span('--mean-uptime', 1);
  const codes = readCodes(options);
  const cause = options.word('--cause', endCauses);
  if (options.isGiven('--log')) {
    for (const other of ['--exit', '--cause']) {
      if (options.isGiven(other)) options.tell(other, 'is not given beside --log, which says how its runs ended');
    }
  } else if (options.isGiven('--repeat')) options.tell('--repeat', 'needs --log');

  const because = cause === undefined ? {} : { cause };
  const ending = ` with exit code ${codes.map((code) => code ?? 'unknown').join(' or ')}${cause === undefined ? '' : ` (${cause})`}`;
  if (log !== null) return ofLog(log, options.isGiven('--repeat'));
  if (meanUptime !== undefined) {
    const random = randomFailures({ meanUptime, exitCodes: codes });
    return {
      workload: (run, draw) => ({ ...random(run, draw), ...because }),
      description: `runs that end by chance after ${spanText(meanUptime)} on average${ending}`,
    };
  }
  const isCrash = crashAfter !== undefined || options.isGiven('--exit') || options.isGiven('--cause');
  if (!isCrash && ['--unhealthy-after', '--boots-for'].some(options.isGiven)) {
    return { workload: () => ({ runsFor: null }), description: 'runs that do not end by themselves' };
  }
  const runsFor = crashAfter ?? defaultCrash;
  const loop = crashLoop({ runsFor, exitCode: codes[0] ?? null });
  return {
    workload:
      codes.length < 2
        ? (run, draw) => ({ ...loop(run, draw), ...because })
        : (run) => ({ runsFor, exitCode: codes[(run - 1) % codes.length] ?? null, ...because }),
    description: `each run ends ${runsFor === 0 ? 'at once' : `after ${spanText(runsFor)}`}${ending}`,
  };
};

const ofLog = ({ name, runs }: RunLog, isRepeated: boolean): Base => {
  const read = runsOf(runs);
  // The log was checked row by row, with its lines.
  const fixed = read._tag === 'Right' ? read.right : [];
  const run: Run = { runsFor: null };
  return {
    workload: isRepeated ? (number) => fixed[(number - 1) % fixed.length] ?? run : fixedRuns(fixed),
    description: `the ${countOfRuns(runs)} of ${name}${isRepeated ? ', again and again' : ''}`,
  };
};

/** null: unknown, as of what was killed. */
const readCodes = (options: OptionReader): ReadonlyArray<number | null> => {
  const given = options.list('--exit') ?? ['1'];
  const codes: Array<number | null> = [];
  for (const code of given) {
    if (code === 'unknown') codes.push(null);
    else if (/^-?\d{1,15}$/.test(code)) codes.push(Number(code));
    else options.tell('--exit', `must be whole numbers, or unknown, got ${quoteShort(code)}`);
  }
  if (given.length === 0) options.tell('--exit', 'must be whole numbers, or unknown, got ""');
  return codes;
};
