/**
 * From the fields of the form to what is simulated: the workload, the span, and what people do meanwhile.
 */
import {
  type Millis,
  manuallyStarted,
  manuallyStopped,
  parseDuration,
  policyUpdated,
  type RestartEvent,
  type RestartPolicy,
  supervisionPaused,
  supervisionResumed,
} from 'restart-policy';
import { fixedRuns, type PersonAct, type Run, randomFailures, type Workload } from 'restart-policy/simulate';
import { spanText } from '../src/span-text.js';
import { readLog } from './log-text.js';
import { codesIn, type Errors } from './policy-input.js';
import type { Act, ActText, State, WorkloadField, WorkloadText } from './state.js';

export interface Simulated {
  readonly workload: Workload;
  readonly for: Millis;
  readonly seed: number;
  readonly id: string;
  readonly words: ReadonlyArray<PersonAct>;
  /** What happens, in a few words. */
  readonly title: string;
}

export interface WorkloadRead {
  /** null: something is wrong with it. */
  readonly simulated: Simulated | null;
  /** By the field, or the place of an act, such as "acts[0].at". */
  readonly errors: Errors;
}

type Tell = (message: string) => void;

const hour = 3_600_000;
/** A year: pictures of more show nothing. */
const longest = 8_760 * hour;

// ---------------------------------------------------------------------------
// single fields: undefined where it is blank, and where it is wrong
// ---------------------------------------------------------------------------

const spanIn = (text: string, tell: Tell): Millis | undefined => {
  if (text.trim() === '') return undefined;
  const parsed = parseDuration(text);
  if (parsed._tag === 'Right') return parsed.right;
  tell(parsed.left.message);
  return undefined;
};

const countIn = (text: string, least: number, most: number, tell: Tell): number | undefined => {
  if (text.trim() === '') return undefined;
  const count = /^\s*\d+\s*$/.test(text) ? Number(text) : Number.NaN;
  if (count >= least && count <= most) return count;
  tell(`must be a whole number from ${least} to ${most}`);
  return undefined;
};

/** null: unknown. */
const codeIn = (text: string, tell: Tell): number | null => {
  const word = text.trim();
  if (word === '' || word === 'unknown') return null;
  const code = /^-?\d+$/.test(word) ? Number(word) : Number.NaN;
  if (Number.isSafeInteger(code)) return code;
  tell('must be a whole number, or unknown');
  return null;
};

// ---------------------------------------------------------------------------
// workloads
// ---------------------------------------------------------------------------

interface Runs {
  readonly workload: Workload;
  readonly title: string;
  /** What is simulated where nothing is said. */
  readonly span: Millis;
}

const codeText = (code: number | null): string => (code === null ? 'an unknown exit code' : `exit code ${code}`);

type TellOf = (field: string) => Tell;

const crashesOf = (text: WorkloadText, tell: TellOf): Runs => {
  const runsFor = spanIn(text.crash_after, tell('crash_after')) ?? null;
  const exitCode = codeIn(text.exit_code, tell('exit_code'));
  const run: Run = { runsFor, exitCode, ...(text.cause === '' ? {} : { cause: text.cause }) };
  const ends =
    runsFor === null ? 'does not end by itself' : `ends after ${spanText(runsFor)} with ${codeText(exitCode)}`;
  return { workload: () => run, title: `Each run ${ends}`, span: hour };
};

const chancesOf = (text: WorkloadText, tell: TellOf): Runs => {
  const meanUptime = spanIn(text.mean_uptime, tell('mean_uptime'));
  if (meanUptime === undefined && text.mean_uptime.trim() === '') tell('mean_uptime')('must be a duration');
  const exitCodes = codesIn(text.exit_codes).map((code) => codeIn(String(code), tell('exit_codes')));
  const title = `Runs end by chance, after ${spanText(meanUptime ?? 0)} on average`;
  return { workload: randomFailures({ meanUptime: meanUptime ?? 0, exitCodes }), title, span: 24 * hour };
};

const mostMessages = 8;

const loggedRuns = (text: WorkloadText, tell: TellOf): Runs => {
  const log = readLog(text.log);
  if (!('runs' in log)) {
    const more = log.length - mostMessages;
    tell('log')([...log.slice(0, mostMessages), ...(more > 0 ? [`and ${more} more`] : [])].join('\n'));
    return { workload: fixedRuns([]), title: '', span: hour };
  }
  const { runs, span } = log;
  const title = `${runs.length === 1 ? 'A logged run' : `${runs.length} logged runs`}, one after another`;
  return { workload: fixedRuns(runs), title, span: Math.min(longest, span) || hour };
};

