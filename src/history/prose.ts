/**
 * Entries in words for people.
 */
import { formatDuration, type Millis } from '../duration.js';
import type { EndCause } from '../event.js';
import type { HistoryCommand, HistoryEntry, RunEnder, Trouble } from '../ports/history.js';
import type { ActionError } from '../ports/hypervisor.js';
import type { RestartReason } from '../reason.js';
import type { Timestamp } from '../status.js';
import { formatTime } from '../time.js';

/**
 * Says an entry in words for people; a clause that reads well after "instance web-1: ". Times in it are in UTC.
 *
 * @example
 * import { explainEntry } from 'restart-policy/history'
 *
 * const entry = { _tag: 'Attempt', id: 'web-1', at: 0, attempt: 3, action: 'Start', why: 'exit', counted: true } as const
 * assert.strictEqual(explainEntry(entry), 'attempt 3: it is started, because its run had ended')
 *
 * @since 0.2.0
 */
export const explainEntry = (entry: HistoryEntry): string => {
  switch (entry._tag) {
    case 'RunEnded':
      // One that nobody saw is told after what began the next run, and must not be taken for the end of that one.
      return entry.reason === null
        ? `${endersOf('the run before this one')[entry.by]}, and nobody saw how`
        : `${endersOf('its run')[entry.by]}${lasting(entry.lasted)}${ending(entry)}`;
    case 'Attempt':
      return `${entry.counted ? `attempt ${entry.attempt}` : 'an attempt that is not counted'}: it is ${actions[entry.action]}, because ${because[entry.why]}`;
    case 'AttemptFailed':
      return `attempt ${entry.attempt} failed${during(entry.during)}${saying(entry.message)}${until('the next one is due at', entry.nextAttemptAt)}`;
    case 'Unwell':
      return `${because[entry.why]}${until('an attempt is due at', entry.nextAttemptAt)}`;
    case 'Recovered':
      return 'it recovered before an attempt was made';
    case 'Blocked':
      return `${because[entry.why]}, and its ${counted(entry.attempts)} used up${
        entry.until === null
          ? ': no other is made until a person acts'
          : `: the next one waits until ${timeOf(entry.until)}`
      }`;
    case 'WindowOver':
      return `${windows[entry.why]}: a new failure window, after ${attempts(entry.attempts)}`;
    case 'Command':
      return `a person ${commands[entry.command]}${unchanged[entry.reason] ?? ''}`;
    case 'CommandFailed':
      return `a person's ${requests[entry.command]} ${failures[entry.error]}${saying(entry.message)}`;
    default:
      return entry satisfies never;
  }
};

const endersOf = (run: string): Readonly<Record<RunEnder, string>> => ({
  itself: `${run} ended`,
  person: `a person ended ${run}`,
  policy: `its policy ended ${run}`,
});

const lasting = (lasted: Millis | null): string => (lasted === null ? '' : ` after ${formatDuration(lasted)}`);

const ending = ({ by, cause, exitCode }: Extract<HistoryEntry, { _tag: 'RunEnded' }>): string => {
  const code = exitCode === null ? '' : ` with exit code ${exitCode}`;
  // What a person or the policy ended, the host ended for them: neither that nor that nobody knows is worth a word.
  const isExplained = by !== 'itself' && (cause === 'host' || cause === 'unknown');
  return `${code}${isExplained ? '' : causes[cause]}`;
};

const causes: Readonly<Record<EndCause, string>> = {
  exit: '',
  signal: ', by a signal',
  out_of_memory: ', for want of memory',
  panic: ', by a panic of its kernel',
  host: ', by its host',
  unknown: ', nobody knows why',
};

const actions = { Start: 'started', Restart: 'stopped and started again' } as const;

const because: Readonly<Record<Trouble, string>> = {
  exit: 'its run had ended',
  unhealthy: 'it is unhealthy',
  start_timeout: 'it did not get going in time',
};

const during = (step: 'start' | 'stop' | null): string => {
  switch (step) {
    case null:
      return '';
    case 'start':
      return ' to start it';
    default:
      return ` to ${step satisfies 'stop'} it first`;
  }
};

const saying = (message: string | null): string => (message === null ? '' : `: ${message}`);

const timeOf = (at: Timestamp): string => formatTime(at, 'up');

const until = (what: string, at: Timestamp | null): string => (at === null ? '' : `; ${what} ${timeOf(at)}`);

const attempts = (n: number): string => `${n} ${n === 1 ? 'attempt' : 'attempts'}`;

const counted = (n: number): string => `${attempts(n)} ${n === 1 ? 'is' : 'are'}`;

const windows = { stable: 'it was stable', cooldown: 'its cooldown is over' } as const;

const commands: Readonly<Record<HistoryCommand, string>> = {
  stop: 'stopped it',
  start: 'started it',
  pause: 'paused its supervision',
  resume: 'resumed its supervision',
  policy: 'gave it another policy',
  reset: 'forked or restored it',
  delete: 'deleted it',
};

const requests: Readonly<Record<HistoryCommand, string>> = {
  stop: 'stop',
  start: 'start',
  pause: 'pause',
  resume: 'resume',
  policy: 'new policy',
  reset: 'fork or restore',
  delete: 'delete',
};

/** Where a command changed nothing. */
const unchanged: Partial<Readonly<Record<RestartReason, string>>> = {
  manual_stop: ', which changed nothing, because a person had stopped it',
  paused: ', which was paused already',
  not_paused: ', which was not paused',
};

const failures: Readonly<Record<ActionError['_tag'], string>> = {
  Refused: 'was refused, and nothing was done',
  Superseded: 'was superseded by a later command',
  Failed: 'is recorded, and failed',
  StoreFailed: 'may be recorded or not, because the store failed',
  InvalidRecord: 'was not done, because what is stored cannot be read',
};
