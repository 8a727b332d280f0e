/**
 * What comes of a policy in a scenario: one timeline, or those of a fleet.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import { left, right } from '../either.js';
import { map } from '../non-empty-array.js';
import type { OptionError } from '../options.js';
import { type FleetTimeline, simulate, simulateFleet, type Timeline, type Workload } from '../simulate.js';
import type { Timestamp } from '../status.js';
import type { NamedPolicy } from './input/policy.js';
import { type Problem, problem } from './problem.js';
import type { Progress } from './progress.js';
import type { Scenario } from './scenario.js';

export type Simulated =
  | { readonly _tag: 'One'; readonly given: NamedPolicy; readonly timeline: Timeline }
  | { readonly _tag: 'Fleet'; readonly given: NamedPolicy; readonly fleet: FleetTimeline };

export const simulated = (
  given: NamedPolicy,
  scenario: Scenario,
  progress: Progress,
): Either<NonEmptyArray<Problem>, Simulated> => {
  const { policy, name } = given;
  const workload = watched(scenario, name, progress);
  const { for: span, seed, id, from, words, fleet } = scenario;
  const problems = map(({ message }: OptionError) => problem(null, message.replace(/^for is/, '--for is')));
  if (fleet === null) {
    const done = simulate({ policy, workload, for: span, seed, id, from, words });
    return done._tag === 'Left'
      ? left(problems(done.left.errors))
      : right({ _tag: 'One', given, timeline: done.right });
  }
  const { instances, starts } = fleet;
  const done = simulateFleet({ policies: [policy], instances, workload, for: span, seed, starts });
  return done._tag === 'Left' ? left(problems(done.left.errors)) : right({ _tag: 'Fleet', given, fleet: done.right });
};

/**
 * The workload is asked at each start, which is all that is seen of a simulation on its way. Instances of which nobody waits for
 * another are simulated one after another, and so say how far it is.
 */
const watched = ({ workload, fleet }: Scenario, name: string, progress: Progress): Workload => {
  let [starts, begun] = [0, 0];
  const isOneByOne = fleet !== null && fleet.starts === undefined;
  return (run, random) => {
    starts++;
    if (run === 1) begun++;
    // A question of the clock at each start would cost as much as the start.
    if (starts % 1_024 === 0) {
      if (isOneByOne) progress.show(begun / fleet.instances, `${name}: ${begun} of ${fleet.instances} instances`);
      else progress.show(null, `${name}: ${starts} starts`);
    }
    return workload(run, random);
  };
};

/** When each start was made, a person's included. */
export const startsIn = ({ entries }: Timeline): ReadonlyArray<Timestamp> =>
  entries.filter(({ event, action }) => action !== null || event._tag === 'ManualStart').map(({ at }) => at);
