/**
 * The witness: sees everything that happens in the world of an exploration, keeps what no controller can see (whether a
 * stop was acknowledged, which starts were paid for, who was told what), and names the first violation of a guarantee.
 */

import { decide, nextWakeAt } from '../../decide.js';
import { type InstanceObservation, observed } from '../../event.js';
import type { Exclusion } from '../../ports/hypervisor.js';
import type { Revision, StoredRecord } from '../../ports/store.js';
import { eqRestartStatus, initialStatus, type RestartStatus, type Timestamp } from '../../status.js';
import type { Word } from './scenario.js';
import { type Flow, isAction } from './steps.js';

/** What a person was answered: what was done, or the tag of the error; 'no answer': the controller died. */
export type Answer =
  | 'stopped'
  | 'deleted'
  | 'started'
  | 'updated'
  | 'reset'
  | 'Superseded'
  | 'Refused'
  | 'Failed'
  | 'StoreFailed'
  | 'InvalidRecord'
  | 'Closed'
  | 'no answer';

export interface Witness {
  readonly violate: (what: string) => void;
  readonly violation: () => string | null;
  /** A person says a word; `flow` is where its calls come from: the command's own, or the lane for a start. */
  readonly said: (person: number, word: Word, flow: Flow) => void;
  readonly answered: (person: number, answer: Answer, now: Moment) => void;
  /** A record was written by a flow; `did` is the label of what the flow did just before. */
  readonly wrote: (before: StoredRecord | null, next: StoredRecord, flow: Flow | null, did: string) => void;
  readonly removed: (revision: Revision) => void;
  /** A start under a revision was carried out; `isNew`: a run was spawned, else there was one already. */
  readonly started: (revision: Revision, isNew: boolean) => void;
  /** A stop was refused, with nothing done. */
  readonly refused: (flow: Flow | null) => void;
  /** A stop under `revision` is about to end the run that starts up to `tag` own. */
  readonly kills: (revision: Revision, tag: Revision, now: Moment) => void;
  /** To be called after every step. */
  readonly look: (now: Moment) => void;
  /**
   * Once nothing is under way, nothing has failed, and only time can set anything off: `wakesAt` is when the first
   * controller wakes up.
   */
  readonly lookAtRest: (now: Moment, instance: InstanceObservation, time: Timestamp, wakesAt: Timestamp) => void;
  /** Once nothing happens any more. */
  readonly lookAtTheEnd: (now: Moment, canRun: boolean) => void;
  readonly fingerprint: () => string;
}

/** What the world looks like. */
export interface Moment {
  readonly record: StoredRecord | null;
  readonly isRunning: boolean;
}

interface Said {
  readonly word: Word;
  readonly flow: Flow;
  /** The last write of this word; null: none yet. */
  wrote: { readonly revision: Revision; readonly former: RestartStatus } | null;
  /** Its stop was refused while the record stood at this revision; null: not refused. */
  refusedAt: Revision | null;
}

