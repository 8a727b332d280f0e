/**
 * A person's stop and delete. They wait for no lane: a stop must not queue behind the start that it is to stop.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../../either.js';
import { deleteRequested, manuallyStopped, type RestartEvent } from '../../event.js';
import {
  type ActionError,
  type Failed,
  failed,
  type Refused,
  type Superseded,
  superseded,
} from '../../ports/hypervisor.js';
import type { InstanceId, Revision } from '../../ports/store.js';
import type { Context } from '../context.js';
import { isMarkedUnread, isStopped, startPermit, stopPermit } from '../permits.js';
import { holdsSection } from '../reconcile.js';
import type { Acknowledged } from './answers.js';
import { recordStop } from './saving.js';
import { answerFailed, answerUndone, asFailed, type Undo, undoOnce } from './undo.js';

type Answer = Promise<Either<ActionError, Acknowledged>>;

export const stop = (context: Context, id: InstanceId): Answer => stopBy(context, id, manuallyStopped);

const stopBy = async (context: Context, id: InstanceId, event: RestartEvent): Answer => {
  const { ports } = context;
  let wasGone = false;
  for (;;) {
    const recorded = await recordStop(context, id, event);
    if (recorded._tag === 'Left') return recorded;
    const { revision } = recorded.right;
    const undo = undoOnce(context, id, recorded.right);
    const heldUp = stopHeldUp(context, id);
    const stopped =
      heldUp === null
        ? await ports.stop(id, { ...stopPermit(ports, id, revision), onRefused: undo.onRefused }, 'person')
        : left(heldUp);

    if (stopped._tag === 'Right') {
      context.request(id); // which cancels its wake-up
      return right({ revision });
    }
    switch (stopped.left._tag) {
      case 'Superseded':
        return left(stopped.left);
      case 'Refused': {
        const answer = await answerRefused(context, id, stopped.left, undo);
        if (answer !== 'gone') return left(answer);
        // Only once: a hypervisor that refuses to stop what does not run would be asked for ever.
        if (wasGone) return left(stopped.left);
        wasGone = true;
        continue;
      }
      default: {
        const answer = await answerFailed(stopped.left, undo);
        context.request(id); // the marker stays, and repair finishes the stop
        return left(answer);
      }
    }
  }
};

/** In class `section` a stop behind an unanswered call would only wait, perhaps for ever. */
const stopHeldUp = (context: Context, id: InstanceId): Failed | null => {
  const by = holdsSection(context, id);
  return by === null ? null : failed(`recorded, but an earlier ${by} has not answered: the stop is made when that has`);
};

/** Nothing was done, so the record is put back. 'gone': the run ended meanwhile, so the stop is made again. */
const answerRefused = async (
  context: Context,
  id: InstanceId,
  refusal: Refused,
  undo: Undo,
): Promise<Refused | Failed | 'gone'> => {
  const undone = await undo.run();
  context.request(id);
  if (undone._tag === 'Left') return answerUndone(refusal, undone);
  if (undone.right === null || undo.former === 'stopped') return refusal;
  // A repair whose permit was drawn from the marker may be on its way: the run is given a tag that this repair must not
  // kill. Not if the record that was put back is another person's stop: the tag would shield the run from that stop too.
  const { ports } = context;
  const tagged = await ports.retag(id, startPermit(ports, id, undone.right));
  return tagged._tag === 'Right' && tagged.right === 'gone' ? 'gone' : refusal;
};

export const remove = async (context: Context, id: InstanceId): Answer => {
  const stopped = await stopBy(context, id, deleteRequested);
  if (stopped._tag === 'Left') return stopped;
  // Here a start in flight may take effect after the delete: the marker stays as a tombstone, to stop it.
  if (context.exclusion === 'none') return stopped;

  // It names no revision that a later removal would void: so the record stays, for it to be in conflict with.
  if (context.calls.isCreationUnanswered(id)) return left(failed(mayComeBack));

  const removed = await removeStopped(context, id, stopped.right.revision);
  // Whatever came of it, it may be removed, and is listed no more then: without a look of its own its lease would be
  // kept, and what is known of it.
  context.request(id);
  return removed;
};

const removeStopped = async (context: Context, id: InstanceId, stoppedAt: Revision): Answer => {
  const { ports } = context;
  let revision = stoppedAt;
  for (;;) {
    const removed = await ports.remove(id, revision);
    if (removed._tag === 'Right') return right({ revision });
    // From here on the delete is recorded as a stop, and stands.
    if (removed.left._tag === 'StoreFailed') return left(asFailed(removed.left));
    const standing = await standingStop(context, id);
    if (standing._tag === 'Left') return standing;
    if (standing.right === null) return right({ revision });
    // Another person stopped it again, and may not have carried that out yet: so it is stopped under their command.
    // To save this delete once more would void theirs, and two deletes at once would do that to each other for ever.
    revision = standing.right;
    const heldUp = stopHeldUp(context, id);
    if (heldUp !== null) return left(heldUp);
    const again = await ports.stop(id, stopPermit(ports, id, revision), 'person');
    if (again._tag === 'Right') continue;
    const { left: error } = again;
    return left(error._tag === 'Superseded' || error._tag === 'Refused' ? error : asFailed(error));
  }
};

const mayComeBack =
  'stopped, but not removed: an earlier save that creates the record has not answered, and may do so again';

/** The revision of the stop that stands in the record; null: the record is gone. */
const standingStop = async (
  { ports }: Context,
  id: InstanceId,
): Promise<Either<Superseded | Failed, Revision | null>> => {
  const loaded = await ports.load(id);
  if (loaded._tag === 'Left') {
    const { left: error } = loaded;
    return isMarkedUnread(error) ? right(error.revision) : left(asFailed(error));
  }
  if (loaded.right._tag === 'None') return right(null);
  return isStopped(loaded.right) ? right(loaded.right.value.revision) : left(superseded);
};
