/**
 * Lints of how long waits are, and of what they are compared with.
 */
import type { Millis } from '../duration.js';
import type { RestartPolicy } from '../policy.js';
import { asWritten, counted, inWords } from '../words.js';
import { isAnySoAnswered } from './ends.js';
import { isSpreadTooFar } from './limit-lints.js';
import type { Loop } from './loops.js';
import { type Found, type Lint, nothing, waitFields } from './warning.js';

/** What is repeated sooner than this for ever is believed to be a mistake. */
const leastPace: Millis = 1_000;

export const tightLoop: Lint = (policy, loop) => {
  const { backoff, maxBackoff = backoff, maxAttempts } = policy;
  const isUnlimited = maxAttempts === 0 || isSpreadTooFar(policy, loop);
  if (isUnlimited && Math.ceil(maxBackoff) < leastPace) {
    return [
      {
        fields: [...waitFields(policy), 'maxAttempts'],
        message: `An instance that ends at once is started again after ${inWords(maxBackoff)} at the latest, for ever: no limit ends it.`,
        hint: policy.maxBackoff === undefined ? 'Set backoff to 1s, or maxBackoff to 1m.' : 'Set maxBackoff to 1m.',
      },
    ];
  }
  if (Math.ceil(backoff) >= leastPace || !isAnySoAnswered(policy, 'restart_uncounted')) return nothing;
  return [
    {
      fields: ['backoff', 'rules'],
      message:
        'An instance that ends at once, with an end of which a rule does not count the attempts, is started again every ' +
        `${inWords(backoff)}, for ever: its wait does not grow, and no limit ends it.`,
      hint: `Set backoff to 1s${maxBackoff < leastPace && policy.maxBackoff !== undefined ? ' and maxBackoff to 1m' : ''}, or the action of the rule to restart.`,
    },
  ];
};

export const growthUnreachable: Lint = (policy, loop) => {
  const { backoff, maxBackoff } = policy;
  return maxBackoff === undefined || Math.ceil(maxBackoff) <= Math.ceil(backoff)
    ? nothing
    : [...cutByLimit(policy, maxBackoff, loop), ...cutByRuns(policy, maxBackoff)];
};

const cutByLimit = (policy: RestartPolicy, maxBackoff: Millis, loop: Loop): Found => {
  const { maxAttempts } = policy;
  const longest = longestBelowLimit(policy, loop, maxAttempts);
  if (longest >= Math.ceil(maxBackoff)) return nothing;
  return [
    {
      fields: ['maxBackoff', 'maxAttempts'],
      message:
        `No wait ever reaches ${inWords(maxBackoff)}: the limit of ${counted(maxAttempts, 'attempt')} is reached before, ` +
        `${longest === 0 ? 'and there is no wait at all' : `and the longest wait is ${inWords(longest)}`}.`,
      hint: hintForGrowth(policy, maxBackoff, loop, longest),
    },
  ];
};

/** More attempts than this nobody means, and no limit within an interval has more. */
const mostSuggested = 100;

const hintForGrowth = (policy: RestartPolicy, maxBackoff: Millis, loop: Loop, longest: Millis): string => {
  let enough = policy.maxAttempts;
  while (enough <= mostSuggested && longestBelowLimit(policy, loop, enough) < Math.ceil(maxBackoff)) enough++;
  const more = enough > mostSuggested ? '' : `Set maxAttempts to ${enough}, or `;
  const less =
    longest <= Math.ceil(policy.backoff)
      ? `leave ${policy.backoffFactor === undefined ? 'maxBackoff' : 'maxBackoff and backoffFactor'} out`
      : `${more === '' ? 'set ' : ''}maxBackoff to ${asWritten(longest)}`;
  const hint = `${more}${less}.`;
  return `${hint.slice(0, 1).toUpperCase()}${hint.slice(1)}`;
};

/**
 * The longest wait that a limit of so many attempts leaves room for, in a crash loop whose runs are not stable; 0: none at all.
 */
const longestBelowLimit = (policy: RestartPolicy, loop: Loop, maxAttempts: number): Millis => {
  const { limitInterval, stableAfter } = policy;
  const isUncountedToo = isAnySoAnswered(policy, 'restart_uncounted');
  // Runs spread the attempts over more than the interval, where they may, and attempts that are not counted always can.
  const longestRun = Math.max(0, Math.ceil(stableAfter) - 1);
  const isLimited =
    maxAttempts > 0 &&
    (limitInterval === undefined || (!isUncountedToo && loop.span(maxAttempts, longestRun) < Math.ceil(limitInterval)));
  if (!isLimited) return Number.POSITIVE_INFINITY;
  if (isUncountedToo) return loop.waitUncounted(maxAttempts);
  return loop.isFromExit || maxAttempts > 1 ? loop.wait(maxAttempts - 1) : 0;
};

/** A stable run is shorter than the first wait. */
const cutByRuns = (policy: RestartPolicy, maxBackoff: Millis): Found => {
  const { backoff, stableAfter } = policy;
  if (!isAnySoAnswered(policy, 'restart') || Math.ceil(stableAfter) >= Math.ceil(backoff)) return nothing;
  return [
    {
      fields: ['stableAfter', 'backoff', 'maxBackoff'],
      message:
        `An instance whose runs last ${inWords(stableAfter)} each waits ${inWords(backoff)} every time, and never longer: ` +
        'each of these runs is stable although it is shorter than the wait, and the attempts before it are forgotten.',
      hint: `Set stableAfter to ${asWritten(maxBackoff)}.`,
    },
  ];
};

export const startTimeoutWithoutEffect: Lint = (policy, loop) => {
  const { startTimeout, maxAttempts, limitInterval } = policy;
  if (startTimeout === undefined) return nothing;
  const wait = loop.waitFromAttempt(1);
  // A limit of one is reached when the start times out, which is not later for the wait.
  const isLast = maxAttempts === 1 && (limitInterval === undefined || wait < Math.ceil(limitInterval));
  if (Math.ceil(startTimeout) >= wait || isLast) return nothing;
  return [
    {
      fields: ['startTimeout', 'backoff'],
      message:
        `An automatic start that hangs is given up after ${inWords(wait)} and not after ${inWords(startTimeout)}: ` +
        'the next attempt waits for the backoff, and until then the instance is left as it is.',
      hint: `Set startTimeout to ${asWritten(loop.longestWaitFromAttempt(1))}, or backoff to ${asWritten(startTimeout)}.`,
    },
  ];
};
