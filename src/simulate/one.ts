/**
 * The simulation of one instance: whatever is next happens, until the time is over.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { formatDuration } from '../duration.js';
import { left, right } from '../either.js';
import { manuallyStarted } from '../event.js';
import { type InvalidOptions, invalidOptions } from '../options.js';
import type { Timestamp } from '../status.js';
import { Instance, keepCode } from './instance.js';
import { checkSimulation, type SimulationOptions, wrong } from './options.js';
import { timelineOf } from './replay.js';
import type { Timeline } from './timeline.js';

/**
 * What a policy would do with a workload: a simulation by `decide` and `nextWakeAt` themselves. It begins with a person's start;
 * the instance is looked at at each of its changes and whenever `nextWakeAt` says so, and nowhere else, as by the controller.
 * A start, a stop and a decision take no time (but under a policy with a rule of `restart_uncounted` the run of an attempt begins
 * a millisecond after it, as it does on a host: else its end would be counted); of what comes at one millisecond a change of
 * the instance is first, then what was waited for, then a person. The same input gives the same output, everywhere. Left:
 * `InvalidOptions`, with all that is wrong, what the workload answered included. Never throws.
 *
 * @example
 * import { restartPolicyOrThrow } from 'restart-policy/promises'
 * import { crashLoop, simulate } from 'restart-policy/simulate'
 *
 * const policy = restartPolicyOrThrow({ mode: 'always', backoff: '5s', maxAttempts: 3 })
 * const simulated = simulate({ policy, workload: crashLoop({ runsFor: 1_000 }), for: 60_000 })
 * if (simulated._tag === 'Left') throw new Error(simulated.left.message)
 * const { attempts, uptime, blockedAt } = simulated.right.summary
 * assert.deepStrictEqual({ attempts, uptime, blockedAt }, { attempts: 3, uptime: 4_000, blockedAt: 12_000 })
 *
 * @since 0.2.0
 */
export const simulate = (options: SimulationOptions): Either<InvalidOptions, Timeline> => {
  const checked = checkSimulation(options);
  if (checked._tag === 'Left') return checked;
  const { policy, workload, id, seed, from, words, mostEntries } = checked.right;
  const end = from + checked.right.for;
  const first = { at: from, event: manuallyStarted };
  const given = { id, seed, policy, workload, words: [first, ...words], gate: null, listener: null, entries: null };
  keepCode(policy);
  const instance = new Instance(given);
  instance.runUntil(end, mostEntries);
  const problem = problemOf(instance, mostEntries, instance.decisions, from);
  return problem === null ? right(timelineOf(instance, end)) : left(problem);
};

/** Why a simulation that began at `from` must not go on; null: it may. `entries`: how many are kept so far. */
export const problemOf = (
  instance: Instance,
  mostEntries: number,
  entries: number,
  from: Timestamp,
): InvalidOptions | null => {
  const message = instance.problem;
  if (message !== null) return invalidOptions([{ option: 'workload', message }]);
  if (entries <= mostEntries) return null;
  const passed = formatDuration(instance.now - from);
  return wrong(
    'for',
    `is too long for what this workload does: it has more than ${mostEntries} entries after ${passed}`,
  );
};
