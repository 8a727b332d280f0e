/**
 * What the parts of the controller share: its ports, and whom to notify.
 */
import type { Decision } from '../decide.js';
import type { RestartEvent } from '../event.js';
import type { RestartPolicy } from '../policy.js';
import type { Clock } from '../ports/clock.js';
import type { HostFault } from '../ports/host-fault.js';
import type { ActionError, Failed, Hypervisor, Superseded } from '../ports/hypervisor.js';
import type { InstanceId, InvalidRecord, Revision, StoreFailed } from '../ports/store.js';
import type { RestartReason } from '../reason.js';
import type { RestartStatus, Timestamp } from '../status.js';
import type { StartAdmission } from './admission.js';
import type { Calls } from './calls.js';
import type { FaultStep } from './fault-steps.js';
import type { Ports } from './guarded-ports.js';
import type { Observations } from './observations.js';

/**
 * One decision, as the `onDecision` listener gets it: after what it changed is durable, before it is acted on.
 *
 * @since 0.1.0
 */
export interface DecisionRecord {
  readonly id: InstanceId;
  readonly event: RestartEvent;
  readonly policy: RestartPolicy;
  readonly before: RestartStatus;
  /** The same object as `before` when nothing changed. */
  readonly after: RestartStatus;
  readonly actions: Decision['actions'];
  readonly reason: RestartReason;
  /** The revision at which `after` stands in the store. */
  readonly revision: Revision;
  readonly now: Timestamp;
}

/**
 * Something that did not work, as the `onFault` listener gets it. The instance is reconciled again at the
 * next notification or resync.
 *
 * @since 0.1.0
 */
export interface Fault {
  readonly _tag: 'Fault';
  /** null: not of one instance. */
  readonly id: InstanceId | null;
  /**
   * What was done; `host`: nothing that the controller did, but what the hypervisor told of its host. Of a person's command
   * only what outlasted its deadline is notified: whoever gave it is answered with the error.
   */
  readonly during: FaultStep;
  /** `HostFault`: the host lacked something, whatever the hypervisor could not do for want of it. */
  readonly error: Exclude<ActionError, Superseded> | StoreFailed | InvalidRecord | Failed | HostFault;
}

export interface Context {
  readonly ports: Ports;
  readonly calls: Calls;
  readonly exclusion: Hypervisor['capabilities']['exclusion'];
  readonly clock: Clock;
  readonly observations: Observations;
  /** null: nothing holds a start back. */
  readonly admission: StartAdmission | null;
  readonly notify: (decision: DecisionRecord) => void;
  readonly fault: (fault: Omit<Fault, '_tag'>) => void;
  /** Asks for a reconciliation of the instance. */
  readonly request: (id: InstanceId) => void;
  /** Who reconciles the instance begins to look afresh, which answers what was asked for until now. */
  readonly lookAfresh: (id: InstanceId) => void;
  readonly arm: (id: InstanceId, at: Timestamp, salt?: number) => void;
  readonly disarm: (id: InstanceId, salt?: number) => void;
  readonly isClosed: () => boolean;
}
