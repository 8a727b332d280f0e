/**
 * Tells a history what a controller tells its host.
 */
import type { CommandRecord, DecisionRecord, Fault } from '../controller.js';
import type { Millis } from '../duration.js';
import type { History, HistoryEntry, RunEnder } from '../ports/history.js';
import type { InstanceId } from '../ports/store.js';
import type { Timestamp } from '../status.js';
import {
  type AttemptFault,
  attemptFailures,
  changes,
  commandOf,
  inShort,
  isObserved,
  type ObservedDecision,
  runEnded,
  runEndedUnseen,
} from './entries.js';

/**
 * Listeners for the options of `createController`, all three of them. A host that has listeners of its own calls these from
 * them.
 *
 * @since 0.2.0
 */
export interface HistoryRecorder {
  readonly onDecision: (decision: DecisionRecord) => void;
  /** Without it an attempt that failed has no message. */
  readonly onFault: (fault: Fault) => void;
  /** Without it a command that was refused, or failed, is told as if it had been carried out. */
  readonly onCommand: (command: CommandRecord) => void;
}

/** What is remembered of an instance, so that nothing is told twice. A history that lasts longer knows more. */
interface Known {
  /** When the run began that was last seen, as it was told last; null: none was. */
  startedAt: Timestamp | null;
  /** The same, as early as it was ever told: of a run that was ill, decisions know a later beginning. */
  began: Timestamp;
  /** Of that run, once its end was told. */
  end: { readonly lasted: Millis | null; readonly exitCode: number | null } | null;
  /** Who has started it since that run was seen; null: nobody that we know of. */
  startedBy: 'person' | 'policy' | null;
  stoppedByPersonAt: Timestamp | null;
  fault: AttemptFault | null;
}

/** Beyond this all is forgotten: then some is told again, and the history knows it. */
const mostKnown = 100_000;

/**
 * Makes the listeners that tell `history` what is worth telling: ends of runs, under whatever policy; attempts and what
 * failed of them; blocks; and people's commands, each once. They wait for nothing, and never throw.
 *
 * @example
 * import { createMemoryHistory, recordHistory } from 'restart-policy/history'
 *
 * const history = createMemoryHistory()
 * if (history._tag === 'Right') {
 *   const { onDecision, onFault, onCommand } = recordHistory(history.right)
 *   // createController({ store, hypervisor, clock, onDecision, onFault, onCommand })
 *   assert.strictEqual(typeof onDecision, 'function')
 *   onFault({ _tag: 'Fault', id: null, during: 'list', error: { _tag: 'StoreFailed', message: 'no', cause: null } })
 *   onCommand({ id: 'web', event: { _tag: 'ManualStop' }, error: null, now: 0 })
 * }
 *
 * @since 0.2.0
 */
export const recordHistory = (history: Pick<History, 'add'>): HistoryRecorder => {
  const instances = new Map<InstanceId, Known>();

  const knownOf = (id: InstanceId): Known => {
    const known = instances.get(id);
    if (known !== undefined) return known;
    if (instances.size >= mostKnown) instances.clear();
    const fresh: Known = {
      startedAt: null,
      began: Number.POSITIVE_INFINITY,
      end: null,
      startedBy: null,
      stoppedByPersonAt: null,
      fault: null,
    };
    instances.set(id, fresh);
    return fresh;
  };

  const tell = (entries: ReadonlyArray<HistoryEntry>): void => {
    if (entries.length > 0) history.add(entries);
  };

  const onObserved = (decision: ObservedDecision): void => {
    const { id, before, after, actions } = decision;
    const known = knownOf(id);
    const entries = runEnds(decision, known);
    const acted = actions.length > 0;
    if (acted) known.startedBy = 'policy';
    tell(before === after && !acted ? entries : [...entries, ...changes(decision)]);
  };

  return {
    onDecision: (decision) => {
      if (isObserved(decision)) return onObserved(decision);
      const { id, event, reason, now } = decision;
      const known = knownOf(id);
      if (event._tag === 'AttemptFailed') {
        const { fault } = known;
        known.fault = null;
        return tell(attemptFailures(decision, event.attempt, fault));
      }
      const command = commandOf[event._tag];
      if (command === null) return;
      if (command === 'start') known.startedBy = 'person';
      if (command === 'stop' || command === 'delete') known.stoppedByPersonAt = now;
      tell([{ _tag: 'Command', id, at: now, command, reason }]);
    },
    onFault: ({ id, during, error }) => {
      if (id === null || (during !== 'start' && during !== 'stop')) return;
      knownOf(id).fault = { during, message: messageOf(error) };
    },
    onCommand: ({ id, event, error, now }) => {
      const command = commandOf[event._tag];
      if (command === 'delete' && error === null) instances.delete(id);
      if (command === null || error === null || error._tag === 'InvalidPolicy') return;
      tell([{ _tag: 'CommandFailed', id, at: now, command, error: error._tag, message: messageOf(error) }]);
    },
  };
};

