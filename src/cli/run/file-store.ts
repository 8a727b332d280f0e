/**
 * A store in one small file, for the one instance of `run --state`: a person's stop and what was counted outlive the supervisor.
 *
 * The directory has one owner at a time, which the process adapter sees to, so what is compared and set within one turn of the
 * event loop is atomic. A write is durable when it is answered: the file is replaced whole.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Either } from 'fp-ts/lib/Either.js';
import { messageOf } from '../../adapters/common/answers.js';
import { createRecordReader, encodeRecord } from '../../adapters/common/record-text.js';
import { left, right } from '../../either.js';
import {
  type Conflict,
  conflict,
  type InstanceId,
  type Revision,
  type Store,
  type StoreFailed,
  storeFailed,
} from '../../ports/store.js';

interface Row {
  readonly id: InstanceId;
  readonly policy: string;
  readonly status: string;
  readonly revision: Revision;
}

interface Contents {
  /** The last one that was given; it outlives a removed record. */
  readonly revision: Revision;
  readonly rows: ReadonlyArray<Row>;
}

/** The file is made with the first save. */
export const createFileStore = (file: string): Store => {
  const reader = createRecordReader();

  const read = (): Contents => {
    try {
      return JSON.parse(readFileSync(file, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { revision: 0, rows: [] };
      throw error;
    }
  };

  const attempt =
    <E, A>(what: () => Either<E, A>) =>
    async (): Promise<Either<E | StoreFailed, A>> => {
      try {
        return what();
      } catch (error) {
        return left(storeFailed(`${file}: ${messageOf(error)}`, error));
      }
    };

  return {
    load: (id) =>
      attempt(() =>
        reader.found(
          id,
          read().rows.filter((row) => row.id === id),
        ),
      ),
    save: (id, record, expected) =>
      attempt<Conflict | StoreFailed, Revision>(() => {
        const encoded = encodeRecord(id, record, expected);
        if (encoded._tag === 'Left') return encoded;
        const { revision: last, rows } = read();
        const standing = rows.find((row) => row.id === id);
        if ((standing?.revision ?? null) !== expected) return left(conflict);
        const revision = last + 1;
        const policy = encoded.right.policy ?? standing?.policy ?? '';
        const status = encoded.right.status ?? standing?.status ?? '';
        const others = rows.filter((row) => row.id !== id);
        replace(file, { revision, rows: [...others, { id, policy, status, revision }] });
        return right(revision);
      }),
    list: attempt(() => right(read().rows.map(({ id }) => id))),
    remove: (id, expected) =>
      attempt(() => {
        const { revision, rows } = read();
        if (rows.find((row) => row.id === id)?.revision !== expected) return left(conflict);
        replace(file, { revision, rows: rows.filter((row) => row.id !== id) });
        return right(undefined);
      }),
  };
};

/** The old file or the new one is there, whatever happens in between. */
const replace = (file: string, contents: Contents): void => {
  const aside = `${file}.new`;
  const written = openSync(aside, 'w', 0o600);
  try {
    writeSync(written, `${JSON.stringify(contents, null, 1)}\n`);
    fsyncSync(written);
  } finally {
    closeSync(written);
  }
  renameSync(aside, file);
  const directory = openSync(dirname(file), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
};
