/** What happened to an instance, as a timeline that the library draws. Pure. */
import {
  deleteRequested,
  type InstanceState,
  initialStatus,
  instanceReset,
  manuallyStarted,
  manuallyStopped,
  observed,
  policyUpdated,
  type RestartEvent,
  type RestartReason,
  supervisionPaused,
  supervisionResumed,
  type Timestamp,
} from 'restart-policy';
import type { HistoryCommand, HistoryEntry, Trouble } from 'restart-policy/history';
import type { Summary, Timeline, TimelineEntry } from 'restart-policy/simulate';

type Phase = 'uptime' | 'booting' | 'waiting' | 'blocked' | 'done';

/** An entry of the timeline, and what the instance is in from then on. */
interface Step {
  readonly entry: TimelineEntry;
  readonly phase: Phase;
}

const events: Readonly<Record<HistoryCommand, RestartEvent>> = {
  stop: manuallyStopped,
  start: manuallyStarted,
  pause: supervisionPaused,
  resume: supervisionResumed,
  policy: policyUpdated,
  reset: instanceReset,
  delete: deleteRequested,
};

const reasonOf: Readonly<Record<Trouble, RestartReason>> = {
  exit: 'restart_after_exit',
  unhealthy: 'restart_after_unhealthy',
  start_timeout: 'restart_after_start_timeout',
};

const phaseDown = (reason: RestartReason): Phase => {
  switch (reason) {
    case 'max_attempts_exceeded':
    case 'cooling_down':
    case 'pause_recorded':
    case 'paused':
      return 'blocked';
    case 'manual_stop':
    case 'policy_never':
    case 'clean_exit':
    case 'stopped_by_rule':
    case 'never_started':
      return 'done';
    default:
      return 'waiting';
  }
};

const looked = (at: Timestamp, state: InstanceState, reason: RestartReason, isIll = false): TimelineEntry => ({
  at,
  state,
  event: observed({
    state,
    startedAt: at,
    stoppedAt: state === 'stopped' ? at : null,
    exitCode: null,
    health: isIll ? 'unhealthy' : 'unknown',
  }),
  reason,
  status: initialStatus,
  action: null,
});

/** `entries`: the newest first, as a history tells them. null: nothing happened within the span. */
export const timelineOf = (entries: ReadonlyArray<HistoryEntry>, from: Timestamp, now: Timestamp): Timeline | null => {
  const steps = stepsOf([...entries].reverse()).sort((a, b) => a.entry.at - b.entry.at);
  const before = steps.filter(({ entry }) => entry.at < from).at(-1);
  const within = steps.filter(({ entry }) => entry.at >= from && entry.at <= now);
  // What it was in when the span began, as a look at that moment.
  const first = before === undefined ? [] : [{ ...before, entry: { ...before.entry, at: from, action: null } }];
  const shown = [...first.map(asLook), ...within];
  const start = shown[0]?.entry.at;
  return start === undefined || start >= now
    ? null
    : { entries: shown.map(({ entry }) => entry), summary: summaryOf(shown, now) };
};

/** A person's act of before is not told as one of now. */
const asLook = ({ entry, phase }: Step): Step => {
  const { at } = entry;
  switch (phase) {
    case 'uptime':
      return { entry: looked(at, 'running', 'running'), phase };
    case 'booting':
      return { entry: looked(at, 'initializing', 'initializing'), phase };
    case 'waiting':
      return { entry: looked(at, 'stopped', 'waiting_for_backoff'), phase };
    case 'blocked':
      return { entry: looked(at, 'stopped', 'max_attempts_exceeded'), phase };
    default:
      return { entry: looked(at, 'stopped', 'manual_stop'), phase: phase satisfies 'done' };
  }
};

