/**
 * The tables, as SQL. This text is what `migrate` runs; docs/postgres.sql is its printed form, for people and for psql,
 * and a test keeps the two equal (`npx vitest run test/postgres/schema -u` prints it anew). It lives in a module and not
 * in a file that is read, because every bundler, test runner and runtime that a host may have knows what a module is.
 */

/** How long an id may be, in bytes of UTF-8, as the tables have it: what fits an index and a notification. */
export const longestId = 2_600;

/** One statement, and so one transaction, wherever it is run. A later version adds a step at its end. */
export const schema = `-- The tables of restart-policy/adapters/postgres, for PostgreSQL 12 or later. Safe to run again, and by several at once.
-- They are made in the first schema of the search_path: one database can hold several sets.
DO $migrate$
BEGIN
  -- Of several hosts that come up together one makes the tables, and the others wait and find them.
  PERFORM pg_advisory_xact_lock(7310589266483106913);

  IF to_regclass('restart_schema') IS NULL THEN
    CREATE TABLE restart_schema (
      version integer PRIMARY KEY,
      applied_at timestamptz NOT NULL DEFAULT now()
    );
  END IF;

  IF EXISTS (SELECT FROM restart_schema WHERE version > 1) THEN
    RAISE EXCEPTION 'the tables were made by a newer restart-policy: they are of version %, and this one knows 1',
      (SELECT max(version) FROM restart_schema);
  END IF;

  IF NOT EXISTS (SELECT FROM restart_schema WHERE version = 1) THEN

    -- Immutable in truth: the wire form is always UTC and ISO 8601. PostgreSQL has no year 0; that is long ago anyway.
    CREATE FUNCTION restart_next_attempt_at(status jsonb) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
      SELECT CASE WHEN status ->> 'next_attempt_at' LIKE '0000-%' THEN timestamptz '-infinity'
                  ELSE (status ->> 'next_attempt_at')::timestamptz END
    $$;

    CREATE TABLE restart_instances (
      -- In the order of bytes: an index on text in a language's order breaks when the system's collation changes.
      -- The length keeps it well within what an index and a notification can hold.
      id text COLLATE "C" PRIMARY KEY CHECK (id <> '' AND octet_length(id) <= 2600),
      -- The number of a write. It comes from a sequence, which never gives a number twice, and fits a double exactly.
      revision bigint NOT NULL GENERATED ALWAYS AS IDENTITY (MAXVALUE 9007199254740991),
      policy jsonb NOT NULL,
      status jsonb NOT NULL,
      next_attempt_at timestamptz GENERATED ALWAYS AS (restart_next_attempt_at(status)) STORED
    );
    CREATE INDEX restart_instances_due ON restart_instances (next_attempt_at) WHERE next_attempt_at IS NOT NULL;

    -- A controller. Its leases are good as long as it renews this one row.
    CREATE TABLE restart_owners (
      owner bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (MAXVALUE 9007199254740991),
      name text NOT NULL,
      expires_at timestamptz NOT NULL
    );

    -- Who acts on an instance. Of an owner that is gone or has expired, a lease is free. It goes with the record.
    CREATE TABLE restart_leases (
      id text COLLATE "C" PRIMARY KEY REFERENCES restart_instances ON DELETE CASCADE,
      owner bigint NOT NULL,
      epoch bigint NOT NULL GENERATED ALWAYS AS IDENTITY (MAXVALUE 9007199254740991)
    );

    -- What was answered must survive a crash of the server, also where synchronous_commit is off by default: a stop that
    -- is forgotten starts a VM, and a number that is forgotten is given twice.
    CREATE FUNCTION restart_durably() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF current_setting('synchronous_commit') = 'off' THEN
          PERFORM set_config('synchronous_commit', 'on', true);
        END IF;
        RETURN NULL;
      END
    $$;
    CREATE TRIGGER restart_durably AFTER INSERT OR UPDATE OR DELETE ON restart_instances
      FOR EACH STATEMENT EXECUTE FUNCTION restart_durably();
    CREATE TRIGGER restart_durably AFTER INSERT OR UPDATE OR DELETE ON restart_owners
      FOR EACH STATEMENT EXECUTE FUNCTION restart_durably();
    CREATE TRIGGER restart_durably AFTER INSERT OR UPDATE OR DELETE ON restart_leases
      FOR EACH STATEMENT EXECUTE FUNCTION restart_durably();

    -- Whoever writes, by hand too, leads to a notification. The channel bears the table's number: other sets have other channels.
    CREATE FUNCTION restart_notify_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('restart_instances_' || TG_RELID, coalesce(NEW.id, OLD.id));
        RETURN NULL;
      END
    $$;
    CREATE TRIGGER restart_notify_change AFTER INSERT OR UPDATE OR DELETE ON restart_instances
      FOR EACH ROW EXECUTE FUNCTION restart_notify_change();

    INSERT INTO restart_schema (version) VALUES (1);
  END IF;

  -- It came later, and counts as no other version: an earlier library does not know it, and goes on working beside it.
  IF to_regclass('restart_history') IS NULL THEN

    -- What happened to instances, for people: nothing is decided by it, and it holds on to no record.
    CREATE TABLE restart_history (
      place bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (MAXVALUE 9007199254740991),
      id text COLLATE "C" NOT NULL CHECK (id <> '' AND octet_length(id) <= 2600),
      -- In milliseconds since the epoch: to_timestamp(at / 1000.0).
      at bigint NOT NULL,
      kind text NOT NULL,
      -- When the run began that ended: one run has one end. null: it is no end.
      run bigint,
      entry jsonb NOT NULL
    );
    CREATE INDEX restart_history_id ON restart_history (id, place);
    CREATE INDEX restart_history_at ON restart_history (at, place);
    -- Whatever is told again is there once: one end of each run, and of all else what is equal. The hash is of 64 bits.
    CREATE UNIQUE INDEX restart_history_once ON restart_history
      (id, kind, coalesce(run, at), (CASE WHEN run IS NULL THEN hashtextextended(entry::text, 0) ELSE 0 END));
  END IF;
END
$migrate$;
`;
