/**
 * How many instances a scenario has, and how many of them may start at a time.
 */
import type { FleetStarts } from '../../simulate.js';
import type { OptionReader } from '../options.js';

export interface Fleet {
  readonly instances: number;
  readonly starts: FleetStarts | undefined;
}

export const readFleet = (options: OptionReader): Fleet | null => {
  const instances = options.count('--fleet', 1, 100_000);
  const perSecond = options.count('--per-second', 1, 1_000_000);
  const inFlight = options.count('--in-flight', 1, Number.MAX_SAFE_INTEGER);
  for (const limit of ['--per-second', '--in-flight']) {
    if (options.isGiven(limit) && !options.isGiven('--fleet')) options.tell(limit, 'needs --fleet');
  }
  for (const other of ['--words', '--from']) {
    if (options.isGiven(other) && options.isGiven('--fleet'))
      options.tell(other, 'is of one instance, not of a --fleet');
  }
  if (instances === undefined) return null;
  const isLimited = perSecond !== undefined || inFlight !== undefined;
  return { instances, starts: isLimited ? { perSecond, inFlight } : undefined };
};
