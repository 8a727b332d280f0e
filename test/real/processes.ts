/** What runs in a test, as the process list has it. */
import type { ProcessList, RunProcess } from '../crash/processes.js';

/** The leader of a run's group is what waits for the command, and writes down how it ended. */
export const isCommand = ({ pid, group }: RunProcess): boolean => pid !== group;

/** Kills whatever carries the token of the list; until two looks find none, for a process that forks may be missed. */
export const endAll = (list: ProcessList): void => {
  for (let empty = 0; empty < 2; ) {
    const found = list.all();
    empty = found.length === 0 ? empty + 1 : 0;
    for (const pid of found) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    }
  }
};