const messageOf = (error: Fault['error'] | Exclude<CommandRecord['error'], null>): string | null => {
  if ('message' in error) return inShort(error.message);
  return 'problems' in error ? inShort(error.problems.join('; ')) : null;
};

/** The ends of runs that an observation shows: of the run that it is of, and of one before it whose end nobody saw. */
const runEnds = (decision: ObservedDecision, known: Known): ReadonlyArray<HistoryEntry> => {
  const { state, startedAt, stoppedAt, exitCode } = decision.event.instance;
  if (startedAt === null || state === 'other') return none;
  if (startedAt === known.startedAt && (state !== 'stopped' || known.end !== null)) {
    // Most observations are of this kind, and cost no more. What runs on was not begun by the last start.
    if (state === 'running') known.startedBy = null;
    return none;
  }
  const entries: Array<HistoryEntry> = [];
  if (known.startedAt !== null && startedAt !== known.startedAt && !isSameRun(decision, known)) {
    if (known.end === null) entries.push(runEndedUnseen(decision, known.began, enderUnseen(known)));
    known.began = startedAt;
    known.end = null;
    known.startedBy = null;
  }
  known.startedAt = startedAt;
  known.began = Math.min(known.began, startedAt);
  if (state === 'stopped' && known.end === null) {
    entries.push(runEnded(decision, startedAt, known.stoppedByPersonAt));
    known.end = { lasted: lengthOf(startedAt, stoppedAt), exitCode };
  }
  return entries;
};

/**
 * Whether a run that seems to have begun at another moment is the one that is known. When a clock is set, all that is past is
 * told by the clock as it then stands. A run that goes on is another one only if somebody has started it; one that has ended
 * shows by its length and its exit code that it is the same.
 */
const isSameRun = ({ event: { instance } }: ObservedDecision, known: Known): boolean => {
  const { state, startedAt, stoppedAt, exitCode } = instance;
  if (known.end === null) return known.startedBy === null || (startedAt ?? 0) < (known.startedAt ?? 0);
  return (
    state === 'stopped' &&
    known.startedBy === null &&
    known.end.exitCode === exitCode &&
    known.end.lasted === lengthOf(startedAt, stoppedAt)
  );
};

const lengthOf = (startedAt: Timestamp | null, stoppedAt: Timestamp | null): Millis | null =>
  startedAt === null || stoppedAt === null ? null : stoppedAt - startedAt;

/** A person who starts what has ended by itself has not ended it. */
const enderUnseen = ({ startedAt, startedBy, stoppedByPersonAt }: Known): RunEnder => {
  if (startedBy === 'policy') return 'policy';
  return stoppedByPersonAt !== null && stoppedByPersonAt >= (startedAt ?? stoppedByPersonAt) ? 'person' : 'itself';
};

const none: ReadonlyArray<HistoryEntry> = Object.freeze([]);
