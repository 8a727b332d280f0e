/**
 * One line for each decision that says something new: when, the state, what was counted, what comes next, and the reason.
 */
import type { DecisionRecord, Fault } from '../../controller.js';
import type { RestartEvent } from '../../event.js';
import { explainReason, type RestartReason } from '../../reason.js';
import { spanText } from '../../span-text.js';
import type { Terminal } from '../terminal.js';
import { type Colour, paintWith } from '../text/paint.js';

export interface Narrator {
  readonly decision: (decision: DecisionRecord) => void;
  readonly fault: (fault: Fault) => void;
  /** What keeps it from being supervised; told also where nothing else is. */
  readonly refuse: (message: string) => void;
}

export const createNarrator = ({ err, errColour }: Terminal, isQuiet: boolean): Narrator => {
  const paint = paintWith(errColour);
  let before = '';
  return {
    decision: ({ event, after, reason, now }) => {
      if (isQuiet) return;
      const next = after.nextAttemptAt === null ? '' : `, next in ${spanText(Math.max(0, after.nextAttemptAt - now))}`;
      const line = `${stateOf(event)}attempts ${after.attempts}${next}: ${paint(colourOf(reason), explainReason(reason))}`;
      // Every so often it is looked at again, and what is told again is no news.
      if (line === before) return;
      before = line;
      err(`${paint('dim', new Date(now).toISOString().slice(11, 19))} ${line}\n`);
    },
    fault: ({ during, error }) => {
      err(`${paint('red', `${during} failed: ${'message' in error ? error.message : error.problems.join('; ')}`)}\n`);
    },
    refuse: (message) => err(`${paint('red', message)}\n`),
  };
};

const stateOf = (event: RestartEvent): string => {
  if (event._tag !== 'Observed') return '';
  const { state, exitCode, cause } = event.instance;
  if (state !== 'stopped') return `${state}, `;
  return `stopped (${exitCode === null ? (cause ?? 'unknown') : `exit ${exitCode}`}), `;
};

const colourOf = (reason: RestartReason): Colour => {
  switch (reason) {
    case 'restart_after_exit':
    case 'restart_after_unhealthy':
    case 'restart_after_start_timeout':
      return 'green';
    case 'waiting_for_backoff':
    case 'attempt_failed':
    case 'cooling_down':
      return 'yellow';
    case 'max_attempts_exceeded':
    case 'manual_stop':
    case 'manual_stop_recorded':
    case 'delete_requested':
      return 'red';
    case 'manual_start':
    case 'policy_updated':
    case 'reset':
    case 'stable':
    case 'recovered':
      return 'cyan';
    default:
      return 'dim';
  }
};
