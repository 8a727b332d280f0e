/** Delete: the instance is stopped, and nothing of it stays. */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { type Refusal, refusalOf } from '../answers.js';
import type { Parts } from '../parts.js';
import type { Definition } from './definition.js';

export const remove = async (parts: Parts, { id }: Definition): Promise<Either<Refusal, void>> => {
  const { controller, definitions, snapshots, hypervisor, checks, latest, recent, changes } = parts;
  for (;;) {
    const deleted = await controller.requestDelete(id)();
    if (deleted._tag === 'Left') return left(refusalOf(deleted.left));
    // Without a command, nothing can start it from here on.
    definitions.remove(id);
    const remains = await controller.status(id)();
    if (remains._tag === 'Left') return left(refusalOf(remains.left));
    if (remains.right === null) break;
    // A start slipped in between the two: once more.
  }
  // What the hypervisor still knows of an id that never comes back does no harm, should this fail.
  await hypervisor.forget(id)();
  snapshots.removeOf(id);
  checks.reconcile(id);
  latest.forget(id);
  recent.forget(id);
  changes.notify(id);
  return right(undefined);
};

/** The same, but what runs gets no time to end. */
export const killAndRemove = async (parts: Parts, definition: Definition): Promise<Either<Refusal, void>> => {
  parts.killedAtOnce.add(definition.id);
  try {
    return await remove(parts, definition);
  } finally {
    parts.killedAtOnce.delete(definition.id);
  }
};
