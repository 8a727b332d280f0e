/**
 * Every metric, as data: its name, its unit and what it says. Names and units follow OpenTelemetry's conventions: a namespace
 * with dots, no unit and no `_total` in a name, seconds for spans, what is counted in braces. An exporter for Prometheus writes
 * `restart_policy.decisions` as `restart_policy_decisions_total`.
 */
import type { Activity } from '../controller.js';
import type { Meter } from './meter.js';

// ---------------------------------------------------------------------------
// attributes
// ---------------------------------------------------------------------------

/** What values are told apart by; each has a few words only, and none is an instance. */
export const attribute = {
  reason: 'restart_policy.reason',
  during: 'restart_policy.during',
  cause: 'restart_policy.cause',
  outcome: 'restart_policy.outcome',
  state: 'restart_policy.instance.state',
  /** OpenTelemetry's own, of what failed. */
  errorType: 'error.type',
} as const;

// ---------------------------------------------------------------------------
// the table
// ---------------------------------------------------------------------------

interface Row {
  readonly unit: string;
  readonly description: string;
}

export const instruments = {
  'restart_policy.decisions': {
    unit: '{decision}',
    description: 'Decisions, those that changed nothing included.',
  },
  'restart_policy.faults': {
    unit: '{fault}',
    description: 'What did not work, by the step that it happened in.',
  },
  'restart_policy.attempts': {
    unit: '{attempt}',
    description: 'Automatic attempts, by what made them necessary and what came of them.',
  },
  'restart_policy.start.duration': {
    unit: 's',
    description: 'How long the hypervisor took to start an instance, starts by a person included.',
  },
  'restart_policy.instance.state': {
    unit: '{instance}',
    description: 'Instances that have a record, by what holds them back; each is in one state.',
  },
  'restart_policy.controller.queued_instances': {
    unit: '{instance}',
    description: 'Instances that wait for their reconciliation.',
  },
  'restart_policy.controller.active_instances': {
    unit: '{instance}',
    description: 'Instances that are being reconciled, or started by a person.',
  },
  'restart_policy.controller.waiting_instances': {
    unit: '{instance}',
    description: 'Instances whose attempt is due and held back by the limits of starts.',
  },
  'restart_policy.controller.starting_instances': {
    unit: '{instance}',
    description: 'Instances that were started and not yet seen running, counted where there are limits of starts.',
  },
  'restart_policy.controller.armed_wake_ups': {
    unit: '{wake_up}',
    description: 'Wake-ups that are pending.',
  },
} as const satisfies Readonly<Record<`restart_policy.${string}`, Row>>;

/**
 * The name of a metric.
 *
 * @since 0.2.0
 */
export type MetricName = keyof typeof instruments;

/** Of the controller's activity, which metric says it. */
export const ofActivity: Readonly<Record<keyof Activity, MetricName>> = {
  queued: 'restart_policy.controller.queued_instances',
  active: 'restart_policy.controller.active_instances',
  waiting: 'restart_policy.controller.waiting_instances',
  inFlight: 'restart_policy.controller.starting_instances',
  armed: 'restart_policy.controller.armed_wake_ups',
};

// ---------------------------------------------------------------------------
// making them
// ---------------------------------------------------------------------------

/** In seconds: starts take from milliseconds (processes) to minutes (machines). */
const bounds: ReadonlyArray<number> = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

export const counter = (meter: Meter, name: MetricName) => {
  const { description, unit } = instruments[name];
  return meter.createCounter(name, { description, unit });
};

export const histogram = (meter: Meter, name: MetricName) => {
  const { description, unit } = instruments[name];
  return meter.createHistogram(name, { description, unit, advice: { explicitBucketBoundaries: [...bounds] } });
};

export const observable = (meter: Meter, name: MetricName) => {
  const { description, unit } = instruments[name];
  return meter.createObservableUpDownCounter(name, { description, unit });
};
