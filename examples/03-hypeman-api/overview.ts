/** What the page shows. No environments: a page that stands open on a screen shall show no secrets. */
import type { Hypeman } from '@onkernel/hypeman';
import type { RestartPolicy, RestartReason, RestartStatus, Timestamp } from 'restart-policy';
import { type InstanceId, storeFailed } from 'restart-policy/controller';
import type { HypemanState } from 'restart-policy/hypeman';
import type { Definition } from './instances/definition.js';
import { type Known, stateIn } from './instances/state.js';
import { healthStatusOf } from './instances/view.js';
import type { Parts } from './parts.js';

export interface Overview {
  /** By the server's clock, which is not the browser's. */
  readonly now: Timestamp;
  /** Whether policies may say what hypeman's API does not know. */
  readonly beyond: boolean;
  readonly instances: ReadonlyArray<OverviewInstance>;
}

export interface OverviewInstance {
  readonly id: string;
  readonly name: string;
  readonly command: ReadonlyArray<string>;
  readonly createdAt: Timestamp;
  readonly state: HypemanState;
  readonly stateError: string | null;
  readonly startedAt: Timestamp | null;
  readonly exitCode: number | null;
  /** As hypeman's API says it: `unknown` of what does not run. */
  readonly health: Hypeman.InstanceHealthStatus['status'];
  /** null: it could not be read. */
  readonly policy: RestartPolicy | null;
  readonly status: RestartStatus | null;
  /** Of the last decision; null: none since the server started. */
  readonly reason: RestartReason | null;
  readonly fault: { readonly at: Timestamp; readonly text: string } | null;
  /** Automatic attempts within the last hour. */
  readonly recentAttempts: number;
}

/** What is known of each, a page of records at a time, which costs less than asking for each instance. */
const knownOfEach = async ({ controller }: Parts): Promise<(id: InstanceId) => Known> => {
  const known = new Map<InstanceId, Known>();
  const of =
    (otherwise: Known) =>
    (id: InstanceId): Known =>
      known.get(id) ?? otherwise;
  for (let after: InstanceId | null = null; ; ) {
    const page: Awaited<ReturnType<ReturnType<typeof controller.list>>> = await controller.list({
      after,
      limit: 200,
    })();
    if (page._tag === 'Left') return of(unread);
    for (const { id, report } of page.right.reports) known.set(id, stateIn(report));
    if (page.right.next === null) return of(unlisted);
    after = page.right.next;
  }
};

const unlisted = stateIn({ _tag: 'Right', right: null });
const unread = stateIn({ _tag: 'Left', left: storeFailed('the records could not be listed') });

export const overviewOf = async (parts: Parts): Promise<Overview> => {
  const now = parts.clock.now();
  const knownOf = await knownOfEach(parts);
  const instances = parts.definitions.all().map((definition) => show(parts, definition, knownOf(definition.id), now));
  return { now, beyond: parts.beyond, instances };
};

const show = (parts: Parts, definition: Definition, known: Known, now: Timestamp): OverviewInstance => {
  const { id, name, command, createdAt } = definition;
  const { state, stateError, report } = known;
  return {
    id,
    name,
    command,
    createdAt,
    state,
    stateError,
    startedAt: report?.instance?.startedAt ?? null,
    exitCode: report?.instance?.exitCode ?? null,
    health: healthStatusOf(parts, definition, known).status,
    policy: report?.policy ?? null,
    status: report?.status ?? null,
    ...parts.latest.of(id),
    recentAttempts: parts.recent.count(id, now),
  };
};
