/**
 * The shape of requests. A field that this server does not act on is refused and not ignored: a client that asks for a
 * limit or an expiry shall not believe that it has one. What `restart_policy` holds is the library's to check.
 */
import type { Hypeman } from '@onkernel/hypeman';

/** What an update may say. null clears, which the client's own type has no word for. */
export interface UpdateBody {
  readonly restart_policy?: unknown;
  readonly health_check?: Hypeman.HealthCheck | null;
}

const object = (properties: Readonly<Record<string, unknown>>, required: ReadonlyArray<string> = []) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});

const text = { type: 'string' };
const texts = { type: 'array', items: text };
const port = { type: 'integer', minimum: 1, maximum: 65_535 };
const threshold = { type: 'integer', minimum: 1 };
const name = { type: 'string', maxLength: 63, pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$' };
const targetState = { enum: ['Stopped', 'Standby', 'Running'] };
const state = {
  enum: ['Created', 'Initializing', 'Running', 'Paused', 'Shutdown', 'Stopped', 'Standby', 'Unknown'],
};

const healthCheckFields = {
  type: { enum: ['none', 'http', 'tcp', 'exec'] },
  interval: text,
  timeout: text,
  start_period: text,
  failure_threshold: threshold,
  success_threshold: threshold,
  http: object(
    {
      port,
      path: { type: 'string', pattern: '^/' },
      scheme: { enum: ['http', 'https'] },
      expected_status: { type: 'integer', minimum: 100, maximum: 599 },
    },
    ['port'],
  ),
  tcp: object({ port }, ['port']),
  exec: object({ command: { ...texts, minItems: 1 }, working_dir: text }, ['command']),
};

export const createBody = object(
  {
    name,
    image: { type: 'string', minLength: 1 },
    entrypoint: texts,
    cmd: texts,
    env: { type: 'object', additionalProperties: text },
    restart_policy: {},
    health_check: object(healthCheckFields),
  },
  ['name', 'image'],
);

/** As in hypeman, an update that says nothing is refused: whoever sent it meant something. */
export const updateBody = {
  ...object({
    restart_policy: {},
    health_check: { ...object(healthCheckFields), type: ['object', 'null'] },
  }),
  minProperties: 1,
};

/** Absent or empty: hypeman's would replace the command line of this run. */
export const startBody = { ...object({}), type: ['object', 'null'] };

export const forkBody = object({ name, from_running: { type: 'boolean' }, target_state: targetState }, ['name']);

export const snapshotBody = object({ kind: { enum: ['Standby', 'Stopped'] }, name }, ['kind']);

export const restoreBody = object({ target_state: targetState });

export const listQuery = object({ state });

export const waitQuery = object({ state, timeout: text }, ['state']);

const yesOrNo = { enum: ['true', 'false'] };
const count = { type: 'string', pattern: '^[0-9]{1,15}$' };

export const deleteQuery = object({ graceful_shutdown: yesOrNo });

export const historyQuery = object({ limit: count, before: text });

export const busiestQuery = object({ within: text, limit: count });

/** What every other route may be asked with. */
export const noQuery = object({});
