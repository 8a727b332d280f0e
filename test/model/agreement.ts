/**
 * What must be after every command, with the real parts at rest: what the model says is so, and what holds whatever the
 * model knows.
 */
import { expect } from 'vitest';
import type { InstanceId } from '../../src/ports/store.js';
import { initialStatus } from '../../src/status.js';
import type { Model } from './model.js';
import type { System } from './system.js';

export const expectAgreement = async (model: Model, system: System): Promise<void> => {
  const known = model.instances.filter(({ isBlind }) => !isBlind).map(({ id }) => id);
  const expected = { instances: known.map((id) => expectedOf(model, id)), rest: expectedRest(model), breaches: [] };

  const instances = await Promise.all(known.map((id) => actualOf(system, id)));
  const breaches = await Promise.all(model.instances.map(({ id }) => breachesOf(model, system, id)));
  // One comparison: each costs more than the command.
  expect({ instances, rest: actualRest(system, expected.rest), breaches: breaches.flat() }).toEqual(expected);
};

// ---------------------------------------------------------------------------
// what the model says
// ---------------------------------------------------------------------------

const actualOf = async (system: System, id: InstanceId) => {
  const record = await system.record(id);
  return {
    id,
    isRunning: system.hypervisor.running(id) > 0,
    policy: record?.policy ?? null,
    status: record?.status ?? null,
    startsSoFar: system.starts(id),
    runsSoFar: system.runs(id),
  };
};

const expectedOf = (model: Model, id: InstanceId): Awaited<ReturnType<typeof actualOf>> => {
  const i = model.of(id);
  const usedUp = i.isUsedUp ? 'max_attempts_exceeded' : null;
  const held = i.isPaused ? 'paused' : usedUp;
  const status = {
    ...initialStatus,
    attempts: i.attempts,
    lastAttemptAt: i.lastAttemptAt,
    nextAttemptAt: i.waitsUntil,
    blockedReason: i.intent === 'stopped' ? 'manual_stop' : held,
    lastReason: i.reason,
    ...(i.recent.length > 0 && { recentAttempts: i.recent }),
  } as const;
  return {
    id,
    isRunning: i.run !== null,
    policy: i.intent === 'nothing' ? null : i.policy,
    status: i.intent === 'nothing' ? null : status,
    startsSoFar: i.starts,
    runsSoFar: i.runs,
  };
};

interface Rest {
  /** Instances with a wake-up; null: the model does not know. */
  readonly armed: number | null;
  readonly queued: number;
  readonly active: number;
}

/** At rest nothing is left to do but to wait, and as many wait as are owed something; null: the model does not know. */
const expectedRest = (model: Model): Rest | null => {
  if (model.instances.some(({ isBlind, failsAt }) => isBlind || failsAt !== null)) return null;
  // A reconcile that could not be completed leaves the wake-up that was armed before it.
  const isCertain = model.instances.every(
    ({ isSeen, intent, run }) => isSeen && (intent !== 'stopped' || run === null),
  );
  const owed = model.instances.filter((instance) => model.owedAt(instance) !== null);
  return { armed: isCertain ? owed.length : null, queued: 0, active: 0 };
};

const actualRest = (system: System, expected: Rest | null): Rest | null => {
  const { armed, queued, active } = system.controller().activity();
  return expected === null ? null : { armed: expected.armed === null ? null : armed, queued, active };
};

// ---------------------------------------------------------------------------
// what holds also of an instance of which nothing is known
// ---------------------------------------------------------------------------

const breachesOf = async (model: Model, system: System, id: InstanceId): Promise<ReadonlyArray<string>> => {
  const { hypervisor } = system;
  const { isBlind, isPromisedStopped } = model.of(id);
  const asked = system.asked(id);
  const last = system.lastAttempt(id);
  // An interval's limit is no limit of the window.
  const limit = (last?.policy.limitInterval === undefined && last?.policy.maxAttempts) || Number.POSITIVE_INFINITY;
  const revision = (await system.record(id))?.revision ?? asked.revision;

  const breaches: Array<string> = [];
  if (hypervisor.running(id) > 1) breaches.push(`${id} runs twice`);
  if (isBlind && isPromisedStopped && hypervisor.running(id) > 0) breaches.push(`${id} runs after a stop`);
  if (system.starts(id) - asked.starts > (last?.ordinal ?? 0)) breaches.push(`${id} is started uncounted`);
  if ((last?.attempts ?? 0) > limit) breaches.push(`${id} gets more attempts than it may have`);
  if (revision < asked.revision) breaches.push(`the revision of ${id} goes back`);
  asked.revision = revision;
  return breaches;
};
