/** The definitions of the instances, in SQLite. A driver that throws is the server's fault: nobody here catches it. */
import type Database from 'libsql';
import type { InstanceId } from 'restart-policy/controller';
import { texts } from '../database.js';
import type { Definition } from './definition.js';

export interface Definitions {
  readonly get: (id: InstanceId) => Definition | null;
  /** By id or, as hypeman's clients may, by name. */
  readonly find: (idOrName: string) => Definition | null;
  /** In the order of their creation. */
  readonly all: () => ReadonlyArray<Definition>;
  /** false: there is an instance of that name, and nothing was written. */
  readonly insert: (definition: Definition) => boolean;
  /** null: it was deleted meanwhile, and is not brought back. */
  readonly change: (id: InstanceId, changes: Partial<Definition>) => Definition | null;
  readonly remove: (id: InstanceId) => void;
}

export const openDefinitions = (database: Database.Database): Definitions => {
  database.exec(
    `CREATE TABLE IF NOT EXISTS instances (
      place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, definition TEXT NOT NULL
    )`,
  );
  const byId = database.prepare('SELECT definition FROM instances WHERE id = ?');
  const byName = database.prepare('SELECT definition FROM instances WHERE name = ?');
  const everything = database.prepare('SELECT definition FROM instances ORDER BY place');
  const insertion = database.prepare(
    'INSERT INTO instances (id, name, definition) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING RETURNING id',
  );
  const replacement = database.prepare('UPDATE instances SET definition = ? WHERE id = ? RETURNING id');
  const removal = database.prepare('DELETE FROM instances WHERE id = ? RETURNING id');

  const get = (id: InstanceId): Definition | null => parse(texts(byId, id)[0]);
  return {
    get,
    find: (idOrName) => get(idOrName) ?? parse(texts(byName, idOrName)[0]),
    all: () => texts(everything).flatMap((text) => parse(text) ?? []),
    insert: (definition) => texts(insertion, definition.id, definition.name, JSON.stringify(definition)).length > 0,
    change: (id, changes) => {
      const former = get(id);
      if (former === null) return null;
      const changed = { ...former, ...changes };
      texts(replacement, JSON.stringify(changed), id);
      return changed;
    },
    remove: (id) => void texts(removal, id),
  };
};

/** Only `insert` and `change` write here, so what stands there is a definition. */
const parse = (text: string | undefined): Definition | null => (text === undefined ? null : JSON.parse(text));
