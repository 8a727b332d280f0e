/** What the page shows. No environments: a page that stands open on a screen shall show no secrets. */
import type { RestartPolicy, RestartStatus, Timestamp } from 'restart-policy';
import type { HypemanState } from 'restart-policy/hypeman';
import type { Definition } from './instances/definition.js';
import { stateOf } from './instances/state.js';
import type { Parts } from './parts.js';
import type { TimelineEntry } from './timeline.js';

export interface Overview {
  /** By the server's clock, which is not the browser's. */
  readonly now: Timestamp;
  readonly instances: ReadonlyArray<OverviewInstance>;
}

export interface OverviewInstance {
  readonly id: string;
  readonly name: string;
  readonly command: ReadonlyArray<string>;
  readonly state: HypemanState;
  readonly stateError: string | null;
  readonly exitCode: number | null;
  readonly health: 'disabled' | 'starting' | 'healthy' | 'unhealthy';
  /** null: it could not be read. */
  readonly policy: RestartPolicy | null;
  readonly status: RestartStatus | null;
  /** The latest first; its latest decision says why the instance is as it is. */
  readonly timeline: ReadonlyArray<TimelineEntry>;
}

export const overviewOf = async (parts: Parts): Promise<Overview> => ({
  now: parts.clock.now(),
  instances: await Promise.all(parts.definitions.all().map((definition) => show(parts, definition))),
});

const show = async (parts: Parts, definition: Definition): Promise<OverviewInstance> => {
  const { id, name, command, healthCheck } = definition;
  const { state, stateError, report } = await stateOf(parts, definition);
  return {
    id,
    name,
    command,
    state,
    stateError,
    exitCode: report?.instance?.exitCode ?? null,
    health: healthCheck === null ? 'disabled' : (parts.checks.windowOf(id)?.verdict ?? 'starting'),
    policy: report?.policy ?? null,
    status: report?.status ?? null,
    timeline: parts.timeline.of(id),
  };
};
