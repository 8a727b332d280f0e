/**
 * What a call of a port is in an exploration, and its deadline.
 */
import type { CallSignal } from '../../ports/call.js';
import type { RestartRecord, Revision } from '../../ports/store.js';
import type { Scenario } from './scenario.js';
import type { Actor, PendingStep } from './steps.js';
import type { Word } from './witness.js';

/** The kinds of calls, each of which has a deadline of its own. */
export type CallKind = 'store' | 'inspect' | 'start' | 'stop';

/** Longer than any other wait. */
export const aeon = 1_000_000_000;

/** Told from each other, and from every other wait, by their lengths. */
export const deadlines: { readonly [Kind in CallKind | 'leases']: number } = {
  store: 2 * aeon,
  inspect: 3 * aeon,
  start: 4 * aeon,
  stop: 5 * aeon,
  leases: 6 * aeon,
};

/** One controller, from its beginning until it dies or has closed. */
export interface Life {
  readonly actor: Actor;
  isClosed: boolean;
}

export interface Call {
  readonly life: Life;
  readonly kind: CallKind;
  readonly label: string;
  readonly signal: CallSignal | undefined;
  /** What it writes; `next` null: it removes. null: it writes nothing. */
  readonly writes: { readonly next: RestartRecord | null; readonly expected: Revision | null } | null;
  state: 'under way' | 'unanswered' | 'ended';
  isLost: boolean;
  /** The step that it waits for, or waited for last. */
  step: PendingStep | null;
  /** Whose word it writes; null: it was not yet given up. */
  word: Word | null;
}

/** Whether its controllers have deadlines at all: else every port answers in the end. */
export const hasDeadlines = ({ deadlines = 0, closes = 0 }: Scenario['budgets']): boolean => deadlines + closes > 0;
