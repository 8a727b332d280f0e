/**
 * The event and its moment on the wire: names as in TypeScript, times as in RFC 3339. Strict: a name that is misspelt would be
 * a fact that nobody hears of.
 */
import { isRight } from 'fp-ts/lib/Either.js';
import {
  endCauses,
  healths,
  type InstanceObservation,
  instanceStates,
  type RestartEvent,
  restartEventTags,
} from '../event.js';
import { objectOf, oneOf, type Reader, type Readers } from '../reading.js';
import { checkTime } from '../time.js';

// ---------------------------------------------------------------------------
// single values
// ---------------------------------------------------------------------------

/**
 * Rounded down, all of them: what came later is never earlier, however fine the host's clock is, and no wait is over before
 * its time.
 */
export const readTime: Reader = (u, tell) => {
  const time = checkTime(u, 'down');
  return isRight(time) ? time.right : tell(time.left);
};

const orNull =
  (read: Reader): Reader =>
  (u, tell, before) =>
    u === null ? null : read(u, tell, before);

const wholeFrom =
  (least: number, most: number): Reader =>
  (u, tell) =>
    Number.isSafeInteger(u) && (u as number) >= least && (u as number) <= most
      ? (u as number) + 0
      : tell(`must be a whole number from ${least} to ${most}`);

const readSalt = wholeFrom(0, 2 ** 32 - 1);

const readWhole = wholeFrom(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

// ---------------------------------------------------------------------------
// objects
// ---------------------------------------------------------------------------

/** An object in which these fields must stand. A field that is null stands there. */
export const withAll =
  (required: ReadonlyArray<string>, read: Reader): Reader =>
  (u, tell, before) => {
    const object = read(u, tell, before);
    // What is no object is told already.
    if (typeof object === 'object') {
      for (const key of required) if ((u as Record<string, unknown>)[key] === undefined) tell('is missing', `.${key}`);
    }
    return object;
  };

const instanceFields: Readers<InstanceObservation> = {
  state: oneOf(instanceStates),
  startedAt: orNull(readTime),
  stoppedAt: orNull(readTime),
  exitCode: orNull(readWhole),
  health: oneOf(healths),
  cause: oneOf(endCauses),
  salt: readSalt,
};

const readInstance = withAll(['state', 'startedAt', 'stoppedAt', 'exitCode', 'health'], objectOf(instanceFields));

/** What an event of each kind has beside its tag, and what of that must be there. */
const facts: { readonly [T in RestartEvent['_tag']]?: readonly [Readonly<Record<string, Reader>>, ...Array<string>] } =
  {
    Observed: [{ instance: readInstance }, 'instance'],
    AttemptFailed: [{ attempt: readWhole, salt: readSalt }, 'attempt'],
    PolicyUpdated: [{ attemptUnderWay: oneOf([true]) }],
  };

const readTag = oneOf(restartEventTags);

export const readEvent: Reader = (u, tell, before) => {
  const tag = typeof u === 'object' && u !== null ? (u as Partial<RestartEvent>)._tag : undefined;
  // Of what has no tag that is known it cannot be said which fields it should have.
  if (!restartEventTags.includes(tag as RestartEvent['_tag'])) {
    return typeof u === 'object' && u !== null && !Array.isArray(u)
      ? readTag(tag, (message) => tell(message, '._tag'), before)
      : tell('must be an object');
  }
  const [fields, ...required] = facts[tag as RestartEvent['_tag']] ?? [{}];
  return withAll(required, objectOf({ _tag: readTag, ...fields }))(u, tell, before);
};
