/**
 * A map of what comes and soon goes.
 *
 * A Map makes a new table when its old one is full of what has gone, and V8 links the old table to the new one. Once a full
 * collection of garbage has met such a table, every later one is kept until the next full collection, with all that it held,
 * and each small collection in between takes several times as long. So another Map is begun now and then.
 */
export interface PassingMap<K, V> extends Pick<ReadonlyMap<K, V>, 'get' | 'values'> {
  readonly set: (key: K, value: V) => void;
  readonly delete: (key: K) => void;
}

/** So many are deleted at least before another Map is begun. */
const few = 512;

export const createPassingMap = <K, V>(): PassingMap<K, V> => {
  let map = new Map<K, V>();
  let deleted = 0;
  return {
    get: (key) => map.get(key),
    values: () => map.values(),
    set: (key, value) => void map.set(key, value),
    delete: (key) => {
      map.delete(key);
      // As many as are left: then the copy is a part of the work that has been done anyway.
      if (++deleted < Math.max(few, map.size)) return;
      deleted = 0;
      map = new Map(map);
    },
  };
};
