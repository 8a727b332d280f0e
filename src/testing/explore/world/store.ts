/**
 * The store of an exploration, as each controller has it.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { fromNullable, type Option } from 'fp-ts/lib/Option.js';
import {
  asItStands,
  conflict,
  type Revision,
  type Store,
  type StoredRecord,
  type StoreFailed,
  storeFailed,
} from '../../../ports/store.js';
import type { RestartStatus } from '../../../status.js';
import { instanceId, type Scenario } from '../scenario.js';
import type { Actor, Outcome, Steps } from '../steps.js';
import type { Witness } from '../witness.js';
import type { Facts } from './facts.js';

export const createStores = (
  { exclusion, defect }: Scenario,
  facts: Facts,
  steps: Steps,
  witness: Witness,
): ((actor: Actor) => Store) => {
  const write = (next: StoredRecord): void => {
    const before = facts.record;
    facts.record = next;
    witness.wrote(before, next, steps.current(), steps.before());
  };

  const nextRevision = (): Revision => {
    facts.lastRevision = defect === 'revisions reused' ? (facts.record?.revision ?? 0) + 1 : facts.lastRevision + 1;
    return facts.lastRevision;
  };

  const isFree = (): boolean => facts.section === null;

  const load =
    (enters: Actor | null) =>
    (outcome: Outcome): Either<StoreFailed, Option<StoredRecord>> => {
      if (enters !== null) facts.section = enters;
      return outcome === 'ok' ? right(fromNullable(facts.record)) : left(storeFailed('injected'));
    };

  return (actor) => ({
    load: () => () => {
      const check = facts.checking?.actor === actor ? facts.checking.label : null;
      facts.checking = null;
      if (check === null) return steps.add(actor, 'load', ['ok', 'fails'], load(null));
      // Entering the section and loading there are one step: entering earlier would keep others out, and show nothing
      // that entering later does not.
      const enters = exclusion === 'section';
      return steps.add(
        actor,
        `${check}: load`,
        ['ok', 'fails'],
        load(enters ? actor : null),
        enters ? isFree : undefined,
      );
    },
    save: (_, next, expected) => () =>
      steps.add(
        actor,
        `save ${next.status === asItStands ? 'the policy' : inShort(next.status)}`,
        ['ok', 'fails', 'done, but fails'],
        (outcome) => {
          if (outcome === 'fails') return left(storeFailed('injected'));
          if ((facts.record?.revision ?? null) !== expected) return left(conflict);
          const policy = next.policy === asItStands ? facts.record?.policy : next.policy;
          const status = next.status === asItStands ? facts.record?.status : next.status;
          if (policy === undefined || status === undefined) return left(storeFailed('nothing stands yet'));
          const revision = nextRevision();
          write({ policy, status, revision });
          return outcome === 'ok' ? right(revision) : left(storeFailed('injected after the write'));
        },
      ),
    list: () => steps.add(actor, 'list', ['ok'], () => right(facts.record === null ? [] : [instanceId])),
    remove: (_, expected) => () =>
      steps.add(actor, 'remove', ['ok', 'fails', 'done, but fails'], (outcome) => {
        if (outcome === 'fails') return left(storeFailed('injected'));
        if (facts.record?.revision !== expected) return left(conflict);
        facts.record = null;
        witness.removed(expected);
        return outcome === 'ok' ? right(undefined) : left(storeFailed('injected after the write'));
      }),
  });
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
