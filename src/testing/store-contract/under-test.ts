/**
 * What the cases of the store's contract are run on.
 */
import type { InstanceId, RestartRecord, Store } from '../../ports/store.js';
import type { CaseMaker } from '../contract.js';

/** What a record consists of. */
export type Part = keyof RestartRecord;

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
  /** Makes of a part of what is stored for an instance something that cannot be read; the other part stays as it is. */
  readonly corrupt?: ((id: InstanceId, part: keyof RestartRecord) => Promise<void>) | undefined;
  /**
   * A part of what is stored for an instance, as it stands there: equal to itself as long as nobody writes it.
   *
   * @since 0.2.0
   */
  readonly stored?: ((id: InstanceId, part: keyof RestartRecord) => Promise<unknown>) | undefined;
  /** Takes the medium away: from now on no call can be done. */
  readonly breakDown?: (() => Promise<void>) | undefined;
  /**
   * How long a case waits for the answer to a call, in milliseconds; default 10,000.
   *
   * @since 0.2.0
   */
  readonly patienceMs?: number | undefined;
  /** Called at the end of each case, after `breakDown` too. */
  readonly close?: (() => Promise<void>) | undefined;
}

/** Makes a case of this suite. */
export type Rule = CaseMaker<StoreUnderTest>;
