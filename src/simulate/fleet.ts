/**
 * The simulation of a fleet: many instances, and where their starts are limited, one after another.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { Millis } from '../duration.js';
import { left, right } from '../either.js';
import { manuallyStarted } from '../event.js';
import type { InvalidOptions } from '../options.js';
import type { Timestamp } from '../status.js';
import { createAgenda } from './agenda.js';
import { createFleetAdmission, type FleetAdmission } from './fleet-admission.js';
import type { Gate } from './gate.js';
import { Instance } from './instance.js';
import { problemOf } from './one.js';
import { type CompleteFleet, checkFleet, type FleetOptions, type FleetStarts } from './options.js';
import { timelineOf } from './replay.js';
import type { Listener } from './tally.js';
import { type Phase, phases, type Summary, type Timeline } from './timeline.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * Of all instances together: `for` and the parts that add up to it are sums, `longestOutage` is the longest of any instance, and
 * `blockedAt` is when the limit of the first one was reached.
 *
 * @since 0.2.0
 */
export interface FleetSummary extends Summary {
  readonly instances: number;
  /** How many of them reached their limit. */
  readonly blockedInstances: number;
  /** Most automatic attempts within any one second. */
  readonly peakStarts: number;
  /** Half of all outages were no longer than this; 0: there was none. */
  readonly outageP50: Millis;
  /** 99 of 100 outages were no longer than this; 0: there was none. */
  readonly outageP99: Millis;
}

/**
 * What a fleet went through.
 *
 * @since 0.2.0
 */
export interface FleetTimeline {
  /** In the order of their numbers. */
  readonly instances: ReadonlyArray<{ readonly id: string; readonly timeline: Timeline }>;
  readonly summary: FleetSummary;
}

// ---------------------------------------------------------------------------
// simulation
// ---------------------------------------------------------------------------

/**
 * What policies would do with a fleet: every instance as by `simulate`, all started at the same moment. With `starts`, automatic
 * attempts are admitted as by a controller with that option: what waits is not decided on, and has an entry that says so. Left:
 * `InvalidOptions`, with all that is wrong. Never throws.
 *
 * @example
 * import { restartPolicyOrThrow } from 'restart-policy/promises'
 * import { crashLoop, simulateFleet } from 'restart-policy/simulate'
 *
 * const policies = [restartPolicyOrThrow({ mode: 'always', backoff: '5s' })]
 * const workload = crashLoop({ runsFor: 30_000 })
 * const simulated = simulateFleet({ policies, instances: 100, for: 600_000, workload, starts: { perSecond: 10 } })
 * if (simulated._tag === 'Left') throw new Error(simulated.left.message)
 * assert.strictEqual(simulated.right.summary.peakStarts, 10)
 *
 * @since 0.2.0
 */
export const simulateFleet = (options: FleetOptions): Either<InvalidOptions, FleetTimeline> => {
  const checked = checkFleet(options);
  if (checked._tag === 'Left') return checked;
  const fleet = checked.right;
  const ids = Array.from({ length: fleet.instances }, (_, index) => `instance-${index + 1}`);
  const outages: Array<Millis> = [];
  const attempts: Array<Timestamp> = [];
  const listener: Listener = { outage: (length) => outages.push(length), attempt: (at) => attempts.push(at) };
  const instanceOf = (id: string, index: number, gate: Gate | null): Instance =>
    new Instance({
      id,
      seed: fleet.seed,
      policy: fleet.policies[index % fleet.policies.length] as CompleteFleet['policies'][0],
      workload: fleet.workload,
      words: [{ at: 0, event: manuallyStarted }],
      gate,
      listener,
      entries: null,
    });
  const ended =
    fleet.starts === undefined
      ? apart(fleet, ids, instanceOf)
      : together({ ...fleet, starts: fleet.starts }, ids, instanceOf);
  if (ended._tag === 'Left') return ended;

  const instances = ended.right.map((instance, index) => ({
    id: ids[index] as string,
    timeline: timelineOf(instance, fleet.for),
  }));
  return right({ instances, summary: fleetSummaryOf(instances, outages, attempts) });
};

