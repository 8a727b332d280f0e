/** What came of holding policies against the real systems, for the documents: test/data/peers-figures.json. */
import type { Kind } from './system.js';

export interface Figures {
  /** YYYY-MM-DD. */
  readonly measured: string;
  readonly peers: ReadonlyArray<PeerFigures>;
}

export interface PeerFigures {
  readonly peer: string;
  readonly version: string;
  /** What a start costs it, the median; null: it cannot be told from its grain. In tens. */
  readonly costMs: number | null;
  readonly grainMs: number;
  /** A clause. */
  readonly because: string;
  readonly scenarios: ReadonlyArray<ScenarioFigures>;
}

export interface ScenarioFigures {
  readonly scenario: string;
  readonly kind: Kind;
  readonly says: string;
  /** The first one included. */
  readonly starts: number;
  /** Starts that both made, and that agree. */
  readonly compared: number;
  /** Of those: what a start costs the peer, and its grain, are in it. In tens. null: there is none. */
  readonly largestDifferenceMs: number | null;
  /** Fields that the translation says are lost, and that this scenario shows. */
  readonly lost: ReadonlyArray<string>;
  /** Fields of which it says that something is better here, as this scenario shows. */
  readonly gained: ReadonlyArray<string>;
  /** How: the first start that does not agree; null: all do. */
  readonly differs: string | null;
}