/** What befalls the runs of the form, whatever they are. */
const befallen = (text: WorkloadText, { workload, title, span }: Runs, tell: TellOf): Runs => {
  const boots = text.boots_for.trim();
  const bootsFor = boots === 'never' ? Number.POSITIVE_INFINITY : (spanIn(boots, tell('boots_for')) ?? 0);
  const failing = countIn(text.failing_starts, 0, 1_000_000, tell('failing_starts')) ?? 0;
  const unhealthyAfter = spanIn(text.unhealthy_after, tell('unhealthy_after'));
  const good = countIn(text.recovers_after, 0, 1_000_000, tell('recovers_after')) ?? Number.POSITIVE_INFINITY;
  const told = [
    ...(bootsFor === 0
      ? []
      : [bootsFor === Number.POSITIVE_INFINITY ? 'never comes up' : `boots for ${spanText(bootsFor)}`]),
    ...(failing === 0 ? [] : [failing === 1 ? 'the first start fails' : `the first ${failing} starts fail`]),
    ...(unhealthyAfter === undefined ? [] : [`unhealthy after ${spanText(unhealthyAfter)}`]),
    ...(good === Number.POSITIVE_INFINITY ? [] : [`recovers after ${good === 1 ? 'one run' : `${good} runs`}`]),
  ];
  return {
    span,
    title: [title, ...told].join(', '),
    workload: (run, random) => {
      // Drawn for each run, so that a start that fails does not change those after it.
      const next = workload(run, random);
      if (run <= failing) return { runsFor: null, startFails: true };
      return run > good ? { runsFor: null, bootsFor } : { ...next, bootsFor, unhealthyAfter };
    },
  };
};

// ---------------------------------------------------------------------------
// people
// ---------------------------------------------------------------------------

const events: Readonly<Record<Act, RestartEvent>> = {
  stop: manuallyStopped,
  start: manuallyStarted,
  pause: supervisionPaused,
  resume: supervisionResumed,
  policy_b: policyUpdated,
};

const wordsOf = (
  acts: ReadonlyArray<ActText>,
  end: Millis,
  other: RestartPolicy | null,
  tell: TellOf,
): ReadonlyArray<PersonAct> =>
  acts
    .flatMap(({ at, act }, index): ReadonlyArray<PersonAct> => {
      const moment = spanIn(at, tell(`acts[${index}].at`));
      if (at.trim() === '') tell(`acts[${index}].at`)('must be a duration since the first start');
      else if (moment !== undefined && moment >= end)
        tell(`acts[${index}].at`)(`must be before the end, ${spanText(end)}`);
      const isUpdate = act === 'policy_b';
      if (isUpdate && other === null) tell(`acts[${index}].act`)('needs policy B, without an error');
      return [
        { at: Math.ceil(moment ?? 0), event: events[act], ...(isUpdate && other !== null ? { policy: other } : {}) },
      ];
    })
    .sort((a, b) => a.at - b.at);

// ---------------------------------------------------------------------------
// all of it
// ---------------------------------------------------------------------------

const kinds = { crash: crashesOf, random: chancesOf, log: loggedRuns };

/** `other` is the second policy; null: there is none, or it is wrong. */
export const readWorkload = ({ workload: text, acts }: State, other: RestartPolicy | null): WorkloadRead => {
  const errors = new Map<string, string>();
  const tell: TellOf = (field) => (message) => {
    if (!errors.has(field)) errors.set(field, message);
  };
  const plain = kinds[text.runs](text, tell);
  const runs = text.runs === 'log' ? plain : befallen(text, plain, tell);
  const given = spanIn(text.for, tell('for'));
  if (given !== undefined && (given < 1 || given > longest)) tell('for')('must be from 1ms to 8760h, which is a year');
  const span = Math.ceil(given ?? runs.span);
  const seed = countIn(text.seed, 0, 2 ** 32 - 1, tell('seed')) ?? 0;
  const words = wordsOf(acts, span, other, tell);
  return errors.size > 0
    ? { simulated: null, errors }
    : { errors, simulated: { ...runs, for: span, seed, id: text.id.trim() || 'instance', words } };
};

/** What is asked for, for each kind of runs; the others mean nothing there. */
export const fieldsOfKind: Readonly<Record<WorkloadText['runs'], ReadonlyArray<WorkloadField | 'cause' | 'log'>>> = {
  crash: [
    'crash_after',
    'exit_code',
    'cause',
    'recovers_after',
    'boots_for',
    'failing_starts',
    'unhealthy_after',
    'for',
    'id',
  ],
  random: [
    'mean_uptime',
    'exit_codes',
    'recovers_after',
    'boots_for',
    'failing_starts',
    'unhealthy_after',
    'for',
    'seed',
    'id',
  ],
  log: ['log', 'for', 'id'],
};
