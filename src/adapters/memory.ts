/**
 * A store that lives as long as its process: for tests, simulators, and hosts that keep no state.
 *
 * @packageDocumentation
 */
import * as E from '../either.js';
import * as O from '../option.js';
import {
  conflict,
  type InstanceId,
  type RestartRecord,
  type Revision,
  type Store,
  type StoredRecord,
} from '../ports/store.js';
import { nothingStands, savedOver } from './common/standing.js';
import { createOrderedIds } from './memory/ordered-ids.js';

/**
 * An empty store in memory. Nothing in it survives the process, so a manual stop does not either: a host that
 * restarts needs a durable store. It keeps frozen copies of what it is given, so that nobody's later change to an
 * object reaches it, and it never fails, but for a new record of which a part should stay as it stands. Any text is an id,
 * kept as it is. Calls are synchronous, so there is nothing of them to give up.
 *
 * @example
 * import { createMemoryStore } from 'restart-policy/adapters/memory'
 *
 * const store = createMemoryStore()
 * assert.deepStrictEqual(await store.list(), { _tag: 'Right', right: [] })
 *
 * @since 0.1.0
 */
export const createMemoryStore = (): Store => {
  const records = new Map<InstanceId, StoredRecord>();
  // One counter for all instances: a count per record would begin again when a record is removed and created anew.
  let lastRevision: Revision = 0;

  const ids = createOrderedIds();

  const isAt = (id: InstanceId, expected: Revision | null): boolean => (records.get(id)?.revision ?? null) === expected;

  return {
    load: (id) => async () => E.right(O.fromNullable(records.get(id))),
    save: (id, record, expected) => async () => {
      const saved = savedOver(record, expected === null ? undefined : records.get(id));
      if (saved === null && expected === null) return E.left(nothingStands(id));
      if (saved === null || !isAt(id, expected)) return E.left(conflict);
      if (expected === null) ids.add(id);
      lastRevision++;
      records.set(id, frozenCopy(saved, lastRevision));
      return E.right(lastRevision);
    },
    list: async () => E.right([...records.keys()]),
    remove: (id, expected) => async () => {
      if (!records.has(id) || !isAt(id, expected)) return E.left(conflict);
      records.delete(id);
      ids.remove(id);
      return E.right(undefined);
    },
    listRecords:
      ({ after, limit }) =>
      async () =>
        E.right(
          ids.after(after, limit).flatMap((id) => {
            const record = records.get(id);
            return record === undefined ? [] : [{ id, record: E.right(record) }];
          }),
        ),
  };
};

const frozenCopy = ({ policy, status }: RestartRecord, revision: Revision): StoredRecord =>
  Object.freeze({ policy: Object.freeze({ ...policy }), status: Object.freeze({ ...status }), revision });
