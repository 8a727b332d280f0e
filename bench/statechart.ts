/**
 * The same four paths as a statechart in XState 5, through its pure functions. It is given all that can be given
 * beforehand: its snapshots and events are ready-made, and actions come back as data and are not run.
 */
import {
  type Decision,
  type InstanceObservation,
  initialStatus,
  type RestartAction,
  type RestartPolicy,
  type RestartReason,
  type RestartStatus,
  type Timestamp,
} from 'restart-policy';
import { assign, initialTransition, setup, transition } from 'xstate';
import type { Case } from './cases.js';

interface Observation {
  readonly type: 'Observed';
  readonly policy: RestartPolicy;
  readonly instance: InstanceObservation;
  readonly now: Timestamp;
}

const machine = setup({
  types: { context: {} as RestartStatus, events: {} as Observation, input: {} as RestartStatus },
  actions: {
    answer: (_, _params: { readonly reason: RestartReason }) => {},
    start: (_, _params: { readonly attempt: number }) => {},
  },
  guards: {
    never: ({ event }) => event.policy.mode === 'never',
    runs: ({ event }) => event.instance.state === 'running',
    isStable: ({ context, event }) =>
      event.instance.state === 'running' &&
      context.attempts > 0 &&
      event.instance.startedAt !== null &&
      event.now >= event.instance.startedAt + event.policy.stableAfter,
    isNotStopped: ({ event }) => event.instance.state !== 'stopped',
    exitedCleanly: ({ event }) => event.policy.mode === 'on_failure' && event.instance.exitCode === 0,
    isUsedUp: ({ context, event }) => event.policy.maxAttempts > 0 && context.attempts >= event.policy.maxAttempts,
    waits: ({ context, event }) => context.nextAttemptAt !== null && event.now < context.nextAttemptAt,
  },
}).createMachine({
  context: ({ input }) => input,
  initial: 'supervised',
  states: {
    supervised: {
      on: {
        Observed: [
          { guard: 'never', actions: { type: 'answer', params: { reason: 'policy_never' } } },
          {
            guard: 'isStable',
            actions: [assign(() => initialStatus), { type: 'answer', params: { reason: 'stable' } }],
          },
          { guard: 'runs', actions: { type: 'answer', params: { reason: 'running' } } },
          { guard: 'isNotStopped', actions: { type: 'answer', params: { reason: 'not_actionable' } } },
          { guard: 'exitedCleanly', actions: { type: 'answer', params: { reason: 'clean_exit' } } },
          {
            guard: 'isUsedUp',
            target: 'blocked',
            actions: [
              assign({ blockedReason: 'max_attempts_exceeded' }),
              { type: 'answer', params: { reason: 'max_attempts_exceeded' } },
            ],
          },
          { guard: 'waits', actions: { type: 'answer', params: { reason: 'waiting_for_backoff' } } },
          {
            actions: [
              assign(({ context, event }) => ({
                attempts: context.attempts + 1,
                lastAttemptAt: event.now,
                nextAttemptAt: null,
                blockedReason: null,
                lastReason: null,
              })),
              { type: 'start', params: ({ context }) => ({ attempt: context.attempts }) },
              { type: 'answer', params: { reason: 'restart_after_exit' } },
            ],
          },
        ],
      },
    },
    blocked: {},
  },
});

type Snapshot = ReturnType<typeof initialTransition<typeof machine>>[0];

export interface ChartCase {
  readonly snapshot: Snapshot;
  readonly observation: Observation;
}

export const chartCaseOf = ({ status, policy, instance, now }: Case): ChartCase => ({
  snapshot: initialTransition(machine, status)[0],
  observation: { type: 'Observed', policy, instance, now },
});

export const decideByChart = ({ snapshot, observation }: ChartCase): Decision => {
  const [next, effects] = transition(machine, snapshot, observation);
  const actions: Array<RestartAction> = [];
  let reason: RestartReason = 'not_actionable';
  for (const { params } of effects) {
    if (params === undefined) continue;
    if ('attempt' in params) actions.push({ _tag: 'Start', attempt: params.attempt });
    else if ('reason' in params) reason = params.reason;
  }
  return { status: next.context, actions, reason };
};
