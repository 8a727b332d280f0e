/**
 * The core: types, the decision, durations. Pure; needs nothing but `fp-ts`.
 *
 * @packageDocumentation
 */
export { type RestartAction, restartActionTags } from './action.js';
export {
  type Admission,
  type AdmissionState,
  admit,
  nothingAdmitted,
  type StartLimits,
  type WaitingAttempt,
} from './admission.js';
export { type Decision, decide, nextWakeAt } from './decide.js';
export { type DurationError, formatDuration, type Millis, parseDuration } from './duration.js';
export {
  attemptFailed,
  deleteRequested,
  type EndCause,
  endCauses,
  type Health,
  healths,
  type InstanceObservation,
  type InstanceState,
  instanceReset,
  instanceStates,
  manuallyStarted,
  manuallyStopped,
  observed,
  policyUpdated,
  type RestartEvent,
  restartEventTags,
  supervisionPaused,
  supervisionResumed,
} from './event.js';
export {
  type BackoffOrigin,
  backoffOrigins,
  eqRestartPolicy,
  type PolicyError,
  type RestartMode,
  type RestartPolicy,
  type RestartPolicyInput,
  type RestartRule,
  type RuleAction,
  restartModes,
  restartPolicy,
  ruleActions,
} from './policy.js';
export { explainReason, type RestartReason, restartReasons } from './reason.js';
export { saltOf } from './salt.js';
export {
  type BlockedReason,
  blockedReasons,
  eqRestartStatus,
  initialStatus,
  type LastReason,
  lastReasons,
  type RestartStatus,
  stoppedByPerson,
  type Timestamp,
} from './status.js';
