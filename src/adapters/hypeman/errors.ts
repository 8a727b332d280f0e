/**
 * What an error of the client means for the call that met it.
 */
import type { CallSignal } from '../../ports/call.js';
import { type Failed, failed, type Refused, refused } from '../../ports/hypervisor.js';
import { messageOf } from '../common/answers.js';
import { isGivenUp } from '../common/given-up.js';

interface Response {
  /** null: there was no response. */
  readonly status: number | null;
  /** hypeman's own code for what is wrong; null: the body is not hypeman's. */
  readonly code: string | null;
}

const responseOf = (error: unknown): Response => {
  const { status, error: body } = fieldsOf(error);
  const { code } = fieldsOf(body);
  return { status: typeof status === 'number' ? status : null, code: typeof code === 'string' ? code : null };
};

const fieldsOf = (u: unknown): Readonly<Record<string, unknown>> =>
  typeof u === 'object' && u !== null ? (u as Record<string, unknown>) : {};

/**
 * hypeman knows no such instance. A 404 without hypeman's code is somebody else's: a wrong address, a proxy. Taken for
 * an answer it would turn a running instance into one that never ran, and a stop into nothing to do.
 */
export const isNotFound = (error: unknown): boolean => {
  const { status, code } = responseOf(error);
  return status === 404 && code === 'not_found';
};

/** The instance is not in a state for that. */
export const isConflict = (error: unknown): boolean => responseOf(error).status === 409;

/**
 * Refused only where hypeman has surely done nothing, since a refused call is taken back: a client error (4xx), which it
 * answers before it acts. That is so for 409 (state, resources), 404 (instance, image) and 429 too. All else is Failed,
 * for what was asked for may have happened: 5xx, which also comes half-way; 408, a call given up, perhaps by a proxy
 * that had passed it on; a timeout; a connection that broke. A connection that never came about is Failed as well,
 * although nothing can have happened: a person's stop must outlast hypeman's own restart, and not be taken back by it.
 * A call that was called off because nobody waits any more is Failed like one that broke: the request may still arrive.
 */
export const actionError = (doing: string, error: unknown, signal: CallSignal | undefined): Refused | Failed => {
  const { status } = responseOf(error);
  const message = `${doing}: ${messageOf(error)}`;
  if (status === null && isGivenUp(signal)) {
    return failed(
      `${doing}: given up without an answer; the request may still reach hypeman, and be carried out`,
      error,
    );
  }
  return status !== null && status >= 400 && status < 500 && status !== 408 ? refused(message) : failed(message, error);
};

export const callFailed = (doing: string, error: unknown): Failed => failed(`${doing}: ${messageOf(error)}`, error);
