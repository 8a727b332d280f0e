/** What the requests work with. */

import type { ProcessHypervisor } from 'restart-policy/adapters/process';
import type { Clock, Controller } from 'restart-policy/controller';
import type { History } from 'restart-policy/history';
import type { Changes } from './changes.js';
import type { HealthChecks } from './health/checks.js';
import type { Definitions } from './instances/definitions.js';
import type { Snapshots } from './instances/snapshots.js';
import type { LatestOfEach } from './latest.js';
import type { ScrapedMetrics } from './metrics.js';
import type { RecentAttempts } from './recent-attempts.js';
import type { Turns } from './turns.js';

export interface Parts {
  /** Whether its clients know the fields of a policy that hypeman's do not. */
  readonly beyond: boolean;
  readonly clock: Clock;
  readonly definitions: Definitions;
  readonly snapshots: Snapshots;
  readonly controller: Controller;
  readonly hypervisor: ProcessHypervisor;
  /** The ids of those that get no time to end, as long as a client wants them killed. */
  readonly killedAtOnce: Set<string>;
  readonly checks: HealthChecks;
  readonly metrics: ScrapedMetrics;
  readonly latest: LatestOfEach;
  readonly recent: RecentAttempts;
  readonly history: History;
  readonly changes: Changes;
  readonly turns: Turns;
  /** Aborts when the server begins to close: long waits end then. */
  readonly closing: AbortSignal;
}
