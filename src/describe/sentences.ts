/**
 * A policy in sentences. Every field that changes what is decided changes a word of them.
 */
import type { Millis } from '../duration.js';
import type { EndCause } from '../event.js';
import type { RestartPolicy, RestartRule, RuleAction } from '../policy.js';
import { grown } from '../waits.js';
import { counted, inWords, listed } from '../words.js';

export const sentencesOf = (policy: RestartPolicy): ReadonlyArray<string> =>
  policy.mode === 'never'
    ? ['It is never restarted automatically, however it ends: only a person starts it.']
    : [...whenRestarted(policy), waits(policy), ...spread(policy), limit(policy)];

// ---------------------------------------------------------------------------
// when it is restarted
// ---------------------------------------------------------------------------

const whenRestarted = (policy: RestartPolicy): ReadonlyArray<string> => {
  const { mode, startTimeout, rules } = policy;
  const other = `when it is unhealthy${startTimeout === undefined ? '' : ` or still starting after ${inWords(startTimeout)}`}`;
  if (rules !== undefined) {
    const isOnly = rules[0] !== undefined && isCatchAll(rules[0]) && rules[0].action === 'stop';
    return [endsByRules(policy, rules), `It is ${isOnly ? 'restarted only' : 'also restarted'} ${other}.`];
  }
  return mode === 'always'
    ? [`It is restarted whenever a run ends, whatever the exit code, and also ${other}.`]
    : [
        `It is restarted when a run fails, with an exit code other than 0 or an unknown one, and also ${other}; ` +
          'after exit code 0 it stays down, even if its host ended the run.',
      ];
};

const isCatchAll = ({ causes, exitCodes }: RestartRule): boolean => causes === undefined && exitCodes === undefined;

const endsByRules = ({ mode }: RestartPolicy, rules: ReadonlyArray<RestartRule>): string => {
  const catchAll = rules.findIndex(isCatchAll);
  const asked = catchAll < 0 ? rules : rules.slice(0, catchAll);
  const last = rules[catchAll];
  const otherwise = last === undefined ? byMode[mode] : byRule[last.action];
  return asked.length === 0
    ? `Whenever a run ends, ${otherwise}.`
    : `When a run ends, the first of these applies: ${[
        ...asked.map((rule) => `if ${condition(rule)}, ${byRule[rule.action]}`),
        `otherwise ${otherwise}`,
      ].join('; ')}.`;
};

const byRule: Readonly<Record<RuleAction, string>> = {
  restart: 'it is restarted',
  restart_uncounted: 'it is restarted and the first attempt is not counted',
  stop: 'it stays down',
};

const byMode: Readonly<Record<RestartPolicy['mode'], string>> = {
  never: byRule.stop,
  always: byRule.restart,
  on_failure: 'it is restarted unless the exit code is 0, whatever ended it',
};

const condition = ({ causes = [], exitCodes = [] }: RestartRule): string => {
  const codes = listed(exitCodes.map(codesInWords), 'or');
  if (causes.length === 0) return `the exit code is ${codes}`;
  const cause = listed(
    [...new Set(causes)].map((each) => byCause[each]),
    'or',
  );
  return `it was ended by ${cause}${codes === '' ? '' : `, with exit code ${codes}`}`;
};

const byCause: Readonly<Record<EndCause, string>> = {
  exit: 'its own exit',
  signal: 'a signal',
  out_of_memory: 'a lack of memory',
  panic: 'a kernel panic',
  host: 'its host',
  unknown: 'an unknown cause',
};

const codesInWords = (codes: number | readonly [number, number]): string => {
  const [low, high] = typeof codes === 'number' ? [codes, codes] : codes;
  return low === high ? `${low}` : `${low} to ${high}`;
};

// ---------------------------------------------------------------------------
// how long it waits
// ---------------------------------------------------------------------------

const waits = (policy: RestartPolicy): string => {
  const { first, goesOn } = growthOf(policy);
  const [one = '', ...later] = first.map(inWords);
  const elsewhere = 'a restart without an end (bad health, a failed start) waits from the attempt before';
  if (later.length === 0) {
    return policy.backoffFrom === 'exit'
      ? `After each end it waits ${one}, before the first attempt too; ${elsewhere}.`
      : `The first attempt comes at once, and attempts are at least ${one} apart, so a run that lasts longer is restarted at once.`;
  }
  const last = later.at(-1);
  const waited = goesOn === null ? [one, ...later.slice(0, -1), `then ${last}`] : [one, ...later];
  const on = goesOn === null ? '' : ` and so on, ${goesOn}`;
  return policy.backoffFrom === 'exit'
    ? `After an end it waits ${waited.join(', ')}${on}, before the first attempt too; ${elsewhere}.`
    : `The first attempt comes at once, and then the wait from one attempt to the next is ${waited.join(', ')}${on}: ` +
        'a run that lasts longer than its wait is restarted at once.';
};

/** The waits that are spelled out, and how they go on. */
interface Growth {
  readonly first: ReadonlyArray<Millis>;
  /** By what, where the longest wait is not among the first. */
  readonly goesOn: string | null;
}

const growthOf = (policy: RestartPolicy): Growth => {
  const { backoff, maxBackoff = backoff, backoffFactor = 2 } = policy;
  const first = [0, 1, 2, 3].map((steps) => grown(policy, steps));
  const reached = first.indexOf(maxBackoff);
  return reached < 0
    ? { first: first.slice(0, 3), goesOn: `${growthInWords(backoffFactor)} up to ${inWords(maxBackoff)}` }
    : { first: first.slice(0, reached + 1), goesOn: null };
};

const growthInWords = (factor: number): string => {
  if (factor === 2) return 'doubling';
  return factor === 3 ? 'tripling' : `each ${factor} times the one before,`;
};

const spread = ({ jitter, backoffFrom }: RestartPolicy): ReadonlyArray<string> =>
  jitter === undefined
    ? []
    : [
        `Each wait is lengthened by up to ${shareInWords(jitter)}, differently for each instance, so that what failed together ` +
          `comes back apart${backoffFrom === 'exit' ? '' : ', from the second attempt on'}.`,
      ];

const shareInWords = (share: number): string => {
  const percent = Number(`${share}e2`);
  // Where a percentage would be rounded, or the share is too small to be written so.
  return percent / 100 === share ? `${percent} %` : `${share} times itself`;
};

// ---------------------------------------------------------------------------
// how often
// ---------------------------------------------------------------------------

const limit = (policy: RestartPolicy): string => {
  const { maxAttempts, limitInterval, cooldown, stableAfter } = policy;
  const isConstant = growthOf(policy).first.length === 1;
  const anew = `a run of ${inWords(stableAfter)} starts the count${isConstant ? '' : ' and the waits'} over`;
  if (maxAttempts === 0) return `There is no limit to the attempts; ${anew}.`;
  const within = limitInterval === undefined ? inARow(maxAttempts) : ` within ${inWords(limitInterval)}`;
  const then = cooldown === undefined ? 'until a person starts it' : `for ${inWords(cooldown)}, then it begins anew`;
  return `After ${counted(maxAttempts, 'attempt')}${within} nothing more is done ${then}; ${anew}.`;
};

const inARow = (count: number): string => (count === 1 ? '' : ' in a row');
