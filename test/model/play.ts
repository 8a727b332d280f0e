/**
 * From the first start of some instances to the last: what happens is drawn, and in the end everything is put right.
 */
import fc from 'fast-check';
import type { Exclusion, InstanceId } from '../../src/controller.js';
import type { RestartPolicy } from '../../src/policy.js';
import type { Command } from './commands/command.js';
import { inspectionsSucceed } from './commands/inspections-succeed.js';
import { personStarts } from './commands/person-starts.js';
import { policyIsUpdated } from './commands/policy-is-updated.js';
import { stopsGo } from './commands/stops-go.js';
import { storeRecovers } from './commands/store-recovers.js';
import { timePasses } from './commands/time-passes.js';
import { createModel, type Model } from './model.js';
import type { System } from './system.js';

/** Rejects with the first thing that is not as the model says. */
export const play = async (
  system: System,
  exclusion: Exclusion,
  policies: Readonly<Record<InstanceId, RestartPolicy>>,
  commands: Iterable<Command>,
): Promise<void> => {
  const ids = Object.keys(policies);
  const model = createModel(ids, exclusion, system.clock.now());
  await system.clock.settle();
  for (const [id, policy] of Object.entries(policies)) {
    await inOrder(model, system, [personStarts(id), policyIsUpdated(id, policy)]);
  }
  await fc.asyncModelRun(() => ({ model, real: system }), commands);
  // A start that takes its time comes to its end.
  await inOrder(model, system, [timePasses(10_000)]);
  for (const id of ids) await inOrder(model, system, [inspectionsSucceed(id), storeRecovers(id), stopsGo(id, {})]);
  await inOrder(model, system, [timePasses(1_000_000)]);
};

const inOrder = async (model: Model, system: System, commands: ReadonlyArray<Command>): Promise<void> => {
  for (const command of commands) if (command.check(model)) await command.run(model, system);
};
