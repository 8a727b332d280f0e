/**
 * Plays a scenario: each line through the decision, at the time that the line says. No clock, no store, no host.
 */
import {
  formatDuration,
  initialStatus,
  instanceReset,
  observed,
  policyUpdated,
  type RestartEvent,
  type RestartPolicy,
  type RestartReason,
  type RestartStatus,
  type Timestamp,
} from 'restart-policy';
import { policyDefaults } from '../../src/policy.js';
import { decide, nextWakeAt } from '../support/subject.js';
import { beginning, created, parseScenario, type Scenario, type Step } from './grammar.js';

export interface Played extends Scenario {
  /** The text of the scenario as it should be: with what follows from each line behind it. */
  readonly text: string;
  readonly reasons: ReadonlySet<RestartReason>;
  /** What was decided on, in order. */
  readonly questions: ReadonlyArray<Asked>;
}

/** An event, and the policy from then on. */
export interface Asked {
  readonly policy: RestartPolicy;
  readonly event: RestartEvent;
  readonly now: Timestamp;
}

/** Throws like `parseScenario`, and where a line says what cannot be. */
export const playScenario = (file: string, text: string): Played => {
  const scenario = parseScenario(file, text);
  const reasons = new Set<RestartReason>();
  const questions: Array<Asked> = [];
  const play = createPlay(scenario, reasons, questions);
  const lines = scenario.lines.map((line) => (typeof line === 'string' ? line : [line.when, line.what, ...play(line)]));
  return { ...scenario, text: print(lines), reasons, questions };
};

/** Answers with the cells behind a line. */
const createPlay = (
  { file, salt, policy: first }: Scenario,
  reasons: Set<RestartReason>,
  questions: Array<Asked>,
): ((step: Step) => ReadonlyArray<string>) => {
  let policy = first;
  let status = initialStatus;
  let instance = created;
  let wakeAt: Timestamp | null = null;
  const stored = [{ at: Number.NEGATIVE_INFINITY, policy, status }];

  const known = salt === undefined ? {} : { salt };
  const salted = (event: RestartEvent): RestartEvent => {
    if (event._tag === 'Observed') return observed({ ...event.instance, ...known });
    return event._tag === 'AttemptFailed' ? { ...event, ...known } : event;
  };

  const decideOn = (event: RestartEvent, now: Timestamp): ReadonlyArray<string> => {
    const before = status;
    questions.push({ policy, event: salted(event), now });
    const { status: after, actions, reason } = decide(policy, before, salted(event), now);
    const [action] = actions;
    status = after;
    wakeAt =
      event._tag === 'Observed' && action === undefined ? nextWakeAt(policy, status, { ...instance, ...known }) : null;
    stored.push({ at: now, policy, status });
    reasons.add(reason);
    const does = action === undefined ? '' : `: ${action._tag}, attempt ${action.attempt}`;
    return [reason + does, changesOf(before, after), wakeAt === null ? '' : `wakes ${whenOf(wakeAt)}`];
  };

  return ({ line, at, what, happening }) => {
    const wrong = (problem: string): Error => new Error(`${file}:${line}: ${what}: ${problem}`);
    switch (happening._tag) {
      case 'Fact':
        instance = happening.change(instance, at);
        return happening.isSeen ? decideOn(observed(instance), at) : [];
      case 'WakeUp':
        if (wakeAt === null) throw wrong('the last decision asked for no wake-up');
        if (wakeAt !== at) throw wrong(`the last decision asked for a wake-up at ${whenOf(wakeAt)}`);
        return decideOn(observed(instance), at);
      case 'ClockSetBack':
        return decideOn(observed(instance), at);
      case 'StorePutBack': {
        const then = stored.filter((record) => record.at <= happening.to).at(-1);
        if (then !== undefined) ({ policy, status } = then);
        return decideOn(observed(instance), at);
      }
      case 'Told':
        return decideOn(happening.event, at);
      case 'NewPolicy':
        if (JSON.stringify(policy) === JSON.stringify(happening.policy)) {
          throw wrong('it is that already, and an equal policy is no update');
        }
        policy = happening.policy;
        return decideOn(
          happening.attemptUnderWay ? { _tag: 'PolicyUpdated', attemptUnderWay: true } : policyUpdated,
          at,
        );
      case 'RecordRemoved':
        // As a new policy finds it.
        policy = policyDefaults;
        status = initialStatus;
        return [];
      case 'NewLife':
        instance = created;
        return decideOn(instanceReset, at);
      default:
        return happening satisfies never;
    }
  };
};

// ---------------------------------------------------------------------------
// printing
// ---------------------------------------------------------------------------

const whenOf = (at: Timestamp): string => formatDuration(at - beginning);

/** `attempts=1 next_attempt_at=none`: the fields that changed, with the names of the wire format. */
const changesOf = (before: RestartStatus, after: RestartStatus): string => {
  if (after === before) return '';
  const fields = [...Object.keys(initialStatus), 'recentAttempts'] as ReadonlyArray<keyof RestartStatus>;
  if (fields.every((field) => after[field] === initialStatus[field])) return 'all forgotten';
  return fields
    .filter((field) => after[field] !== before[field])
    .map((field) => `${field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}=${fieldOf(after, field)}`)
    .join(' ');
};

const fieldOf = (status: RestartStatus, field: keyof RestartStatus): string => {
  const value = status[field] ?? null;
  if (value === null) return 'none';
  if (typeof value === 'object') return value.map(whenOf).join(',');
  return typeof value === 'number' && field.endsWith('At') ? whenOf(value) : String(value);
};

/** Lines as they are, and cells in columns: what happens, a bar, and what follows, with bars between. */
const print = (lines: ReadonlyArray<string | ReadonlyArray<string>>): string => {
  const widths: Array<number> = [];
  for (const cells of lines) {
    if (typeof cells === 'string') continue;
    for (const [column, cell] of cells.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  const printed = lines.map((cells) => {
    if (typeof cells === 'string') return cells;
    const [when = '', what = '', ...outcome] = cells.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    return [`${when}  ${what}`, ...outcome].join(' | ').replace(/[ |]+$/, '');
  });
  return `${printed.join('\n')}\n`;
};
