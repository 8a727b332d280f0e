/**
 * What is decided on: what the hypervisor says of an instance, with what only the controller knows of it.
 */
import type { InstanceObservation } from '../event.js';
import type { InstanceId } from '../ports/store.js';
import { saltOf } from '../salt.js';
import type { Timestamp } from '../status.js';
import type { HealthReports } from './health.js';

export interface Observations {
  /** With the health that was reported for the run, and the salt. */
  readonly complete: (id: InstanceId, instance: InstanceObservation) => InstanceObservation;
  /**
   * The same, as it is decided on: a run that was unhealthy, and is not any more, counts as begun when it was that last. Of a
   * run that goes on nothing but the end of a failure window depends on its beginning. Decisions and wake-ups need the same.
   */
  readonly toDecideOn: (id: InstanceId, instance: InstanceObservation, now: () => Timestamp) => InstanceObservation;
  readonly forget: (id: InstanceId) => void;
}

export const createObservations = (reports: HealthReports): Observations => {
  // Field by field: a copy by spread costs more than the decision that it is for.
  const completed = (
    id: InstanceId,
    instance: InstanceObservation,
    startedAt: Timestamp | null,
  ): InstanceObservation => {
    const { state, stoppedAt, exitCode, cause } = instance;
    const health = reports.healthOf(id, instance);
    const salt = saltOf(id);
    return cause === undefined
      ? { state, startedAt, stoppedAt, exitCode, health, salt }
      : { state, startedAt, stoppedAt, exitCode, health, cause, salt };
  };

  return {
    complete: (id, instance) => completed(id, instance, instance.startedAt),
    toDecideOn: (id, instance, now) => {
      const { startedAt } = instance;
      const illUntil = reports.illUntil(id, instance);
      // Not later than now: the clock may have been set back since.
      const since =
        illUntil === null || startedAt === null ? startedAt : Math.max(startedAt, Math.min(illUntil, now()));
      return completed(id, instance, since);
    },
    forget: reports.forget,
  };
};
