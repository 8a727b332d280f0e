/**
 * Ids in the order of their code points, kept in short pieces: to add, to remove and to read a page takes no longer turn with
 * a million than with a thousand.
 */
import { byCodePoints } from '../../code-points.js';
import type { InstanceId } from '../../ports/store.js';

export interface OrderedIds {
  /** One that is not there yet. */
  readonly add: (id: InstanceId) => void;
  readonly remove: (id: InstanceId) => void;
  /** Those behind `id`, which need not be there (null: from the first), at most `limit`. */
  readonly after: (id: InstanceId | null, limit: number) => ReadonlyArray<InstanceId>;
}

/** Longer ones are cut in two. */
const longestPiece = 1_000;

export const createOrderedIds = (): OrderedIds => {
  /** None is empty. */
  const pieces: Array<Array<InstanceId>> = [];

  /** The first piece that ends at an id that is not before this one; their number: all end before it. */
  const pieceFor = (id: InstanceId): number =>
    firstThat(pieces.length, (at) => byCodePoints(pieces[at]?.at(-1) ?? '', id) >= 0);

  return {
    add: (id) => {
      const at = Math.min(pieceFor(id), Math.max(pieces.length - 1, 0));
      const piece = pieces[at];
      if (piece === undefined) return void pieces.push([id]);
      piece.splice(placeIn(piece, id), 0, id);
      if (piece.length > longestPiece) pieces.splice(at + 1, 0, piece.splice(longestPiece / 2));
    },
    remove: (id) => {
      const at = pieceFor(id);
      const piece = pieces[at];
      if (piece === undefined) return;
      const place = placeIn(piece, id);
      if (piece[place] === id) piece.splice(place, 1);
      if (piece.length === 0) pieces.splice(at, 1);
    },
    after: (id, limit) => {
      const found: Array<InstanceId> = [];
      for (let at = id === null ? 0 : pieceFor(id); at < pieces.length && found.length < limit; at++) {
        const piece = pieces[at] ?? [];
        const from = id === null ? 0 : firstThat(piece.length, (n) => byCodePoints(piece[n] ?? '', id) > 0);
        found.push(...piece.slice(from, from + limit - found.length));
      }
      return found;
    },
  };
};

const placeIn = (piece: ReadonlyArray<InstanceId>, id: InstanceId): number =>
  firstThat(piece.length, (n) => byCodePoints(piece[n] ?? '', id) >= 0);

/** The first number below `length` that fits, where all behind one that fits do; `length`: none does. */
const firstThat = (length: number, fits: (n: number) => boolean): number => {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (fits(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
};
