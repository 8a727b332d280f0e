/**
 * The store of an exploration, as each controller has it.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { Option } from 'fp-ts/lib/Option.js';
import { left, right } from '../../../either.js';
import { fromNullable } from '../../../option.js';
import {
  asItStands,
  conflict,
  type RecordToSave,
  type RestartRecord,
  type Revision,
  type Store,
  type StoredRecord,
  type StoreFailed,
  storeFailed,
} from '../../../ports/store.js';
import type { RestartStatus } from '../../../status.js';
import type { Call, Life } from '../call.js';
import { instanceId, type Scenario } from '../scenario.js';
import type { Outcome, Steps } from '../steps.js';
import type { Witness } from '../witness.js';
import type { Calls } from './calls.js';
import type { Facts } from './facts.js';

export const createStores = (
  { exclusion, defect }: Scenario,
  facts: Facts,
  steps: Steps,
  calls: Calls,
  witness: Witness,
): ((life: Life) => Store) => {
  const write = (call: Call, next: StoredRecord, isKnown: boolean): void => {
    const before = facts.record;
    facts.record = next;
    if (call.word === null) witness.wrote(before, next, steps.current(), steps.before(), isKnown);
    else witness.wroteLate(before, next, call.word);
  };

  const nextRevision = (): Revision => {
    facts.lastRevision = defect === 'revisions reused' ? (facts.record?.revision ?? 0) + 1 : facts.lastRevision + 1;
    return facts.lastRevision;
  };

  const fails = (message: string): Either<StoreFailed, never> => {
    witness.failed(steps.current());
    return left(storeFailed(message));
  };

  const load = (outcome: Outcome): Either<StoreFailed, Option<StoredRecord>> =>
    outcome === 'ok' ? right(fromNullable(facts.record)) : fails('injected');

  return (life) => ({
    load: (_, port) => () => {
      const check = facts.checking?.life === life ? facts.checking : null;
      facts.checking = null;
      const label = check === null ? 'load' : `${check.label}: load`;
      const call = calls.begin(life, 'store', label, port?.signal);
      if (check === null) return calls.step(call, label, ['ok', 'fails'], load);
      // Entering the section and loading there are one step: entering earlier would keep others out, and show nothing
      // that entering later does not. Whoever has given the load up has not entered.
      const mustEnter = (): boolean => exclusion === 'section' && facts.holder !== check && call.state === 'under way';
      return calls.step(
        call,
        label,
        ['ok', 'fails'],
        (outcome) => {
          if (mustEnter()) {
            facts.section = life.actor;
            facts.holder = check;
          }
          return load(outcome);
        },
        () => !mustEnter() || facts.section === null,
        check,
      );
    },
    save: (_, next, expected, port) => () => {
      const record = whole(next, facts.record);
      const label = `save ${inShort(record.status)}`;
      const call = calls.begin(life, 'store', label, port?.signal, { next: record, expected });
      return calls.step(call, label, ['ok', 'fails', 'done, but fails'], (outcome) => {
        if (outcome === 'fails') return fails('injected');
        if ((facts.record?.revision ?? null) !== expected) return left(conflict);
        const revision = nextRevision();
        write(call, { ...record, revision }, outcome === 'ok');
        return outcome === 'ok' ? right(revision) : fails('injected after the write');
      });
    },
    list: (port) => {
      const call = calls.begin(life, 'store', 'list', port?.signal);
      return calls.step(call, 'list', ['ok'], () => right(facts.record === null ? [] : [instanceId]));
    },
    remove: (_, expected, port) => () => {
      const call = calls.begin(life, 'store', 'remove', port?.signal, { next: null, expected });
      return calls.step(call, 'remove', ['ok', 'fails', 'done, but fails'], (outcome) => {
        if (outcome === 'fails') return left(storeFailed('injected'));
        if (facts.record?.revision !== expected) return left(conflict);
        facts.record = null;
        witness.removed(expected);
        return outcome === 'ok' ? right(undefined) : left(storeFailed('injected after the write'));
      });
    },
  });
};

/** What is saved as it stands is saved as it was. Everything here can be read, so only a broken controller asks for it. */
const whole = ({ policy, status }: RecordToSave, stands: StoredRecord | null): RestartRecord => {
  if (policy !== asItStands && status !== asItStands) return { policy, status };
  if (stands === null) throw new Error('nothing stands there');
  return {
    policy: policy === asItStands ? stands.policy : policy,
    status: status === asItStands ? stands.status : status,
  };
};

/**
 * `1 attempts, last at 1000, next at 1010`; `nothing` is the initial status. Two statuses that differ read differently:
 * the text is what tells one pending save from another.
 */
const inShort = (status: RestartStatus): string => {
  const { attempts, lastAttemptAt, nextAttemptAt, blockedReason, lastReason, ...others } = status;
  const parts = [
    attempts > 0 || lastAttemptAt !== null ? `${attempts} attempts, last at ${lastAttemptAt}` : null,
    nextAttemptAt === null ? null : `next at ${nextAttemptAt}`,
    blockedReason,
    lastReason,
    ...Object.entries(others).map(([name, value]) => `${name} ${JSON.stringify(value)}`),
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'nothing' : parts.join(', ');
};
