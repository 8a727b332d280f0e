/**
 * What a simulation is given, and what that must be.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { StartLimits } from '../admission.js';
import type { Millis } from '../duration.js';
import { left, right } from '../either.js';
import { map as mapAll } from '../non-empty-array.js';
import {
  aFunction,
  checkOptions,
  type InvalidOptions,
  invalidOptions,
  millis,
  numberBetween,
  type OptionCheck,
  type OptionError,
  optional,
  optionsWithin,
  text,
  wholeNumber,
} from '../options.js';
import { copyPolicy, type PolicyError, type RestartPolicy } from '../policy.js';
import { describeValue } from '../quote.js';
import { latestTimestamp, type Timestamp } from '../status.js';
import { isTimestamp } from '../time.js';
import type { Validation } from '../validation.js';
import { checkWords, type PersonAct } from './words.js';
import type { Workload } from './workload.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * What `simulate` is given.
 *
 * @since 0.2.0
 */
export interface SimulationOptions {
  readonly policy: RestartPolicy;
  /** What the instance does once it is started. */
  readonly workload: Workload;
  /** How long it is simulated: milliseconds above 0, rounded up to whole ones. What would come at the very end does not come. */
  readonly for: Millis;
  /** The instance's: as in a controller, jitter differs from id to id, and so does what the workload draws. Default "instance". */
  readonly id?: string | undefined;
  /** Another seed is another draw: a whole number from 0 below 2^32. Default 0. */
  readonly seed?: number | undefined;
  /** When it begins, by a person's start. Default 0. */
  readonly from?: Timestamp | undefined;
  /** What people do meanwhile, in the order of time. Default nothing. */
  readonly words?: ReadonlyArray<PersonAct> | undefined;
  /**
   * Most entries, a whole number from 1: what would have more is an error, for they would take all memory. Default 1,000,000,
   * which are some 250 MB once they are read, and 10 MB until then.
   */
  readonly mostEntries?: number | undefined;
}

/**
 * The limits of a fleet's starts, as a controller's option `starts` has them, and who goes first.
 *
 * @since 0.2.0
 */
export interface FleetStarts extends StartLimits {
  /** Higher goes first; what throws or is no number counts as 0. Default 0 for all: who is due longest goes first. */
  readonly priority?: ((id: string) => number) | undefined;
}

/**
 * What `simulateFleet` is given.
 *
 * @since 0.2.0
 */
export interface FleetOptions {
  /** One or more, dealt out in turn: instance 1 has the first, instance 2 the second, and so on, again from the first. */
  readonly policies: ReadonlyArray<RestartPolicy>;
  /** How many: a whole number from 1 to 100,000. Their ids are "instance-1", "instance-2" and so on. */
  readonly instances: number;
  /** What each of them does once it is started, with its own `random`. */
  readonly workload: Workload;
  /** As for one instance. All are started by a person at the same moment, 0. */
  readonly for: Millis;
  /** As for one instance. */
  readonly seed?: number | undefined;
  /** How many automatic attempts may begin. Default: no limit. */
  readonly starts?: FleetStarts | undefined;
  /** As for one instance, of all together. */
  readonly mostEntries?: number | undefined;
}

/** With the defaults. */
export type Complete<Options> = { readonly [K in keyof Options]-?: Exclude<Options[K], undefined> };

// ---------------------------------------------------------------------------
// checks
// ---------------------------------------------------------------------------

const mostEntries: OptionCheck<number> = optional(1_000_000, wholeNumber(1));
const seed: OptionCheck<number> = optional(0, wholeNumber(0, 2 ** 32 - 1));

/** Copied, as people's acts are: entries are made when they are asked for, whatever became of what was given meanwhile. */
const aPolicy: OptionCheck<RestartPolicy> = (u) => {
  const checked = copyPolicy(u);
  if (checked._tag === 'Right') return checked;
  const [{ field, message }] = checked.left;
  // All of it is meant, and the name of the option is told already.
  if (field === 'policy') return left(message.slice(field.length + 1));
  return left(
    mapAll((error: PolicyError): OptionError => ({ option: error.field, message: error.message }))(checked.left),
  );
};

