/**
 * What of a policy another system does not keep: it is translated there and read again, and what is different then is a loss.
 */
import type { Millis } from '../duration.js';
import type { RestartPolicy } from '../policy.js';
import { asWritten } from '../words.js';
import { differentAnswers } from './answers.js';
import type { Loss } from './translation.js';

/** `there` is what the other system makes of `here`. In the order of a policy's fields. */
export const differences = (here: RestartPolicy, there: RestartPolicy): ReadonlyArray<Loss> => {
  // Under never no other field has an effect.
  if (here.mode === 'never' && there.mode === 'never') return [];
  const losses: Array<Loss> = [];
  const tell = (field: keyof RestartPolicy, effect: string): void => {
    losses.push({ field, value: here[field] ?? null, effect });
  };
  const answers = differentAnswers(here, there);
  for (const effect of answers) tell(here.rules === undefined ? 'mode' : 'rules', effect);
  if (here.backoff !== there.backoff) tell('backoff', `There waits begin with ${asWritten(there.backoff)}.`);
  if (stabilityMatters(here, there) && here.stableAfter !== there.stableAfter) {
    tell(
      'stableAfter',
      there.stableAfter >= forEver
        ? 'There no run ends the failure window, however long it is: nothing but a person does.'
        : `There a run of ${asWritten(there.stableAfter)} ends the failure window.`,
    );
  }
  if (here.maxAttempts !== there.maxAttempts) {
    tell(
      'maxAttempts',
      there.maxAttempts === 0
        ? 'There attempts are not limited, or the limit is never reached.'
        : `There the limit is ${there.maxAttempts}.`,
    );
  }
  growthDifferences(here, there, tell);
  if (here.backoffFrom !== there.backoffFrom) {
    tell(
      'backoffFrom',
      there.backoffFrom === 'exit'
        ? 'There a wait begins at the end of the run, so there is one before the first attempt, too, and after a run of any length.'
        : 'There nothing is waited for after a run that lasted longer than the wait.',
    );
  }
  if ((here.jitter ?? 0) !== (there.jitter ?? 0)) {
    tell(
      'jitter',
      there.jitter === undefined
        ? 'There all waits of the same number are equally long.'
        : `There it is ${there.jitter}.`,
    );
  }
  intervalDifferences(here, there, tell);
  if (here.startTimeout !== there.startTimeout) {
    tell(
      'startTimeout',
      there.startTimeout === undefined
        ? 'There no start is made again for taking so long.'
        : `There a start may take ${asWritten(there.startTimeout)}.`,
    );
  }
  return losses;
};

type Tell = (field: keyof RestartPolicy, effect: string) => void;

/** As long as a policy says where nothing is ever forgotten. */
const forEver: Millis = 87_600 * 3_600_000;

const growthDifferences = (here: RestartPolicy, there: RestartPolicy, tell: Tell): void => {
  if (here.maxBackoff !== there.maxBackoff) {
    tell(
      'maxBackoff',
      there.maxBackoff === undefined
        ? 'There waits do not grow.'
        : `There waits grow up to ${asWritten(there.maxBackoff)}.`,
    );
  }
  const [factor = 2, other = 2] = [here.backoffFactor, there.backoffFactor];
  const bothGrow = here.maxBackoff !== undefined && there.maxBackoff !== undefined;
  if (bothGrow && factor !== other)
    tell('backoffFactor', `There each wait is ${other} times as long as the one before.`);
};

const intervalDifferences = (here: RestartPolicy, there: RestartPolicy, tell: Tell): void => {
  if (here.limitInterval !== there.limitInterval && there.maxAttempts > 0) {
    tell(
      'limitInterval',
      there.limitInterval === undefined
        ? 'There all attempts of a failure window are counted.'
        : `There the attempts of any ${asWritten(there.limitInterval)} are counted.`,
    );
  } else if (here.limitInterval !== undefined && there.maxAttempts === 0) {
    tell('limitInterval', 'There attempts are not counted.');
  }
  if (here.cooldown !== there.cooldown) {
    tell('cooldown', 'There it is not tried again after the limit, until a person starts it.');
  }
};

/**
 * How long a run must be to count as stable decides nothing where nothing grows and nothing is counted; nor where the limit forgets
 * sooner, unless a start that takes too long can be blocked and yet come to run.
 */
const stabilityMatters = (here: RestartPolicy, there: RestartPolicy): boolean => {
  const forgets = ({ maxAttempts, maxBackoff, limitInterval, stableAfter, startTimeout }: RestartPolicy) =>
    maxBackoff !== undefined ||
    (maxAttempts > 0 && (stableAfter < (limitInterval ?? Number.POSITIVE_INFINITY) || startTimeout !== undefined));
  return forgets(here) || forgets(there);
};
