/** An instance as hypeman's client expects it. What only a virtual machine has is left out where it is optional. */
import type { Hypeman } from '@onkernel/hypeman';
import type { Timestamp } from 'restart-policy';
import type { RestartRecord } from 'restart-policy/controller';
import { type ResponseFields, responseFields } from 'restart-policy/hypeman';
import { writeHealthCheck } from '../health/check.js';
import type { Parts } from '../parts.js';
import type { Definition } from './definition.js';
import { type Known, stateOf } from './state.js';

export const viewOf = async (parts: Parts, definition: Definition): Promise<Hypeman.Instance> => {
  const known = await stateOf(parts, definition);
  const { id, name, image, env, healthCheck, createdAt } = definition;
  const { state, stateError, report } = known;
  const run = report?.instance ?? null;
  return {
    id,
    name,
    image,
    state,
    ...(stateError !== null && { state_error: stateError }),
    created_at: timeText(createdAt),
    // Instances do not expire here: a create that asks for it is refused.
    expires_at: null,
    started_at: timeTextOrNull(run?.startedAt),
    stopped_at: timeTextOrNull(run?.stoppedAt),
    exit_code: run?.exitCode ?? null,
    ...(Object.keys(env).length > 0 && { env: { ...env } }),
    ...(healthCheck !== null && { health_check: writeHealthCheck(healthCheck) }),
    health_status: healthStatusOf(parts, definition, known),
    ...(report !== null && restartFieldsOf(parts, report)),
  };
};

/** Of what is beyond hypeman's API the client's types know nothing; its values hold it all the same. */
const restartFieldsOf = ({ beyond }: Parts, { policy, status }: RestartRecord): ResponseFields =>
  responseFields(policy, status, { beyond }) as ResponseFields;

export const healthStatusOf = (
  { checks }: Parts,
  { id, healthCheck }: Definition,
  { state }: Known,
): Hypeman.InstanceHealthStatus => {
  const window = checks.windowOf(id);
  if (healthCheck === null) return { status: 'disabled', consecutive_failures: 0, consecutive_successes: 0 };
  if (state !== 'Running') return { status: 'unknown', consecutive_failures: 0, consecutive_successes: 0 };
  if (window === null) return { status: 'starting', consecutive_failures: 0, consecutive_successes: 0 };
  return {
    status: window.verdict,
    consecutive_failures: window.consecutiveFailures,
    consecutive_successes: window.consecutiveSuccesses,
    last_checked_at: timeTextOrNull(window.lastCheckedAt),
    last_success_at: timeTextOrNull(window.lastSuccessAt),
    last_failure_at: timeTextOrNull(window.lastFailureAt),
    last_error: window.lastError,
  };
};

export const timeText = (at: Timestamp): string => new Date(at).toISOString();

const timeTextOrNull = (at: Timestamp | null | undefined): string | null =>
  at === null || at === undefined ? null : timeText(at);
