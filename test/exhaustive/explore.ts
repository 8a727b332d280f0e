/**
 * Breadth-first over everything that can happen in a small world (domain.ts): every event, every observation and every
 * clock step from every status that can be reached, the policy changing along the way, and each edge judged by the
 * guarantees (support/guarantees.ts). Breadth-first, so that the path to a violation is as short as can be.
 */
import type { RestartEvent } from '../../src/event.js';
import type { RestartPolicy } from '../../src/policy.js';
import {
  type BlockedReason,
  blockedReasons,
  initialStatus,
  type LastReason,
  lastReasons,
  type RestartStatus,
} from '../../src/status.js';
import { sameStatus } from '../oracle/decide.js';
import {
  actionFits,
  type Edge,
  type History,
  historyOf,
  isIdempotent,
  limitHolds,
  live,
  losesNoWakeUp,
  manualStopDominates,
  noHistory,
  passed,
  pauseHolds,
  spacingHolds,
  wakesExactly,
} from '../support/guarantees.js';
import { decide } from '../support/subject.js';
import { type Domain, moved, movedInOrder, type Range, within } from './domain.js';

/** What can be violated; two of them are more than a guarantee asks. */
export const violations = [
  'G1',
  'G1p',
  'G2',
  'G3',
  'G4',
  'G5',
  'G6',
  'an action that fits',
  'no wake-up for nothing',
] as const;
export type Violation = (typeof violations)[number];

interface Node {
  readonly policy: number;
  readonly status: RestartStatus;
  readonly history: History;
  readonly depth: number;
  readonly from: Node | null;
  /** What led here, for the path to a violation: an event, a clock step, or null at the start. */
  readonly by: RestartEvent | number | null;
}

export interface Report {
  readonly nodes: number;
  readonly edges: number;
  readonly depth: number;
  /** How many edges carried an action, by policy: an implementation that does nothing has none. */
  readonly actions: ReadonlyMap<RestartPolicy, number>;
  readonly reasons: ReadonlySet<string>;
  /** The first of each kind, with the path that leads to it. */
  readonly violations: ReadonlyMap<Violation, string>;
}

