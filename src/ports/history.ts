/**
 * The history port: what happened to each instance, for whoever is on call. It is told what is worth telling, and asked by
 * people. Nothing is ever decided by it, and nothing waits for it.
 *
 * @since 0.2.0
 */
import type { Task } from 'fp-ts/lib/Task.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Millis } from '../duration.js';
import type { EndCause } from '../event.js';
import type { InvalidOptions } from '../options.js';
import type { RestartReason } from '../reason.js';
import type { Timestamp } from '../status.js';
import type { ActionError } from './hypervisor.js';
import type { InstanceId } from './store.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * Every kind of entry there is.
 *
 * @since 0.2.0
 */
export const historyTags = [
  'RunEnded',
  'Attempt',
  'AttemptFailed',
  'Unwell',
  'Recovered',
  'Blocked',
  'WindowOver',
  'Command',
  'CommandFailed',
] as const;

/**
 * A kind of entry.
 *
 * @since 0.2.0
 */
export type HistoryTag = (typeof historyTags)[number];

/**
 * Every command that a person gives.
 *
 * @since 0.2.0
 */
export const historyCommands = ['stop', 'start', 'pause', 'resume', 'policy', 'reset', 'delete'] as const;

/**
 * A command that a person gives. `policy`: a new policy. `reset`: it was forked or restored from a snapshot.
 *
 * @since 0.2.0
 */
export type HistoryCommand = (typeof historyCommands)[number];

/**
 * Who can end a run.
 *
 * @since 0.2.0
 */
export const runEnders = ['itself', 'person', 'policy'] as const;

/**
 * Who ended a run: it ended by itself, or its host with it; a person stopped it; or its policy did, for its health or because
 * it did not get going.
 *
 * @since 0.2.0
 */
export type RunEnder = (typeof runEnders)[number];

/**
 * Everything that an attempt can be made for.
 *
 * @since 0.2.0
 */
export const troubles = ['exit', 'unhealthy', 'start_timeout'] as const;

/**
 * What an attempt is made for: the run ended; it is unhealthy; or it did not get going in time.
 *
 * @since 0.2.0
 */
export type Trouble = (typeof troubles)[number];

/** What each kind of entry says beside its tag, its instance and its moment. */
interface Said {
  readonly RunEnded: {
    /** When the run began. It names the run: one run has one entry. */
    readonly startedAt: Timestamp;
    /** null: not known, or its end was not seen because the next run began at once. */
    readonly stoppedAt: Timestamp | null;
    /** How long it ran, in milliseconds; null where `stoppedAt` is. */
    readonly lasted: Millis | null;
    /** null: unknown (killed, the host died), or its end was not seen. */
    readonly exitCode: number | null;
    readonly cause: EndCause;
    readonly by: RunEnder;
    /** What was decided when its end was seen; null: it was not seen. */
    readonly reason: RestartReason | null;
  };
  readonly Attempt: {
    /** 1-based, in its failure window. An uncounted attempt bears the number of the last counted one, which may be 0. */
    readonly attempt: number;
    readonly action: 'Start' | 'Restart';
    readonly why: Trouble;
    /** false: a rule of the policy says `restart_uncounted`. */
    readonly counted: boolean;
  };
  readonly AttemptFailed: {
    readonly attempt: number;
    /** What failed: the start, or the stop of a restart. null: nobody said. */
    readonly during: 'start' | 'stop' | null;
    /** In words, cut at 300 characters; null: nobody said. */
    readonly message: string | null;
    /** When the next attempt is due; null: there is none. */
    readonly nextAttemptAt: Timestamp | null;
  };
  readonly Unwell: {
    readonly why: Exclude<Trouble, 'exit'>;
    /** When the attempt is due that it waits for; one that is made at once is an entry of its own, and this is not. */
    readonly nextAttemptAt: Timestamp | null;
  };
  readonly Recovered: unknown;
  readonly Blocked: {
    /** How many attempts were counted in the failure window. */
    readonly attempts: number;
    readonly why: Trouble;
    /** When the cooldown ends; null: it stays blocked until a person acts. */
    readonly until: Timestamp | null;
  };
  readonly WindowOver: {
    readonly why: 'stable' | 'cooldown';
    /** How many attempts were counted in the failure window that is over. */
    readonly attempts: number;
  };
  readonly Command: {
    readonly command: HistoryCommand;
    /** What came of it: `not_paused`, for one, says that a resume changed nothing. */
    readonly reason: RestartReason;
  };
  readonly CommandFailed: {
    readonly command: HistoryCommand;
    /**
     * `Refused`: nothing was done, and the record is as it was before. `Superseded`: a later command won. `Failed`: it is
     * recorded, and not, or not known to be, carried out. `StoreFailed`: whether it is recorded is not known. `InvalidRecord`:
     * what is stored cannot be read, and nothing was done.
     */
    readonly error: ActionError['_tag'];
    /** In words, cut at 300 characters; null: the error says it all. */
    readonly message: string | null;
  };
}

