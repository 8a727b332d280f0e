/**
 * What a response says of an instance's policy and status.
 */
import type { RestartPolicy } from '../policy.js';
import { eqRestartStatus, initialStatus, type RestartStatus } from '../status.js';
import { type RestartPolicyWire, type RestartStatusWire, writePolicy, writeStatus } from '../wire.js';
import {
  type BeyondReference,
  type ReferencePolicyWire,
  type ReferenceStatusWire,
  referencePolicy,
  referenceStatus,
} from './reference.js';

/**
 * The two fields of hypeman's Instance, to be spread into a response.
 *
 * @since 0.2.0
 */
export interface ResponseFields {
  /** Absent: the mode is never. */
  readonly restart_policy?: ReferencePolicyWire;
  /** Absent: there is nothing to show. Otherwise `attempts` is there, also when it is 0. */
  readonly restart_status?: ReferenceStatusWire;
}

/**
 * The same with all that a policy and a status may have, for clients that know it.
 *
 * @since 0.2.0
 */
export interface ResponseFieldsBeyond {
  /** Absent: the mode is never. */
  readonly restart_policy?: RestartPolicyWire;
  /** Absent: there is nothing to show. Otherwise `attempts` is there, also when it is 0. */
  readonly restart_status?: RestartStatusWire;
}

/**
 * The response's fields for a policy and a status. An instance without a policy that a person stopped has a status
 * all the same: the stop is remembered whatever the policy is (D2).
 *
 * Unless `beyond` says that the clients know more, they are shown what the reference has words for: the four fields of the
 * policy; a pause as `manual_stop`, since no attempt is made until a person acts; an instance in its cooldown as one that
 * waits, not blocked, since an attempt will be made at `next_attempt_at`; no `start_timeout` and no `recent_attempts`.
 *
 * @example
 * import { stoppedByPerson } from 'restart-policy'
 * import { neverPolicy, responseFields } from 'restart-policy/hypeman'
 *
 * assert.deepStrictEqual(responseFields(neverPolicy, stoppedByPerson), {
 *   restart_status: { attempts: 0, blocked_reason: 'manual_stop' },
 * })
 *
 * @since 0.2.0
 */
export function responseFields(
  policy: RestartPolicy,
  status: RestartStatus,
  options?: { readonly beyond?: false | undefined },
): ResponseFields;
export function responseFields(
  policy: RestartPolicy,
  status: RestartStatus,
  options: BeyondReference,
): ResponseFieldsBeyond;
export function responseFields(
  policy: RestartPolicy,
  status: RestartStatus,
  { beyond = false }: BeyondReference = {},
): ResponseFieldsBeyond {
  return beyond ? fieldsOf(policy, status) : fieldsOf(referencePolicy(policy), referenceStatus(status));
}

const fieldsOf = (policy: RestartPolicy, status: RestartStatus): ResponseFieldsBeyond => ({
  ...(policy.mode === 'never' ? {} : { restart_policy: writePolicy(policy) }),
  ...(eqRestartStatus.equals(status, initialStatus) ? {} : { restart_status: writeStatus(status) }),
});
