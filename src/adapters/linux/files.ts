/**
 * Files that need not be there.
 */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a file holds. null: there is none. Rejects for any other reason: one that cannot be read is not none. */
export const unlessMissing = async <A>(reading: Promise<A>): Promise<A | null> => {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
};

/**
 * What a file in a directory holds, as text. null: there is none in it. Rejects where the directory itself is gone, for
 * then nothing is known of what was in it: an instance that has a record there must not seem to have none.
 */
export const readIn = async (directory: string, name: string): Promise<string | null> => {
  const text = await unlessMissing(readFile(join(directory, name), 'utf8'));
  if (text === null) await access(directory);
  return text;
};
