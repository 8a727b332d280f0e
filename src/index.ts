/**
 * The core: types, the decision, durations. Pure; needs nothing but `fp-ts`.
 *
 * @packageDocumentation
 */
export { type RestartAction, restartActionTags } from './action.js';
export { type Decision, decide, nextWakeAt } from './decide.js';
export { type DurationError, formatDuration, type Millis, parseDuration } from './duration.js';
export {
  attemptFailed,
  deleteRequested,
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
} from './event.js';
export {
  eqRestartPolicy,
  type PolicyError,
  type RestartMode,
  type RestartPolicy,
  type RestartPolicyInput,
  restartModes,
  restartPolicy,
} from './policy.js';
export { explainReason, type RestartReason, restartReasons } from './reason.js';
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
