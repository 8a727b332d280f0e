/**
 * A map by id for whoever has the id's salt at hand, as every look has.
 *
 * To look for a text, a Map reads those that it compares it with, and of half a million the processor's caches hold few. Salts
 * are compared where they stand. What shares its salt with another, as some pairs of a million ids do and as ids that were
 * chosen for it may, is told apart by id.
 */
export interface SaltedMap<K, V> {
  readonly get: (key: K, salt: number) => V | undefined;
  /** One that is not there yet. */
  readonly add: (key: K, salt: number, value: V) => void;
  /** One that is there. */
  readonly delete: (key: K, salt: number) => void;
}

/** `keyOf`: a value says which key it was added for. No value is a Map. */
export const createSaltedMap = <K, V extends object>(keyOf: (value: V) => K): SaltedMap<K, V> => {
  /** By salts as integers of 32 bits with a sign, which V8 keeps without an object for each. A Map: of those that share it. */
  const bySalt = new Map<number, V | Map<K, V>>();

  return {
    get: (key, salt) => {
      const found = bySalt.get(salt | 0);
      if (found instanceof Map) return found.get(key);
      return found !== undefined && keyOf(found) === key ? found : undefined;
    },
    add: (key, salt, value) => {
      const found = bySalt.get(salt | 0);
      if (found instanceof Map) found.set(key, value);
      else bySalt.set(salt | 0, found === undefined ? value : new Map([[keyOf(found), found]]).set(key, value));
    },
    delete: (key, salt) => {
      const found = bySalt.get(salt | 0);
      // An empty Map that stays where salts were shared is no burden.
      if (found instanceof Map) found.delete(key);
      else bySalt.delete(salt | 0);
    },
  };
};
