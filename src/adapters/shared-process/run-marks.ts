/**
 * What a run in the directory is known by, to those who did not start it: what its record says, and what its shim wrote.
 */
import { recordedGroup } from '../linux/control-group.js';
import { isSameLife } from '../linux/host-life.js';
import type { ProcessIdentity } from '../linux/processes.js';
import type { RunMarks } from '../linux/run-processes.js';
import type { Beginning, RunFiles } from './files.js';

/** The process that its record names. null: it names none, or of another life of the machine. */
export const recordedProcess = (run: Beginning, life: string | null): ProcessIdentity | null =>
  run.pid !== null && run.startTicks !== undefined && isSameLife(run.life, life)
    ? { pid: run.pid, startTicks: run.startTicks }
    : null;

/** `isTag`: which run variables are of it, and of whatever else is to be found with it. */
export const marksOf = async (
  files: RunFiles,
  run: Beginning,
  life: string | null,
  isTag: RunMarks['isTag'] = (tag) => tag === run.run,
): Promise<RunMarks> => {
  const leader = recordedProcess(run, life);
  // Of the command, as the shim wrote it down.
  const command = isSameLife(run.life, life) ? await files.readCommand(run) : null;
  return { isTag, leader, group: recordedGroup(run), known: [leader, command].filter((each) => each !== null) };
};
