/**
 * The witness: sees everything that happens in the world of an exploration, keeps what no controller can see (whether a
 * stop was acknowledged, which starts were paid for, what each person was answered), and names the first violation of a
 * guarantee.
 */

import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Controller } from '../../controller.js';
import { decide, nextWakeAt } from '../../decide.js';
import { type InstanceObservation, observed } from '../../event.js';
import type { RestartPolicy } from '../../policy.js';
import type { Exclusion } from '../../ports/hypervisor.js';
import type { RestartRecord, Revision, StoredRecord } from '../../ports/store.js';
import { saltOf } from '../../salt.js';
import { eqRestartStatus, initialStatus, type RestartStatus, type Timestamp } from '../../status.js';
import { waitAfterAttempt } from '../../waits.js';
import { instanceId, type PersonCommand } from './scenario.js';
import { type Actor, type Flow, isAction } from './steps.js';

/** What a person was answered: what was done, 'no change', or the tag of the error; 'no answer': the controller died. */
export type Answer =
  | 'stopped'
  | 'deleted'
  | 'started'
  | 'paused'
  | 'resumed'
  | 'no change'
  | 'updated'
  | 'reset'
  | CommandError['_tag']
  | 'no answer';

export type CommandError = LeftOf<
  Controller['manualStop' | 'requestDelete' | 'manualStart' | 'pause' | 'resume' | 'updatePolicy' | 'reset']
>;

type LeftOf<Command> = Command extends (...args: never) => TaskEither<infer E, unknown> ? E : never;

export interface Witness {
  readonly violate: (what: string) => void;
  readonly violation: () => string | null;
  /** A person gives a command; `flow` is where its calls come from: its own, or the lane for a start. */
  readonly asked: (person: number, command: PersonCommand, flow: Flow) => void;
  readonly answered: (person: number, answer: Answer, now: Moment) => void;
  /** A record was written by a flow; `did` is the label of what the flow did just before. */
  readonly wrote: (
    before: StoredRecord | null,
    next: StoredRecord,
    flow: Flow | null,
    did: string,
    isKnown: boolean,
  ) => void;
  /** The same of a write that nobody waited for any more. */
  readonly wroteLate: (before: StoredRecord | null, next: StoredRecord, word: Word) => void;
  /**
   * A call of the flow has no answer: a write of `next`, a removal (null), or an action. Answers whose word it is.
   */
  readonly unanswered: (flow: Flow, label: string, next: RestartRecord | null, did: string) => Word;
  /** A call of the store failed, so that the flow may leave undone what it was about to do. */
  readonly failed: (flow: Flow | null) => void;
  /** A controller makes a start. */
  readonly starts: (actor: Actor, revision: Revision) => void;
  /** A controller is gone, or another is in its place. */
  readonly begins: (actor: Actor) => void;
  readonly removed: (revision: Revision) => void;
  /** A start under a revision was carried out; `isNew`: a run was spawned, else there was one already. */
  readonly started: (revision: Revision, isNew: boolean) => void;
  /** The check of a start or a stop, which `label` names, has passed: from now on it may take effect at any time. */
  readonly permitted: (label: string, revision: Revision, now: Moment) => void;
  /** A stop was refused, with nothing done. */
  readonly refused: (flow: Flow | null) => void;
  /** A stop under `revision` is about to end the run that starts up to `tag` own, and that began at `startedAt`. */
  readonly kills: (revision: Revision, tag: Revision, startedAt: Timestamp, now: Moment) => void;
  /** To be called after every step. */
  readonly check: (now: Moment) => void;
  /**
   * Once nothing is under way, nothing has failed, and only time can set anything off: `wakesAt` is when the first
   * controller wakes up.
   */
  readonly checkAtRest: (now: Moment, instance: InstanceObservation, time: Timestamp, wakesAt: Timestamp) => void;
  /** Once nothing happens any more. */
  readonly checkAtTheEnd: (now: Moment, canRun: boolean, isSectionLost: boolean) => void;
  readonly fingerprint: () => string;
}

/**
 * The outside world at one moment.
 *
 * @since 0.1.0
 */
export interface Moment {
  /** null: there is none. */
  readonly record: StoredRecord | null;
  readonly isRunning: boolean;
}

/** Whose word a write is that comes late. */
export interface Word {
  readonly asked: Asked | null;
  /** For the eye: `p0`, or the controller itself. */
  readonly person: string;
  /** What its flow had done before. */
  readonly did: string;
}

