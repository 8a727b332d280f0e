/** Shared hypervisors on real processes, and what ends everything after a test. */
import type { ControlGroup } from '../../src/adapters/linux/control-group.js';
import { openControlGroups } from '../../src/adapters/linux/control-groups.js';
import { readProcess } from '../../src/adapters/linux/processes.js';
import { openSharedProcessHypervisor, type SharedProcessHypervisorOptions } from '../../src/adapters/shared-process.js';
import { commandLinesWith, kill, openingsOf } from '../linux/instances.js';
import { until } from '../linux/support.js';
import { right } from '../support/either.js';

/** Pids of what carries the text in its command line: the shims of runs, and the rest. Controllers are not meant. */
export const processesOf = (text: string) => {
  const shims: Array<number> = [];
  const others: Array<number> = [];
  for (const { pid, words } of commandLinesWith(text)) {
    if (words[0] === process.execPath) continue;
    (words.includes('restart-policy-run') ? shims : others).push(pid);
  }
  return { shims, others };
};

/** Pids of what carries the text in its command line, shims left out: the commands of runs, and their children. */
export const living = (text: string): ReadonlyArray<number> => processesOf(text).others;

/** The process groups of what carries the text in its command line: one for each run that has begun and is not gone. */
export const groupsOf = (text: string): ReadonlyArray<number> => {
  const { shims, others } = processesOf(text);
  return [...new Set([...shims, ...others].flatMap((pid) => readProcess(pid)?.group ?? []))];
};

/** The same, once there is one: what becomes another program at this very moment shows no command line. */
export const groupsSeen = async (text: string): Promise<ReadonlyArray<number>> => {
  let groups: ReadonlyArray<number> = [];
  await until(() => {
    groups = groupsOf(text);
    return groups.length > 0;
  });
  return groups;
};

/** With control groups and without; where the system allows none, without alone. */
export const groupUses: ReadonlyArray<'required' | 'off'> =
  (await openControlGroups('required', 'of this test'))._tag === 'Right' ? ['required', 'off'] : ['off'];
if (!groupUses.includes('required')) console.log('NO CONTROL GROUP CAN BE MADE HERE, so no run is one');

/** The control group in which those of a directory's runs are. */
export const groupsAt = async (directory: string): Promise<ControlGroup> => {
  const groups = right(await openControlGroups('required', `shared-process:${directory}`));
  if (groups === null) throw new Error('there are no control groups');
  return groups.all;
};

/** Directories and hypervisors of a test. Afterwards whatever carries the name of a directory is killed. */
export const openings = () =>
  openingsOf(
    (directory, options: Partial<SharedProcessHypervisorOptions>) =>
      openSharedProcessHypervisor({ commandOf: () => null, ...options, directory }),
    async (directory) => {
      // Twice: what becomes another program at this very moment shows no command line, and a start may yet spawn.
      let emptyLooks = 0;
      await until(() => {
        // What a run starts need not bear the name itself.
        for (const group of groupsOf(directory)) kill(-group);
        const { shims, others } = processesOf(directory);
        for (const pid of [...shims, ...others]) kill(pid);
        emptyLooks = shims.length + others.length === 0 ? emptyLooks + 1 : 0;
        return emptyLooks === 2;
      });
      if (!groupUses.includes('required')) return;
      const groups = await groupsAt(directory);
      groups.kill();
      await until(groups.remove);
    },
  );
