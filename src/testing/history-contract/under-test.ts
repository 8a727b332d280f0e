/**
 * What the cases of the history's contract are run on.
 */
import type { Millis } from '../../duration.js';
import type { History } from '../../ports/history.js';
import type { InstanceId } from '../../ports/store.js';
import type { CaseMaker } from '../contract.js';

/**
 * How much a history under test keeps: so little that a case can exceed it.
 *
 * @since 0.2.0
 */
export interface HistoryContractBounds {
  readonly perInstance: number;
  readonly maxAge: Millis;
}

/**
 * A history under test, empty and reachable. The optional parts let the suite check more; without one, the cases that need
 * it answer `not_applicable`.
 *
 * @since 0.2.0
 */
export interface HistoryUnderTest {
  readonly history: History;
  /** Another way to the same history, as another process would have it, with the same bounds. */
  readonly another?: (() => Promise<History>) | undefined;
  /** Makes of all that is kept of an instance something that cannot be read. */
  readonly corrupt?: ((id: InstanceId) => Promise<void>) | undefined;
  /** Takes the medium away: from now on it can be neither read nor written. */
  readonly breakDown?: (() => Promise<void>) | undefined;
  /** Gives it back, with what was kept. */
  readonly mend?: (() => Promise<void>) | undefined;
  /** How long a case waits for the answer to a call, in milliseconds; default 10,000. */
  readonly patienceMs?: number | undefined;
  /** Called at the end of each case, after `breakDown` too. */
  readonly close?: (() => Promise<void>) | undefined;
}

/** Makes a case of this suite. */
export type Rule = CaseMaker<HistoryUnderTest>;

export const bounds: HistoryContractBounds = Object.freeze({ perInstance: 12, maxAge: 3_600_000 });
