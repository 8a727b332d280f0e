/**
 * A person's word on supervision itself: pause and resume. They ask nothing of the hypervisor.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../../either.js';
import { supervisionPaused, supervisionResumed } from '../../event.js';
import type { Superseded } from '../../ports/hypervisor.js';
import type { InstanceId, InvalidRecord, StoreFailed } from '../../ports/store.js';
import { type Committed, commit, commitCommand } from '../commit.js';
import type { Context } from '../context.js';
import type { SupervisionAcknowledged } from './answers.js';
import { saveOrCreate, saveOverReadable } from './saving.js';

type SupervisionAnswer<E = never, A = never> = Promise<
  Either<StoreFailed | InvalidRecord | E, SupervisionAcknowledged | A>
>;

/**
 * Asks nothing of the hypervisor. The revision that it writes voids the permit of an attempt that was decided on and has
 * not begun.
 */
export const pause = (context: Context, id: InstanceId): SupervisionAnswer<Superseded> =>
  saveOrCreate(context, id, async (found) => {
    if ('problems' in found) return left(found);
    // A person's stop is the stronger word, and nothing is written over it, though every other word gets a new revision. If
    // that stop is refused, it takes back what stands there, which it could not under another one.
    const save = found.status.blockedReason === 'manual_stop' ? commit : commitCommand;
    return acknowledge(context, id, await save(context, id, found, supervisionPaused));
  });

/** null: there is no record, so there is nothing to resume. */
export const resume = (context: Context, id: InstanceId): SupervisionAnswer<never, null> =>
  saveOverReadable(context, id, async (former) => {
    if (former._tag === 'None') return right(null);
    // What is not paused is left alone: a new revision would void an attempt that was counted, and keep a person's start
    // or stop that is refused from taking back what it wrote.
    return acknowledge(context, id, await commit(context, id, former.value, supervisionResumed));
  });

/** The reconciliation cancels the wake-up of what is paused, and looks at once at what was resumed. */
const acknowledge = <E>(
  context: Context,
  id: InstanceId,
  saved: Either<E, Committed>,
): Either<E, SupervisionAcknowledged> => {
  if (saved._tag === 'Left') return saved;
  context.request(id);
  return right({ revision: saved.right.revision, reason: saved.right.reason });
};
