/**
 * The metrics for a Prometheus server. Every label is one of a few words, none an instance: a fleet that grows adds no
 * series. Counters count what the controller says as it says it; gauges are read from the store when asked.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type BlockedReason, blockedReasons, type RestartReason, type RestartStatus } from 'restart-policy';
import type { ActionError, DecisionRecord, Fault, InstanceId, Revision } from 'restart-policy/controller';
import type { ActionEnd } from './watched-hypervisor.js';

export interface Metrics {
  readonly countDecision: (decision: DecisionRecord) => void;
  readonly countFault: (fault: Fault) => void;
  readonly countAction: (end: ActionEnd) => void;
  readonly contentType: string;
  /** The text that is scraped. */
  readonly scrape: () => Promise<string>;
}

type Cause = 'exit' | 'unhealthy' | 'start_timeout';
type Outcome = 'started' | 'superseded' | 'refused' | 'failed';

/** `statuses` reads the restart status of every instance that has one. */
export const createMetrics = (statuses: () => Promise<ReadonlyArray<RestartStatus>>): Metrics => {
  // Its own registry: the global one belongs to whatever else runs in the process.
  const registry = new Registry();
  const registers = [registry];

  const attempts = new Counter({
    name: 'restart_policy_attempts_total',
    help: 'Automatic restart attempts, by what made them necessary and what came of them.',
    labelNames: ['cause', 'outcome'],
    registers,
  });
  const decisions = new Counter({
    name: 'restart_policy_decisions_total',
    help: 'Decisions by reason, those that changed nothing included.',
    labelNames: ['reason'],
    registers,
  });
  const faults = new Counter({
    name: 'restart_policy_faults_total',
    help: 'What did not work, by the step that it happened in.',
    labelNames: ['during'],
    registers,
  });
  const startSeconds = new Histogram({
    name: 'restart_policy_start_duration_seconds',
    help: 'How long the hypervisor took to start an instance, starts by a person included.',
    labelNames: ['outcome'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const blocked = new Gauge({
    name: 'restart_policy_blocked_instances',
    help: 'Instances for which no automatic attempt is made until a person acts, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const waiting = new Gauge({
    name: 'restart_policy_waiting_instances',
    help: 'Instances whose next attempt waits for the backoff.',
    registers,
  });
  const coolingDown = new Gauge({
    name: 'restart_policy_cooling_instances',
    help: 'Instances that used up their attempts, and whose next one waits for the cooldown.',
    registers,
  });

  /** Attempts that were decided, and are being made. */
  const underWay = new Map<InstanceId, { readonly cause: Cause; readonly revision: Revision }>();

  return {
    countDecision: ({ id, reason, revision }) => {
      decisions.inc({ reason });
      if (isOfAttempt(reason)) underWay.set(id, { cause: causes[reason], revision });
    },
    countFault: ({ during }) => faults.inc({ during }),
    countAction: ({ act, id, revision, result, seconds }) => {
      const outcome = result._tag === 'Right' ? 'started' : outcomeOf(result.left);
      if (act === 'start') startSeconds.observe({ outcome }, seconds);
      const attempt = underWay.get(id);
      // A person's command has a revision of its own. The stop inside a restart ends the attempt only if it goes wrong.
      if (attempt?.revision !== revision || (act === 'stop' && outcome === 'started')) return;
      underWay.delete(id);
      attempts.inc({ cause: attempt.cause, outcome });
    },
    contentType: registry.contentType,
    scrape: async () => {
      const all = await statuses();
      const blockedFor = (reason: BlockedReason | null): ReadonlyArray<RestartStatus> =>
        all.filter(({ blockedReason }) => blockedReason === reason);
      const cooling = blockedFor('max_attempts_exceeded').filter(isPending).length;
      for (const reason of blockedReasons) {
        // What cools down comes back by itself, and is counted apart.
        blocked.set({ reason }, blockedFor(reason).length - (reason === 'max_attempts_exceeded' ? cooling : 0));
      }
      waiting.set(blockedFor(null).filter(isPending).length);
      coolingDown.set(cooling);
      return registry.metrics();
    },
  };
};

const isPending = ({ nextAttemptAt }: RestartStatus): boolean => nextAttemptAt !== null;

type AttemptReason = Extract<RestartReason, `restart_after_${string}`>;

const causes: Readonly<Record<AttemptReason, Cause>> = {
  restart_after_exit: 'exit',
  restart_after_unhealthy: 'unhealthy',
  restart_after_start_timeout: 'start_timeout',
};

const isOfAttempt = (reason: RestartReason): reason is AttemptReason => Object.hasOwn(causes, reason);

const outcomeOf = ({ _tag }: ActionError): Outcome => {
  switch (_tag) {
    case 'Superseded':
      return 'superseded';
    case 'Refused':
      return 'refused';
    case 'Failed':
    case 'StoreFailed':
    case 'InvalidRecord':
      return 'failed';
    default:
      return _tag satisfies never;
  }
};
