/** What an instance is in, for whoever looks at a fleet, in the order in which it needs a person. Pure. */
import { explainReason } from 'restart-policy';
import type { OverviewInstance } from '../overview.js';
import { counted, sentence } from './words.js';

export const conditions = [
  'blocked',
  'stopping',
  'unknown',
  'flapping',
  'unhealthy',
  'failed',
  'cooling',
  'waiting',
  'starting',
  'paused',
  'running',
  'ended',
  'stopped',
] as const;

export type Condition = (typeof conditions)[number];

export const conditionNames: Readonly<Record<Condition, string>> = {
  blocked: 'Blocked',
  stopping: 'Stopping',
  unknown: 'Unknown',
  flapping: 'Flapping',
  unhealthy: 'Unhealthy',
  failed: 'Failed',
  cooling: 'Cooling down',
  waiting: 'Waiting',
  starting: 'Starting',
  paused: 'Paused',
  running: 'Running',
  ended: 'Ended',
  stopped: 'Stopped',
};

/** From so many attempts on, in one failure window or in an hour, it flaps until the window is over. */
const many = 3;

export const conditionOf = (instance: OverviewInstance): Condition => {
  const { state, status, health, recentAttempts } = instance;
  // What a person stopped, and what runs all the same, is not what they take it for.
  if (status?.blockedReason === 'manual_stop') {
    if (state === 'Unknown') return 'unknown';
    return state === 'Stopped' ? 'stopped' : 'stopping';
  }
  if (status?.blockedReason === 'paused') return 'paused';
  if (status?.blockedReason === 'max_attempts_exceeded') return status.nextAttemptAt === null ? 'blocked' : 'cooling';
  if (status === null || state === 'Unknown') return 'unknown';
  const isOpen = status.attempts > 0 || status.nextAttemptAt !== null;
  if (isOpen && Math.max(status.attempts, recentAttempts) >= many) return 'flapping';
  if (health === 'unhealthy' && state === 'Running') return 'unhealthy';
  if (status.nextAttemptAt !== null) return 'waiting';
  if (state === 'Initializing') return 'starting';
  if (state === 'Running') return 'running';
  return isLeftFailed(instance) ? 'failed' : 'ended';
};

/** It ended badly, and nothing starts it again. */
const isLeftFailed = ({ startedAt, exitCode, reason }: OverviewInstance): boolean =>
  startedAt !== null && exitCode !== 0 && (reason === 'policy_never' || reason === 'stopped_by_rule');

/** Why it is as it is, in a sentence or two. */
export const whyOf = (instance: OverviewInstance): string => {
  const { stateError, reason, recentAttempts, state, exitCode, fault } = instance;
  if (stateError !== null) return sentence(stateError);
  const condition = conditionOf(instance);
  if (condition === 'stopping') {
    return `A person stopped it, and it still runs.${fault === null ? '' : ` ${sentence(fault.text)}`}`;
  }
  const isDown = condition === 'paused' && state === 'Stopped' ? ' It does not run.' : '';
  const code = state === 'Stopped' && exitCode !== null && condition !== 'stopped' ? ` Exit code ${exitCode}.` : '';
  const why = `${reason === null ? 'Nothing was decided since the server started.' : sentence(explainReason(reason))}${isDown}${code}`;
  if (condition !== 'flapping') return why;
  const often = `${counted(recentAttempts, 'attempt')} within an hour`;
  return state === 'Running' ? `${often}, and not stable yet.` : `${often}. ${why}`;
};

export const stateText = ({ state, exitCode }: OverviewInstance): string =>
  state === 'Stopped' && exitCode !== null ? `Stopped, exit code ${exitCode}` : state;

export const attemptsText = ({ status, policy }: OverviewInstance): string => {
  if (status === null || policy === null) return '';
  const { attempts } = status;
  if (attempts === 0) return '';
  return policy.maxAttempts > 0 && policy.limitInterval === undefined
    ? `${attempts} of ${counted(policy.maxAttempts, 'attempt')}`
    : counted(attempts, 'attempt');
};
