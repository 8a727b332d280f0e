/**
 * A witness in PostgreSQL of every write to the store, and of every lease that changed hands: triggers that copy it to
 * tables of their own in the same transaction. No controller can lose it, and none can be early.
 */
import type { Pool } from 'pg';
import { recordOf, type Written } from '../crash/audit.js';

/** A lease that came to its owner, by the clock of the database. */
export interface Taken {
  readonly id: string;
  readonly owner: number;
  /** Who had it before; null: nobody. */
  readonly from: number | null;
  /** Milliseconds from the moment at which the former owner lapsed or let go; null: there was none. */
  readonly after: number | null;
}

export interface Audit {
  /** What was committed since the last call; of one instance in the order of the commits. */
  readonly writes: () => Promise<ReadonlyArray<Written>>;
  /** All of them, of one instance in their order. */
  readonly leases: () => Promise<ReadonlyArray<Taken>>;
}

const tables = `
  CREATE TABLE audit (
    number bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(),
    id text NOT NULL, revision bigint NOT NULL, policy jsonb, status jsonb
  );
  CREATE FUNCTION audit_write() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' THEN
        INSERT INTO audit (id, revision) VALUES (OLD.id, OLD.revision);
      ELSE
        INSERT INTO audit (id, revision, policy, status) VALUES (NEW.id, NEW.revision, NEW.policy, NEW.status);
      END IF;
      RETURN NULL;
    END
  $$;
  CREATE TRIGGER audit_write AFTER INSERT OR UPDATE OR DELETE ON restart_instances
    FOR EACH ROW EXECUTE FUNCTION audit_write();

  -- When each owner lapses, or has: its own row is swept away one day.
  CREATE TABLE owner_audit (owner bigint PRIMARY KEY, expires_at timestamptz NOT NULL);
  CREATE FUNCTION audit_owner() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' THEN
        UPDATE owner_audit SET expires_at = least(expires_at, now()) WHERE owner = OLD.owner;
      ELSE
        INSERT INTO owner_audit VALUES (NEW.owner, NEW.expires_at)
          ON CONFLICT (owner) DO UPDATE SET expires_at = NEW.expires_at;
      END IF;
      RETURN NULL;
    END
  $$;
  CREATE TRIGGER audit_owner AFTER INSERT OR UPDATE OR DELETE ON restart_owners
    FOR EACH ROW EXECUTE FUNCTION audit_owner();

  CREATE TABLE lease_audit (
    number bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(),
    id text NOT NULL, owner bigint NOT NULL, former bigint, lapsed_at timestamptz
  );
  CREATE FUNCTION audit_lease() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'INSERT' THEN
        INSERT INTO lease_audit (id, owner) VALUES (NEW.id, NEW.owner);
      ELSE
        INSERT INTO lease_audit (id, owner, former, lapsed_at)
          VALUES (NEW.id, NEW.owner, OLD.owner, (SELECT expires_at FROM owner_audit WHERE owner = OLD.owner));
      END IF;
      RETURN NULL;
    END
  $$;
  CREATE TRIGGER audit_lease AFTER INSERT OR UPDATE ON restart_leases FOR EACH ROW EXECUTE FUNCTION audit_lease();
`;

/** The tables of the adapter must be there already. */
export const createAudit = async (pool: Pool): Promise<Audit> => {
  await pool.query(tables);
  /** Numbers are given before the commit: what is read late may have a lower one than what was read before. */
  const read = new Set<string>();

  return {
    writes: async () => {
      const { rows } = await pool.query(
        `SELECT number::text, id, revision::text, policy::text, status::text, extract(epoch FROM at) * 1000 AS at
         FROM audit ORDER BY audit.number`,
      );
      const fresh = rows.filter(({ number }) => !read.has(number));
      for (const { number } of fresh) read.add(number);
      return fresh.map(({ id, revision, at, policy, status }) => ({
        id,
        revision: Number(revision),
        at: Number(at),
        record: recordOf(policy, status),
      }));
    },
    leases: async () => {
      const { rows } = await pool.query(
        `SELECT id, owner::text, former::text, extract(epoch FROM at - lapsed_at) * 1000 AS after
         FROM lease_audit ORDER BY lease_audit.number`,
      );
      return rows.map(({ id, owner, former, after }) => ({
        id,
        owner: Number(owner),
        from: former === null ? null : Number(former),
        after: after === null ? null : Number(after),
      }));
    },
  };
};
