/**
 * The decision, and the canonical form of a policy, from JSON text to JSON text.
 */
import { type Either, isLeft, isRight } from 'fp-ts/lib/Either.js';
import { decide, nextWakeAt } from '../decide.js';
import type { RestartEvent } from '../event.js';
import { objectOf, type Reader, readAll } from '../reading.js';
import { latestTimestamp, type Timestamp } from '../status.js';
import { formatTime } from '../time.js';
import { type DecodeError, decodeRestartPolicy, decodeRestartStatus, writePolicy, writeStatus } from '../wire.js';
import { readEvent, readTime, withAll } from './event-wire.js';
import { readPolicyOnce } from './policies.js';

// ---------------------------------------------------------------------------
// requests
// ---------------------------------------------------------------------------

interface Occasion {
  readonly event: RestartEvent;
  readonly now: Timestamp;
}

/** Policy and status have readers of their own. */
const asItStands: Reader = (u) => u;

const readOccasion = readAll<Occasion>(
  'request',
  withAll(['event', 'now'], objectOf({ policy: asItStands, status: asItStands, event: readEvent, now: readTime })),
);

const problemsOf = (read: Either<ReadonlyArray<DecodeError>, unknown>): ReadonlyArray<DecodeError> =>
  isLeft(read) ? read.left : [];

// ---------------------------------------------------------------------------
// answers
// ---------------------------------------------------------------------------

/**
 * Far more than a request needs. Not every engine's JSON.parse looks after its stack, and a text that may be deep is told by
 * its length: of most requests nothing is counted.
 */
const deepest = 500;
const mayBeDeep = 2_000;

const isTooDeep = (text: string): boolean => {
  let depth = 0;
  // Those within texts count too, of which no request has so many.
  return (
    text.length > mayBeDeep &&
    (text.match(/[[\]{}]/g) ?? []).some((bracket) => {
      depth += bracket === '[' || bracket === '{' ? 1 : -1;
      return depth > deepest;
    })
  );
};

const refusal = (problem: string): string => `{"errors":[{"path":"request","message":"request ${problem}"}]}`;

const notJson = refusal('must be JSON text');
const tooDeep = refusal('must not be so deep that the stack does not hold it');

/** Never throws, not even where the stack is used up. */
const answering =
  (answer: (u: unknown) => object) =>
  (text: string): string => {
    let u: unknown;
    try {
      // From JavaScript it may be no text, which is no JSON either.
      if (isTooDeep(text)) return tooDeep;
      u = JSON.parse(text);
    } catch {
      return notJson;
    }
    try {
      return JSON.stringify(answer(u));
    } catch {
      return tooDeep;
    }
  };

export const decideJson = answering((u) => {
  const occasion = readOccasion(u);
  const { policy: givenPolicy, status: givenStatus } = (u ?? {}) as { readonly policy?: unknown; status?: unknown };
  const policy = readPolicyOnce(givenPolicy);
  const status = decodeRestartStatus(givenStatus);
  if (isRight(policy) && isRight(status) && isRight(occasion)) {
    const { event, now } = occasion.right;
    const decision = decide(policy.right, status.right, event, now);
    const wakeAt =
      event._tag === 'Observed' && decision.actions.length === 0
        ? nextWakeAt(policy.right, decision.status, event.instance)
        : null;
    return {
      changed: decision.status !== status.right,
      status: writeStatus(decision.status),
      actions: decision.actions,
      reason: decision.reason,
      // What comes after the year 9999 cannot be written.
      next_wake_at: wakeAt === null ? null : formatTime(Math.min(wakeAt, latestTimestamp), 'up'),
    };
  }
  const ofOccasion = isLeft(occasion) ? occasion.left.map(({ field, message }) => ({ path: field, message })) : [];
  // What is no object has no policy either, and that is said already.
  const isObject = ofOccasion[0]?.path !== 'request';
  return { errors: isObject ? [...problemsOf(policy), ...problemsOf(status), ...ofOccasion] : ofOccasion };
});

export const normalizePolicyJson = answering((u) => {
  const policy = decodeRestartPolicy(u);
  return isRight(policy) ? writePolicy(policy.right) : { errors: policy.left };
});
