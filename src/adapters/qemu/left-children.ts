/**
 * What runs that have ended left to this process as its children (`linux/reap.ts`): their shell, where another host spawned
 * it, and what a `binary` that is a program of its own had begun.
 */
import { constNull } from '../../function.js';
import type { InstanceId } from '../../ports/store.js';
import type { ControlGroup } from '../linux/control-group.js';
import type { Reaper, RunToReap } from '../linux/reap.js';
import { filesOf, type QemuRun, readMarks } from './run-files.js';

/** No method rejects. */
export interface LeftChildren {
  /** Of a run that this process began. */
  readonly remember: (run: QemuRun, group: ControlGroup | null) => Promise<void>;
  /** Takes note of those of the run that have ended, whoever began it, and remembers it for those that end later. */
  readonly take: (run: QemuRun) => Promise<void>;
  readonly forget: (id: InstanceId) => void;
}

export const createLeftChildren = (directory: string, reap: Reaper): LeftChildren => {
  /** By instance: its last run. One object for all times that it is asked, for each that is given is remembered. */
  const known = new Map<InstanceId, { readonly run: string; readonly toReap: RunToReap }>();

  /** null: gone with the run's files. */
  const shellOf = async (run: QemuRun) => (await readMarks(filesOf(directory, run.run)).catch(constNull))?.[0] ?? null;

  return {
    remember: async (run, group) => {
      const shell = await shellOf(run);
      if (shell === null) return;
      known.set(run.id, { run: run.run, toReap: { pid: shell.pid, controlGroup: group?.name ?? null } });
    },

    take: async (run) => {
      if (known.get(run.id)?.run !== run.run) {
        const shell = await shellOf(run);
        if (shell !== null) known.set(run.id, { run: run.run, toReap: { pid: shell.pid, seen: [shell] } });
      }
      const last = known.get(run.id);
      reap(last?.run === run.run ? last.toReap : null);
    },

    forget: (id) => void known.delete(id),
  };
};
