/**
 * The latest health report of each instance. A report is of one run: one of an earlier run is dropped, and the health of
 * a new run is unknown. Nothing is stored: after a restart of the controller health is unknown until the next report.
 *
 * A failure window ends when a run has lasted for long enough and is healthy at that moment. A run whose health comes and goes
 * is healthy at many moments, and may have been ill half of the time: so what it lasted before it was last ill does not count.
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
  readonly keep: (id: InstanceId, report: HealthReport, ticket: number, now: Timestamp) => void;
  /** Whether the kept report says the same: then there is nothing new to reconcile. */
  readonly isKept: (id: InstanceId, report: HealthReport) => boolean;
  /** The health that was reported for the run, if any was; else what is observed. */
  readonly healthOf: (id: InstanceId, instance: InstanceObservation) => Health;
  /** Until when the run was last said to be unhealthy, which it is not any more; null: it never was, or is. */
  readonly illUntil: (id: InstanceId, instance: InstanceObservation) => Timestamp | null;
  readonly forget: (id: InstanceId) => void;
}

interface Kept {
  readonly report: HealthReport;
  readonly ticket: number;
  readonly illUntil: Timestamp | null;
}

export const createHealthReports = (): HealthReports => {
  const kept = new Map<InstanceId, Kept>();
  let tickets = 0;

  /** Of the run that an instance looks to have now. */
  const keptOf = (id: InstanceId, { state, startedAt }: InstanceObservation): Kept | null => {
    const found = kept.size === 0 ? undefined : kept.get(id);
    return state === 'running' && found !== undefined && found.report.startedAt === startedAt ? found : null;
  };

  return {
    ticket: () => ++tickets,
    keep: (id, report, ticket, now) => {
      const former = kept.get(id);
      if (former !== undefined && former.ticket >= ticket) return;
      kept.set(id, { report, ticket, illUntil: illUntil(former, report, now) });
    },
    isKept: (id, { startedAt, health }) => {
      const report = kept.get(id)?.report;
      return report?.startedAt === startedAt && report.health === health;
    },
    healthOf: (id, instance) => keptOf(id, instance)?.report.health ?? instance.health,
    illUntil: (id, instance) => {
      const found = keptOf(id, instance);
      return found === null || found.report.health === 'unhealthy' ? null : found.illUntil;
    },
    forget: (id) => void kept.delete(id),
  };
};

const illUntil = (former: Kept | undefined, { startedAt }: HealthReport, now: Timestamp): Timestamp | null => {
  if (former?.report.startedAt !== startedAt) return null;
  return former.report.health === 'unhealthy' ? now : former.illUntil;
};
