/**
 * What came of the attempts: the decision says what each is made for, and the hypervisor's answer how it went.
 */
import type { DecisionRecord } from '../controller.js';
import type { InstanceId, Revision } from '../ports/store.js';
import type { RestartReason } from '../reason.js';
import type { Outcome } from './outcome.js';

type AttemptReason = Extract<RestartReason, `restart_after_${string}`>;

const causes = {
  restart_after_exit: 'exit',
  restart_after_unhealthy: 'unhealthy',
  restart_after_start_timeout: 'start_timeout',
} as const satisfies Readonly<Record<AttemptReason, string>>;

export type AttemptCause = (typeof causes)[AttemptReason];

const isOfAttempt = (reason: RestartReason): reason is AttemptReason => Object.hasOwn(causes, reason);

export interface Attempts {
  readonly decided: (decision: DecisionRecord) => void;
  readonly acted: (act: 'start' | 'stop', id: InstanceId, revision: Revision, outcome: Outcome) => void;
}

/** `count` is called once for each attempt that has ended, well or not. */
export const createAttempts = (count: (cause: AttemptCause, outcome: Outcome) => void): Attempts => {
  /** Decided, and being made; at most one of each instance. */
  const underWay = new Map<InstanceId, { readonly cause: AttemptCause; readonly revision: Revision }>();

  const end = (id: InstanceId, outcome: Outcome): void => {
    const attempt = underWay.get(id);
    if (attempt === undefined) return;
    underWay.delete(id);
    count(attempt.cause, outcome);
  };

  return {
    decided: ({ id, reason, revision, event }) => {
      if (isOfAttempt(reason)) underWay.set(id, { cause: causes[reason], revision });
      // Its call has outlasted the deadline: what answers after that is nobody's attempt any more.
      else if (event._tag === 'AttemptFailed' && reason !== 'stale') end(id, 'failed');
    },
    acted: (act, id, revision, outcome) => {
      // A person's command has a revision of its own. The stop inside a restart ends the attempt only if it goes wrong.
      if (underWay.get(id)?.revision !== revision || (act === 'stop' && outcome === 'started')) return;
      end(id, outcome);
    },
  };
};
