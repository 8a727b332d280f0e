/** What a health check is, as it is asked for on the wire and as it is used: hypeman's fields, hypeman's defaults. */
import type { Hypeman } from '@onkernel/hypeman';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { formatDuration, type Millis, parseDuration } from 'restart-policy';

/** How a workload is asked whether it is well. A child process has no address of its own: it is asked on 127.0.0.1. */
export type Probe =
  | {
      readonly _tag: 'Http';
      readonly scheme: 'http' | 'https';
      readonly port: number;
      readonly path: string;
      readonly expectedStatus: number;
    }
  | { readonly _tag: 'Tcp'; readonly port: number }
  | { readonly _tag: 'Exec'; readonly command: ReadonlyArray<string>; readonly workingDir: string | null };

/** Plain data that survives JSON: it is stored with the instance. */
export interface HealthCheck {
  readonly probe: Probe;
  /** From the end of one probe to the next. */
  readonly interval: Millis;
  /** A probe that takes longer has failed. */
  readonly timeout: Millis;
  /** For so long after its start a run may fail its probes without being counted. */
  readonly startPeriod: Millis;
  /** Consecutive failures that make a run unhealthy: from 1. */
  readonly failureThreshold: number;
  /** Consecutive successes that make a run healthy: from 1. */
  readonly successThreshold: number;
}

/**
 * Reads a body's `health_check`, whose shape the route's schema has checked. null: no checks. Left: what is wrong, in
 * one sentence that begins with the field.
 */
export const readHealthCheck = (body: Hypeman.HealthCheck | null | undefined): Either<string, HealthCheck | null> => {
  if (body === null || body === undefined) return right(null);
  const probe = readProbe(body);
  if (probe._tag === 'Left') return probe;
  if (probe.right === null) return right(null);

  const interval = readSpan('interval', body.interval, 10_000, 'above zero');
  if (interval._tag === 'Left') return interval;
  const timeout = readSpan('timeout', body.timeout, 2_000, 'above zero');
  if (timeout._tag === 'Left') return timeout;
  if (timeout.right > interval.right) return left('health_check.timeout must not be longer than health_check.interval');
  const startPeriod = readSpan('start_period', body.start_period, 30_000, 'from zero');
  if (startPeriod._tag === 'Left') return startPeriod;

  return right({
    probe: probe.right,
    interval: interval.right,
    timeout: timeout.right,
    startPeriod: startPeriod.right,
    failureThreshold: body.failure_threshold ?? 3,
    successThreshold: body.success_threshold ?? 1,
  });
};

const kinds = ['http', 'tcp', 'exec'] as const;

/** null: the checks are switched off. */
const readProbe = ({ type, http, tcp, exec }: Hypeman.HealthCheck): Either<string, Probe | null> => {
  if (type === 'none') return right(null);
  const given = kinds.filter((kind) => ({ http, tcp, exec })[kind] !== undefined);
  if (given.length > 1) return left('health_check must have exactly one of http, tcp and exec');
  if (type === undefined && given.length === 0) return right(null);
  if (type !== undefined && given[0] !== type) return left(`health_check.${type} is required when type is ${type}`);
  if (http !== undefined) {
    const { port, path = '/', scheme = 'http', expected_status: expectedStatus = 200 } = http;
    return right({ _tag: 'Http', scheme, port, path, expectedStatus });
  }
  if (tcp !== undefined) return right({ _tag: 'Tcp', port: tcp.port });
  if (exec !== undefined) {
    return right({ _tag: 'Exec', command: [...exec.command], workingDir: exec.working_dir ?? null });
  }
  return right(null);
};

const readSpan = (
  field: string,
  text: string | undefined,
  ifAbsent: Millis,
  range: 'above zero' | 'from zero',
): Either<string, Millis> => {
  if (text === undefined || text === '') return right(ifAbsent);
  const span = parseDuration(text);
  const tooShort = left(`health_check.${field} ${range === 'from zero' ? 'must not be negative' : 'must be positive'}`);
  if (span._tag === 'Left') {
    return span.left._tag === 'DurationNegative' ? tooShort : left(`health_check.${field} ${span.left.message}`);
  }
  return span.right > 0 || range === 'from zero' ? span : tooShort;
};

/** The check as a response shows it: with everything that was left out at its default. */
export const writeHealthCheck = (check: HealthCheck): Hypeman.HealthCheck => ({
  ...writeProbe(check.probe),
  interval: formatDuration(check.interval),
  timeout: formatDuration(check.timeout),
  start_period: formatDuration(check.startPeriod),
  failure_threshold: check.failureThreshold,
  success_threshold: check.successThreshold,
});

const writeProbe = (probe: Probe): Pick<Hypeman.HealthCheck, 'type' | 'http' | 'tcp' | 'exec'> => {
  switch (probe._tag) {
    case 'Http': {
      const { port, path, scheme, expectedStatus } = probe;
      return { type: 'http', http: { port, path, scheme, expected_status: expectedStatus } };
    }
    case 'Tcp':
      return { type: 'tcp', tcp: { port: probe.port } };
    case 'Exec': {
      const { command, workingDir } = probe;
      return {
        type: 'exec',
        exec: { command: [...command], ...(workingDir !== null && { working_dir: workingDir }) },
      };
    }
    default:
      return probe satisfies never;
  }
};
