import { map } from 'fp-ts/lib/Either.js';
import type { Health } from '../../../src/event.js';
import type { InstanceId } from '../../../src/ports/store.js';
import { type Command, isAsked } from './command.js';

export const healthTurns = (id: InstanceId, health: Health): Command =>
  isAsked(id, `${id} is said to be of ${health} health`, {
    check: (model) => {
      const { run, isSeen } = model.of(id);
      // Where inspections fail, it is not promised whether a report of unknown health is news.
      return run?.state === 'running' && (isSeen || health !== 'unknown');
    },
    model: (model) => model.reportHealth(id, health),
    system: async (system) => {
      const report = { startedAt: system.runningSince(id) ?? system.clock.now(), health };
      const answered = await system.ask(system.controller().reportHealth(id, report));
      if (answered._tag === 'Right') system.asked(id).health = report;
      return map(() => ({}))(answered);
    },
  });
