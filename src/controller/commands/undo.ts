/**
 * Taking a command back that was refused: the record is put back as it was before.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { Task } from 'fp-ts/lib/Task.js';
import { left, right } from '../../either.js';
import { type Failed, failed, type Refused, refused } from '../../ports/hypervisor.js';
import {
  asItStands,
  type InstanceId,
  type InvalidRecord,
  type RecordToSave,
  type Revision,
  type StoreFailed,
} from '../../ports/store.js';
import type { Context } from '../context.js';
import { isMarked, isStopped } from '../permits.js';
import { type Former, type Recorded, recordOf } from './saving.js';

/** Right: the revision of the record that was put back; null: it was not, because somebody else has saved since. */
export type Undone = Either<StoreFailed | Unreadable, Revision | null>;

/** What stood there could not be read, so it cannot be written again. */
interface Unreadable {
  readonly _tag: 'Unreadable';
}

export interface Undo {
  /** What the record said before: 'stopped' by a person, or 'supervised', which what is paused will be again. */
  readonly former: 'stopped' | 'supervised';
  /** Puts the former record back, once, however often it is called. */
  readonly run: () => Promise<Undone>;
  /** The same, for a permit; nothing once it was forgone. */
  readonly onRefused: Task<void>;
  /**
   * Nobody is going to be told any more that the command was refused, so from now on it is not taken back: the word stands
   * as the person was told. Answers with what had begun before; null: nothing had.
   */
  readonly forgo: () => Promise<Undone> | null;
}

export const undoOnce = ({ ports }: Context, id: InstanceId, { former, revision }: Recorded): Undo => {
  let running: Promise<Undone> | null = null;
  let isForgone = false;

  const putBack = async (): Promise<Undone> => {
    const record = before(former);
    if (record === null) return left({ _tag: 'Unreadable' });
    const saved = await ports.save(id, record, revision);
    if (saved._tag === 'Right') return saved;
    return saved.left._tag === 'Conflict' ? right(null) : left(saved.left);
  };

  const run: Undo['run'] = () => {
    running ??= putBack();
    return running;
  };

  return {
    former: isStoppedBefore(former) ? 'stopped' : 'supervised',
    run,
    onRefused: async () => {
      if (!isForgone) await run();
    },
    forgo: () => {
      isForgone = true;
      return running;
    },
  };
};

/**
 * What is put back. If there was no record, an initial one is put there: a repair on its way would take a record that is
 * gone for a stop. null: its status could not be read.
 */
const before = (former: Former): RecordToSave | null => {
  if (former._tag !== 'InvalidRecord') {
    const { policy, status } = recordOf(former);
    return { policy, status };
  }
  return former.status === null ? null : { policy: asItStands, status: former.status };
};

const isStoppedBefore = (former: Former): boolean =>
  former._tag === 'InvalidRecord' ? isMarked(former) : former._tag === 'Some' && isStopped(former);

// ---------------------------------------------------------------------------
// answers
// ---------------------------------------------------------------------------

/** A refusal whose record was not put back, or may not have been, is a failure. */
export const answerUndone = (refusal: Refused, undone: Undone): Refused | Failed => {
  if (undone._tag === 'Right') return refusal;
  return undone.left._tag === 'Unreadable'
    ? failed(`refused (${refusal.message}), and the record that it replaced could not be read, and so not be put back`)
    : failed(`refused (${refusal.message}), and whether its record was put back is not known`, undone.left);
};

/**
 * What a person is told whose command is recorded, and not (or not known to be) carried out: always Failed, whatever port
 * it was. A store's own error would say that nobody knows whether it is recorded.
 *
 * If the command is being taken back already, the answer waits for that: it was refused, and its call answered too late.
 */
export const answerFailed = async (
  error: Failed | StoreFailed | InvalidRecord,
  undo: Undo,
): Promise<Refused | Failed> => {
  const begun = undo.forgo();
  return begun === null ? asFailed(error) : answerUndone(refused('the hypervisor refused it'), await begun);
};

export const asFailed = (error: Failed | StoreFailed | InvalidRecord): Failed => {
  switch (error._tag) {
    case 'Failed':
      return error;
    case 'StoreFailed':
      return failed(`recorded, but the store failed: ${error.message}`, error);
    default:
      return failed(`recorded, but what is stored cannot be read: ${error.problems.join('; ')}`, error);
  }
};
