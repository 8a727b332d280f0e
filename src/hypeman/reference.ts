/**
 * What the clients of the reference know of a policy and a status: four fields of the one, five of the other, and fewer words
 * in two of these. A host may have told its clients more (`beyond`).
 */
import type { RestartPolicy } from '../policy.js';
import type { BlockedReason, LastReason, RestartStatus } from '../status.js';
import { isOneOf } from '../validation.js';
import type { RestartPolicyWire, RestartStatusWire } from '../wire.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * Whether the API's clients know the fields beyond the reference, and the words.
 *
 * @since 0.2.0
 */
export interface BeyondReference {
  /** Default false: a request with a field beyond the reference is refused, and responses show none. */
  readonly beyond?: boolean | undefined;
}

/** The reference's fields of a policy on the wire. */
export const referenceFields = ['policy', 'backoff', 'max_attempts', 'stable_after'] as const satisfies ReadonlyArray<
  keyof RestartPolicyWire
>;

/**
 * A policy as the reference's clients know it.
 *
 * @since 0.2.0
 */
export type ReferencePolicyWire = Pick<RestartPolicyWire, (typeof referenceFields)[number]>;

/** Ours beyond it, in the order of the wire format. A field that is added to the wire and not here does not compile. */
export const fieldsBeyond: Readonly<Record<Exclude<keyof RestartPolicyWire, keyof ReferencePolicyWire>, true>> = {
  max_backoff: true,
  backoff_factor: true,
  backoff_from: true,
  jitter: true,
  limit_interval: true,
  cooldown: true,
  start_timeout: true,
  rules: true,
};

/** The reference's blocked reasons. */
export const referenceBlockedReasons = [
  'manual_stop',
  'max_attempts_exceeded',
] as const satisfies ReadonlyArray<BlockedReason>;

/** The reference's last reasons. */
export const referenceLastReasons = ['health_check_failed'] as const satisfies ReadonlyArray<LastReason>;

/**
 * A status as the reference's clients know it.
 *
 * @since 0.2.0
 */
export interface ReferenceStatusWire
  extends Omit<RestartStatusWire, 'blocked_reason' | 'last_reason' | 'recent_attempts'> {
  readonly blocked_reason?: (typeof referenceBlockedReasons)[number];
  readonly last_reason?: (typeof referenceLastReasons)[number];
}

// ---------------------------------------------------------------------------
// what is left of a policy and a status
// ---------------------------------------------------------------------------

/** The policy without the fields that the reference lacks. */
export const referencePolicy = ({ mode, backoff, maxAttempts, stableAfter }: RestartPolicy): RestartPolicy => ({
  mode,
  backoff,
  maxAttempts,
  stableAfter,
});

/**
 * The status in the words of the reference, so that a client draws no wrong conclusion from it:
 * - Paused is `manual_stop`: no attempt is made until a person acts, and a person's start ends it.
 * - During a cooldown it is not blocked: an attempt will be made, at the time of the next one.
 * - An instance that did not start in time is restarted as after an exit: the word for health would say that a check failed.
 */
export const referenceStatus = (status: RestartStatus): RestartStatus => {
  const { attempts, lastAttemptAt, nextAttemptAt, blockedReason, lastReason } = status;
  return {
    attempts,
    lastAttemptAt,
    nextAttemptAt,
    blockedReason: referenceBlock(blockedReason, nextAttemptAt !== null),
    lastReason: isOneOf(referenceLastReasons, lastReason) ? lastReason : null,
  };
};

const referenceBlock = (reason: BlockedReason | null, isPending: boolean): BlockedReason | null => {
  switch (reason) {
    case 'paused':
      return 'manual_stop';
    case 'max_attempts_exceeded':
      return isPending ? null : reason;
    case 'manual_stop':
    case null:
      return reason;
    default:
      return reason satisfies never;
  }
};
