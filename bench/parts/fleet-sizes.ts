/**
 * How large the fleets are.
 */
import type { Size } from '../part.js';

/** The million is measured beside the smaller fleet: growth is by that. */
interface FleetSizes {
  readonly instances: number;
  readonly million: number;
  readonly rounds: number;
  /** Of the million, and of what it is measured beside. */
  readonly millionRounds: number;
}

export const million = 1_000_000;

/** A resync of a fleet is long, and the noise of a moment is little in it: few rounds will do. */
export const fleetSizes: Readonly<Record<Size, FleetSizes>> = {
  full: { instances: 100_000, million, rounds: 3, millionRounds: 7 },
  tiny: { instances: 100, million: 200, rounds: 1, millionRounds: 1 },
};
