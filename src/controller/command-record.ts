/**
 * A person's command, as hosts are notified of it.
 */
import type { RestartEvent } from '../event.js';
import type { ActionError } from '../ports/hypervisor.js';
import type { InstanceId } from '../ports/store.js';
import type { Timestamp } from '../status.js';
import type { InvalidPolicy } from './commands/policy.js';

/**
 * A person's command, as the `onCommand` listener gets it: once, when whoever gave it is answered. What was decided on it went
 * to `onDecision` before, if it came to that, and says nothing of how it ended.
 *
 * @since 0.2.0
 */
export interface CommandRecord {
  readonly id: InstanceId;
  /** What the command is as an event: `ManualStop`, `ManualStart`, `Pause`, `Resume`, `PolicyUpdated`, `Reset` or `DeleteRequested`. */
  readonly event: RestartEvent;
  /** What was answered; null: it is done, or there was nothing to do. */
  readonly error: ActionError | InvalidPolicy | null;
  /** When it was answered. */
  readonly now: Timestamp;
}
