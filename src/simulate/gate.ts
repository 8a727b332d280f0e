/**
 * The admission of a fleet's starts, as one instance sees it.
 */
import type { Timestamp } from '../status.js';

export interface Gate {
  /** Whether an attempt that is due since then may be made now. false: the instance is looked at when it may. */
  readonly ask: (dueAt: Timestamp) => boolean;
  /** A start is made now. */
  readonly begin: (by: 'attempt' | 'person') => void;
  /** It was looked at, and whatever was in flight has come to an end or has not. */
  readonly see: (is: 'in_flight' | 'landed') => void;
  /** It was decided on, and no attempt is due. */
  readonly withdraw: () => void;
}
