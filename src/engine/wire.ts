/**
 * Policies and statuses, from JSON and to JSON. In the script a field of the domain is called as it is on the wire: the build
 * sees to that (scripts/engine.mjs), so nothing is renamed here, and from the source alone this does not run.
 */
import { formatDuration } from '../duration.js';
import { policyDefaults, type RestartPolicy, readTexts } from '../policy.js';
import type { Collected } from '../reading.js';
import type { RestartStatus } from '../status.js';
import { textOf } from '../time.js';
import { statusNames, statusReader } from '../wire.js';
import { type Problem, readOf } from './problems.js';

type Fields = Readonly<Record<string, unknown>>;

// ---------------------------------------------------------------------------
// reading
// ---------------------------------------------------------------------------

/** As `decodeRestartPolicy`. `text` is the JSON of `u`. */
export const readPolicy = (u: unknown, text: string): Collected<RestartPolicy, Problem> => {
  // It says nothing, and that means never.
  if (text === '{}') return { value: policyDefaults, errors: [] };
  const read = readOf<RestartPolicy>('restart_policy', readTexts, u);
  // Where `policy` is missing and a field is nearly called so, that says it all.
  return read.errors.some(({ message }) => message.endsWith('did you mean policy?')) &&
    (u as Partial<RestartPolicy>).mode === undefined
    ? { ...read, errors: read.errors.slice(1) }
    : read;
};

/** As `decodeRestartStatus`: what is not known, or null, is not looked at. */
export const readStatus = (u: unknown): Collected<RestartStatus, Problem> =>
  readOf(
    'restart_status',
    statusReader,
    typeof (u ?? {}) === 'object' && !Array.isArray(u) ? known(u as Fields | null) : u,
    statusNames,
  );

const known = (sent: Fields | null | undefined): object =>
  Object.fromEntries(Object.entries(statusNames).map(([field, key]) => [field, sent?.[key] ?? undefined]));

// ---------------------------------------------------------------------------
// writing
// ---------------------------------------------------------------------------

/** The numbers that are written as numbers. */
const counts = ['attempts', 'maxAttempts', 'backoffFactor', 'jitter'];

/** Other numbers are written as texts; what is null, or 0 and a count, is left out. */
const write = (fields: object, names: Readonly<Record<string, string>>, textOf: (n: number) => string): object => {
  const written = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(written);
    return typeof value === 'number' ? textOf(value) : (value ?? undefined);
  };
  return Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [
      names[field] ?? field,
      counts.includes(field) ? value || undefined : written(value),
    ]),
  );
};

export const writePolicy = (policy: RestartPolicy): object => write(policy, {}, formatDuration);

export const writeStatus = (status: RestartStatus): object => {
  const written = write(status, statusNames, textOf);
  return JSON.stringify(written) === '{}' ? {} : { ...written, attempts: status.attempts };
};
