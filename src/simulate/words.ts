/**
 * What people do while it is simulated, and what that must be.
 */
import { left, right } from '../either.js';
import {
  manuallyStarted,
  manuallyStopped,
  policyUpdated,
  type RestartEvent,
  supervisionPaused,
  supervisionResumed,
} from '../event.js';
import type { OptionError } from '../options.js';
import { copyPolicy, type RestartPolicy } from '../policy.js';
import { describeValue } from '../quote.js';
import type { Timestamp } from '../status.js';
import { isTimestamp } from '../time.js';
import type { Validation } from '../validation.js';

/**
 * A person's act: `ManualStop`, `ManualStart`, `Pause`, `Resume`, or `PolicyUpdated` with the new policy. What comes at the same
 * moment by itself comes before it.
 *
 * @since 0.2.0
 */
export interface PersonAct {
  /** Not before the act that stands before it. */
  readonly at: Timestamp;
  readonly event: RestartEvent;
  /** The new one; only beside `PolicyUpdated`. One that equals what is in force is no update, and is passed over. */
  readonly policy?: RestartPolicy | undefined;
}

/** Every kind of event that is a person's act on an instance. */
const acts = [manuallyStopped, manuallyStarted, policyUpdated, supervisionPaused, supervisionResumed];

/** Copies of people's acts in a simulation from one moment until before another. Left: all that is wrong with them. */
export const checkWords = (
  words: ReadonlyArray<unknown>,
  from: Timestamp,
  end: Timestamp,
): Validation<OptionError, ReadonlyArray<PersonAct>> => {
  const errors: Array<OptionError> = [];
  const copies: Array<PersonAct> = [];
  let before: Timestamp | null = null;
  for (const [index, given] of words.entries()) {
    const tell = (path: string, message: string): void => {
      const option = `words[${index}]${path}`;
      errors.push({ option, message: `${option} ${message}` });
    };
    if (typeof given !== 'object' || given === null) {
      tell('', `must be an object with at and event, not ${describeValue(given)}`);
      continue;
    }
    const { at, event, policy } = given as Partial<PersonAct>;
    if (!isTimestamp(at) || at < from || at >= end) {
      tell('.at', `must be a whole number of milliseconds from ${from} to before ${end}, not ${describeValue(at)}`);
    } else if (before !== null && at < before) {
      tell('.at', `must not be before the one that stands before it: ${at} comes after ${before}`);
    } else {
      before = at;
    }
    const tag: unknown = event?._tag;
    const act = acts.find(({ _tag }) => _tag === tag);
    if (act === undefined) {
      tell('.event', `must be one of ${acts.map(({ _tag }) => _tag).join(', ')}, not ${describeValue(tag)}`);
    } else if (event?._tag === 'PolicyUpdated') {
      const copied = copyPolicy(policy);
      if (copied._tag === 'Left') for (const { field, message } of copied.left) tellOfPolicy(tell, field, message);
      else copies.push({ at: at as Timestamp, event: event.attemptUnderWay ? underWay : act, policy: copied.right });
    } else if (policy !== undefined) {
      tell('.policy', 'stands only beside PolicyUpdated');
    } else {
      copies.push({ at: at as Timestamp, event: act });
    }
  }
  const [first, ...rest] = errors;
  return first === undefined ? right(copies) : left([first, ...rest]);
};

const underWay: RestartEvent = { _tag: 'PolicyUpdated', attemptUnderWay: true };

/** An error of a policy begins with its field, or with "policy" where all of it is meant. */
const tellOfPolicy = (tell: (path: string, message: string) => void, field: string, message: string): void => {
  const rest = message.slice(field.length + 1);
  if (field === 'policy') tell('.policy', rest);
  else tell(`.policy.${field}`, rest);
};