/** Left: all that is wrong with some policies, each with its place. */
const checkPolicies = (policies: ReadonlyArray<unknown>): Validation<OptionError, ReadonlyArray<RestartPolicy>> => {
  const errors: Array<OptionError> = [];
  const copies = policies.flatMap((policy, index) => {
    const checked = aPolicy(policy);
    if (checked._tag === 'Right') return [checked.right];
    const option = `policies[${index}]`;
    const wrongs =
      typeof checked.left === 'string'
        ? [{ option: '', message: ` ${checked.left}` }]
        : checked.left.map(({ option, message }) => ({ option: `.${option}`, message: `.${message}` }));
    for (const each of wrongs) errors.push({ option: option + each.option, message: option + each.message });
    return [];
  });
  const [first, ...rest] = errors;
  return first === undefined ? right(copies) : left([first, ...rest]);
};

const somePolicies: OptionCheck<ReadonlyArray<RestartPolicy>> = (u) => {
  if (Array.isArray(u) && u.length > 0) return right(u);
  return left(`must be an array of one policy or more, not ${Array.isArray(u) ? 'an empty one' : describeValue(u)}`);
};

const aMoment: OptionCheck<Timestamp> = (u) =>
  isTimestamp(u) ? right(u) : left(`must be a whole number of milliseconds since the epoch, not ${describeValue(u)}`);

const anArray: OptionCheck<ReadonlyArray<PersonAct>> = (u) =>
  Array.isArray(u) ? right(u) : left(`must be an array, not ${describeValue(u)}`);

const checkFields = checkOptions<Complete<SimulationOptions>>({
  policy: aPolicy,
  workload: aFunction(),
  for: millis(),
  id: optional('instance', text('a text that is not empty')),
  seed,
  from: optional(0, aMoment),
  words: optional([], anArray),
  mostEntries,
});

/** Left: all that is wrong at once, but that people's acts are looked into only when the rest is right. */
export const checkSimulation = (given: SimulationOptions): Either<InvalidOptions, Complete<SimulationOptions>> => {
  const fields = checkFields(given);
  if (fields._tag === 'Left') return fields;
  const { from } = fields.right;
  const span = Math.ceil(fields.right.for);
  if (from + span > latestTimestamp) return left(wrong('for', 'must not lead beyond the year 9999'));
  const words: Validation<OptionError, ReadonlyArray<PersonAct>> = checkWords(fields.right.words, from, from + span);
  if (words._tag === 'Left') return left(invalidOptions(words.left));
  return right({ ...fields.right, for: span, words: words.right });
};

const checkStarts: OptionCheck<FleetStarts> = (u) => {
  const burst: OptionCheck<number | undefined> = (given) =>
    given !== undefined && (u as FleetStarts).perSecond === undefined
      ? left('needs perSecond')
      : optional(undefined, wholeNumber(1, 1_000_000))(given);
  return optionsWithin<FleetStarts>({
    inFlight: optional(undefined, wholeNumber(1)),
    perSecond: optional(undefined, numberBetween(0.000_001, 1_000_000)),
    burst,
    priority: optional(undefined, aFunction()),
  })(u);
};

/** Absent limits stay absent. */
export interface CompleteFleet extends Omit<Complete<FleetOptions>, 'starts'> {
  readonly starts: FleetStarts | undefined;
}

const checkFleetFields = checkOptions<CompleteFleet>({
  policies: somePolicies,
  instances: wholeNumber(1, 100_000),
  workload: aFunction(),
  for: millis(),
  seed,
  starts: optional(undefined, checkStarts),
  mostEntries,
});

/** Left: all that is wrong at once, but that policies are looked into only when the rest is right. */
export const checkFleet = (given: FleetOptions): Either<InvalidOptions, CompleteFleet> => {
  const fields = checkFleetFields(given);
  if (fields._tag === 'Left') return fields;
  const policies = checkPolicies(fields.right.policies);
  if (policies._tag === 'Left') return left(invalidOptions(policies.left));
  const span = Math.ceil(fields.right.for);
  return span > latestTimestamp
    ? left(wrong('for', 'must not lead beyond the year 9999'))
    : right({ ...fields.right, for: span, policies: policies.right });
};

export const wrong = (option: string, message: string): InvalidOptions =>
  invalidOptions([{ option, message: `${option} ${message}` }]);
