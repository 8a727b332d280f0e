import type { InstanceId } from '../../../src/ports/store.js';
import type { System } from '../system.js';
import { type Command, happensTo } from './command.js';

/** How far a person's stop has come: not recorded yet; recorded; its permit checked too; carried out. */
export type Progress = 'unwritten' | 'written' | 'permitted' | 'done';

/** Nobody is answered; but once the stop is recorded it holds, and the next controller carries it out. */
export const controllerCrashesDuringStop = (id: InstanceId, progress: Progress): Command =>
  happensTo(id, `a person stops ${id}, the controller crashes with the stop ${progress}, and a new one comes`, {
    check: (model) => {
      const { isBlind, isSeen, stops } = model.of(id);
      return !isBlind && isSeen && (stops.outcome ?? 'done') === 'done';
    },
    model: (model) => {
      if (progress !== 'unwritten') model.stopHalfway(id, progress === 'done');
      model.restartController(model.now());
    },
    system: async (system) => {
      const held = holdStop(system, id, progress);
      await Promise.race([held.reached, system.controller().manualStop(id)()]);
      system.crash();
      system.open();
    },
  });

const holdStop = (system: System, id: InstanceId, progress: Progress) => {
  switch (progress) {
    case 'unwritten':
      return system.faults().hold('save', id, 'before');
    case 'written':
      return system.faults().hold('save', id, 'after');
    case 'permitted':
      return system.hypervisor.hold('stop', id, 'before_effect');
    case 'done':
      return system.hypervisor.hold('stop', id, 'after_effect');
  }
};
