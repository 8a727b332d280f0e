/**
 * The leases port: which of several controllers on one store acts on an instance.
 *
 * Safety does not rest on it: a stop holds, and no attempt goes uncounted, with any number of controllers and no lease
 * at all. What it adds is that one crash is answered by one controller, with one start.
 *
 * @since 0.2.0
 */
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { PortCall } from './call.js';
import type { Cancel } from './clock.js';
import type { InstanceId, StoreFailed } from './store.js';

/**
 * The right of one owner to act on an instance.
 *
 * @since 0.2.0
 */
export interface Lease {
  readonly id: InstanceId;
  /** Names this holding: a renewal keeps it, whoever holds the lease after that has another. Never used twice. */
  readonly epoch: number;
}

/**
 * The leases of one owner, which is one controller.
 *
 * Contract:
 * 1. Of an instance at most one lease is good at a time, whatever the owners believe.
 * 2. A lease lasts until its owner lets it go or has not renewed it for its time. The owner renews it by itself; what
 *    has lapsed is not renewed but taken anew, with a new epoch.
 * 3. Time is measured where the leases are kept, by one clock; no controller's clock counts.
 * 4. Nothing throws or rejects: faults are `StoreFailed`.
 *
 * @since 0.2.0
 */
export interface Leases {
  /**
   * The lease of an instance: the one held, or one that is free and taken now. null: another owner has it, or it is not
   * for this one to have. The lease may be lost by the time it is used: that is what `check` is for.
   */
  readonly hold: (id: InstanceId, call?: PortCall) => TaskEither<StoreFailed, Lease | null>;
  /** Whether a lease is still good, as those who keep the leases see it. */
  readonly check: (lease: Lease, call?: PortCall) => TaskEither<StoreFailed, boolean>;
  /** Lets go of an instance; of one that is not held, nothing happens. */
  readonly release: (id: InstanceId, call?: PortCall) => TaskEither<StoreFailed, void>;
  /**
   * Calls the listener with the id of an instance whose lease may be had now; null: any may. It may be late, repeated or
   * needless; it never waits for the listener.
   */
  readonly subscribe: (listener: (id: InstanceId | null) => void) => Cancel;
  /**
   * Lets go of everything but `keep`, takes nothing more, and answers when others may have it. What it keeps it goes on
   * renewing until it is called again without that; so a start that has not ended when its controller closes is not made a
   * second time elsewhere. Idempotent. The controller calls it.
   */
  readonly close: (keep?: ReadonlyArray<InstanceId>) => Promise<void>;
}