type InstanceOf = (id: string, index: number, gate: Gate | null) => Instance;

/** Nothing that happens to one instance is seen by another. */
const apart = (
  fleet: CompleteFleet,
  ids: ReadonlyArray<string>,
  instanceOf: InstanceOf,
): Either<InvalidOptions, ReadonlyArray<Instance>> => {
  const instances: Array<Instance> = [];
  let kept = 0;
  for (const [index, id] of ids.entries()) {
    const instance = instanceOf(id, index, null);
    instances.push(instance);
    instance.runUntil(fleet.for, fleet.mostEntries - kept);
    kept += instance.decisions;
    const problem = problemOf(instance, fleet.mostEntries, kept, 0);
    if (problem !== null) return left(problem);
  }
  return right(instances);
};

/** All on one clock, for they wait for each other. */
const together = (
  fleet: CompleteFleet & { readonly starts: FleetStarts },
  ids: ReadonlyArray<string>,
  instanceOf: InstanceOf,
): Either<InvalidOptions, ReadonlyArray<Instance>> => {
  let now: Timestamp = 0;
  let kept = 0;
  const numbers = new Map(ids.map((id, index) => [id, index]));
  const admission: FleetAdmission = createFleetAdmission(
    fleet.starts,
    () => now,
    (id) => advance(numbers.get(id) as number, (instance) => instance.lookAt(now)),
  );
  const instances = ids.map((id, index) => instanceOf(id, index, admission.gateOf(id)));
  const agenda = createAgenda(instances.map((instance) => instance.nextAt()));
  let problem: InvalidOptions | null = null;

  const advance = (index: number, by: (instance: Instance) => void): void => {
    const instance = instances[index] as Instance;
    const before = instance.decisions;
    by(instance);
    kept += instance.decisions - before;
    agenda.move(index, instance.nextAt());
    problem ??= problemOf(instance, fleet.mostEntries, kept, 0);
  };

  for (;;) {
    const changeAt = agenda.firstAt();
    now = Math.min(changeAt, admission.askAgainAt());
    if (now >= fleet.for) return right(instances);
    if (changeAt <= now) advance(agenda.first(), (instance) => instance.step());
    admission.callAll(now);
    if (problem !== null) return left(problem);
  }
};

// ---------------------------------------------------------------------------
// summary
// ---------------------------------------------------------------------------

const fleetSummaryOf = (
  instances: FleetTimeline['instances'],
  outages: ReadonlyArray<Millis>,
  attempts: ReadonlyArray<Timestamp>,
): FleetSummary => {
  const summaries = instances.map(({ timeline }) => timeline.summary);
  const sum = (of: (summary: Summary) => number): number =>
    summaries.reduce((total, summary) => total + of(summary), 0);
  const total = sum((summary) => summary.for);
  const spent = Object.fromEntries(phases.map((phase) => [phase, sum((summary) => summary[phase])])) as Record<
    Phase,
    Millis
  >;
  const blockedAt = summaries.flatMap((summary) => (summary.blockedAt === null ? [] : [summary.blockedAt]));
  const sorted = [...outages].sort((a, b) => a - b);
  return {
    instances: instances.length,
    for: total,
    ...spent,
    attempts: sum(({ attempts }) => attempts),
    availability: spent.uptime / total,
    blockedAt: blockedAt.length === 0 ? null : blockedAt.reduce((a, b) => Math.min(a, b)),
    blockedInstances: blockedAt.length,
    longestOutage: sorted.at(-1) ?? 0,
    peakStarts: peakOf(attempts),
    outageP50: sorted[Math.ceil(sorted.length * 0.5) - 1] ?? 0,
    outageP99: sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0,
  };
};

/** Most attempts within any one second. */
const peakOf = (attempts: ReadonlyArray<Timestamp>): number => {
  const times = Float64Array.from(attempts).sort();
  let peak = 0;
  let first = 0;
  for (const [index, at] of times.entries()) {
    while ((times[first] as number) <= at - 1_000) first++;
    peak = Math.max(peak, index - first + 1);
  }
  return peak;
};
