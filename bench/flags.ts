/**
 * What is asked for on the command line.
 */
import type { Part } from './part.js';

export interface Asked {
  /** None: the whole is asked for. In the order of the document. */
  readonly parts: ReadonlyArray<Part>;
  readonly isWrite: boolean;
  /** Neither `--write` nor the flag of a part. */
  readonly unknown: ReadonlyArray<string>;
}

export const askedOf = (given: ReadonlyArray<string>, parts: ReadonlyArray<Part>): Asked => {
  const known = ['--write', ...parts.map(({ flag }) => flag)];
  return {
    parts: parts.filter(({ flag }) => given.includes(flag)),
    isWrite: given.includes('--write'),
    unknown: given.filter((one) => !known.includes(one)),
  };
};

export const unknownText = (unknown: ReadonlyArray<string>, parts: ReadonlyArray<Part>): string =>
  `not a flag: ${unknown.join(', ')}; there are --write, and for one part each ${parts.map(({ flag }) => flag).join(', ')}`;
