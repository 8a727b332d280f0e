/**
 * A systematic scheduler: the real controller, in every order of every effect of its ports.
 *
 * Depth-first search with replay. A schedule is a list of choices; to branch, the whole scenario is begun anew and the
 * list is followed up to the branch. What prunes is a set of moments already seen: two schedules that led the world to
 * the same state, and each controller to the same answers in the same order, have the same future, because a controller
 * is a deterministic function of what its ports answered. Nothing else is left out: within the scenario's budgets every
 * order, every fault and every crash is explored.
 *
 * @since 0.1.0
 */
import type { Scenario } from './scenario.js';
import { beginSchedule } from './schedule.js';

/**
 * A schedule that broke a guarantee.
 *
 * @since 0.1.0
 */
export interface Violation {
  /** Begins with the number of the guarantee. */
  readonly guarantee: string;
  /** What happened, one line each. */
  readonly trace: ReadonlyArray<string>;
  /** Give it to `replaySchedule` to see the same again. */
  readonly replay: string;
}

/**
 * What an exploration saw.
 *
 * @since 0.1.0
 */
export interface Exploration {
  /** Schedules that were followed to their end. */
  readonly schedules: number;
  /** Schedules that were left where they met a moment seen before. */
  readonly merged: number;
  /** Distinct moments. */
  readonly states: number;
  /** Length of the longest schedule. */
  readonly depth: number;
  /** false: `maxStates` was reached before everything was seen. */
  readonly complete: boolean;
  readonly violation: Violation | null;
}

/**
 * Explores a scenario until everything is seen, something is violated, or `maxStates` is reached.
 *
 * @since 0.1.0
 */
export const exploreSchedules = async (
  scenario: Scenario,
  { maxStates = Number.POSITIVE_INFINITY }: { readonly maxStates?: number } = {},
): Promise<Exploration> => {
  const seen = new Set<string>();
  const ends = new Set<string>();
  const path: Array<{ choice: number; readonly of: number }> = [];
  let schedules = 0;
  let merged = 0;
  let depth = 0;
  const result = (complete: boolean, violation: Violation | null): Exploration => ({
    schedules,
    merged,
    states: seen.size,
    depth,
    complete,
    violation,
  });

  for (;;) {
    const schedule = beginSchedule(scenario);
    let taken = 0;
    for (;;) {
      await schedule.settle();
      if (schedule.violation() !== null) return result(false, await explain(scenario, path));
      const choices = schedule.choices();
      if (taken === path.length) {
        const key = schedule.key();
        if (seen.has(key)) {
          merged++;
          break;
        }
        seen.add(key);
        if (choices.length === 0) {
          schedules++;
          depth = Math.max(depth, path.length);
          const end = schedule.fingerprint();
          if (ends.has(end)) break;
          ends.add(end);
          if ((await schedule.finish(() => {})) !== null) return result(false, await explain(scenario, path));
          break;
        }
        path.push({ choice: 0, of: choices.length });
      }
      const choice = choices[path[taken]?.choice ?? -1];
      if (choice === undefined) throw new Error('the scenario is not deterministic: a replayed choice is gone');
      choice.take();
      taken++;
    }
    if (seen.size >= maxStates) return result(false, null);

    for (let last = path.at(-1); last !== undefined && last.choice + 1 === last.of; last = path.at(-1)) path.pop();
    const last = path.at(-1);
    if (last === undefined) return result(true, null);
    last.choice++;
  }
};

/**
 * Follows one schedule again, and answers with its trace. The string is the one that a violation carries.
 *
 * @since 0.1.0
 */
export const replaySchedule = async (scenario: Scenario, replay: string): Promise<Violation> => {
  const path = replay === '' ? [] : replay.split('.').map((choice) => Number.parseInt(choice, 36));
  const schedule = beginSchedule(scenario);
  const trace: Array<string> = [];
  const tell = (text: string): void => void trace.push(`${String(trace.length + 1).padStart(3)}  ${text}`);
  for (const index of path) {
    await schedule.settle();
    const choice = schedule.choices()[index];
    if (choice === undefined) throw new Error(`not a schedule of "${scenario.name}": it has no choice ${index} here`);
    tell(choice.text);
    choice.take();
  }
  await schedule.settle();
  const during = schedule.violation();
  if (during === null) tell('----- no more faults; time passes');
  const guarantee = during ?? (await schedule.finish(tell));
  return { guarantee: guarantee ?? 'none was violated', trace, replay };
};

const explain = (scenario: Scenario, path: ReadonlyArray<{ readonly choice: number }>): Promise<Violation> =>
  replaySchedule(scenario, path.map(({ choice }) => choice.toString(36)).join('.'));

/**
 * A violation as text: the guarantee, the schedule line by line, and the string to replay it from.
 *
 * @since 0.1.0
 */
export const showViolation = (scenario: Scenario, { guarantee, trace, replay }: Violation): string =>
  [`${scenario.name} (${scenario.exclusion}): ${guarantee}`, ...trace, `replay: ${replay}`].join('\n');
