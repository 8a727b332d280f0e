/** Ties each run to the write that allowed it: a run is told the revision of the permit that it was started under. */
import type { ProcessCommand } from '../../src/adapters/shared-process.js';
import type { Hypervisor } from '../../src/controller.js';
import { formatMark, markVariable } from '../crash/protocol.js';
import { scriptOf } from './protocol.js';

export interface Marks {
  /** Of the start that passed its check last; the next command of that instance is for that very start. */
  readonly markOf: (id: string) => string;
  /** The same hypervisor; its starts are seen. */
  readonly seeing: (hypervisor: Hypervisor) => Hypervisor;
}

/** `life`: number of the controller. */
export const createMarks = (token: string, life: number): Marks => {
  const permitted = new Map<string, number>();
  return {
    markOf: (id) => formatMark(token, { id, life, revision: permitted.get(id) ?? 0 }),
    seeing: (hypervisor) => ({
      ...hypervisor,
      start: (id, permit) =>
        hypervisor.start(id, {
          ...permit,
          check: async () => {
            const checked = await permit.check();
            permitted.set(id, permit.revision);
            return checked;
          },
        }),
    }),
  };
};

/** An instance that writes its mark down before it does anything, and carries it. */
export const markedCommand = (id: string, mark: string, runLog: string): ProcessCommand => ({
  command: '/bin/sh',
  args: ['-c', `echo "$${markVariable}" >> "$0"; ${scriptOf(id)}`, runLog],
  env: { PATH: process.env['PATH'], [markVariable]: mark },
});
