/**
 * A systematic scheduler: the real controller, in every order of every effect of its ports.
 *
 * Depth-first search with replay. A schedule is a list of choices; to branch, the whole scenario is begun anew and the
 * list is followed up to the branch. A schedule is cut where it meets a moment already seen: two schedules that led the
 * world to the same state, and each flow of each controller to the same answers, have the same future, because a flow
 * is a deterministic function of what its ports answered. Nothing else is left out: within the scenario's budgets every
 * order, every fault and every crash is explored. What a reconcile forgets of earlier rounds is taken for granted
 * (explore/steps.ts); `remember: 'everything'` does without that, at many times the cost.
 *
 * @packageDocumentation
 */
import type { Scenario } from './explore/scenario.js';
import { beginSchedule } from './explore/scheduler.js';
import type { Moment } from './explore/witness.js';

export type { Budgets, Person, PersonCommand, Scenario, WorldDefect } from './explore/scenario.js';
export type { Moment } from './explore/witness.js';

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
 * One thing that happened, with the moment before it. A test sees by it that an exploration met what it is about.
 *
 * @since 0.1.0
 */
export interface Happening extends Moment {
  /** Who, and what, and how it ended if not well: `c0    start(2) -> fails`. */
  readonly text: string;
  /** What else was pending. */
  readonly waiting: ReadonlyArray<string>;
}

/**
 * How an exploration is made.
 *
 * @since 0.1.0
 */
export interface ExploreOptions {
  /** It gives up once it has seen so many moments. Default: it does not. */
  readonly maxStates?: number;
  /** Called for everything that happens in any schedule, once per moment in which it can happen. */
  readonly onHappening?: (happening: Happening) => void;
  /** What a flow that waits is taken to remember of its earlier answers. Default: `what matters`. */
  readonly remember?: 'everything' | 'what matters';
}

/**
 * Explores a scenario until everything is seen, something is violated, or `maxStates` is reached.
 *
 * @since 0.1.0
 */
export const exploreSchedules = async (scenario: Scenario, options: ExploreOptions = {}): Promise<Exploration> => {
  const { maxStates = Number.POSITIVE_INFINITY, onHappening, remember } = options;
  const seen = new Set<number>();
  const ends = new Set<number>();
  const path: Array<{ choice: number; readonly of: number; readonly key: number }> = [];
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
    const schedule = beginSchedule(scenario, remember);
    // All but the last choice were taken before, and are only repeated.
    const known = path.length - 1;
    let key = 0;
    for (let taken = 0; ; taken++) {
      await schedule.settle();
      if (taken > known) {
        if (schedule.violation() !== null) return result(false, await explain(scenario, path));
        if (taken === path.length) {
          key = hashOf(schedule.key());
          if (seen.has(key)) {
            // Only time and people set a controller off: by itself it must not come back to a moment.
            if (path.some((earlier) => earlier.key === key))
              return result(false, await explain(scenario, path, restless));
            merged++;
            break;
          }
          seen.add(key);
        }
      }
      const choices = schedule.choices();
      if (taken === path.length) {
        if (choices.length === 0) {
          schedules++;
          depth = Math.max(depth, path.length);
          const end = hashOf(schedule.fingerprint());
          if (ends.has(end)) break;
          ends.add(end);
          if ((await schedule.finish(() => {})) !== null) return result(false, await explain(scenario, path));
          break;
        }
        path.push({ choice: 0, of: choices.length, key });
      }
      const choice = choices[path[taken]?.choice ?? -1];
      if (choice === undefined) return result(false, await explain(scenario, path, unrepeatable));
      if (taken >= known && onHappening !== undefined) {
        onHappening({ text: choice.text(), waiting: schedule.waiting(), ...schedule.moment() });
      }
      choice.take();
    }
    if (seen.size >= maxStates) return result(false, null);

    for (let last = path.at(-1); last !== undefined && last.choice + 1 === last.of; last = path.at(-1)) path.pop();
    const last = path.at(-1);
    if (last === undefined) return result(true, null);
    last.choice++;
  }
};

/**
 * Follows one schedule again, and answers with its trace. The string is the one that a violation carries; null: it is
 * no schedule of this scenario.
 *
 * @since 0.1.0
 */
export const replaySchedule = async (scenario: Scenario, replay: string): Promise<Violation | null> => {
  const path = replay === '' ? [] : replay.split('.').map((choice) => Number.parseInt(choice, 36));
  const schedule = beginSchedule(scenario);
  const trace: Array<string> = [];
  const print = (text: string): void => void trace.push(`${String(trace.length + 1).padStart(3)}  ${text}`);
  for (const index of path) {
    await schedule.settle();
    const choice = schedule.choices()[index];
    if (choice === undefined) return null;
    print(choice.text());
    choice.take();
  }
  await schedule.settle();
  const during = schedule.violation();
  if (during === null) print('----- no more faults; time passes');
  const guarantee = during ?? (await schedule.finish(print));
  return { guarantee: guarantee ?? 'none was violated', trace, replay };
};

const explain = async (
  scenario: Scenario,
  path: ReadonlyArray<{ readonly choice: number }>,
  guarantee?: string,
): Promise<Violation> => {
  const replay = path.map(({ choice }) => choice.toString(36)).join('.');
  const violation = (await replaySchedule(scenario, replay)) ?? { guarantee: unrepeatable, trace: [], replay };
  return guarantee === undefined ? violation : { ...violation, guarantee };
};

const unrepeatable = 'the scenario is not deterministic: followed again, it has other choices';

const restless = 'G5: a moment comes back, so the controllers may never come to rest';

/**
 * A violation as text: the guarantee, the schedule line by line, and the string to replay it from.
 *
 * @since 0.1.0
 */
export const showViolation = (scenario: Scenario, { guarantee, trace, replay }: Violation): string =>
  [`${scenario.name} (${scenario.exclusion}): ${guarantee}`, ...trace, `replay: ${replay}`].join('\n');

/**
 * 53 bits of a text. In one of 20,000 explorations of a million moments two share a number, and then one of the two is
 * not explored further.
 */
const hashOf = (text: string): number => {
  let a = 0x9e3779b9;
  let b = 0x85ebca6b;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x5bd1e995);
    b ^= b >>> 15;
  }
  return (b >>> 0) * 0x200000 + ((a ^ (a >>> 11)) & 0x1fffff);
};
