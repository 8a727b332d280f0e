/**
 * A person's commands, and what people are answered. Each answers only when what it promises is durable.
 *
 * A command is first saved, then carried out. Between the two anything may happen: another person, another controller, a
 * crash, a port that does not answer. The record decides whose command was the last, and permits check it at the last
 * moment. Once a command is recorded its answer says so, whatever comes after: `Failed`, never `StoreFailed`.
 */
import type { Revision } from '../../ports/store.js';
import type { RestartReason } from '../../reason.js';

/**
 * What a person asked for is done, and recorded at `revision`.
 *
 * @since 0.1.0
 */
export interface Acknowledged {
  readonly revision: Revision;
}

/**
 * What a person said of an instance's supervision is recorded, at `revision`. `reason` is the decision's: what came of it.
 *
 * @since 0.2.0
 */
export interface SupervisionAcknowledged extends Acknowledged {
  readonly reason: RestartReason;
}
