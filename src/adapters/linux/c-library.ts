/**
 * Functions of the C library, as the package `koffi` makes them callable. As much of the package is described as is used, so
 * that neither our code nor our types need it.
 */
import { getSystemErrorName } from 'node:util';

export interface Koffi {
  readonly load: (path: null) => CLibrary;
  /** Of the last call. */
  readonly errno: () => number;
}

export interface CLibrary {
  /** By its declaration in C. Throws where the library has no such function. */
  readonly func: (declaration: string) => (...args: ReadonlyArray<unknown>) => number;
}

/** As Node's own are, with a `code`. */
export const failure = (call: string, errno: number): NodeJS.ErrnoException => {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${call} failed with ${code}`), { code, errno: -errno, syscall: call });
};
