/**
 * How a run ended, and why: what the Linux hypervisors tell of it.
 */
import { type EndCause, endCauses } from '../../event.js';
import { isOneOf } from '../../validation.js';

export interface RunEnd {
  /** null: there is none, or it is not known. */
  readonly exitCode: number | null;
  /** Absent: what was written down of the end does not say. */
  readonly cause?: EndCause;
}

/** A run that was told to end (a stop, a drain), or that ended with its host: what it answered is not how its work ended. */
export const endedByHost: RunEnd = Object.freeze({ exitCode: null, cause: 'host' });

export const endedForMemory: RunEnd = Object.freeze({ exitCode: null, cause: 'out_of_memory' });

/** Of a process, as its parent learns it: it has one of both. */
export const endOfProcess = (exitCode: number | null, signal: string | number | null): RunEnd =>
  exitCode !== null ? { exitCode, cause: 'exit' } : { exitCode: null, cause: signal === null ? 'unknown' : 'signal' };

export const isEndCause = (u: unknown): u is EndCause => isOneOf(endCauses, u);