interface Asked {
  readonly command: PersonCommand;
  readonly flow: Flow;
  /** The last write of this command; null: none yet. */
  wrote: { readonly revision: Revision; readonly former: RestartStatus } | null;
  /** A write of it was answered well: it is recorded, and the controller knows. */
  isRecorded: boolean;
  /** A call of it that writes or acts outlasted its deadline. */
  hasNoAnswer: boolean;
  /** Its stop was refused while the record stood at this revision; null: not refused. */
  refusedAt: Revision | null;
  /** Somebody else has changed the record meanwhile; a pause or a resume beside it does not count. */
  isOvertaken: boolean;
}

export const createWitness = (exclusion: Exclusion): Witness => {
  const isExclusive = exclusion !== 'none';
  const people = new Map<number, Asked>();
  /** As objects: an attempt is always a new one, and a refused command puts back the very one that stood there. */
  const seen = new Set<RestartStatus>();
  /** Revisions at which an attempt was committed, and not yet spent on a start; with when it was. */
  const attempts = new Map<Revision, Timestamp>();
  /** Revisions of refused stops that ended a run all the same, as repairs. */
  const carriedOut = new Set<Revision>();
  /** Of each lane: the revision of the attempt whose start or stop has no answer, and which nothing was written over yet. */
  const uncharged = new Map<Flow, Revision>();
  /** Of each lane: the revision of the last Restart whose stop has no answer. */
  const unstopped = new Map<Flow, Revision>();
  let startsByPeople = 0;
  let acknowledged = false;
  /** A pause was acknowledged, and nothing that ends it was recorded since. */
  let isPaused = false;
  /** An attempt's stop ended the run, and there was neither a run nor a person's word since: it is ours to bring back. */
  let isOurs = false;
  /**
   * The last revisions at which the record was blocked (or removed), freed from a stop, and not paused. A pause blocks
   * nobody's start.
   */
  let lastBlocked: Revision = 0;
  let lastSupervised: Revision = 0;
  let lastUnpaused: Revision = 0;
  /** The highest revision under which a start was carried out. */
  let lastStarted: Revision = 0;
  let violation: string | null = null;

  /** What came after the command was written; its answer is judged by nothing else. */
  const since = ({ wrote }: Asked): ReadonlyArray<boolean> =>
    wrote === null
      ? []
      : [lastBlocked, lastSupervised, lastUnpaused, lastStarted].map((revision) => revision >= wrote.revision);

  const violate = (what: string): void => {
    violation ??= what;
  };

  /** Whose command a write is of. A lane writes attempts and a person's start; only the start right after a load. */
  const writerOf = (flow: Flow | null, next: RestartRecord, did: string): Asked | null => {
    for (const asked of people.values()) {
      if (asked.flow !== flow) continue;
      if (asked.command !== 'start') return asked;
      // A command is saved after a load; it is taken back after the action that was refused.
      if (asked.wrote !== null) return isAction(did) ? asked : null;
      if (did === 'load' && eqRestartStatus.equals(next.status, initialStatus)) return asked;
    }
    return null;
  };

  const wrote: Witness['wrote'] = (before, next, flow, did, isKnown) => {
    const asked = writerOf(flow, next, did);
    // A stop whose run is gone when it has been taken back is recorded anew.
    if (asked !== null && isKnown) asked.isRecorded = asked.wrote === null || !isAction(did);
    if (asked === null && flow !== null) {
      const { revision } = before ?? {};
      const isCharged = uncharged.get(flow) !== revision;
      if (!isCharged && isNewAttempt(before, next.status)) {
        violate('Deadline g: an attempt whose call has no answer was not charged as a failed one');
      }
      uncharged.delete(flow);
    }
    write(before, next, asked, did);
  };

  const isNewAttempt = (before: StoredRecord | null, { lastAttemptAt, attempts: count }: RestartStatus): boolean => {
    const former = before?.status ?? initialStatus;
    return lastAttemptAt !== null && (lastAttemptAt !== former.lastAttemptAt || count > former.attempts);
  };

  const write = (before: StoredRecord | null, next: StoredRecord, asked: Asked | null, did: string): void => {
    const { policy, status } = next;
    const former = before?.status ?? initialStatus;
    const isRestored = seen.has(status);
    if (asked === null && isRestored && status !== initialStatus) {
      violate('Deadline f: a record was put back, and nobody is told that the command was refused');
    }
    seen.add(status);
    if (asked === null || !isOfSupervision(asked.command)) {
      for (const other of people.values()) other.isOvertaken ||= other !== asked;
    }
    const takesBack = asked !== null && asked.wrote !== null && isAction(did);
    if (asked !== null) {
      if (takesBack && !eqRestartStatus.equals(status, asked.wrote?.former ?? status)) {
        violate('D12: a refused command put back another status than stood there before');
      }
      asked.wrote = takesBack ? null : { revision: next.revision, former };
    }
    if (status.blockedReason !== null && !isHeld(next)) lastBlocked = next.revision;
    if (!isHeld(next)) lastUnpaused = next.revision;
    // Taking a stop back is no command that could overtake another stop.
    if (!isStopped(next) && !(asked !== null && isStop(asked.command))) lastSupervised = next.revision;

    const beginsAnew = asked?.command === 'start' || asked?.command === 'reset';
    if (beginsAnew) acknowledged = false;
    if (beginsAnew || asked?.command === 'resume') isPaused = false;
    if (beginsAnew || (status.blockedReason !== null && !isHeld(next))) isOurs = false;
    if (!beginsAnew && !takesBack && isStopped(before) && before !== null && !isStopped(next)) {
      violate('G1: a manual stop was cleared, and no person asked for it');
    }
    const isEnded = isHeld(before) && !isHeld(next) && !isStopped(next);
    if (isEnded && !beginsAnew && asked?.command !== 'resume') {
      violate('G1p: a pause was ended, and no person asked for it');
    }

    const isAtLimit = policy.maxAttempts > 0 && status.attempts >= policy.maxAttempts;
    // What a resume sets is no promise: the next look finds the limit again.
    if (isAtLimit && status.nextAttemptAt !== null && isLimitForGood(policy) && asked?.command !== 'resume') {
      violate('D4: at the limit a next attempt is promised that never comes');
    }

    const last = former.lastAttemptAt;
    const at = status.lastAttemptAt;
    if (at === null || !isNewAttempt(before, status) || isRestored || asked !== null) return;
    attempts.set(next.revision, at);
    if (policy.mode === 'never') violate('G1: an attempt was made under a policy of never');
    if (isStopped(before)) violate('G1: an attempt was made, although a person stopped the instance');
    if (isHeld(before)) violate('G1p: an attempt was made, although supervision is paused');
    const isCounted = status.attempts === 1 || status.attempts === former.attempts + 1;
    if (!isCounted && !countsNotAll(policy)) violate('G8: an attempt was not counted');
    const counted = policy.limitInterval === undefined ? status.attempts : (status.recentAttempts ?? []).length;
    if (policy.maxAttempts > 0 && counted > policy.maxAttempts) violate('G2: more attempts than the limit');
    const wait = waitAfterAttempt(policy, former.attempts, salt);
    if (last !== null && status.attempts > 1 && at - last < wait) {
      violate('G3: two attempts closer together than the backoff');
    }
  };

  const unanswered: Witness['unanswered'] = (flow, label, next, did) => {
    const isRemoval = next === null && !isAction(label);
    const asked =
      next === null
        ? ([...people.values()].find(
            (each) =>
              each.flow === flow && (each.command !== 'start' || each.isRecorded) && !isOfPolicy(label, isRemoval),
          ) ?? null)
        : writerOf(flow, next, did);
    if (asked !== null) asked.hasNoAnswer = true;
    const revision = revisionOf(label);
    if (revision !== null && attempts.has(revision)) {
      uncharged.set(flow, revision);
      if (label.startsWith('stop')) unstopped.set(flow, revision);
    } else uncharged.delete(flow); // what was to be charged may not be, for another reason
    const person = [...people].find(([, each]) => each === asked)?.[0];
    return { asked, person: person === undefined ? flow : `p${person}`, did };
  };

  /** Beside a person's start the lane makes nothing of its own. */
  const isOfPolicy = (label: string, isRemoval: boolean): boolean =>
    !isRemoval && attempts.has(revisionOf(label) ?? Number.NaN);

  const permitted: Witness['permitted'] = (label, revision, { record }) => {
    if (attempts.has(revision)) {
      if (isPaused || isHeld(record)) violate(`G1p: an automatic ${label} began, although supervision is paused`);
    } else if (label.startsWith('stop') && !isStopped(record)) {
      violate(`G1p: ${label} began, although neither a person nor an attempt asked for it`);
    }
  };

  const starts: Witness['starts'] = (actor, revision) => {
    if (unstopped.get(actor) === revision) {
      violate('Deadline g: a Restart whose stop has no answer made a start');
    }
  };

  const started: Witness['started'] = (revision, isNew) => {
    lastStarted = Math.max(lastStarted, revision);
    if (isNew) isOurs = false;
    if (!isNew || attempts.delete(revision)) return;
    if (startsByPeople > 0) startsByPeople--;
    else violate('G8: a start was made that no attempt and no person paid for');
  };

  const answered: Witness['answered'] = (person, answer, now) => {
    const asked = people.get(person);
    people.delete(person);
    if (asked === undefined) return;
    const wrote = asked.wrote?.revision ?? 0;
    if (asked.hasNoAnswer && isAcknowledged(answer)) {
      violate(`Deadline c: a ${nameOf(asked.command)} was acknowledged although its call had no answer`);
    }
    switch (answer) {
      case 'stopped':
      case 'deleted':
        if (isExclusive && now.isRunning) violate('G9: a stop was acknowledged while the instance runs');
        if (isStopped(now.record)) acknowledged = true;
        else if (lastSupervised < wrote) violate('G9: a stop was acknowledged that is not recorded');
        break;
      case 'paused':
        if (isHeld(now.record)) isPaused = true;
        else if (lastUnpaused <= wrote) violate('G1p: a pause was acknowledged that is not recorded');
        break;
      case 'resumed':
        if (asked.wrote === null) violate('a resume was acknowledged that is not recorded');
        break;
      case 'started':
        if (lastStarted < wrote) violate('a start was acknowledged that was not made');
        break;
      case 'Superseded':
        if ((isStop(asked.command) ? lastSupervised : lastBlocked) < wrote) {
          violate(`a ${nameOf(asked.command)} was answered superseded, and nothing later won`);
        }
        break;
      case 'StoreFailed':
        if (asked.isRecorded) {
          violate(`Deadline e: a ${nameOf(asked.command)} that is recorded was answered as if nobody knew`);
        }
        break;
      case 'Failed':
        if (!asked.isRecorded) violate(`Deadline e: a ${nameOf(asked.command)} was answered as if it were recorded`);
        break;
      case 'Closed':
        if (asked.isRecorded)
          violate(`Deadline j: a ${nameOf(asked.command)} that is recorded was answered as not given`);
        break;
      case 'Refused':
        if (now.record?.revision === wrote) violate(`D12: a refused ${nameOf(asked.command)} was left in the record`);
        if (asked.wrote !== null && !asked.isOvertaken && isStop(asked.command) && isStopped(now.record)) {
          violate('D12: a refused stop was left in the record, although nobody else stopped the instance');
        }
        if (asked.refusedAt !== null && carriedOut.has(asked.refusedAt)) {
          violate('D12: a stop was answered refused, and a repair carried it out');
        }
        break;
      default:
    }
  };

  const kills: Witness['kills'] = (revision, tag, startedAt, { record }) => {
    const attemptAt = attempts.get(revision);
    // A run that began at the very time of the attempt counts as started since. A stop that comes late, of a controller that
    // died, is owed nothing where the limit was reached before: then a person starts it, as after a failed start.
    isOurs = attemptAt !== undefined && tag < revision && startedAt < attemptAt && revision > lastBlocked;
    for (const { refusedAt } of people.values()) {
      if (refusedAt !== null && record?.revision === refusedAt) carriedOut.add(refusedAt);
    }
    const isStoppedSince = isStopped(record) && (record === null || record.revision > tag);
    if (isExclusive && tag > revision && !isStoppedSince) {
      violate(`G9: a stop under revision ${revision} ended a run that a start under revision ${tag} owns`);
    }
  };

  const check: Witness['check'] = ({ isRunning }) => {
    if (isExclusive && acknowledged && isRunning) {
      violate('G9: the instance runs after an acknowledged stop, and nobody has started it since');
    }
  };

  const checkAtRest: Witness['checkAtRest'] = ({ record, isRunning }, instance, time, wakesAt) => {
    if (record === null) return;
    const { policy, status } = record;
    if (isExclusive && isStopped(record) && isRunning) {
      violate('G9: nobody stops what a person stopped before the next resync');
    }
    const salted = { ...instance, salt };
    const { actions, status: next } = decide(policy, status, observed(salted), time);
    if (actions.length > 0 || next !== status) violate('G4: the controllers rest, although there is something to do');
    const wakeAt = nextWakeAt(policy, status, salted);
    if (wakeAt !== null && wakesAt > wakeAt) violate('G4: a wake-up was lost');
  };

  const checkAtTheEnd: Witness['checkAtTheEnd'] = ({ record, isRunning }, canRun, isSectionLost) => {
    if (people.size > 0) violate('at the end a person still waits for an answer');
    // Nothing can be done for it until its process ends.
    if (isSectionLost) return;
    if (isStopped(record)) {
      if (isRunning) violate('G9: at the end the instance runs, although a person stopped it');
      return;
    }
    const isOwed = record?.policy.mode === 'always' && record.status.blockedReason === null && canRun && !isRunning;
    if (isOwed) {
      violate('G4: at the end the instance does not run, although its policy is always and nobody stopped it');
    }
    const isFree = record?.status.blockedReason === null && record.policy.mode !== 'never';
    if (isFree && isOurs && !isRunning) {
      violate('D17: at the end the instance does not run, although an attempt stopped it to start it again');
    }
  };

  return {
    violate,
    violation: () => violation,
    asked: (person, command, flow) => {
      if (command === 'start') startsByPeople++;
      people.set(person, {
        command,
        flow,
        wrote: null,
        isRecorded: false,
        hasNoAnswer: false,
        refusedAt: null,
        isOvertaken: false,
      });
    },
    answered,
    wrote,
    wroteLate: (before, next, { asked, did }) => write(before, next, asked, did),
    unanswered,
    failed: (flow) => void uncharged.delete(flow ?? ''),
    starts,
    begins: (actor) => {
      uncharged.delete(actor);
      unstopped.delete(actor);
    },
    removed: (revision) => {
      lastBlocked = revision + 0.5;
      lastUnpaused = revision + 0.5;
      isPaused = false;
      isOurs = false;
    },
    started,
    permitted,
    refused: (flow) => {
      // Where nothing but a fence keeps them apart, a repair that is on its way may carry it out all the same.
      if (exclusion !== 'section') return;
      for (const asked of people.values()) {
        if (asked.flow === flow && isStop(asked.command)) asked.refusedAt = asked.wrote?.revision ?? null;
      }
    },
    kills,
    check,
    checkAtRest,
    checkAtTheEnd,
    fingerprint: () =>
      JSON.stringify([
        acknowledged,
        isPaused,
        isOurs,
        startsByPeople,
        [...attempts].map(([revision, at]) => [revision, at, revision > lastBlocked]),
        [...carriedOut],
        [...uncharged],
        [...unstopped],
        [...people]
          .sort(byPerson)
          .map(([person, asked]) => [
            person,
            asked.refusedAt,
            asked.wrote,
            asked.isRecorded,
            asked.hasNoAnswer,
            asked.isOvertaken,
            since(asked),
          ]),
      ]),
  };
};

