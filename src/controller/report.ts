/**
 * What a controller says of an instance.
 */
import type { InstanceObservation } from '../event.js';
import type { StoredRecord } from '../ports/store.js';
import type { Timestamp } from '../status.js';

/**
 * What is known of an instance at one moment.
 *
 * @since 0.1.0
 */
export interface InstanceReport extends StoredRecord {
  /** As it is decided on: with the health reported for the run, and the salt; null: the hypervisor did not answer. */
  readonly instance: InstanceObservation | null;
  /** When this controller will reconcile it by itself before the next resync; null: not before. */
  readonly wakesAt: Timestamp | null;
  /**
   * An attempt is due, and waits because the option `starts` admits no more just now.
   *
   * @since 0.2.0
   */
  readonly waiting: boolean;
  /**
   * Since when a call of a port for this instance is unanswered: when its deadline passed, in the clock's time. null: none
   * is. What was asked for may still take effect.
   *
   * @since 0.2.0
   */
  readonly unansweredSince: Timestamp | null;
}
