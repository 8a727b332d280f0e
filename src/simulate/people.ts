/**
 * What people did, in words for pictures.
 */
import type { RestartEvent } from '../event.js';
import type { Timestamp } from '../status.js';
import type { Timeline } from './timeline.js';

export interface Act {
  readonly at: Timestamp;
  /** One or two words: what a mark is labelled with. */
  readonly short: string;
  /** What follows "a person". */
  readonly long: string;
  /** One letter, for a row of a terminal. */
  readonly letter: string;
}

const acts: { readonly [T in RestartEvent['_tag']]?: Omit<Act, 'at'> } = {
  ManualStart: { short: 'start', long: 'started it', letter: 'S' },
  ManualStop: { short: 'stop', long: 'stopped it', letter: 's' },
  Pause: { short: 'pause', long: 'paused supervision', letter: 'p' },
  Resume: { short: 'resume', long: 'resumed supervision', letter: 'r' },
  PolicyUpdated: { short: 'new policy', long: 'gave it a new policy', letter: 'u' },
};

/** All but the start with which it begins. */
export const actsIn = ({ entries }: Timeline): ReadonlyArray<Act> =>
  entries.slice(1).flatMap(({ at, event }) => {
    const act = acts[event._tag];
    return act === undefined ? [] : [{ at, ...act }];
  });
