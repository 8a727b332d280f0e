/**
 * What the ports answer, looked at where it comes in. A port of a host that is not typed may answer anything; what is no record
 * would end the process where it is read, and what is no observation would be decided on as if it were one.
 */
import { endCauses, healths, instanceStates } from '../event.js';
import { describeValue } from '../quote.js';
import { textOfThrown } from '../thrown.js';
import { isEither, isOneOf } from '../validation.js';

/** What a port answered instead of what it must, in words that follow "the store answered"; null: nothing is wrong. May throw. */
export type Flaw = (right: unknown) => string | null;

/** Nothing depends on what it is. */
export const anything: Flaw = () => null;

const instead = (what: string, u: unknown): string =>
  `${u === undefined ? 'nothing' : describeValue(u)} instead of ${what}`;

const isObject = (u: unknown): u is Readonly<Record<string, unknown>> => typeof u === 'object' && u !== null;

/** Of all that was answered. `failures`: the tags that a Left of the port may have. Never throws. */
export const flawIn = (answer: unknown, flaw: Flaw, failures: ReadonlyArray<string>): string | null => {
  try {
    if (!isEither(answer)) return instead('an Either', answer);
    if (answer._tag === 'Right') return flaw(answer.right);
    return flawInFailure(answer.left, failures);
  } catch {
    // A getter or a proxy of the host's threw. Its error is not inspected: that could throw too.
    return 'what cannot be read';
  }
};

/** A failure is read by its tag, and what it says is told to people. */
const flawInFailure = (left: unknown, failures: ReadonlyArray<string>): string | null => {
  if (!isObject(left) || typeof left['_tag'] !== 'string') return `a Left without a tag: ${textOfThrown(left)}`;
  const { _tag: tag, message, problems } = left;
  if (!failures.includes(tag)) {
    const said = typeof message === 'string' ? `: ${message}` : '';
    return `a Left with ${describeValue(tag)} as its tag, which is none of ${failures.join(', ')}${said}`;
  }
  if (tag === 'Conflict' || tag === 'Superseded') return null;
  if (tag !== 'InvalidRecord') {
    return typeof message === 'string' ? null : `a ${tag} with ${instead('a text', message)} as its message`;
  }
  if (!Array.isArray(problems)) return 'an InvalidRecord without its problems';
  const flaw = revision(left['revision']);
  return flaw === null ? null : `an InvalidRecord with ${flaw}`;
};

// ---------------------------------------------------------------------------
// the store and the leases
// ---------------------------------------------------------------------------

export const revision: Flaw = (u) => (Number.isSafeInteger(u) ? null : instead('a revision, a whole number', u));

const record: Flaw = (u) => {
  if (!isObject(u)) return instead('a record', u);
  if (!isObject(u['policy']) || !isObject(u['status'])) return 'a record without its policy or its status';
  const flaw = revision(u['revision']);
  return flaw === null ? null : `a record with ${flaw}`;
};

export const recordOrNone: Flaw = (u) => {
  if (!isObject(u) || !isOneOf(['None', 'Some'], u['_tag'])) return instead('an Option', u);
  return u['_tag'] === 'Some' ? record(u['value']) : null;
};

export const list: Flaw = (u) => {
  if (!Array.isArray(u)) return instead('an array', u);
  return u.every(isText) ? null : 'a list with something else than ids';
};

const isText = (u: unknown): boolean => typeof u === 'string';

export const page: Flaw = (u) => {
  if (!Array.isArray(u)) return instead('an array', u);
  for (const item of u) {
    if (!isObject(item) || !isText(item['id']) || !isEither(item['record']))
      return 'a list with something else than ids and records';
    const flaw = item['record']._tag === 'Right' ? record(item['record'].right) : null;
    if (flaw !== null) return flaw;
  }
  return null;
};

export const leaseOrNull: Flaw = (u) => (u === null || isObject(u) ? null : instead('a lease or null', u));

export const flag: Flaw = (u) => (typeof u === 'boolean' ? null : instead('true or false', u));

// ---------------------------------------------------------------------------
// the hypervisor
// ---------------------------------------------------------------------------

/** What is undefined is read as what is not known, as it always was. */
export const observation: Flaw = (u) => {
  if (!isObject(u)) return instead('an observation', u);
  // Field by field: it is asked of every look.
  const { state, startedAt, stoppedAt, exitCode, health, cause } = u;
  if (!isOneOf(instanceStates, state)) return ofField('state', oneOf(instanceStates), state);
  if (!isNumberOrNone(startedAt)) return ofField('startedAt', aMoment, startedAt);
  if (!isNumberOrNone(stoppedAt)) return ofField('stoppedAt', aMoment, stoppedAt);
  if (!isNumberOrNone(exitCode)) return ofField('exitCode', 'a number or null', exitCode);
  if (health !== undefined && !isOneOf(healths, health)) return ofField('health', oneOf(healths), health);
  return cause === undefined || isOneOf(endCauses, cause) ? null : ofField('cause', oneOf(endCauses), cause);
};

const isNumberOrNone = (u: unknown): boolean => u === null || u === undefined || Number.isFinite(u);

const aMoment = 'milliseconds since the epoch or null';

const oneOf = (set: ReadonlyArray<string>): string => `one of ${set.join(', ')}`;

const ofField = (field: string, what: string, u: unknown): string =>
  `an observation with ${instead(what, u)} as ${field}`;
