/** What is known of an instance at one moment, in hypeman's words. */
import type { Either } from 'fp-ts/lib/Either.js';
import { decide, nextWakeAt, observed, type Timestamp } from 'restart-policy';
import type { InstanceReport, InvalidRecord, StoreFailed } from 'restart-policy/controller';
import type { HypemanState } from 'restart-policy/hypeman';
import type { Parts } from '../parts.js';
import type { Definition } from './definition.js';

export interface Known {
  readonly state: HypemanState;
  /** Why the state is Unknown; null: it is known. */
  readonly stateError: string | null;
  /** null: nothing could be read. */
  readonly report: InstanceReport | null;
}

export const stateOf = async ({ controller }: Parts, { id }: Definition): Promise<Known> =>
  stateIn(await controller.status(id)());

/** What the controller's report says; null: there is no record. */
export const stateIn = (read: Either<InvalidRecord | StoreFailed, InstanceReport | null>): Known => {
  if (read._tag === 'Left') {
    const { left } = read;
    return unknown(left._tag === 'InvalidRecord' ? left.problems.join('; ') : left.message, null);
  }
  const report = read.right;
  // Between two steps of a create or a delete.
  if (report === null) return unknown('it is being created or deleted', null);
  if (report.instance === null) return unknown('the hypervisor did not answer', report);
  switch (report.instance.state) {
    case 'initializing':
      return { state: 'Initializing', stateError: null, report };
    case 'running':
      return { state: 'Running', stateError: null, report };
    case 'stopped':
      return { state: 'Stopped', stateError: null, report };
    case 'other':
      return unknown('the hypervisor is in a state that has no name here', report);
    default:
      return report.instance.state satisfies never;
  }
};

const unknown = (stateError: string, report: InstanceReport | null): Known => ({
  state: 'Unknown',
  stateError,
  report,
});

/** Whether something will be done about the instance without anybody asking: the pure core can be asked what comes. */
export const goesOnByItself = ({ policy, status, instance }: InstanceReport, now: Timestamp): boolean => {
  if (instance === null) return false;
  const decision = decide(policy, status, observed(instance), now);
  return decision.actions.length > 0 || nextWakeAt(policy, decision.status, instance) !== null;
};
