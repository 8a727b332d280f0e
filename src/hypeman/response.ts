/**
 * What a response says of an instance's policy and status.
 */
import { RestartPolicyCodec, type RestartPolicyWire, RestartStatusCodec, type RestartStatusWire } from '../codec.js';
import type { RestartPolicy } from '../policy.js';
import { eqRestartStatus, initialStatus, type RestartStatus } from '../status.js';

/**
 * The two fields of hypeman's Instance, to be spread into a response.
 *
 * @since 0.2.0
 */
export interface ResponseFields {
  /** Absent: the mode is never. */
  readonly restart_policy?: RestartPolicyWire;
  /** Absent: there is nothing to show. Otherwise `attempts` is there, also when it is 0. */
  readonly restart_status?: RestartStatusWire;
}

/**
 * The response's fields for a policy and a status. An instance without a policy that a person stopped has a status
 * all the same: the stop is remembered whatever the policy is (D2).
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
export const responseFields = (policy: RestartPolicy, status: RestartStatus): ResponseFields => ({
  ...(policy.mode === 'never' ? {} : { restart_policy: RestartPolicyCodec.encode(policy) }),
  ...(eqRestartStatus.equals(status, initialStatus) ? {} : { restart_status: RestartStatusCodec.encode(status) }),
});
