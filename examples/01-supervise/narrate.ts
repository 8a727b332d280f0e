/** One line per decision: the time, the state, the attempts, when the next one is due, and the reason. */
import { styleText } from 'node:util';
import { explainReason, formatDuration, type RestartReason } from 'restart-policy';
import type { DecisionRecord, Fault } from 'restart-policy/controller';

type Colour = 'green' | 'yellow' | 'red' | 'cyan' | 'dim';

const colours = process.stdout.isTTY && !process.env['NO_COLOR'];
const paint = (colour: Colour, text: string): string => (colours ? styleText(colour, text) : text);

const colourOf = (reason: RestartReason): Colour => {
  switch (reason) {
    case 'restart_after_exit':
    case 'restart_after_unhealthy':
      return 'green';
    case 'waiting_for_backoff':
    case 'attempt_failed':
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

const stateOf = ({ event }: DecisionRecord): string => {
  if (event._tag !== 'Observed') return event._tag;
  const { state, exitCode } = event.instance;
  return state === 'stopped' && exitCode !== null ? `stopped (exit ${exitCode})` : state;
};

export const narrate = (decision: DecisionRecord): void => {
  const { id, after, now, reason } = decision;
  const time = new Date(now).toISOString().slice(11, 23);
  const next = after.nextAttemptAt === null ? '' : `, next in ${formatDuration(after.nextAttemptAt - now)}`;
  const line = `${time}  ${id.padEnd(7)} ${stateOf(decision).padEnd(17)} attempts ${after.attempts}${next}`;
  console.log(`${line.padEnd(68)} ${paint(colourOf(reason), explainReason(reason))}`);
};

export const complain = ({ id, during, error }: Fault): void => {
  const what = 'message' in error ? error.message : JSON.stringify(error);
  console.error(paint('red', `${id ?? 'all'}: ${during} failed: ${what}`));
};

export const say = (text: string): void => console.log(`\n${paint('cyan', `-- ${text}`)}`);
