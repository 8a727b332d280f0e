/**
 * What the cases of the store's contract are run on.
 */
import type { InstanceId, Store } from '../../ports/store.js';
import type { CaseMaker } from '../contract.js';

/**
 * A store under test, empty and reachable. The optional parts let the suite check more; without one, the cases that
 * need it answer `not_applicable`.
 *
 * @since 0.1.0
 */
export interface StoreUnderTest {
  readonly store: Store;
  /** Another way to the same records, as another process would have it. */
  readonly another?: (() => Promise<Store>) | undefined;
  /** Makes of what is stored for an instance something that is not a record. */
  readonly corrupt?: ((id: InstanceId) => Promise<void>) | undefined;
  /** Takes the medium away: from now on no call can be done. */
  readonly breakDown?: (() => Promise<void>) | undefined;
  /** Called at the end of each case, after `breakDown` too. */
  readonly close?: (() => Promise<void>) | undefined;
}

/** Makes a case of this suite. */
export type Rule = CaseMaker<StoreUnderTest>;
