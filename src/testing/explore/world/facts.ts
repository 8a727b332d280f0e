/**
 * What is so in the outside world of an exploration. The store, the hypervisor and the clocks read and change it.
 */
import type { Health, InstanceObservation } from '../../../event.js';
import { neverRan } from '../../../ports/hypervisor.js';
import type { Revision, StoredRecord } from '../../../ports/store.js';
import { initialStatus, type Timestamp } from '../../../status.js';
import type { Call } from '../call.js';
import type { Scenario } from '../scenario.js';
import type { Actor } from '../steps.js';
import type { Moment } from '../witness.js';

export interface Facts {
  now: Timestamp;
  /** null: there is none. */
  record: StoredRecord | null;
  /** The last revision that was given. */
  lastRevision: Revision;
  /** null: nothing runs. */
  run: {
    readonly startedAt: Timestamp;
    /** The highest revision under which a start was answered with this run: who owns it. */
    tag: Revision;
    health: Health;
  } | null;
  /** The last run that ended; null: none did. */
  ended: { readonly startedAt: Timestamp; readonly stoppedAt: Timestamp; readonly exitCode: number | null } | null;
  /** The highest revision that the hypervisor has seen. */
  fence: Revision;
  /** Who is in the instance's section; null: nobody. */
  section: Actor | null;
  /** The call that keeps it. */
  holder: Call | null;
  /** The call whose check is about to load the record; null: none. */
  checking: Call | null;
}

export const factsAtFirst = ({ policy, status, instance }: Scenario): Facts => ({
  now: 1_000,
  record: status === null ? null : { policy, status: status ?? initialStatus, revision: 1 },
  lastRevision: 1,
  run:
    instance === 'running' || instance === 'unhealthy'
      ? { startedAt: 500, tag: 1, health: instance === 'running' ? 'unknown' : 'unhealthy' }
      : null,
  ended: instance === 'ended' ? { startedAt: 500, stoppedAt: 900, exitCode: 1 } : null,
  fence: 0,
  section: null,
  holder: null,
  checking: null,
});

export const momentOf = ({ record, run }: Facts): Moment => ({ record, isRunning: run !== null });

export const observe = ({ run, ended }: Facts): InstanceObservation =>
  run === null
    ? { ...neverRan, ...ended }
    : { ...neverRan, state: 'running', startedAt: run.startedAt, health: run.health };