const stepsOf = (oldestFirst: ReadonlyArray<HistoryEntry>): Array<Step> => {
  let phase: Phase = 'uptime';
  const steps: Array<Step> = [];
  const add = (entry: TimelineEntry, next: Phase): void => {
    phase = next;
    steps.push({ entry, phase });
  };
  const running = (at: Timestamp): void => add(looked(at, 'running', 'running'), 'uptime');
  /** The last start or stop of a person, what the instance was in before it, and how many steps there were with it. */
  let last: { readonly command: HistoryCommand; readonly before: Phase; readonly steps: number } | null = null;

  for (const entry of oldestFirst) {
    const { at } = entry;
    switch (entry._tag) {
      case 'RunEnded': {
        // Before the first thing that is known it ran.
        if (steps.length === 0) running(entry.startedAt);
        // An end that nobody saw is told when the next run is seen, and what began that one was told before.
        if (entry.reason !== null) add(looked(entry.stoppedAt ?? at, 'stopped', entry.reason), phaseDown(entry.reason));
        break;
      }
      case 'Attempt': {
        const { attempt, action } = entry;
        add({ ...looked(at, 'stopped', reasonOf[entry.why]), action: { _tag: action, attempt } }, 'waiting');
        running(at);
        break;
      }
      case 'AttemptFailed':
        add(looked(at, 'stopped', 'attempt_failed'), 'waiting');
        break;
      case 'Unwell':
        add(looked(at, 'running', 'waiting_for_backoff', true), 'waiting');
        break;
      case 'Recovered':
        add(looked(at, 'running', 'recovered'), 'uptime');
        break;
      case 'Blocked': {
        const status = { ...initialStatus, attempts: entry.attempts, blockedReason: 'max_attempts_exceeded' } as const;
        const reason = entry.until === null ? 'max_attempts_exceeded' : 'cooling_down';
        add({ ...looked(at, 'stopped', reason), status }, 'blocked');
        break;
      }
      case 'Command': {
        const { command, reason } = entry;
        const isDown: boolean = command === 'stop' || command === 'delete' || phase !== 'uptime';
        const said = { ...looked(at, isDown ? 'stopped' : 'running', reason), event: events[command] };
        const before: Phase = phase;
        if (command === 'start') {
          add(said, 'waiting');
          running(at);
        } else if (command === 'stop' || command === 'delete') add(said, 'done');
        else add(said, phase === 'uptime' ? 'uptime' : phaseDown(reason));
        last = { command, before, steps: steps.length };
        break;
      }
      case 'CommandFailed': {
        // It is as it was before, unless something else has happened since; a start that is recorded is made again.
        const isUndone: boolean = entry.error === 'Refused' || entry.error === 'Failed';
        if (!isUndone || last === null || last.command !== entry.command || last.steps !== steps.length) break;
        const isMadeAgain: boolean = entry.command === 'start' && entry.error === 'Failed';
        const was: Step = {
          entry: looked(at, 'stopped', 'attempt_failed'),
          phase: isMadeAgain ? 'waiting' : last.before,
        };
        add(asLook(was).entry, was.phase);
        break;
      }
      case 'WindowOver':
        break;
      default:
        entry satisfies never;
    }
  }
  return steps;
};

const summaryOf = (steps: ReadonlyArray<Step>, now: Timestamp): Summary => {
  const spent: Record<Phase, number> = { uptime: 0, booting: 0, waiting: 0, blocked: 0, done: 0 };
  const start = steps[0]?.entry.at ?? now;
  let downSince: Timestamp | null = null;
  let longestOutage = 0;
  for (const [index, { entry, phase }] of steps.entries()) {
    const until = steps[index + 1]?.entry.at ?? now;
    spent[phase] += until - entry.at;
    if (until === entry.at) continue;
    if (phase === 'uptime') downSince = null;
    else {
      downSince ??= entry.at;
      longestOutage = Math.max(longestOutage, until - downSince);
    }
  }
  const span = now - start;
  return {
    for: span,
    ...spent,
    attempts: steps.filter(({ entry }) => entry.action !== null).length,
    availability: spent.uptime / span,
    blockedAt: steps.find(({ entry }) => entry.status.blockedReason === 'max_attempts_exceeded')?.entry.at ?? null,
    longestOutage,
  };
};
