/**
 * What waits to be written to a history: in batches, off the path of the decisions that it tells of. It is bounded, and what
 * there is no room for is counted. A medium that fails is asked again later, and later each time.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { Millis } from '../../duration.js';
import { right } from '../../either.js';
import { aFunction, type OptionChecks, optional, port, wholeNumber } from '../../options.js';
import type { Cancel, Clock } from '../../ports/clock.js';
import {
  type HistoryEntry,
  type HistoryFailed,
  type HistoryFault,
  type HistoryState,
  historyFailed,
} from '../../ports/history.js';
import { swallowErrors } from '../../swallow-errors.js';
import { encodeEntry, type HistoryRow } from './history-text.js';
import { machineClock } from './machine-clock.js';
import { nextTurn } from './machine-turn.js';
import { idProblem } from './stored-id.js';

export interface HistoryQueue {
  readonly add: (entries: ReadonlyArray<HistoryEntry>) => void;
  readonly state: () => HistoryState;
  /** Writes all that waits now. Left: it could not. */
  readonly flush: () => Promise<Either<HistoryFailed, void>>;
  readonly close: () => Promise<void>;
}

/** What a host can choose about it. */
export interface QueueOptions {
  readonly queue: number;
  readonly clock: Clock;
  readonly onFault: (fault: HistoryFault) => void;
}

export const queueChecks: OptionChecks<QueueOptions> = {
  queue: optional(10_000, wholeNumber(1, 1_000_000)),
  clock: optional(machineClock, port<Clock>('a clock', 'now', 'wakeAt')),
  onFault: optional(() => {}, aFunction()),
};

interface Surroundings {
  readonly clock: Clock;
  /** How many entries may wait. */
  readonly most: number;
  /** How long the first of a batch waits for others. */
  readonly after: Millis;
  /** The longest id in bytes of UTF-8. */
  readonly longestId: number;
  /** Keeps all of it, or nothing; never rejects. What is there already it does not keep again. */
  readonly write: (rows: ReadonlyArray<HistoryRow>) => Promise<Either<HistoryFailed, void>>;
  readonly onFault: (fault: HistoryFault) => void;
}

/** Entries of one batch: some milliseconds of work for a driver that is synchronous. */
const mostInBatch = 100;

const firstPause: Millis = 1_000;
const longestPause: Millis = 30_000;

export const createHistoryQueue = ({ clock, most, after, longestId, write, onFault }: Surroundings): HistoryQueue => {
  /** By what they are, so that what is told twice waits once; the oldest first. */
  const waiting = new Map<string, HistoryRow>();
  /** Those of them that are being written: they may be kept by now, and so are not given up for others. */
  let underWay: ReadonlySet<string> = new Set();
  let lost = 0;
  /** Why some are lost, to be told with the next write: else each of a thousand would be told by itself. */
  let unkept: string | null = null;
  let failing: HistoryFailed | null = null;
  let pause = firstPause;
  let armed: Cancel | null = null;
  let writing: Promise<Either<HistoryFailed, void>> | null = null;
  let isClosed = false;

  const lose = (problem: string): void => {
    lost++;
    unkept = problem;
  };

  /** null: all of them are being written. */
  const oldestIdle = (): string | null => {
    for (const key of waiting.keys()) if (!underWay.has(key)) return key;
    return null;
  };

  const tell = (error: HistoryFailed): void =>
    swallowErrors(() => onFault({ _tag: 'HistoryFault', error, queued: waiting.size, lost }));

  const arm = (wait: Millis): void => {
    armed ??= clock.wakeAt(clock.now() + wait, () => {
      armed = null;
      void writeAll();
    });
  };

  const disarm = (): void => {
    armed?.();
    armed = null;
  };

  const writeBatches = async (): Promise<Either<HistoryFailed, void>> => {
    if (unkept !== null) tell(historyFailed(`entries are lost: ${unkept}`));
    unkept = null;
    // What comes meanwhile is not waited for: a flush must come to an end.
    for (let left = waiting.size; left > 0 && waiting.size > 0; ) {
      const batch = [...entriesOf(waiting, Math.min(left, mostInBatch))];
      underWay = new Set(batch.map(([key]) => key));
      const written = await write(batch.map(([, row]) => row));
      underWay = new Set();
      if (written._tag === 'Left') {
        failing = written.left;
        tell(written.left);
        return written;
      }
      failing = null;
      pause = firstPause;
      for (const [key] of batch) waiting.delete(key);
      left -= batch.length;
      // Drivers that are synchronous would write any number of batches in one turn.
      if (left > 0) await (clock.nextTurn?.() ?? nextTurn());
    }
    return right(undefined);
  };

  const writeAll = (): Promise<Either<HistoryFailed, void>> => {
    writing ??= writeBatches().then((written) => {
      writing = null;
      if (written._tag === 'Left') {
        if (!isClosed) arm(pause);
        pause = Math.min(2 * pause, longestPause);
      } else if (waiting.size > 0 && !isClosed) {
        arm(after);
      }
      return written;
    });
    return writing;
  };

  const flush = async (): Promise<Either<HistoryFailed, void>> => {
    // What is under way may have begun before the last entry came.
    await writing;
    disarm();
    return writeAll();
  };

  return {
    add: (entries) => {
      for (const entry of entries) {
        const problem = isClosed ? 'the history is closed' : idProblem(entry.id, longestId);
        const encoded = problem === null ? encodeEntry(entry) : null;
        if (encoded?._tag !== 'Right') {
          lose(problem ?? (encoded?._tag === 'Left' ? encoded.left : ''));
          continue;
        }
        const row = encoded.right;
        const key = row.run === null ? `${row.at} ${row.kind} ${row.entry} ${row.id}` : `${row.run} ${row.id}`;
        if (waiting.has(key)) continue;
        if (waiting.size >= most) {
          lose(`more than ${most} wait to be written`);
          const oldest = oldestIdle();
          if (oldest === null) continue;
          waiting.delete(oldest);
        }
        waiting.set(key, row);
      }
      if ((waiting.size > 0 || unkept !== null) && !isClosed) arm(after);
    },
    state: () => ({ queued: waiting.size, lost, failing }),
    flush,
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      await flush();
      disarm();
      lost += waiting.size;
      waiting.clear();
    },
  };
};

function* entriesOf<K, V>(map: ReadonlyMap<K, V>, most: number): Generator<readonly [K, V]> {
  let n = 0;
  for (const entry of map) {
    if (n++ >= most) return;
    yield entry;
  }
}
