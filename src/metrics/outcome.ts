/**
 * How a start or a stop went, in a few words.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { isHostFault } from '../ports/host-fault.js';
import type { ActionError } from '../ports/hypervisor.js';
import { attribute } from './instruments.js';
import type { MetricAttributes } from './meter.js';

export type Outcome = 'started' | 'superseded' | 'refused' | 'failed';

const outcomes: Readonly<Record<ActionError['_tag'], Outcome>> = {
  Superseded: 'superseded',
  Refused: 'refused',
  Failed: 'failed',
  StoreFailed: 'failed',
  InvalidRecord: 'failed',
};

export const outcomeOf = (result: Either<ActionError, void>): Outcome =>
  result._tag === 'Right' ? 'started' : outcomes[result.left._tag];

/** With OpenTelemetry's own attribute for what went wrong; that a later command won is no error. */
export const attributesOf = (result: Either<ActionError, void>): MetricAttributes => {
  const outcome = { [attribute.outcome]: outcomeOf(result) };
  if (result._tag === 'Right' || result.left._tag === 'Superseded') return outcome;
  const error = result.left;
  const isOfHost = 'cause' in error && isHostFault(error.cause);
  return { ...outcome, [attribute.errorType]: isOfHost ? 'HostFault' : error._tag };
};
