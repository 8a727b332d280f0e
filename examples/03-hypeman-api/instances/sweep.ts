/**
 * Before anything runs: what a crash left half-way. An instance is a definition and a restart record. A create writes
 * the definition first, a delete removes the record first; so one without the other was never there for a client, or
 * was about to go.
 */

import { right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ProcessHypervisor } from 'restart-policy/adapters/process';
import type { Store, StoreFailed } from 'restart-policy/controller';
import type { Definitions } from './definitions.js';

export const sweep =
  (
    definitions: Definitions,
    store: Store,
    hypervisor: Pick<ProcessHypervisor, 'forget'>,
  ): TaskEither<StoreFailed, void> =>
  async () => {
    const listed = await store.list();
    if (listed._tag === 'Left') return listed;
    const recorded = new Set(listed.right);
    for (const { id } of definitions.all()) {
      if (recorded.delete(id)) continue;
      definitions.remove(id);
      await hypervisor.forget(id)();
    }
    for (const id of recorded) {
      const loaded = await store.load(id)();
      // What is no record is left alone, for a person to mend.
      if (loaded._tag === 'Right' && loaded.right._tag === 'Some')
        await store.remove(id, loaded.right.value.revision)();
    }
    return right(undefined);
  };
