/** The names of the fields on the wire, in its order. */
import type { RestartPolicyWire, RestartStatusWire } from '../../src/wire.js';

export const policyKeys = [
  'policy',
  'backoff',
  'max_attempts',
  'stable_after',
  'max_backoff',
  'backoff_factor',
  'backoff_from',
  'jitter',
  'limit_interval',
  'cooldown',
  'start_timeout',
  'rules',
] as const satisfies ReadonlyArray<keyof RestartPolicyWire>;

export const statusKeys = [
  'attempts',
  'last_attempt_at',
  'next_attempt_at',
  'blocked_reason',
  'last_reason',
  'recent_attempts',
] as const satisfies ReadonlyArray<keyof RestartStatusWire>;
