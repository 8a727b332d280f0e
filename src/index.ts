/**
 * The core: types, the decision, durations. Pure; needs nothing but `fp-ts`.
 *
 * @packageDocumentation
 */
export type { RestartAction } from './action.js';
export { type Decision, decide, nextWakeAt } from './decide.js';
export { type DurationError, formatDuration, type Millis, parseDuration } from './duration.js';
export {
  attemptFailed,
  deleteRequested,
  type Health,
  type InstanceObservation,
  type InstanceState,
  instanceReset,
  manuallyStarted,
  manuallyStopped,
  observed,
  policyUpdated,
  type RestartEvent,
} from './event.js';
export {
  checkPolicy,
  equalPolicy,
  type PolicyError,
  type RestartMode,
  type RestartPolicy,
  type RestartPolicyInput,
  restartPolicy,
} from './policy.js';
export { explainReason, type RestartReason } from './reason.js';
export {
  type BlockedReason,
  equalStatus,
  initialStatus,
  type RestartStatus,
  stoppedByPerson,
  type Timestamp,
} from './status.js';
