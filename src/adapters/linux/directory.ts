/**
 * The directory in which an adapter keeps what is known of its instances.
 */
import { mkdir, realpath } from 'node:fs/promises';
import { type Either, isLeft, left } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
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
      await mkdir(options.directory, { recursive: true });
      return await open({ ...options, directory: await realpath(options.directory) });
    } catch (cause) {
      return left(openFailed(cause));
    }
  };

export const openFailed = (cause: unknown): OpenFailed => ({ _tag: 'OpenFailed', message: messageOf(cause), cause });