export const createWitness = (exclusion: Exclusion): Witness => {
  const isExclusive = exclusion !== 'none';
  const people = new Map<number, Said>();
  /** Objects, for an attempt is always a new one: what a refused word puts back is the very object that stood there. */
  const seen = new Set<RestartStatus>();
  /** Revisions at which an attempt was committed, and not yet spent on a start. */
  const attempts = new Set<Revision>();
  /** Revisions of refused stops that ended a run all the same, as repairs. */
  const carriedOut = new Set<Revision>();
  let startsByPeople = 0;
  let acknowledged = false;
  /** The last revisions at which the record was blocked (or removed), and at which it was freed from a stop. */
  let lastBlocked: Revision = 0;
  let lastSupervised: Revision = 0;
  /** The highest revision under which a start was carried out. */
  let lastStarted: Revision = 0;
  let violation: string | null = null;

  /** What came after the word was written; that is all that its answer is judged by. */
  const since = ({ wrote }: Said): ReadonlyArray<boolean> =>
    wrote === null ? [] : [lastBlocked, lastSupervised, lastStarted].map((revision) => revision >= wrote.revision);

  const violate = (what: string): void => {
    violation ??= what;
  };

  /** Whose word a write is of: a lane writes both attempts and a person's start, and only the latter without a look. */
  const writerOf = (flow: Flow | null, next: StoredRecord, did: string): Said | null => {
    for (const said of people.values()) {
      if (said.flow !== flow) continue;
      if (said.word !== 'start') return said;
      // A word is saved after a load; it is taken back after the action that was refused.
      if (said.wrote !== null) return isAction(did) ? said : null;
      if (did === 'load' && eqRestartStatus.equals(next.status, initialStatus)) return said;
    }
    return null;
  };

  const wrote: Witness['wrote'] = (before, next, flow, did) => {
    const { policy, status } = next;
    const said = writerOf(flow, next, did);
    const former = before?.status ?? initialStatus;
    const isRestored = seen.has(status);
    seen.add(status);
    if (said !== null) {
      const takesBack = said.wrote !== null && isAction(did);
      if (takesBack && !eqRestartStatus.equals(status, said.wrote?.former ?? status)) {
        violate('D12: a refused word put back another status than stood there before');
      }
      said.wrote = takesBack ? null : { revision: next.revision, former };
    }
    if (status.blockedReason !== null) lastBlocked = next.revision;
    // To take back a stop is no word that another stop could be overtaken by.
    if (!isStopped(next) && !(said !== null && isStop(said.word))) lastSupervised = next.revision;

    if (said !== null && (said.word === 'start' || said.word === 'reset')) acknowledged = false;
    if (said === null && isStopped(before) && before !== null && !isStopped(next)) {
      violate('G1: a manual stop was cleared, and no person said so');
    }

    const isAtLimit = policy.maxAttempts > 0 && status.attempts >= policy.maxAttempts;
    if (isAtLimit && status.nextAttemptAt !== null) {
      violate('D4: at the limit a next attempt is promised that never comes');
    }

    const isAttempt = status.attempts > 0 && status.lastAttemptAt !== null && !isRestored && said === null;
    if (!isAttempt || (former.attempts === status.attempts && former.lastAttemptAt === status.lastAttemptAt)) return;
    attempts.add(next.revision);
    if (policy.mode === 'never') violate('G1: an attempt was made under a policy of never');
    if (isStopped(before)) violate('G1: an attempt was made, although a person stopped the instance');
    if (status.attempts !== 1 && status.attempts !== former.attempts + 1) violate('G8: an attempt was not counted');
    if (policy.maxAttempts > 0 && status.attempts > policy.maxAttempts) violate('G2: more attempts than the limit');
    const last = former.lastAttemptAt;
    if (last !== null && status.attempts > 1 && (status.lastAttemptAt ?? 0) - last < policy.backoff) {
      violate('G3: two attempts closer together than the backoff');
    }
  };

  const started: Witness['started'] = (revision, isNew) => {
    lastStarted = Math.max(lastStarted, revision);
    if (!isNew || attempts.delete(revision)) return;
    if (startsByPeople > 0) startsByPeople--;
    else violate('G8: a start was made that no attempt and no person paid for');
  };

  const answered: Witness['answered'] = (person, answer, now) => {
    const said = people.get(person);
    people.delete(person);
    if (said === undefined) return;
    const wrote = said.wrote?.revision ?? 0;
    switch (answer) {
      case 'stopped':
      case 'deleted':
        if (isExclusive && now.isRunning) violate('G9: a stop was acknowledged while the instance runs');
        if (isStopped(now.record)) acknowledged = true;
        else if (lastSupervised < wrote) violate('G9: a stop was acknowledged that is not recorded');
        break;
      case 'started':
        if (lastStarted < wrote) violate('a start was acknowledged that was not made');
        break;
      case 'Superseded':
        if ((isStop(said.word) ? lastSupervised : lastBlocked) < wrote) {
          violate(`a ${nameOf(said.word)} was answered superseded, and nothing later won`);
        }
        break;
      case 'Refused':
        if (now.record?.revision === wrote) violate(`D12: a refused ${nameOf(said.word)} was left in the record`);
        if (said.refusedAt !== null && carriedOut.has(said.refusedAt)) {
          violate('D12: a stop was answered refused, and a repair carried it out');
        }
        break;
      default:
    }
  };

  const kills: Witness['kills'] = (revision, tag, { record }) => {
    for (const { refusedAt } of people.values()) {
      if (refusedAt !== null && record?.revision === refusedAt) carriedOut.add(refusedAt);
    }
    const isStoppedSince = isStopped(record) && (record === null || record.revision > tag);
    if (isExclusive && tag > revision && !isStoppedSince) {
      violate(`G9: a stop under revision ${revision} ended a run that a start under revision ${tag} owns`);
    }
  };

  const look: Witness['look'] = ({ isRunning }) => {
    if (isExclusive && acknowledged && isRunning) {
      violate('G9: the instance runs after an acknowledged stop, and nobody has started it since');
    }
  };

  const lookAtRest: Witness['lookAtRest'] = ({ record, isRunning }, instance, time, wakesAt) => {
    if (record === null) return;
    const { policy, status } = record;
    if (isExclusive && isStopped(record) && isRunning) {
      violate('G9: nobody stops what a person stopped before the next resync');
    }
    const { actions, status: next } = decide(policy, status, observed(instance), time);
    if (actions.length > 0 || next !== status) violate('G4: the controllers rest, although there is something to do');
    const wakeAt = nextWakeAt(policy, status, instance);
    if (wakeAt !== null && wakesAt > wakeAt) violate('G4: a wake-up was lost');
  };

  const lookAtTheEnd: Witness['lookAtTheEnd'] = ({ record, isRunning }, canRun) => {
    if (people.size > 0) violate('at the end a person still waits for an answer');
    if (isStopped(record)) {
      if (isRunning) violate('G9: at the end the instance runs, although a person stopped it');
      return;
    }
    const isOwed = record?.policy.mode === 'always' && record.status.blockedReason === null && canRun && !isRunning;
    if (isOwed) {
      violate('G4: at the end the instance does not run, although its policy is always and nobody stopped it');
    }
  };

  return {
    violate,
    violation: () => violation,
    said: (person, word, flow) => {
      if (word === 'start') startsByPeople++;
      people.set(person, { word, flow, wrote: null, refusedAt: null });
    },
    answered,
    wrote,
    removed: (revision) => {
      lastBlocked = revision + 0.5;
    },
    started,
    refused: (flow) => {
      // Where nothing but a fence keeps them apart, a repair that is on its way may carry it out all the same.
      if (exclusion !== 'section') return;
      for (const said of people.values()) {
        if (said.flow === flow && isStop(said.word)) said.refusedAt = said.wrote?.revision ?? null;
      }
    },
    kills,
    look,
    lookAtRest,
    lookAtTheEnd,
    fingerprint: () =>
      JSON.stringify([
        acknowledged,
        startsByPeople,
        [...attempts],
        [...carriedOut],
        [...people].sort(byPerson).map(([person, said]) => [person, said.refusedAt, said.wrote, since(said)]),
      ]),
  };
};

/** Stopped by a person's word: the record is gone, or says so. */
const isStopped = (record: StoredRecord | null): boolean =>
  record === null || record.status.blockedReason === 'manual_stop';

const byPerson = ([a]: readonly [number, Said], [b]: readonly [number, Said]): number => a - b;

const isStop = (word: Word): boolean => word === 'stop' || word === 'delete';

export const nameOf = (word: Word): string => (typeof word === 'string' ? word : 'update');
