/**
 * The processes of a run: its shell, QEMU, and what those started.
 *
 * Its control group is the list of them. Where it has none, they are known by the numbers and beginnings of the first two,
 * which those wrote down themselves before QEMU began, by what these forked, and by the run variable (`linux/run-processes.ts`).
 */
import { type ControlGroup, recordedGroup } from '../linux/control-group.js';
import { isSameLife } from '../linux/host-life.js';
import { type LiveProcess, livesStill, type ProcessIdentity, readProcess, type Scan } from '../linux/processes.js';
import { findProcessesOf } from '../linux/run-processes.js';
import { isListening } from './qmp.js';
import { filesOf, type QemuRun, type RunFiles, readMarks, readPid, tagOf } from './run-files.js';

export interface RunProcesses {
  readonly group: ControlGroup | null;
  /** What lives of it now. Without a group, what forks at the very moment is missed by one look, not by two. */
  readonly find: Scan;
  /** Whether something is known to live of it, without a look at all processes. */
  readonly isKnownToLive: () => boolean;
  /** Of those that were found. Only the shell learns how QEMU ended. */
  readonly isShell: (found: LiveProcess) => boolean;
}

/** `life`: that of the machine, now. */
export const processesOf = async (
  directory: string,
  run: QemuRun,
  scan: Scan,
  life: string | null,
): Promise<RunProcesses> => {
  const files = filesOf(directory, run.run);
  const group = recordedGroup(run);
  const marks = isSameLife(run.life, life) ? await readMarks(files) : [];
  const [shell = null] = marks;
  const machine = shell === null ? null : await readMachine(files, shell);
  const known = machine === null ? marks : [...marks, machine];

  const everywhere = findProcessesOf(scan, { isTag: (tag) => tag === tagOf(run.run), leader: shell, group, known });
  /** Something of it left its group, such as a QEMU whose `binary` enters another one. */
  let isScattered = false;
  return {
    group,

    find: async () => {
      if (group === null) return everywhere();
      const inside = group.processes();
      const isInside = ({ pid }: ProcessIdentity): boolean => inside.some((each) => each.pid === pid);
      isScattered ||= known.some((each) => !isInside(each) && livesStill(each));
      return isScattered ? everywhere() : inside;
    },

    isKnownToLive: () => known.some(livesStill) || (group?.isPopulated() ?? false),

    isShell: (found) => (shell === null ? found.pid === found.group : found.pid === shell.pid),
  };
};

/**
 * The QEMU that listens, by the number that it wrote down itself: another one than that of the shell's child, where `binary`
 * is a program that runs QEMU and waits for it. As long as it listens it lives, and has its number; but that may be one of
 * another namespace, and then it is a stranger's here.
 */
const readMachine = async (files: RunFiles, shell: ProcessIdentity): Promise<ProcessIdentity | null> => {
  const pid = await readPid(files);
  const found = pid === null ? null : readProcess(pid);
  if (found === null || found.session !== shell.pid || found.startTicks < shell.startTicks) return null;
  return (await isListening(files.socket)) ? found : null;
};
