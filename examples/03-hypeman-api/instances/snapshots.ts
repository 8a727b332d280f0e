/**
 * Snapshots, in SQLite. A child process has no disk and no memory that could be kept: its snapshot is its definition
 * and its policy, as they were.
 */
import type Database from 'libsql';
import type { RestartPolicy, Timestamp } from 'restart-policy';
import type { InstanceId } from 'restart-policy/controller';
import { texts } from '../database.js';
import type { Workload } from './definition.js';

/** Plain data that survives JSON: it is stored as such. */
export interface Snapshot {
  readonly id: string;
  readonly name: string | null;
  readonly createdAt: Timestamp;
  readonly instanceId: InstanceId;
  readonly instanceName: string;
  readonly workload: Workload;
  readonly policy: RestartPolicy;
}

export interface Snapshots {
  /** null: there is none, or it is another instance's. */
  readonly get: (id: string, instanceId: InstanceId) => Snapshot | null;
  readonly insert: (snapshot: Snapshot) => void;
  readonly removeOf: (instanceId: InstanceId) => void;
}

export const openSnapshots = (database: Database.Database): Snapshots => {
  database.exec(
    'CREATE TABLE IF NOT EXISTS snapshots (id TEXT PRIMARY KEY, instance_id TEXT NOT NULL, snapshot TEXT NOT NULL)',
  );
  const byId = database.prepare('SELECT snapshot FROM snapshots WHERE id = ? AND instance_id = ?');
  const insertion = database.prepare('INSERT INTO snapshots (id, instance_id, snapshot) VALUES (?, ?, ?) RETURNING id');
  const removal = database.prepare('DELETE FROM snapshots WHERE instance_id = ? RETURNING id');
  return {
    get: (id, instanceId) => {
      const text = texts(byId, id, instanceId)[0];
      return text === undefined ? null : JSON.parse(text);
    },
    insert: (snapshot) => void texts(insertion, snapshot.id, snapshot.instanceId, JSON.stringify(snapshot)),
    removeOf: (instanceId) => void texts(removal, instanceId),
  };
};
