/**
 * What a host may not do beside a start or a stop that has outlasted its deadline and has not ended: make an automatic
 * attempt, which could only fail behind it, until none is left.
 *
 * Whether an attempt was decided on between the two moments is known for certain only when no message is on its way any
 * more: so it is asked when the host has died.
 */
import type { HangingCall } from './hangs.js';
import type { Violation } from './ledger.js';

/** A call that nobody waits for any more. */
export interface GivenUp {
  readonly call: number;
  readonly port: HangingCall;
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface Unanswered {
  readonly givenUp: (call: GivenUp) => void;
  readonly ended: (call: number, at: number) => void;
  /** An automatic attempt was decided on at that moment. */
  readonly attempted: (id: string, at: number) => void;
  /** The instances of calls that are given up and have not ended. */
  readonly ids: () => ReadonlyArray<string>;
  /** Whether a call of the instance has outlasted its deadline under this host. */
  readonly isKnown: (id: string) => boolean;
  readonly hostDied: () => ReadonlyArray<Violation>;
}

export const createUnanswered = (): Unanswered => {
  let calls: Array<GivenUp & { endedAt: number }> = [];
  let attempts: Array<{ readonly id: string; readonly at: number }> = [];

  return {
    givenUp: (call) => void calls.push({ ...call, endedAt: Number.POSITIVE_INFINITY }),
    ended: (number, at) => {
      const call = calls.find((given) => given.call === number);
      if (call !== undefined) call.endedAt = at;
    },
    attempted: (id, at) => void attempts.push({ id, at }),
    ids: () => calls.filter(({ endedAt }) => endedAt === Number.POSITIVE_INFINITY).map(({ id }) => id),
    isKnown: (id) => calls.some((call) => call.id === id),
    hostDied: () => {
      const actions = calls.filter(({ port }) => port === 'start' || port === 'stop');
      const found = attempts.flatMap(({ id, at }) => {
        const beside = actions.find((call) => call.id === id && call.at < at && at < call.endedAt);
        if (beside === undefined) return [];
        const span = `${beside.port} was unanswered from ${beside.at} to ${beside.endedAt}`;
        return [{ of: 'deadlines', id, what: `an attempt at ${at}, while a ${span}` }];
      });
      calls = [];
      attempts = [];
      return found;
    },
  };
};
