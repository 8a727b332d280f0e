/**
 * The decision, and the canonical form of a policy, from JSON text to JSON text.
 */
import { decide, nextWakeAt } from '../decide.js';
import type { RestartEvent } from '../event.js';
import { objectOf, type Reader } from '../reading.js';
import { latestTimestamp, type Timestamp } from '../status.js';
import { textOf } from '../time.js';
import { momentReader, readEvent } from './event-wire.js';
import { keeping } from './policies.js';
import { readOf } from './problems.js';
import { readPolicy, readStatus, writePolicy, writeStatus } from './wire.js';

// ---------------------------------------------------------------------------
// requests
// ---------------------------------------------------------------------------

interface Occasion {
  readonly event: RestartEvent;
  readonly now: Timestamp;
}

/** Policy and status have readers of their own. */
const asItStands: Reader = (u) => u;

const readOccasion = objectOf({ policy: asItStands, status: asItStands, event: readEvent, now: momentReader }, true);

const readPolicyOnce = keeping(readPolicy);

// ---------------------------------------------------------------------------
// answers
// ---------------------------------------------------------------------------

/**
 * Far more arrays and objects than a request has. Not every engine's JSON.parse looks after its stack, and what is within so few
 * others is not too deep for any. Brackets within texts count too, of which no request has so many.
 */
const most = 10_000;

const refused = '{"errors":[{"path":"request","message":"request must be JSON text, and not too deep for the stack"}]}';

/** Never throws, not even where the stack is used up. */
const answering =
  (answer: (u: unknown) => object) =>
  (text: string): string => {
    try {
      // From JavaScript it may be no text.
      if (text.length < most || text.split('[', most).length + text.split('{', most).length < most)
        return JSON.stringify(answer(JSON.parse(text)));
    } catch {}
    return refused;
  };

export const decideJson = answering((u) => {
  const occasion = readOf<Occasion>('', readOccasion, u);
  // What is no object has no policy either, and that is said already.
  if (occasion.errors[0]?.path === 'request') return { errors: occasion.errors };
  const { policy: givenPolicy, status: givenStatus } = u as { readonly policy?: unknown; readonly status?: unknown };
  const policy = readPolicyOnce(givenPolicy);
  const status = readStatus(givenStatus);
  const errors = [...policy.errors, ...status.errors, ...occasion.errors];
  if (errors.length > 0) return { errors };
  const { event, now } = occasion.value;
  const decision = decide(policy.value, status.value, event, now);
  const wakeAt =
    event._tag === 'Observed' && decision.actions.length === 0
      ? nextWakeAt(policy.value, decision.status, event.instance)
      : null;
  return {
    changed: decision.status !== status.value,
    status: writeStatus(decision.status),
    actions: decision.actions,
    reason: decision.reason,
    // What comes after the year 9999 cannot be written.
    next_wake_at: wakeAt === null ? null : textOf(Math.min(wakeAt, latestTimestamp)),
  };
});

export const normalizePolicyJson = answering((u) => {
  const { value, errors } = readPolicy(u, JSON.stringify(u));
  return errors.length > 0 ? { errors } : writePolicy(value);
});