export const explore = (domain: Domain): Report => {
  const actions = new Map<RestartPolicy, number>();
  const reasons = new Set<string>();
  const found = new Map<Violation, string>();
  const seen = new Set<number>();
  const lookedAhead = new Set<number>();
  const queue: Array<Node> = [];
  let edges = 0;

  const visit = (policy: number, status: RestartStatus, history: History, from: Node | null, by: Node['by']): void => {
    const key = historyKey(domain, statusKey(domain, policy, status), history);
    if (seen.has(key)) return;
    seen.add(key);
    queue.push({ policy, status: Object.freeze(status), history, depth: from === null ? 0 : from.depth + 1, from, by });
  };

  const demand = (holds: boolean, violation: Violation, node: Node, event: RestartEvent): void => {
    if (!holds && !found.has(violation)) found.set(violation, pathTo(domain, node, event));
  };

  const step = (node: Node, by: number): void => {
    const { status } = node;
    const history = inHistory(domain, domain.policies[node.policy], movedRun(passed(node.history, by), by));
    for (const lastAttemptAt of moved(domain.lastAttemptAt, status.lastAttemptAt, by)) {
      for (const nextAttemptAt of moved(domain.nextAttemptAt, status.nextAttemptAt, by)) {
        for (const recentAttempts of movedInOrder(domain.recentAttempts, status.recentAttempts, by)) {
          edges += 1;
          const recent = recentAttempts === undefined ? {} : { recentAttempts };
          visit(node.policy, { ...status, lastAttemptAt, nextAttemptAt, ...recent }, history, node, by);
        }
      }
    }
  };

  const happen = (node: Node, policyIndex: number, event: RestartEvent, lookAhead: boolean): void => {
    const policy = domain.policies[policyIndex];
    if (policy === undefined) return;
    edges += 1;
    const edge = live(policy, node.status, node.history, event, 0);
    const { decision, after } = edge;
    reasons.add(decision.reason);
    if (decision.actions.length > 0) actions.set(policy, (actions.get(policy) ?? 0) + 1);
    demand(manualStopDominates(edge), 'G1', node, event);
    demand(pauseHolds(edge), 'G1p', node, event);
    demand(limitHolds(edge), 'G2', node, event);
    demand(spacingHolds(edge), 'G3', node, event);
    demand(actionFits(edge), 'an action that fits', node, event);
    if (lookAhead) {
      const exact = wakesExactly(edge, domain.later);
      demand(exact || losesNoWakeUp(edge, domain.later), 'G4', node, event);
      demand(exact, 'no wake-up for nothing', node, event);
      demand(isIdempotent(edge), 'G5', node, event);
      demand(repeats(edge), 'G6', node, event);
    }
    if (decision.status !== node.status || after !== node.history) {
      visit(policyIndex, inDomain(domain, decision.status), inHistory(domain, policy, after), node, event);
    }
  };

  domain.policies.forEach((_, policy) => {
    visit(policy, initialStatus, noHistory, null, null);
    for (const status of domain.roots) visit(policy, status, historyOf(status), null, null);
  });

  // The queue grows while it is read.
  for (const node of queue) {
    // A decision knows nothing of the history: G4 to G6 need one observation per policy and status.
    const key = statusKey(domain, node.policy, node.status);
    const lookAhead = !lookedAhead.has(key);
    lookedAhead.add(key);
    for (const event of domain.events) {
      try {
        if (event._tag === 'PolicyUpdated') {
          // What an attempt under way keeps is kept by any update after it: one policy leads to all.
          const next = (node.policy + 1) % domain.policies.length;
          domain.policies.forEach((_, policy) => {
            if (event.attemptUnderWay === undefined || policy === next) happen(node, policy, event, lookAhead);
          });
        } else {
          happen(node, node.policy, event, lookAhead);
        }
      } catch (thrown) {
        found.set('G6', `${thrown}\n${pathTo(domain, node, event)}`);
      }
    }
    for (const by of domain.steps) step(node, by);
  }

  const depth = queue[queue.length - 1]?.depth ?? 0;
  return { nodes: queue.length, edges, depth, actions, reasons, violations: found };
};

/** G6: the arguments are frozen, so that modifying them throws; what is left to ask is whether the answer repeats. */
const repeats = ({ policy, status, event, now, decision }: Edge): boolean => {
  const again = decide(policy, status, event, now);
  if (decision.status === status && decision.actions.length === 0) {
    return again.status === status && again.actions.length === 0 && again.reason === decision.reason;
  }
  const [action, ...more] = decision.actions;
  const [other] = again.actions;
  return (
    more.length === 0 &&
    again.actions.length === decision.actions.length &&
    other?._tag === action?._tag &&
    other?.attempt === action?.attempt &&
    again.reason === decision.reason &&
    sameStatus(again.status, decision.status)
  );
};

const inDomain = (domain: Domain, status: RestartStatus): RestartStatus => {
  const attempts = within(domain.attempts, status.attempts);
  const lastAttemptAt = momentIn(domain.lastAttemptAt, status.lastAttemptAt);
  const nextAttemptAt = momentIn(domain.nextAttemptAt, status.nextAttemptAt);
  const isIn =
    attempts === status.attempts &&
    lastAttemptAt === status.lastAttemptAt &&
    nextAttemptAt === status.nextAttemptAt &&
    status.recentAttempts === undefined;
  if (isIn) return status;
  const recentAttempts = status.recentAttempts?.map((at) => within(domain.recentAttempts, at));
  return { ...status, attempts, lastAttemptAt, nextAttemptAt, ...(recentAttempts && { recentAttempts }) };
};

const momentIn = (range: Range, moment: number | null): number | null =>
  moment === null ? null : within(range, moment);

