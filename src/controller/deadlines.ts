/**
 * How long a port may take to answer.
 */
import { formatDuration, type Millis } from '../duration.js';

/**
 * How long a controller waits for the answer to a call of each port, in milliseconds: above 0, or Infinity.
 *
 * A call that outlasts its deadline is answered for its port (`StoreFailed` for a store and leases, else `Failed`), and
 * notified as a fault; what comes of it later leads to a new look. Nothing is undone, for it may still take effect.
 *
 * @since 0.2.0
 */
export interface DeadlineOptions {
  /** Each call of the store. Default 10,000. */
  readonly store?: Millis | undefined;
  /** Each call of the leases. Default 10,000. */
  readonly leases?: Millis | undefined;
  /** `inspect`. Default 10,000. */
  readonly inspect?: Millis | undefined;
  /** `start`, and `retag`. Default 120,000. */
  readonly start?: Millis | undefined;
  /** `stop`. Default 60,000: longer than the adapter's own patience with a workload that does not heed it. */
  readonly stop?: Millis | undefined;
}

export type Deadlines = { readonly [Kind in keyof DeadlineOptions]-?: Millis };

export const defaultDeadlines: Deadlines = Object.freeze({
  store: 10_000,
  leases: 10_000,
  inspect: 10_000,
  start: 120_000,
  stop: 60_000,
});

export const noAnswerWithin = (span: Millis): string => `no answer within ${formatDuration(span)}`;
