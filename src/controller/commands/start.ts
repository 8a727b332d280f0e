/**
 * A person's start. It runs in the instance's lane: no observation is decided between the record and the start.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../../either.js';
import { manuallyStarted } from '../../event.js';
import { type ActionError, failed, type Superseded, superseded } from '../../ports/hypervisor.js';
import type { InstanceId, InvalidRecord, Revision, StoreFailed } from '../../ports/store.js';
import type { BlockedReason } from '../../status.js';
import type { Context } from '../context.js';
import { startPermit } from '../permits.js';
import { holdsSection, stopIfStopped } from '../reconcile.js';
import type { Acknowledged } from './answers.js';
import { recordStart } from './saving.js';
import { answerFailed, answerUndone, asFailed, undoOnce } from './undo.js';

export const start = async (context: Context, id: InstanceId): Promise<Either<ActionError, Acknowledged>> => {
  const { ports } = context;
  const recorded = await recordStart(context, id, manuallyStarted);
  if (recorded._tag === 'Left') return recorded;
  const undo = undoOnce(context, id, recorded.right);
  let { revision } = recorded.right;

  context.admission?.begin(id, 'person');
  for (;;) {
    const heldUpBy = holdsSection(context, id);
    if (heldUpBy !== null) {
      context.request(id);
      return left(failed(`an earlier ${heldUpBy} has not answered`));
    }
    const permit = { ...startPermit(ports, id, revision), onRefused: undo.onRefused };
    const started = await ports.start(id, permit, 'person');
    context.request(id);
    if (started._tag === 'Right') break;
    switch (started.left._tag) {
      case 'Superseded': {
        const current = await currentRevision(context, id);
        if (current._tag === 'Left') {
          const { left: error } = current;
          return left(error._tag === 'Superseded' ? error : asFailed(error));
        }
        if (current.right === revision) return left(failed(restoredStore));
        revision = current.right;
        continue;
      }
      case 'Refused':
        return left(answerUndone(started.left, await undo.run()));
      default: {
        const answer = await answerFailed(started.left, undo);
        // Supervision is on; what was stopped meanwhile is stopped.
        await stopIfStopped(context, id, revision);
        context.request(id);
        return left(answer);
      }
    }
  }

  const { isStopped } = await stopIfStopped(context, id, revision);
  return isStopped ? left(superseded) : right({ revision });
};

const restoredStore =
  'the hypervisor knows a later revision than the store holds; was the store restored from a backup?';

/** Whether a person's start is still made when this came after it. */
const goesOn: Readonly<Record<BlockedReason, boolean>> = {
  manual_stop: false,
  max_attempts_exceeded: false,
  // It suspends what is done without a person. The instance is started, and left alone from then on.
  paused: true,
};

/** The revision that a start may still be made under; Superseded if what came after it won. */
const currentRevision = async (
  context: Context,
  id: InstanceId,
): Promise<Either<Superseded | StoreFailed | InvalidRecord, Revision>> => {
  const loaded = await context.ports.load(id);
  if (loaded._tag === 'Left') return loaded;
  if (loaded.right._tag === 'None') return left(superseded);
  const { revision, status } = loaded.right.value;
  return status.blockedReason === null || goesOn[status.blockedReason] ? right(revision) : left(superseded);
};
