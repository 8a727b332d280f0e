/**
 * Whose turn is next, among many: a binary heap of numbered participants by the moment at which something happens to them.
 * Everybody is always in it, so a moment that changes is moved in its place.
 */
import type { Timestamp } from '../status.js';

export interface Agenda {
  /** Who is next; of equal moments, the lowest number. */
  readonly first: () => number;
  readonly firstAt: () => Timestamp;
  readonly move: (who: number, at: Timestamp) => void;
}

export const createAgenda = (moments: ReadonlyArray<Timestamp>): Agenda => {
  const size = moments.length;
  const at = Float64Array.from(moments);
  const heap = Int32Array.from(moments, (_, who) => who);
  const placeOf = Int32Array.from(heap);

  const whoAt = (place: number): number => heap[place] as number;
  const isBefore = (a: number, b: number): boolean => {
    const [first, second] = [at[a] as number, at[b] as number];
    return first < second || (first === second && a < b);
  };

  const put = (place: number, who: number): void => {
    heap[place] = who;
    placeOf[who] = place;
  };

  const rise = (who: number): void => {
    let place = placeOf[who] as number;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!isBefore(who, whoAt(above))) break;
      put(place, whoAt(above));
      place = above;
    }
    put(place, who);
  };

  const sink = (who: number): void => {
    let place = placeOf[who] as number;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= size) break;
      if (below + 1 < size && isBefore(whoAt(below + 1), whoAt(below))) below++;
      if (!isBefore(whoAt(below), who)) break;
      put(place, whoAt(below));
      place = below;
    }
    put(place, who);
  };

  for (let place = (size >> 1) - 1; place >= 0; place--) sink(whoAt(place));

  return {
    first: () => whoAt(0),
    firstAt: () => at[whoAt(0)] as number,
    move: (who, moment) => {
      const before = at[who] as number;
      at[who] = moment;
      if (moment < before) rise(who);
      else if (moment > before) sink(who);
    },
  };
};
