/**
 * What is decided on: what the hypervisor says of an instance, with what only the controller knows of it.
 */
import type { InstanceObservation } from '../event.js';
import type { InstanceId } from '../ports/store.js';
import { saltOf } from '../salt.js';
import type { HealthReports } from './health.js';

export interface Observations {
  /** With the health that was reported for the run, and the salt. Decisions, failures and wake-ups all need the same. */
  readonly complete: (id: InstanceId, instance: InstanceObservation) => InstanceObservation;
  /** Computed once for each instance. */
  readonly saltOf: (id: InstanceId) => number;
  readonly forget: (id: InstanceId) => void;
}

export const createObservations = (reports: HealthReports): Observations => {
  const salts = new Map<InstanceId, number>();

  const saltFor = (id: InstanceId): number => {
    const known = salts.get(id);
    if (known !== undefined) return known;
    const salt = saltOf(id);
    salts.set(id, salt);
    return salt;
  };

  return {
    // Field by field: a copy by spread costs more than the decision that it is for.
    complete: (id, instance) => {
      const { state, startedAt, stoppedAt, exitCode, cause } = instance;
      const health = reports.healthOf(id, instance);
      const salt = saltFor(id);
      return cause === undefined
        ? { state, startedAt, stoppedAt, exitCode, health, salt }
        : { state, startedAt, stoppedAt, exitCode, health, cause, salt };
    },
    saltOf: saltFor,
    forget: (id) => {
      reports.forget(id);
      salts.delete(id);
    },
  };
};
