/**
 * What came of a simulation, for machines: names as on the wire, spans in milliseconds, times in RFC 3339.
 */
import { RestartPolicyCodec, RestartStatusCodec } from '../../codec.js';
import type { Summary, TimelineEntry } from '../../simulate.js';
import type { Timestamp } from '../../status.js';
import { formatTime } from '../../time.js';
import type { Simulated } from '../simulated.js';

/** `isWhole`: with every decision. */
export const wireOfSimulated = (one: Simulated, isWhole: boolean): object => {
  const head = { source: one.given.name, restart_policy: RestartPolicyCodec.encode(one.given.policy) };
  if (one._tag === 'One') {
    const { summary, entries } = one.timeline;
    return { ...head, summary: wireOfSummary(summary), ...(isWhole ? { entries: entries.map(wireOfEntry) } : {}) };
  }
  const { summary, instances } = one.fleet;
  return {
    ...head,
    summary: {
      instances: summary.instances,
      ...wireOfSummary(summary),
      blocked_instances: summary.blockedInstances,
      peak_starts_per_second: summary.peakStarts,
      outage_p50_ms: summary.outageP50,
      outage_p99_ms: summary.outageP99,
    },
    ...(isWhole
      ? { instances: instances.map(({ id, timeline }) => ({ id, summary: wireOfSummary(timeline.summary) })) }
      : {}),
  };
};

const time = (at: Timestamp): string => formatTime(at, 'down');

const wireOfSummary = (summary: Summary): object => ({
  for_ms: summary.for,
  uptime_ms: summary.uptime,
  booting_ms: summary.booting,
  waiting_ms: summary.waiting,
  blocked_ms: summary.blocked,
  done_ms: summary.done,
  attempts: summary.attempts,
  availability: summary.availability,
  blocked_at: summary.blockedAt === null ? null : time(summary.blockedAt),
  longest_outage_ms: summary.longestOutage,
});

const wireOfEntry = ({ at, state, event, reason, status, action }: TimelineEntry): object => ({
  at: time(at),
  state,
  event: snakeOf(event._tag),
  ...(event._tag === 'Observed' ? { exit_code: event.instance.exitCode, health: event.instance.health } : {}),
  reason,
  restart_status: RestartStatusCodec.encode(status),
  action: action === null ? null : { type: snakeOf(action._tag), attempt: action.attempt },
});

const snakeOf = (name: string): string => name.replace(/(?!^)[A-Z]/g, '_$&').toLowerCase();
