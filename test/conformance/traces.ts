/** The traces: scenes by hand, then lives at random, with what is decided at each step. */
import fc from 'fast-check';
import { decodeRestartPolicy, RestartPolicyCodec, RestartStatusCodec } from '../../src/codec.js';
import type { RestartEvent } from '../../src/event.js';
import { fieldsBeyond } from '../../src/hypeman/reference.js';
import type { RestartPolicy } from '../../src/policy.js';
import type { RestartStatus, Timestamp } from '../../src/status.js';
import { formatTime } from '../../src/time.js';
import type { RestartPolicyWire, RestartStatusWire } from '../../src/wire.js';
import { right } from '../support/either.js';
import { arbLife, play } from '../support/lives.js';
import { decide, nextWakeAt } from '../support/subject.js';
import { rowsOf } from './rows.js';
import { type Scene, scenes } from './scenes.js';

export interface Step {
  readonly now: string;
  readonly event: unknown;
  readonly policy?: unknown;
  readonly rows: ReadonlyArray<string>;
  readonly expect: {
    readonly actions: ReadonlyArray<unknown>;
    readonly status: RestartStatusWire;
    readonly reason: string;
    readonly changed: boolean;
    readonly next_wake_at: string | null;
  };
}

export interface Trace {
  readonly name: string;
  readonly policy: unknown;
  readonly status: RestartStatusWire;
  readonly steps: ReadonlyArray<Step>;
}

// ---------------------------------------------------------------------------
// one step
// ---------------------------------------------------------------------------

const timeOf = (at: Timestamp): string => {
  const text = formatTime(at, 'up');
  if (Number.isNaN(Date.parse(text))) throw new Error(`a vector cannot hold the moment ${text}`);
  return text;
};

const timeOrNull = (at: Timestamp | null): string | null => (at === null ? null : timeOf(at));

/** Times as on the wire, all else as it is. */
const eventOf = (event: RestartEvent): unknown =>
  event._tag === 'Observed'
    ? {
        _tag: 'Observed',
        instance: {
          ...event.instance,
          startedAt: timeOrNull(event.instance.startedAt),
          stoppedAt: timeOrNull(event.instance.stoppedAt),
        },
      }
    : event;

/** Decides one step, and the wire form of it. */
const stepOf = (
  policy: RestartPolicy,
  status: RestartStatus,
  event: RestartEvent,
  now: Timestamp,
  newPolicy?: unknown,
): { readonly step: Step; readonly status: RestartStatus } => {
  const decision = decide(policy, status, event, now);
  const wakeAt =
    event._tag === 'Observed' && decision.actions.length === 0
      ? nextWakeAt(policy, decision.status, event.instance)
      : null;
  const step: Step = {
    now: timeOf(now),
    event: eventOf(event),
    ...(newPolicy === undefined ? {} : { policy: newPolicy }),
    rows: rowsOf(policy, status, event, now),
    expect: {
      actions: decision.actions,
      status: RestartStatusCodec.encode(decision.status),
      reason: decision.reason,
      changed: decision.status !== status,
      next_wake_at: timeOrNull(wakeAt),
    },
  };
  return { step, status: decision.status };
};

// ---------------------------------------------------------------------------
// scenes
// ---------------------------------------------------------------------------

const traceOfScene = ({ row, name, policy: first, status: before, steps }: Scene): Trace => {
  let policy = right(decodeRestartPolicy(first));
  let status = before;
  return {
    name: `${row}: ${name}`,
    policy: first,
    status: RestartStatusCodec.encode(before),
    steps: steps.map(({ now, event, policy: next }) => {
      if (next !== undefined) policy = right(decodeRestartPolicy(next));
      const decided = stepOf(policy, status, event, now, next);
      status = decided.status;
      return decided.step;
    }),
  };
};

// ---------------------------------------------------------------------------
// lives
// ---------------------------------------------------------------------------

/** Another seed makes other lives. */
const seed = 20_260_105;
const drawn = 2_500;
const mostSteps = 6;
const leastNews = 5;
/** In characters. */
const longestPolicy = 500;

/** Up to this, the text of a span is the span; above, that of the nearest double. */
const exactSpan = 2 ** 33;

const spansOf = ({
  backoff,
  stableAfter,
  maxBackoff = 1,
  limitInterval = 1,
  cooldown = 1,
  startTimeout = 1,
}: RestartPolicy) => [backoff, stableAfter, maxBackoff, limitInterval, cooldown, startTimeout];

const isExact = (policy: RestartPolicy): boolean => Math.max(...spansOf(policy)) <= exactSpan;

const optional = Object.keys(fieldsBeyond) as ReadonlyArray<keyof typeof fieldsBeyond>;

/** What a step shows: the rows that answer it under each of the fields, and the reason that follows a reason. */
const shownBy = (
  { rows, expect: { reason } }: Step,
  policy: RestartPolicyWire,
  before: string,
): ReadonlyArray<string> => [
  `${reason} after ${before}`,
  ...optional.filter((field) => policy[field] !== undefined).map((field) => `${rows.join(' ')} under ${field}`),
];

/**
 * Of many lives those that show several things that none before them shows, each until it does so for the last time: so few
 * steps show most of what can happen.
 */
const lives = (): ReadonlyArray<Trace> => {
  const shown = new Set<string>();
  const kept: Array<Trace> = [];
  for (const [number, life] of fc.sample(arbLife, { numRuns: drawn, seed }).entries()) {
    const steps: Array<Step> = [];
    const news = new Set<string>();
    let lastNew = 0;
    let policy = life.policy;
    let before = 'nothing';
    for (const edge of play(life)) {
      const isUpdate = edge.policy !== policy;
      policy = edge.policy;
      const wire = RestartPolicyCodec.encode(policy);
      if (!isExact(policy) || JSON.stringify(wire).length > longestPolicy || steps.length === mostSteps) break;
      const { step } = stepOf(policy, edge.status, edge.event, edge.now, isUpdate ? wire : undefined);
      steps.push(step);
      for (const what of shownBy(step, wire, before)) {
        if (shown.has(what) || news.has(what)) continue;
        news.add(what);
        lastNew = steps.length;
      }
      before = step.expect.reason;
    }
    if (news.size < leastNews) continue;
    for (const what of news) shown.add(what);
    kept.push({
      name: `life ${number}`,
      policy: RestartPolicyCodec.encode(life.policy),
      status: {},
      steps: steps.slice(0, lastNew),
    });
  }
  return kept;
};

export const traces = (): ReadonlyArray<Trace> => [...scenes.map(traceOfScene), ...lives()];
