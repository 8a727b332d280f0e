/**
 * What an operator of a fleet watches, as metrics on an OpenTelemetry Meter that the host passes in: decisions, faults,
 * attempts and what came of them, how long starts take, and how many instances are held back by what.
 *
 * No attribute is an instance, so the number of series does not grow with the fleet. Of OpenTelemetry nothing is imported.
 *
 * @packageDocumentation
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { Activity, DecisionRecord, Fault } from './controller.js';
import type { Millis } from './duration.js';
import { map } from './either.js';
import { pipe } from './function.js';
import { createAttempts } from './metrics/attempts.js';
import {
  attribute,
  counter,
  histogram,
  instruments,
  type MetricName,
  observable,
  ofActivity,
} from './metrics/instruments.js';
import type { Meter, MeterObservable, MeterObservation } from './metrics/meter.js';
import { attributesOf, outcomeOf } from './metrics/outcome.js';
import { countedStates, countStates, type StateCounts, type StoreToCount } from './metrics/states.js';
import { aFunction, checkOptions, type InvalidOptions, optional, port } from './options.js';
import type { ActionError, Hypervisor } from './ports/hypervisor.js';
import type { Store } from './ports/store.js';

export type { MetricName } from './metrics/instruments.js';
export type {
  InstrumentOptions,
  Meter,
  MeterCounter,
  MeterHistogram,
  MeterObservable,
  MeterObservation,
  MetricAttributes,
} from './metrics/meter.js';
export type { InvalidOptions, OptionError } from './options.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * What the metrics are made on, and what they read.
 *
 * @since 0.2.0
 */
export interface MetricsOptions {
  readonly meter: Meter;
  /**
   * The controller's store. Its records are read, page by page, whenever `restart_policy.instance.state` is collected: so
   * several controllers on one store tell the same numbers, of which an alert takes the maximum and not the sum. While it does
   * not answer, nothing is observed.
   */
  readonly store: Pick<Store, 'load' | 'list' | 'listRecords'>;
  /** Milliseconds of a clock that nobody sets, for how long a start takes: `() => performance.now()`. */
  readonly now: () => Millis;
  /**
   * The controller's `activity`, in a function, because the controller is made after the metrics: `() => controller.activity()`.
   * It is asked whenever the metrics are collected. Absent: there are no metrics of it.
   */
  readonly activity?: (() => Activity) | undefined;
}

/**
 * What a host passes on to the metrics. None of it throws.
 *
 * @since 0.2.0
 */
export interface Metrics {
  /** The controller's `onDecision`, or called from it. */
  readonly onDecision: (decision: DecisionRecord) => void;
  /** The controller's `onFault`, or called from it. */
  readonly onFault: (fault: Fault) => void;
  /**
   * The hypervisor to hand to the controller in place of the given one: it does the same, and what came of each start and
   * stop is counted. Whatever else the given one can do (close, forget) is asked of that one.
   */
  readonly watch: (hypervisor: Hypervisor) => Hypervisor;
  /** Asks for nothing any more when metrics are collected. Idempotent. */
  readonly close: () => void;
}

/**
 * The names of all metrics, as they are made on the Meter.
 *
 * @since 0.2.0
 */
export const metricNames: ReadonlyArray<MetricName> = Object.freeze(Object.keys(instruments) as Array<MetricName>);

// ---------------------------------------------------------------------------
// constructor
// ---------------------------------------------------------------------------

const checkMetricsOptions = checkOptions<MetricsOptions>({
  meter: port<Meter>('a Meter', 'createCounter', 'createHistogram', 'createObservableUpDownCounter'),
  store: port<MetricsOptions['store']>('a store', 'load', 'list'),
  now: aFunction(),
  activity: optional(undefined, aFunction()),
});

/**
 * Makes the metrics. Left: all that is wrong with the options, unknown ones included, and nothing was made.
 *
 * @example
 * import { createMemoryStore } from 'restart-policy/adapters/memory'
 * import { createMetrics, type Meter } from 'restart-policy/metrics'
 *
 * const counter = { add: () => {}, record: () => {}, addCallback: () => {}, removeCallback: () => {} }
 * const make = () => counter
 * const meter: Meter = { createCounter: make, createHistogram: make, createObservableUpDownCounter: make }
 * const metrics = createMetrics({ meter, store: createMemoryStore(), now: () => performance.now() })
 * assert.strictEqual(metrics._tag, 'Right')
 *
 * @since 0.2.0
 */
export const createMetrics = (options: MetricsOptions): Either<InvalidOptions, Metrics> =>
  pipe(checkMetricsOptions(options), map(make));

const make = ({ meter, store, now, activity }: MetricsOptions): Metrics => {
  const decisions = counter(meter, 'restart_policy.decisions');
  const faults = counter(meter, 'restart_policy.faults');
  const counted = counter(meter, 'restart_policy.attempts');
  const durations = histogram(meter, 'restart_policy.start.duration');
  const attempts = createAttempts((cause, outcome) =>
    counted.add(1, { [attribute.cause]: cause, [attribute.outcome]: outcome }),
  );

  const callbacks: Array<readonly [MeterObservable, (result: MeterObservation) => void | Promise<void>]> = [
    [observable(meter, 'restart_policy.instance.state'), observeStates(store)],
  ];
  if (activity !== undefined) {
    for (const [key, name] of Object.entries(ofActivity)) {
      callbacks.push([observable(meter, name), (result) => result.observe(activity()[key as keyof Activity])]);
    }
  }
  for (const [instrument, callback] of callbacks) instrument.addCallback(callback);

  const watched =
    (hypervisor: Hypervisor, act: 'start' | 'stop'): Hypervisor['start'] =>
    (id, permit) =>
    async () => {
      const begun = now();
      const result: Either<ActionError, void> = await hypervisor[act](id, permit)();
      if (act === 'start') durations.record(Math.max(0, now() - begun) / 1_000, attributesOf(result));
      attempts.acted(act, id, permit.revision, outcomeOf(result));
      return result;
    };

  return {
    onDecision: (decision) => {
      decisions.add(1, { [attribute.reason]: decision.reason });
      attempts.decided(decision);
    },
    onFault: ({ during }) => faults.add(1, { [attribute.during]: during }),
    watch: (hypervisor) => {
      const { onFault, retag } = hypervisor;
      return {
        capabilities: hypervisor.capabilities,
        inspect: (id, call) => hypervisor.inspect(id, call),
        start: watched(hypervisor, 'start'),
        stop: watched(hypervisor, 'stop'),
        subscribe: (listener) => hypervisor.subscribe(listener),
        ...(onFault !== undefined && { onFault: onFault.bind(hypervisor) }),
        ...(retag !== undefined && { retag: retag.bind(hypervisor) }),
      };
    },
    close: () => {
      for (const [instrument, callback] of callbacks.splice(0)) instrument.removeCallback(callback);
    },
  };
};

/** Whoever asks while the store is being read gets what that reading finds. A store that does not answer tells nothing. */
const observeStates = (store: StoreToCount) => {
  let reading: Promise<StateCounts | null> | null = null;
  return async (result: MeterObservation): Promise<void> => {
    reading ??= countStates(store).finally(() => {
      reading = null;
    });
    const counts = await reading;
    if (counts === null) return;
    for (const state of countedStates) result.observe(counts[state], { [attribute.state]: state });
  };
};
