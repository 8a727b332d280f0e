import { right } from '../../src/either.js';
import type { Leases } from '../../src/ports/leases.js';

/** The leases of a controller that is alone: it gets each that it asks for, and keeps it. */
export const leasesOfAll: Leases = {
  hold: (id) => async () => right({ id, epoch: 1 }),
  check: () => async () => right(true),
  release: () => async () => right(undefined),
  subscribe: () => () => {},
  close: async () => {},
};
