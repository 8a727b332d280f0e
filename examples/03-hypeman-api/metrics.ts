/**
 * The library's metrics on OpenTelemetry's SDK, and what a Prometheus server scrapes of them. The exporter listens nowhere
 * itself: it is asked by the route, so that one address and one guard do for everything.
 */
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { type Either, map } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import {
  createMetrics as createRestartMetrics,
  type InvalidOptions,
  type Metrics,
  type MetricsOptions,
} from 'restart-policy/metrics';

export interface ScrapedMetrics extends Metrics {
  readonly contentType: string;
  /** The text that is scraped. */
  readonly scrape: () => Promise<string>;
}

/** `activity` may be asked from the first scrape on. */
export const createMetrics = (
  store: MetricsOptions['store'],
  activity: NonNullable<MetricsOptions['activity']>,
): Either<InvalidOptions, ScrapedMetrics> => {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const meter = new MeterProvider({ readers: [exporter] }).getMeter('restart-policy');
  const serializer = new PrometheusSerializer();
  return pipe(
    createRestartMetrics({ meter, store, now: () => performance.now(), activity }),
    map((metrics) => ({
      ...metrics,
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      scrape: async () => {
        const { resourceMetrics, errors } = await exporter.collect();
        if (errors.length > 0) throw errors[0];
        return serializer.serialize(resourceMetrics);
      },
    })),
  );
};
