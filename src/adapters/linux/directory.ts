/**
 * The directory in which an adapter keeps what is known of its instances.
 */
import { randomUUID } from 'node:crypto';
import { access, mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { isLeft, left } from '../../either.js';
import { constFalse, constTrue } from '../../function.js';
import type { InvalidOptions } from '../../options.js';
import { messageOf } from '../common/answers.js';

/**
 * Not on this operating system: what keeps the promises is Linux's own.
 *
 * @since 0.1.0
 */
export interface UnsupportedPlatform {
  readonly _tag: 'UnsupportedPlatform';
  readonly message: string;
}

/**
 * The directory cannot be used, or something that the promises rest on cannot be had.
 *
 * @since 0.1.0
 */
export interface OpenFailed {
  readonly _tag: 'OpenFailed';
  readonly message: string;
  readonly cause: unknown;
}

/**
 * Opens the directory of the options, which is made where it is missing. What is opened gets the one path of it that
 * all who share it find, whatever they call it.
 */
export const openDirectory =
  <O extends { readonly directory: string }, E, A>(
    checked: Either<InvalidOptions, O>,
    open: (options: O) => Promise<Either<E, A>>,
  ): TaskEither<E | InvalidOptions | UnsupportedPlatform | OpenFailed, A> =>
  async () => {
    if (isLeft(checked)) return checked;
    const options = checked.right;
    if (process.platform !== 'linux') {
      const message = `instances of this adapter need Linux; this is ${process.platform}`;
      return left({ _tag: 'UnsupportedPlatform', message });
    }
    try {
      await makeDirectory(options.directory);
      const directory = await realpath(options.directory);
      if (await foldsCase(directory)) {
        const why =
          'takes names of files that differ in case for one, and so would the ids "a" and "A" be one instance';
        return left(openFailed(new Error(`${directory} ${why}`)));
      }
      return await open({ ...options, directory });
    } catch (cause) {
      return left(openFailed(cause));
    }
  };

/**
 * With those that it lies in. Node's own way of that goes on for ever where the system says of a directory that is there that
 * what is to be made in it has no place, as it does of /proc: here it is tried once more, for somebody else may have made
 * that directory since, and then it is an error.
 */
const makeDirectory = async (path: string): Promise<void> => {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return; // what is no directory is told to be none by what is done in it
    if (code !== 'ENOENT') throw error;
    const above = dirname(resolve(path));
    if (!(await isThere(above))) await makeDirectory(above);
    await mkdir(path).catch(unlessThere);
  }
};

const isThere = (path: string): Promise<boolean> => access(path).then(constTrue, constFalse);

/** Somebody else may have made it meanwhile. */
const unlessThere = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EEXIST') throw error;
};

/** Asked of the directory itself, for a file system may do it in some directories only. Every instance has files there (A7). */
const foldsCase = async (directory: string): Promise<boolean> => {
  const name = `.case-${randomUUID()}`;
  try {
    await writeFile(join(directory, name), '');
    return await access(join(directory, name.toUpperCase())).then(constTrue, constFalse);
  } catch {
    return false; // who cannot write there is told so by what needs it
  } finally {
    await rm(join(directory, name), { force: true }).catch(constFalse);
  }
};

export const openFailed = (cause: unknown): OpenFailed => ({ _tag: 'OpenFailed', message: messageOf(cause), cause });
