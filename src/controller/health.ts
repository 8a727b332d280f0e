/**
 * The latest health report of each instance. A report is of one run: one of an earlier run is dropped, and the health of
 * a new run is unknown. Nothing is stored: after a restart of the controller health is unknown until the next report.
 */

import type { Health, InstanceObservation } from '../event.js';
import type { InstanceId } from '../ports/store.js';
import type { Timestamp } from '../status.js';

/**
 * A verdict of the host's health checks on one run, which its `startedAt` names.
 *
 * @since 0.1.0
 */
export interface HealthReport {
  /** `InstanceObservation.startedAt` of the run that was checked. */
  readonly startedAt: Timestamp;
  readonly health: Health;
}

export interface HealthReports {
  /** A report's place among all reports; take it before anything is awaited. */
  readonly ticket: () => number;
  /** Keeps a report, unless one with a later ticket is kept already. */
  readonly keep: (id: InstanceId, report: HealthReport, ticket: number) => void;
  /** Whether the kept report says the same: then there is nothing new to reconcile. */
  readonly isKept: (id: InstanceId, report: HealthReport) => boolean;
  /** The health that was reported for the run, if any was; else what is observed. */
  readonly healthOf: (id: InstanceId, instance: InstanceObservation) => Health;
  readonly forget: (id: InstanceId) => void;
}

export const createHealthReports = (): HealthReports => {
  const kept = new Map<InstanceId, { readonly report: HealthReport; readonly ticket: number }>();
  let tickets = 0;
  return {
    ticket: () => ++tickets,
    keep: (id, report, ticket) => {
      if ((kept.get(id)?.ticket ?? 0) < ticket) kept.set(id, { report, ticket });
    },
    isKept: (id, { startedAt, health }) => {
      const report = kept.get(id)?.report;
      return report?.startedAt === startedAt && report.health === health;
    },
    healthOf: (id, { state, startedAt, health }) => {
      const report = kept.size === 0 ? undefined : kept.get(id)?.report;
      return state === 'running' && report !== undefined && report.startedAt === startedAt ? report.health : health;
    },
    forget: (id) => void kept.delete(id),
  };
};
