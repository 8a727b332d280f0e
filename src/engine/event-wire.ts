/**
 * The event and its moment on the wire: names as in TypeScript, times as in RFC 3339. Strict: a name that is misspelt would be
 * a fact that nobody hears of.
 */
import {
  endCauses,
  healths,
  type InstanceObservation,
  instanceStates,
  type RestartEvent,
  restartEventTags,
} from '../event.js';
import { objectOf, oneOf, type Reader, type Readers } from '../reading.js';
import { readTime } from '../wire.js';

// ---------------------------------------------------------------------------
// single values
// ---------------------------------------------------------------------------

/**
 * Rounded down, all of them: what came later is never earlier, however fine the host's clock is, and no wait is over before
 * its time.
 */
export const momentReader: Reader = readTime('down');

/** The reader of what may also be `none`. */
const or =
  (none: null | undefined, read: Reader): Reader =>
  (u, tell, before) =>
    u === none ? none : read(u, tell, before);

const wholeFrom =
  (least: number, most: number): Reader =>
  (u, tell) =>
    Number.isSafeInteger(u) && (u as number) >= least && (u as number) <= most
      ? u
      : tell(`must be a whole number from ${least} to ${most}`);

const readSalt = or(undefined, wholeFrom(0, 2 ** 32 - 1));

const most = 2 ** 53 - 1;

const readWhole = wholeFrom(-most, most);

// ---------------------------------------------------------------------------
// objects
// ---------------------------------------------------------------------------

const instanceFields: Readers<InstanceObservation> = {
  state: oneOf(instanceStates),
  startedAt: or(null, momentReader),
  stoppedAt: or(null, momentReader),
  exitCode: or(null, readWhole),
  health: oneOf(healths),
  cause: or(undefined, oneOf(endCauses)),
  salt: readSalt,
};

const eventOf = (facts: Readonly<Record<string, Reader>> = {}): Reader =>
  objectOf({ _tag: oneOf(restartEventTags), ...facts }, true);

/** Of those that have anything beside their tag. */
const events: { readonly [T in RestartEvent['_tag']]?: Reader } = {
  Observed: eventOf({ instance: objectOf(instanceFields, true) }),
  AttemptFailed: eventOf({ attempt: readWhole, salt: readSalt }),
  PolicyUpdated: eventOf({ attemptUnderWay: or(undefined, oneOf([true])) }),
};

const bareEvent = eventOf();

export const readEvent: Reader = (u, tell, before) => {
  const tag = (u as RestartEvent | null | undefined)?._tag as RestartEvent['_tag'];
  const isKnown = restartEventTags.includes(tag);
  return ((isKnown && events[tag]) || bareEvent)(
    u,
    // Of what has no tag that is known it cannot be said which fields it should have.
    (message, path, place) => (isKnown || place === undefined || place.key === '_tag' ? tell(message, path, place) : 0),
    before,
  );
};
