/** OpenTelemetry's own SDK and its exporter for Prometheus, listening on loopback, and what is scraped of it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { Meter } from 'restart-policy/metrics';

/** Values by series; a series is written as the exporter writes it, without the labels of the scope. */
export type Series = Readonly<Record<string, number>>;

export interface Scraped {
  readonly meter: Meter;
  readonly scrape: () => Promise<{ readonly text: string; readonly values: Series }>;
  readonly close: () => Promise<void>;
}

export const seriesOf = (text: string): Series =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line): [string, number] => {
        const at = line.lastIndexOf(' ');
        const series = line.slice(0, at).replaceAll(/,?otel_scope_\w+="[^"]*"/g, '');
        return [series.replace('{,', '{').replace('{}', ''), Number(line.slice(at + 1))];
      }),
  );

export const openScraped = async (): Promise<Scraped> => {
  // It listens where it is told to, and not on any port that is free: so ours listens for it.
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  const server = createServer((request, response) => exporter.getMetricsRequestHandler(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  return {
    meter: provider.getMeter('restart-policy'),
    scrape: async () => {
      const text = await (await fetch(address)).text();
      return { text, values: seriesOf(text) };
    },
    close: async () => {
      await provider.shutdown();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
