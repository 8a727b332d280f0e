/**
 * What came of a simulation: every decision in order, and how the time was spent.
 */
import type { RestartAction } from '../action.js';
import type { Millis } from '../duration.js';
import type { Health, InstanceState, RestartEvent } from '../event.js';
import type { RestartReason } from '../reason.js';
import type { RestartStatus, Timestamp } from '../status.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * One decision.
 *
 * @since 0.2.0
 */
export interface TimelineEntry {
  readonly at: Timestamp;
  /** Of the instance, before anything came of the decision. */
  readonly state: InstanceState;
  /** What was decided on. */
  readonly event: RestartEvent;
  readonly reason: RestartReason;
  /** As it stands after the decision. */
  readonly status: RestartStatus;
  /**
   * What was done at once; null: nothing. null beside the reason of an attempt: it is due, and waits because the limits of a
   * fleet's starts admit no more just now.
   */
  readonly action: RestartAction | null;
}

/**
 * How the time was spent, in milliseconds: `uptime`, `booting`, `waiting`, `blocked` and `done` add up to `for`.
 *
 * @since 0.2.0
 */
export interface Summary {
  readonly for: Millis;
  /** It ran, and was not unhealthy. */
  readonly uptime: Millis;
  /** It was initializing. */
  readonly booting: Millis;
  /** It was down, or unhealthy, and the next attempt was waited for. */
  readonly waiting: Millis;
  /** It was down, or unhealthy, and not attempted: the limit was reached (a cooldown included), or a person paused supervision. */
  readonly blocked: Millis;
  /** It was down, or unhealthy, and left so: it ended well, a rule or the policy leaves it, or a person stopped it. */
  readonly done: Millis;
  /** Automatic attempts, failed ones included. */
  readonly attempts: number;
  /** `uptime` as a share of `for`, from 0 to 1. */
  readonly availability: number;
  /** When the limit was first reached; null: it was not. */
  readonly blockedAt: Timestamp | null;
  /** The longest span in which it was not up, whatever the reason. */
  readonly longestOutage: Millis;
}

/**
 * What an instance went through. The first entry is the person's start, at the moment at which the simulation begins.
 *
 * @since 0.2.0
 */
export interface Timeline {
  /** Made when they are first read, which takes longer than the simulation did, and kept from then on. */
  readonly entries: ReadonlyArray<TimelineEntry>;
  readonly summary: Summary;
}

// ---------------------------------------------------------------------------
// phases
// ---------------------------------------------------------------------------

/** Every part of the summary that time is spent in. */
export const phases = ['uptime', 'booting', 'waiting', 'blocked', 'done'] as const;

export type Phase = (typeof phases)[number];

/** What an instance that is down, or unhealthy, is in by the reason of the last look at it. */
const phaseWhenDown: Readonly<Record<RestartReason, Phase>> = {
  waiting_for_backoff: 'waiting',
  // An attempt that is due: it is made at once, or waits for its turn among a fleet's.
  restart_after_exit: 'waiting',
  restart_after_unhealthy: 'waiting',
  restart_after_start_timeout: 'waiting',
  attempt_failed: 'waiting',
  max_attempts_exceeded: 'blocked',
  cooling_down: 'blocked',
  paused: 'blocked',
  pause_recorded: 'blocked',
  manual_stop: 'done',
  manual_stop_recorded: 'done',
  delete_requested: 'done',
  policy_never: 'done',
  never_started: 'done',
  clean_exit: 'done',
  stopped_by_rule: 'done',
  not_actionable: 'done',
  // After these comes a look at the same moment, or what they are said of is not down.
  initializing: 'waiting',
  running: 'waiting',
  stable: 'waiting',
  recovered: 'waiting',
  manual_start: 'waiting',
  policy_updated: 'waiting',
  reset: 'waiting',
  stale: 'waiting',
  resumed: 'waiting',
  not_paused: 'waiting',
};

/** What an instance is in that looks so, by the reason of the last look at it. */
export const phaseOf = (state: InstanceState, health: Health, reason: RestartReason): Phase => {
  if (state === 'initializing') return 'booting';
  return state === 'running' && health !== 'unhealthy' ? 'uptime' : phaseWhenDown[reason];
};

/** What the instance is in from this entry to the next. Of several at one moment the last one counts. */
export const phaseAfter = ({ state, event, reason }: TimelineEntry): Phase =>
  phaseOf(state, event._tag === 'Observed' ? event.instance.health : 'unknown', reason);

/** A stretch of time in one phase. */
export interface Span {
  readonly phase: Phase;
  readonly from: Timestamp;
  readonly to: Timestamp;
}

/** The whole of it without a gap: neighbours differ, and each is longer than nothing. */
export const spansOf = ({ entries, summary }: Timeline): ReadonlyArray<Span> => {
  const spans: Array<Span> = [];
  const end = (entries[0]?.at ?? 0) + summary.for;
  for (const [index, entry] of entries.entries()) {
    const to = entries[index + 1]?.at ?? end;
    if (to === entry.at) continue;
    const phase = phaseAfter(entry);
    const last = spans.at(-1);
    if (last?.phase === phase) spans[spans.length - 1] = { ...last, to };
    else spans.push({ phase, from: entry.at, to });
  }
  return spans;
};
