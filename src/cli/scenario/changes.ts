/**
 * What else the runs of a scenario do: how long they take to start, whether they start, and when they turn unhealthy.
 */
import type { Run, Workload } from '../../simulate.js';
import { spanText } from '../../span-text.js';
import type { OptionReader } from '../options.js';

export interface Changes {
  readonly fields: Partial<Run>;
  /** How many of the first restarts fail. The first start is a person's: if that failed, there would be nothing to supervise. */
  readonly failing: number;
  readonly descriptions: ReadonlyArray<string>;
}

export const readChanges = (options: OptionReader): Changes => {
  const bootsFor = options.span('--boots-for', 0);
  const unhealthyAfter = options.span('--unhealthy-after', 0);
  const count = options.count('--start-fails', 1, Number.MAX_SAFE_INTEGER);
  const failing = options.isGiven('--start-fails') ? (count ?? Number.POSITIVE_INFINITY) : 0;
  const all = failing === Number.POSITIVE_INFINITY;
  return {
    fields: {
      ...(bootsFor === undefined ? {} : { bootsFor }),
      ...(unhealthyAfter === undefined ? {} : { unhealthyAfter }),
    },
    failing,
    descriptions: [
      ...(bootsFor === undefined ? [] : [`each start takes ${spanText(bootsFor)}`]),
      ...(unhealthyAfter === undefined ? [] : [`unhealthy after ${spanText(unhealthyAfter)}`]),
      ...(failing === 0
        ? []
        : [all ? 'every restart fails' : `the first ${failing === 1 ? 'restart fails' : `${failing} restarts fail`}`]),
    ],
  };
};

export const changed = (workload: Workload, { fields, failing }: Changes): Workload => {
  if (failing === 0 && Object.keys(fields).length === 0) return workload;
  return (run, random) => ({
    ...workload(run, random),
    ...fields,
    ...(run > 1 && run <= failing + 1 ? { startFails: true } : {}),
  });
};
