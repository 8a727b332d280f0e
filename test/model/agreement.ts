/**
 * What must be after every command, with the real parts at rest: what the model knows is so, and what holds whatever
 * the model knows.
 */
import { expect } from 'vitest';
import type { InstanceId } from '../../src/adapters/store.js';
import type { Model } from './model.js';
import type { System } from './system.js';

export const expectAgreement = async (model: Model, system: System): Promise<void> => {
  for (const { id } of model.instances) {
    await expectLaws(model, system, id);
    if (!model.of(id).isBlind) expect(await told(system, id)).toEqual(foretold(model, id));
  }
  expectRest(model, system);
};

const told = async (system: System, id: InstanceId) => {
  const record = await system.record(id);
  return {
    id,
    runs: system.hypervisor.running(id) === 1,
    policy: record?.policy ?? null,
    status: record?.status ?? null,
    startsSoFar: system.starts(id),
    runsSoFar: system.runs(id),
  };
};

const foretold = (model: Model, id: InstanceId): Awaited<ReturnType<typeof told>> => {
  const i = model.of(id);
  const exhausted = i.isUsedUp ? 'max_attempts_exceeded' : null;
  return {
    id,
    runs: i.run !== null,
    policy: i.word === 'nothing' ? null : i.policy,
    status:
      i.word === 'nothing'
        ? null
        : {
            attempts: i.attempts,
            lastAttemptAt: i.lastAttemptAt,
            nextAttemptAt: i.waitsUntil,
            blockedReason: i.word === 'stopped' ? 'manual_stop' : exhausted,
            lastReason: i.isForHealth ? 'health_check_failed' : null,
          },
    startsSoFar: i.starts,
    runsSoFar: i.runs,
  };
};

/** Nobody knows more than this of an instance whose store fails; and it holds of all the others too. */
const expectLaws = async (model: Model, system: System, id: InstanceId): Promise<void> => {
  const { hypervisor, decisions } = system;
  const heard = system.heard(id);
  const { isBlind, isPromisedStopped } = model.of(id);

  expect(hypervisor.running(id), `${id}: runs at a time`).toBeLessThanOrEqual(1);
  if (isBlind && isPromisedStopped) expect(hypervisor.running(id), `${id}: runs after a stop`).toBe(0);

  const attempts = decisions.filter((decision) => decision.id === id && decision.actions.length > 0);
  const byItself = system.starts(id) - heard.starts;
  expect(byItself, `${id}: starts that no attempt was counted for`).toBeLessThanOrEqual(attempts.length);
  const { policy, after } = attempts.at(-1) ?? {};
  const limit = policy?.maxAttempts || Number.POSITIVE_INFINITY;
  expect(after?.attempts ?? 0, `${id}: attempts in a window`).toBeLessThanOrEqual(limit);

  const record = await system.record(id);
  expect(record?.revision ?? heard.revision, `${id}: its revision`).toBeGreaterThanOrEqual(heard.revision);
  heard.revision = record?.revision ?? heard.revision;
};

/** Nothing is left to do but to wait, and as many wait as the model says. */
const expectRest = (model: Model, system: System): void => {
  if (model.instances.some(({ isBlind, failsAt }) => isBlind || failsAt !== null)) return;
  const { armed, queued, active } = system.controller().activity();
  expect({ queued, active }).toEqual({ queued: 0, active: 0 });
  // A look that could not be completed leaves the wake-up that was armed before it.
  if (model.instances.some(({ isSeen, word, run }) => !isSeen || (word === 'stopped' && run !== null))) return;
  expect(armed, 'instances with a wake-up').toBe(model.instances.filter((i) => model.owedAt(i) !== null).length);
};
