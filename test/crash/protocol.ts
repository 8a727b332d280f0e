/**
 * What the driver and a host of the crash test say to each other, and the mark by which a run says what it is.
 */
import type { RestartPolicy } from '../../src/policy.js';

// ---------------------------------------------------------------------------
// messages
// ---------------------------------------------------------------------------

/** A person's word, as the driver sends it. */
export type Command =
  | { readonly _tag: 'Stop' | 'Start' | 'Delete'; readonly id: string }
  /** A health check's verdict on whatever runs. */
  | { readonly _tag: 'Unhealthy'; readonly id: string }
  | { readonly _tag: 'Policy'; readonly id: string; readonly policy: RestartPolicy }
  /** A policy, then a start. */
  | { readonly _tag: 'Create'; readonly id: string; readonly policy: RestartPolicy };

export type ToHost =
  | { readonly _tag: 'Command'; readonly number: number; readonly command: Command }
  /** End in order: the controller first, then the instances. */
  | { readonly _tag: 'Close' };

export type Answer =
  /** `revision`: at which the word is recorded; null for what records none. */
  | { readonly _tag: 'Acknowledged'; readonly revision: number | null }
  | { readonly _tag: 'NotDone'; readonly why: string };

export type FromHost =
  /** The directory is this host's, and nothing has been started yet. */
  | { readonly _tag: 'Opened' }
  /** Every instance was looked at. */
  | { readonly _tag: 'Reconciled' }
  | { readonly _tag: 'Answered'; readonly number: number; readonly answer: Answer }
  | { readonly _tag: 'Faulted'; readonly fault: string };

// ---------------------------------------------------------------------------
// marks
// ---------------------------------------------------------------------------

/** What every process of a run carries in its environment, and what the run writes down when it begins. */
export interface Mark {
  readonly id: string;
  /** Of the host that started it: 1 for the first. */
  readonly life: number;
  /** Of the record that allowed this start: the permit's. It ties each run to the write that counted it. */
  readonly revision: number;
}

export const markVariable = 'CRASH_TEST_RUN';

/** `token` keeps crash tests that run at the same time apart. */
export const formatMark = (token: string, { id, life, revision }: Mark): string => `${token}/${life}/${revision}/${id}`;

/** null: not of this crash test. */
export const parseMark = (token: string, text: string): Mark | null => {
  const [owner, life, revision, id] = text.split('/');
  return owner !== token || id === undefined ? null : { id, life: Number(life), revision: Number(revision) };
};