/**
 * Something that happened to an instance, as plain data that survives JSON. `at` is when the controller heard of it, in the
 * time of its clock.
 *
 * - `RunEnded`: a run ended, under whatever policy, `never` included.
 * - `Attempt`, `AttemptFailed`: an automatic attempt was made; its start (or the stop of a restart) failed or timed out.
 * - `Unwell`, `Recovered`: it is unhealthy or did not get going in time, and the attempt waits; what was waited for is moot.
 * - `Blocked`, `WindowOver`: it used up its attempts; a failure window is over, because a run was stable or the cooldown is.
 * - `Command`, `CommandFailed`: a person's command was recorded; it was refused, or failed after that.
 *
 * @since 0.2.0
 */
export type HistoryEntry = {
  [Tag in HistoryTag]: { readonly _tag: Tag; readonly id: InstanceId; readonly at: Timestamp } & Said[Tag];
}[HistoryTag];

/**
 * The place at which a page ended: text without a meaning, good for the same query of the same history.
 *
 * @since 0.2.0
 */
export type HistoryCursor = string;

/**
 * Which page of a history: the newest entries first.
 *
 * @since 0.2.0
 */
export interface HistoryPageOptions {
  /** The `next` of the page before. null or absent: the first page, with the newest entries. */
  readonly before?: HistoryCursor | null | undefined;
  /** How many entries it has at most: a whole number from 1 to 1,000. Default 100. */
  readonly limit?: number | undefined;
  /** Only entries of these kinds. Default all. */
  readonly tags?: ReadonlyArray<HistoryTag> | undefined;
}

/**
 * A span of time: from a moment on, and before another; in milliseconds since the epoch.
 *
 * @since 0.2.0
 */
export interface HistorySpan {
  /** Absent: from the beginning. */
  readonly from?: Timestamp | undefined;
  /** Absent: until now. */
  readonly to?: Timestamp | undefined;
}

/**
 * A page of a history, the newest entries first. Of one instance that is the opposite of the order in which they were told; of
 * several, of their times.
 *
 * @since 0.2.0
 */
export interface HistoryPage {
  readonly entries: ReadonlyArray<HistoryEntry>;
  /** What the next page comes `before`; null: there was nothing older when this page was made. */
  readonly next: HistoryCursor | null;
  /** How many entries of this page are left out because they cannot be read; a later version wrote them, perhaps. */
  readonly unreadable: number;
}

/**
 * How often something happened to an instance in a span.
 *
 * @since 0.2.0
 */
export interface InstanceActivity {
  readonly id: InstanceId;
  /** Automatic attempts, uncounted ones too. */
  readonly attempts: number;
  /** Attempts of which the start (or the stop) failed. */
  readonly failures: number;
  /** Runs that ended, by themselves or otherwise. */
  readonly ends: number;
  /** How often it used up its attempts. */
  readonly blocks: number;
  readonly lastAttemptAt: Timestamp;
  /**
   * There may have been more: the history is bounded, and does not reach back to the beginning of the span for this instance.
   */
  readonly atLeast: boolean;
}

