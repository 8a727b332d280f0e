/** Instances as the server would show them. */
import { initialStatus, type RestartStatus } from 'restart-policy';
import type { OverviewInstance } from '../../../../examples/03-hypeman-api/overview.js';
import { policyWith } from '../../../support/values.js';

export const instanceWith = (part: Partial<OverviewInstance> = {}): OverviewInstance => ({
  id: `id-${part.name ?? 'web'}`,
  name: 'web',
  command: ['/bin/sh', '-c', 'exec sleep 3600'],
  createdAt: 0,
  state: 'Running',
  stateError: null,
  startedAt: 0,
  exitCode: null,
  health: 'disabled',
  policy: policyWith({ mode: 'on_failure', backoff: 10_000, maxAttempts: 3 }),
  status: initialStatus,
  reason: 'running',
  fault: null,
  recentAttempts: 0,
  ...part,
});

export const statusWith = (part: Partial<RestartStatus>): RestartStatus => ({ ...initialStatus, ...part });

const blocked: Partial<OverviewInstance> = {
  state: 'Stopped',
  exitCode: 1,
  reason: 'max_attempts_exceeded',
  recentAttempts: 3,
  status: statusWith({ attempts: 3, lastAttemptAt: 0, blockedReason: 'max_attempts_exceeded' }),
};
const flapping: Partial<OverviewInstance> = {
  recentAttempts: 12,
  status: statusWith({ attempts: 2, lastAttemptAt: 0 }),
};
const waiting: Partial<OverviewInstance> = {
  state: 'Stopped',
  exitCode: 137,
  reason: 'waiting_for_backoff',
  recentAttempts: 1,
  status: statusWith({ attempts: 1, lastAttemptAt: 0, nextAttemptAt: 42_000 }),
};
const stopped: Partial<OverviewInstance> = {
  state: 'Stopped',
  reason: 'manual_stop',
  status: statusWith({ blockedReason: 'manual_stop' }),
};
const paused: Partial<OverviewInstance> = { reason: 'paused', status: statusWith({ blockedReason: 'paused' }) };
const unhealthy: Partial<OverviewInstance> = { health: 'unhealthy' };
/** As they come, a few times over. */
const kinds = [
  blocked,
  flapping,
  waiting,
  stopped,
  paused,
  waiting,
  unhealthy,
  {},
  flapping,
  {},
  waiting,
  {},
  stopped,
  {},
];

const services = ['api', 'worker', 'cache', 'ingest', 'render', 'mail', 'search', 'billing'];

/** So many, most of them well, and of each that is not a few. Times are counted from `now`. */
export const fleetOf = (count: number, now: number): ReadonlyArray<OverviewInstance> =>
  Array.from({ length: count }, (_, index) => {
    const service = services[index % services.length] ?? '';
    const name = `${service}-${Math.floor(index / services.length) + 1}`;
    const kind = index % 7 === 3 ? (kinds[Math.floor(index / 7) % kinds.length] ?? {}) : {};
    const { nextAttemptAt = null, lastAttemptAt = null, ...status } = kind.status ?? initialStatus;
    return instanceWith({
      ...kind,
      name,
      command: ['/bin/sh', '-c', `exec /srv/${service} --shard ${index} --listen unix:/run/${name}.sock`],
      createdAt: now - index * 60_000,
      startedAt: now - 3_600_000,
      status: {
        ...status,
        nextAttemptAt: nextAttemptAt === null ? null : now + nextAttemptAt,
        lastAttemptAt: lastAttemptAt === null ? null : now - 5_000,
      },
    });
  });
