/**
 * What is asked of an OpenTelemetry Meter: its shape, so that no version of its packages is a dependency.
 */

/**
 * What a value is told apart by.
 *
 * @since 0.2.0
 */
export type MetricAttributes = Record<string, string>;

/**
 * How an instrument is made.
 *
 * @since 0.2.0
 */
export interface InstrumentOptions {
  description?: string;
  /** By UCUM: `s`, or what is counted in braces. */
  unit?: string;
  advice?: { explicitBucketBoundaries?: Array<number> };
}

/**
 * A counter that only grows.
 *
 * @since 0.2.0
 */
export interface MeterCounter {
  add(value: number, attributes?: MetricAttributes): void;
}

/**
 * A distribution of values.
 *
 * @since 0.2.0
 */
export interface MeterHistogram {
  record(value: number, attributes?: MetricAttributes): void;
}

/**
 * Takes the values of an observable instrument when it is collected.
 *
 * @since 0.2.0
 */
export interface MeterObservation {
  observe(value: number, attributes?: MetricAttributes): void;
}

/**
 * Asked for its values when it is collected, which may take a moment.
 *
 * @since 0.2.0
 */
export interface MeterObservable {
  addCallback(callback: (result: MeterObservation) => void | Promise<void>): void;
  removeCallback(callback: (result: MeterObservation) => void | Promise<void>): void;
}

/**
 * A Meter of `@opentelemetry/api` 1.3 or later, as a MeterProvider's `getMeter` answers it.
 *
 * @since 0.2.0
 */
export interface Meter {
  createCounter(name: string, options?: InstrumentOptions): MeterCounter;
  createHistogram(name: string, options?: InstrumentOptions): MeterHistogram;
  createObservableUpDownCounter(name: string, options?: InstrumentOptions): MeterObservable;
}
