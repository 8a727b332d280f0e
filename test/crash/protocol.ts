/**
 * What the driver and a host of the crash test say to each other.
 */
import type { RestartPolicy } from '../../src/policy.js';

/** A person's command, as the driver sends it. */
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
  /** `revision`: at which the command is recorded; null: it records nothing. */
  | { readonly _tag: 'Acknowledged'; readonly revision: number | null }
  | { readonly _tag: 'NotDone'; readonly why: string };

export type FromHost =
  /** The directory is this host's, and nothing has been started yet. */
  | { readonly _tag: 'Opened' }
  /** Every instance was reconciled. */
  | { readonly _tag: 'Reconciled' }
  | { readonly _tag: 'Answered'; readonly number: number; readonly answer: Answer }
  | { readonly _tag: 'Faulted'; readonly fault: string };
