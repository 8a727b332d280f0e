/**
 * What a supervisor really did: when each run of a scenario began and ended, and when a person's stop came.
 */
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { msOf, sinceBoot } from './boot-clock.js';
import { type Machine, watchMachine } from './machine.js';
import { openPlace, type Place } from './place.js';
import { byHand, type Scenario, type Supervisor, type System } from './system.js';
import { waitFor } from './wait.js';

/** Moments are milliseconds since the first start. */
export interface RecordedRun {
  readonly startedAt: number;
  /** null: it did not end by itself. */
  readonly endedAt: number | null;
  readonly exitCode: number | null;
  /** How late the machine was meanwhile, at most: from the end of the run before to this start. */
  readonly machineLateMs: number;
}

export interface Recording {
  readonly runs: ReadonlyArray<RecordedRun>;
  /** What came after it was not seen. */
  readonly until: number;
  /** When a person's stop was asked for, and answered; null: nobody stopped it. */
  readonly stop: { readonly askedAt: number; readonly answeredAt: number } | null;
}

/** All scenarios of a system, which ran at the same time. */
export interface Recorded {
  readonly version: string;
  /** What a start cost the supervisor, in ms: each time that it was seen. */
  readonly costs: ReadonlyArray<number>;
  readonly scenarios: Readonly<Record<string, Recording>>;
}

/** As the log of a command has it; moments are since the machine started. */
export interface LoggedRun extends Omit<RecordedRun, 'machineLateMs'> {}

export const runsIn = (log: string): ReadonlyArray<LoggedRun> => {
  const runs: Array<LoggedRun> = [];
  for (const line of log.split('\n').slice(0, -1)) {
    const [word, at = '', code] = line.split(' ');
    const last = runs.at(-1);
    if (word === 'start') runs.push({ startedAt: msOf(at), endedAt: null, exitCode: null });
    else if (word === 'end' && last?.endedAt === null) {
      runs[runs.length - 1] = { ...last, endedAt: msOf(at), exitCode: Number(code) };
    } else throw new Error(`no line of a log, or not where it stands: ${line}`);
  }
  return runs;
};

const runsOf = (place: Place, scenario: string): ReadonlyArray<LoggedRun> => {
  const log = place.log(scenario);
  return existsSync(log) ? runsIn(readFileSync(log, 'utf8')) : [];
};

/** From the end of a run to the start of the next one, for all that have both. */
export const pausesOf = (runs: ReadonlyArray<LoggedRun>): ReadonlyArray<number> =>
  runs.slice(1).map(({ startedAt }, index) => startedAt - (runs[index]?.endedAt ?? Number.NaN));

/** Some starts by a person are enough to know what one costs; some of the supervisors make no more than one a second. */
const startsByHand = 8;
const betweenThem = 1_200;

/** From a person's word to the start. */
const costsByHand = async (place: Place, { startByHand }: Supervisor): Promise<ReadonlyArray<number>> => {
  const costs: Array<number> = [];
  while (startByHand !== undefined && costs.length < startsByHand) {
    const askedAt = sinceBoot();
    await startByHand();
    await waitFor('a start by hand', () => runsOf(place, byHand.name).length > costs.length);
    costs.push((runsOf(place, byHand.name)[costs.length]?.startedAt ?? Number.NaN) - askedAt);
    await sleep(betweenThem);
  }
  return costs;
};

/** Stops it when its moment has come, and answers with when that was. */
const stopInTime = async (
  place: Place,
  supervisor: Supervisor,
  { name, stop }: Scenario<unknown>,
): Promise<Recording['stop']> => {
  if (stop === undefined) return null;
  await waitFor(`run ${stop.run} of ${name}`, () => {
    const run = runsOf(place, name)[stop.run - 1];
    return run !== undefined && (stop.is === 'running' || run.endedAt !== null);
  });
  const askedAt = sinceBoot();
  await supervisor.stop(name);
  return { askedAt, answeredAt: sinceBoot() };
};

const sinceTheFirst = (
  runs: ReadonlyArray<LoggedRun>,
  end: number,
  stop: Recording['stop'],
  machine: Machine,
): Recording => {
  const first = runs[0]?.startedAt ?? end;
  return {
    runs: runs.map(({ startedAt, endedAt, exitCode }, index) => ({
      startedAt: startedAt - first,
      endedAt: endedAt === null ? null : endedAt - first,
      exitCode,
      machineLateMs: Math.ceil(machine.lateness(runs[index - 1]?.endedAt ?? startedAt, startedAt)),
    })),
    until: end - first,
    stop: stop === null ? null : { askedAt: stop.askedAt - first, answeredAt: stop.answeredAt - first },
  };
};

/** Starts a system with all its scenarios, watches it, and ends it. */
export const record = async (system: System): Promise<Recorded> => {
  const place = openPlace(system.name);
  const machine = watchMachine();
  try {
    const supervisor = await system.start(place, system.scenarios);
    for (const { name } of system.scenarios) {
      await waitFor(`the first start of ${name}`, () => runsOf(place, name).length > 0);
    }
    const watched = sleep(system.watch * 1_000);
    const [byHandCosts, ...stops] = await Promise.all([
      costsByHand(place, supervisor),
      ...system.scenarios.map(async (scenario) => [scenario, await stopInTime(place, supervisor, scenario)] as const),
    ]);
    if (system.startsAgain === true) await supervisor.startAgain?.();
    await watched;
    const end = sinceBoot();
    const logs = stops.map(([scenario, stop]) => ({ scenario, stop, runs: runsOf(place, scenario.name) }));
    const noWaits = logs.filter(({ scenario }) => scenario.kind === 'no wait').flatMap(({ runs }) => pausesOf(runs));
    return {
      version: supervisor.version,
      costs: system.costIsHidden === true ? [] : [...byHandCosts, ...noWaits],
      scenarios: Object.fromEntries(
        logs.map(({ scenario, stop, runs }) => [scenario.name, sinceTheFirst(runs, end, stop, machine)]),
      ),
    };
  } catch (error) {
    throw new Error(
      `${system.title} did not run: ${error instanceof Error ? error.message : error}\n${place.printed()}`,
    );
  } finally {
    machine.close();
    await place.close();
  }
};