/**
 * How a history is.
 *
 * @since 0.2.0
 */
export interface HistoryState {
  /** Entries that wait to be written. */
  readonly queued: number;
  /** Entries that were given up since the history was opened, because there was no room for more to wait, or no way to keep them. */
  readonly lost: number;
  /** Why the last write failed; null: it did not. */
  readonly failing: HistoryFailed | null;
}

// ---------------------------------------------------------------------------
// errors
// ---------------------------------------------------------------------------

/**
 * The medium of the history did not answer, or not well.
 *
 * @since 0.2.0
 */
export interface HistoryFailed {
  readonly _tag: 'HistoryFailed';
  readonly message: string;
  readonly cause: unknown;
}

/**
 * What a history answers that could not be read or written, with a message and the cause.
 *
 * @since 0.2.0
 */
export const historyFailed = (message: string, cause?: unknown): HistoryFailed => ({
  _tag: 'HistoryFailed',
  message,
  cause,
});

/**
 * A write to a history that failed, told at each try, or entries that are lost; with how many wait, and how many are lost since
 * the history was opened. Nothing but the history is concerned.
 *
 * @since 0.2.0
 */
export interface HistoryFault {
  readonly _tag: 'HistoryFault';
  readonly error: HistoryFailed;
  readonly queued: number;
  readonly lost: number;
}

// ---------------------------------------------------------------------------
// port
// ---------------------------------------------------------------------------

/**
 * A history of instances. `restart-policy/testing` has the contract as a suite (`historyContract`).
 *
 * Contract:
 * 1. `add` takes entries as they are, at once: it waits for nothing, and never throws. What is told in order is kept in order.
 * 2. A query that begins after `add` has returned shows its entries, where the medium can be written.
 * 3. Pages are the newest entries first, each once: of one instance in the opposite of the order in which they were told, of a
 *    span by their times, those of one time in that order. `next` goes on where the page ended, whatever is told meanwhile, and
 *    no entry that was there at the first page is missing or comes twice, unless it is given up for its age or number.
 * 4. What is told again is kept once: an entry equal to one that is there, and a `RunEnded` of a run that has one already.
 * 5. Of each instance the newest entries are kept, so many, and of no instance those that are too old. Another instance's
 *    entries count for nothing in the first.
 * 6. A span begins with `from` and ends before `to`. The busiest come first, equals in the order of code points of their ids,
 *    and where entries of the span were given up, `atLeast` says so.
 * 7. Nothing throws or rejects: a query without its medium is `HistoryFailed`. What cannot be written waits, a bounded
 *    number of entries; what is given up is counted in `state`. It recovers by itself.
 * 8. Two ids never have one history: an id that would be cut or changed on its way has none, and its entries are lost.
 *
 * @since 0.2.0
 */
export interface History {
  readonly add: (entries: ReadonlyArray<HistoryEntry>) => void;
  /** What happened to one instance. */
  readonly ofInstance: (
    id: InstanceId,
    page?: HistoryPageOptions,
  ) => TaskEither<HistoryFailed | InvalidOptions, HistoryPage>;
  /** What happened in a span, to whichever instance. */
  readonly ofSpan: (span: HistorySpan & HistoryPageOptions) => TaskEither<HistoryFailed | InvalidOptions, HistoryPage>;
  /** To which instances the most attempts were made in a span: at most `limit` of them, from 1 to 1,000, default 20. */
  readonly busiest: (
    span: HistorySpan & { readonly limit?: number | undefined },
  ) => TaskEither<HistoryFailed | InvalidOptions, ReadonlyArray<InstanceActivity>>;
  readonly state: () => HistoryState;
  /** Writes what waits. Left: it could not be, and waits on. */
  readonly flush: TaskEither<HistoryFailed, void>;
  /** Tries once more to write what waits, and takes nothing from then on: it is lost. The medium is the host's to close. */
  readonly close: Task<void>;
}