/** The clock reads 0 at every decision: what passes moves the beginning of a run. */
const movedRun = (history: History, by: number): History =>
  history.answeredRun === null ? history : { ...history, answeredRun: history.answeredRun - by };

/** What no guarantee asks of a history under the policy is left out. */
const inHistory = (domain: Domain, policy: RestartPolicy | undefined, history: History): History => {
  if (policy === undefined || history === noHistory) return history;
  const { maxAttempts, limitInterval, cooldown, rules } = policy;
  const counted =
    limitInterval === undefined
      ? history.counted.map(() => 0)
      : history.counted.filter((since) => since < Math.ceil(limitInterval));
  return {
    heldBy: history.heldBy,
    counted: maxAttempts === 0 ? [] : counted.slice(0, domain.attempts.to),
    sinceAction: history.sinceAction === null ? null : Math.min(history.sinceAction, domain.longestWait),
    sinceBlock:
      history.sinceBlock === null || cooldown === undefined ? null : Math.min(history.sinceBlock, Math.ceil(cooldown)),
    answeredRun:
      rules === undefined || history.answeredRun === null ? null : within(domain.startedAt, history.answeredRun),
  };
};

// One number per node, digit by digit: a set of numbers is many times faster than one of texts.
const digit = (value: number | null, from: number): number => (value === null ? 0 : value - from + 1);

/** Moments in a row, each a digit above zero. */
const digits = (values: ReadonlyArray<number>, { from, to }: Range, most: number): number => {
  let number = 0;
  for (let index = 0; index < most; index += 1) number = number * (to - from + 2) + digit(values[index] ?? null, from);
  return number;
};

const combinations = ({ from, to }: Range, most: number): number => (to - from + 2) ** most;

const sizeOf = ({ from, to }: Range): number => to - from + 2;

const blocks: ReadonlyArray<BlockedReason | null> = [null, ...blockedReasons];

const causes: ReadonlyArray<LastReason | null> = [null, ...lastReasons];

const statusKey = (domain: Domain, policy: number, status: RestartStatus): number => {
  const { attempts, lastAttemptAt, nextAttemptAt, recentAttempts, mostRecent } = domain;
  let key = policy;
  key = key * (attempts.to + 1) + status.attempts;
  key = key * sizeOf(lastAttemptAt) + digit(status.lastAttemptAt, lastAttemptAt.from);
  key = key * sizeOf(nextAttemptAt) + digit(status.nextAttemptAt, nextAttemptAt.from);
  key = key * blocks.length + blocks.indexOf(status.blockedReason);
  key = key * causes.length + causes.indexOf(status.lastReason);
  return (
    key * combinations(recentAttempts, mostRecent) + digits(status.recentAttempts ?? [], recentAttempts, mostRecent)
  );
};

const holders: ReadonlyArray<History['heldBy']> = [null, 'manual_stop', 'paused'];

const historyKey = (domain: Domain, status: number, history: History): number => {
  const { attempts, startedAt, longestWait, longestCooldown, longestInterval } = domain;
  const ages = { from: 0, to: longestInterval };
  let key = status * holders.length + holders.indexOf(history.heldBy);
  key = key * combinations(ages, attempts.to) + digits(history.counted, ages, attempts.to);
  key = key * (longestWait + 2) + digit(history.sinceAction, 0);
  key = key * (longestCooldown + 2) + digit(history.sinceBlock, 0);
  key = key * sizeOf(startedAt) + digit(history.answeredRun, startedAt.from);
  if (!Number.isSafeInteger(key)) throw new Error('this world has more moments than one number can tell apart');
  return key;
};

const pathTo = (domain: Domain, last: Node, event: RestartEvent): string => {
  const lines = [`  then ${JSON.stringify(event)}`];
  for (let node: Node | null = last; node !== null; node = node.from) {
    lines.unshift(
      `  ${JSON.stringify(node.by)} -> ${JSON.stringify(node.status)} under ${JSON.stringify(domain.policies[node.policy])}`,
    );
  }
  return lines.join('\n');
};
