/**
 * Lints of the limit and of what follows it.
 */
import { type Millis, maxMillis } from '../duration.js';
import type { RestartPolicy } from '../policy.js';
import { asWritten, counted, inWords, listed } from '../words.js';
import { isAnySoAnswered } from './ends.js';
import type { Loop } from './loops.js';
import { above, type Found, type Lint, nothing, waitFields } from './warning.js';

/** Whether the waits alone take as long as the interval of the limit, or longer. */
export const isSpreadTooFar = ({ maxAttempts, limitInterval }: RestartPolicy, loop: Loop): boolean =>
  limitInterval !== undefined && loop.span(maxAttempts, 0) >= Math.ceil(limitInterval);

export const limitUnreachable: Lint = (policy, loop) => {
  const { limitInterval } = policy;
  if (limitInterval === undefined) return nothing;
  return isSpreadTooFar(policy, loop)
    ? spreadTooFar(policy, limitInterval, loop)
    : forgottenTooSoon(policy, limitInterval, loop);
};

const spreadTooFar = (policy: RestartPolicy, limitInterval: Millis, loop: Loop): Found => {
  const { maxAttempts } = policy;
  const attempts = counted(maxAttempts, 'attempt');
  return [
    {
      fields: ['limitInterval', 'maxAttempts', ...waitFields(policy)],
      message:
        `The limit of ${attempts} within ${inWords(limitInterval)} is never reached, and a crash loop goes on for ever: ` +
        `the waits alone spread ${attempts} and the next one over ${inWords(loop.span(maxAttempts, 0))}.`,
      hint: hintForSpread(policy, loop),
    },
  ];
};

const hintForSpread = (policy: RestartPolicy, loop: Loop): string => {
  const { maxAttempts, stableAfter, cooldown } = policy;
  const enough = above(loop.longestSpan(maxAttempts));
  // What a longer interval needs besides: a cooldown that is not shorter, and no run within it that is stable.
  const longer = [
    `limitInterval to ${asWritten(enough)}`,
    ...(loop.span(maxAttempts, Math.ceil(stableAfter)) < enough ? [`stableAfter to ${asWritten(enough)}`] : []),
    ...(cooldown !== undefined && cooldown < enough ? [`cooldown to ${asWritten(enough)}`] : []),
  ];
  const leave = 'leave limitInterval out, so that all attempts in a row count';
  return enough <= maxMillis ? `Set ${listed(longer, 'and')}, or ${leave}.` : `L${leave.slice(1)}.`;
};

/** Runs that last as long as a stable one, and the waits between them, fit into the interval. */
const forgottenTooSoon = (policy: RestartPolicy, limitInterval: Millis, loop: Loop): Found => {
  const { maxAttempts, stableAfter } = policy;
  const span = loop.span(maxAttempts, Math.ceil(stableAfter));
  if (!isAnySoAnswered(policy, 'restart') || span >= Math.ceil(limitInterval)) return nothing;
  return [
    {
      fields: ['stableAfter', 'limitInterval', 'maxAttempts'],
      message:
        `An instance whose runs last ${inWords(stableAfter)} each is restarted for ever, although ` +
        `${counted(maxAttempts, 'attempt')} and the next one fall within ${inWords(limitInterval)}: ` +
        'each of these runs is stable, and the attempts before it are forgotten.',
      hint: `Set stableAfter to ${asWritten(limitInterval)}.`,
    },
  ];
};

export const cooldownBelowWait: Lint = (policy, loop) => {
  const { maxAttempts, limitInterval, cooldown } = policy;
  // A cooldown is as long as the interval at least; where attempts fit into that, no wait between them is as long.
  if (cooldown === undefined || limitInterval !== undefined) return nothing;
  const wait = loop.wait(maxAttempts);
  if (Math.ceil(cooldown) > wait) return nothing;
  const first = inWords(Math.max(Math.ceil(cooldown), loop.wait(loop.isFromExit ? 0 : 1)));
  const enough = above(loop.longestWait(maxAttempts));
  return [
    {
      fields: ['cooldown', 'maxAttempts', ...waitFields(policy)],
      message:
        `The limit of ${counted(maxAttempts, 'attempt')} holds nothing back: at the limit the next attempt comes after ` +
        `${first}, and without a limit it would come after ${inWords(wait)}.`,
      hint: `${enough <= maxMillis ? `Set cooldown to ${asWritten(enough)}` : 'Leave cooldown out'}.`,
    },
  ];
};
