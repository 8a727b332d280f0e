/**
 * A recording, held against the simulation of a policy, start by start.
 */
import type { Millis } from '../../src/duration.js';
import { manuallyStopped } from '../../src/event.js';
import type { RestartPolicy } from '../../src/policy.js';
import { fixedRuns, type PersonAct, type Run, simulate, type Timeline } from '../../src/simulate.js';
import { right } from '../support/either.js';
import type { RecordedRun, Recording } from './recording.js';

/** One start after the first. */
export interface ComparedStart {
  /** 2 is the first automatic one. */
  readonly start: number;
  /** From the end of the run before to this start. null: there was none, or none that could have been seen. */
  readonly theirs: Millis | null;
  readonly ours: Millis | null;
  readonly agrees: boolean;
}

/** How far theirs may be from ours. */
export interface Allowance {
  /** Of a pause that is so long. */
  readonly early: (pause: Millis) => Millis;
  /** While the machine itself was so late. */
  readonly late: (machineLateMs: Millis) => Millis;
}

const [anHour, aDay] = [3_600_000, 86_400_000];

/** What it did, as a workload does it; one that a person's stop ended runs on. */
const workloadOf = (runs: ReadonlyArray<RecordedRun>): ReadonlyArray<Run> =>
  runs.map(({ startedAt, endedAt, exitCode }) =>
    endedAt === null ? { runsFor: null } : { runsFor: endedAt - startedAt, exitCode },
  );

/** Moments of the simulation at which a run began. */
const startsOf = ({ entries }: Timeline): ReadonlyArray<number> =>
  entries.filter(({ event, action }) => event._tag === 'ManualStart' || action !== null).map(({ at }) => at);

const lengthOf = ({ startedAt, endedAt }: RecordedRun): Millis | null =>
  endedAt === null ? null : endedAt - startedAt;

/** When a person's stop counts: a start that came before it was answered was still the peer's right. */
const stoppedAt = ({ runs, stop }: Recording): number | null => {
  if (stop === null) return null;
  const between = runs.some(({ startedAt }) => startedAt >= stop.askedAt && startedAt <= stop.answeredAt);
  return between ? stop.answeredAt : stop.askedAt;
};

const simulated = (recording: Recording, policy: RestartPolicy, words: ReadonlyArray<PersonAct>): Timeline =>
  right(simulate({ policy, workload: fixedRuns(workloadOf(recording.runs)), for: aDay, words }));

/** How many starts ours makes within an hour, where what was recorded last goes on and on. */
export const startsInAll = ({ runs }: Recording, policy: RestartPolicy): number => {
  const workload = workloadOf(runs);
  return startsOf(right(simulate({ policy, workload: fixedRuns(workload, workload.at(-1)), for: anHour }))).length;
};

/** The same moment in a simulation: as far into the last run before it, or after that run's end. */
const wordsOf = (recording: Recording, policy: RestartPolicy): ReadonlyArray<PersonAct> => {
  const at = stoppedAt(recording);
  if (at === null) return [];
  const before = recording.runs.filter(({ startedAt }) => startedAt <= at);
  const started = startsOf(simulated(recording, policy, []))[before.length - 1];
  const last = before.at(-1);
  // Where ours has given up before, there is nothing left to stop.
  return last === undefined || started === undefined
    ? []
    : [{ at: started + at - last.startedAt, event: manuallyStopped }];
};

/** Of our starts, the pause before each. The simulation has the runs as they were, so each pause is the decision's alone. */
const ourPauses = (recording: Recording, policy: RestartPolicy): ReadonlyArray<Millis> => {
  const starts = startsOf(simulated(recording, policy, wordsOf(recording, policy)));
  return starts.slice(1).map((at, index) => {
    const before = recording.runs[index];
    return at - (starts[index] ?? 0) - ((before && lengthOf(before)) ?? 0);
  });
};

/**
 * Every start of theirs, and the one that would be next: it may be missing only where ours is missing too, or could not have been
 * seen yet. What one has and the other has not ends the comparison.
 */
export const compare = (
  recording: Recording,
  policy: RestartPolicy,
  { early, late }: Allowance,
): ReadonlyArray<ComparedStart> => {
  const pauses = ourPauses(recording, policy);
  const latest = Math.max(...recording.runs.map(({ machineLateMs }) => machineLateMs));
  const horizon = stoppedAt(recording) ?? recording.until;
  const compared: Array<ComparedStart> = [];
  for (const [index, before] of recording.runs.entries()) {
    const start = index + 2;
    const next = recording.runs[index + 1];
    const ours = pauses[index] ?? null;
    if (before.endedAt === null) {
      if (next !== undefined) throw new Error(`run ${index + 1} was not seen to end, but run ${start} began`);
      break;
    }
    if (next === undefined) {
      const unseen = ours !== null && before.endedAt + ours + late(latest) >= horizon;
      compared.push({ start, theirs: null, ours: unseen ? null : ours, agrees: ours === null || unseen });
      break;
    }
    const theirs = next.startedAt - before.endedAt;
    const agrees = ours !== null && theirs >= ours - early(ours) && theirs <= ours + late(next.machineLateMs);
    compared.push({ start, theirs, ours, agrees });
    if (ours === null) break;
  }
  return compared;
};

/** The largest of those that both made; null: both made none. */
export const largestDifference = (compared: ReadonlyArray<ComparedStart>): Millis | null => {
  const differences = compared.flatMap(({ theirs, ours }) =>
    theirs === null || ours === null ? [] : [Math.abs(theirs - ours)],
  );
  return differences.length === 0 ? null : Math.max(...differences);
};

export const describeStart = ({ start, theirs, ours }: ComparedStart): string =>
  `start ${start}: theirs ${pauseText(theirs)}, ours ${pauseText(ours)}`;

const pauseText = (pause: Millis | null): string => (pause === null ? 'none' : `after ${(pause / 1_000).toFixed(2)} s`);