const salt = saltOf(instanceId);

/** A limit that only a person, or a stable run, ends, and that every attempt is held to. */
const isLimitForGood = (policy: RestartPolicy): boolean =>
  policy.cooldown === undefined && policy.limitInterval === undefined && !countsNotAll(policy);

const countsNotAll = ({ rules }: RestartPolicy): boolean =>
  rules?.some(({ action }) => action === 'restart_uncounted') ?? false;

/** Supervision is paused. */
const isHeld = (record: StoredRecord | null): boolean => record?.status.blockedReason === 'paused';

/** Stopped by a person: the record is gone, or says so. */
const isStopped = (record: StoredRecord | null): boolean =>
  record === null || record.status.blockedReason === 'manual_stop';

const isAcknowledged = (answer: Answer): boolean =>
  ['stopped', 'deleted', 'started', 'paused', 'resumed', 'updated', 'reset'].includes(answer);

/** Of `start(2)` or `stop(2)`; null: it is neither. */
const revisionOf = (label: string): Revision | null => (isAction(label) ? Number(/\d+/.exec(label)?.[0]) : null);

const byPerson = ([a]: readonly [number, Asked], [b]: readonly [number, Asked]): number => a - b;

const isStop = (command: PersonCommand): boolean => command === 'stop' || command === 'delete';

const isOfSupervision = (command: PersonCommand): boolean => command === 'pause' || command === 'resume';

export const nameOf = (command: PersonCommand): string => (typeof command === 'string' ? command : 'update');
