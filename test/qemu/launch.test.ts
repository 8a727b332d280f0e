/** The beginning of a run in its control group: what the shell does there before it runs QEMU, and after it. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constVoid } from 'fp-ts/lib/function.js';
import { expect, test } from 'vitest';
import { type ControlGroup, controlGroup } from '../../src/adapters/linux/control-group.js';
import { createEndsToWrite } from '../../src/adapters/linux/ends-to-write.js';
import { newRunIdentity } from '../../src/adapters/linux/run-record.js';
import { createEndings } from '../../src/adapters/qemu/end.js';
import { type LaunchPlace, launch } from '../../src/adapters/qemu/launch.js';
import { createLeftChildren } from '../../src/adapters/qemu/left-children.js';
import { filesOf, newRun, type QemuRun, readEnd, wasOutOfMemory } from '../../src/adapters/qemu/run-files.js';
import { kill } from '../linux/instances.js';
import { until } from '../linux/support.js';
import { runsForEver } from './guests.js';
import { describeOnQemu, groupsOf, openings, processesOf } from './support.js';

const { newDirectory, machine } = openings();

const runIn = (group: ControlGroup): QemuRun =>
  newRunIdentity({ id: 'web-1', run: newRun('web-1'), startedAt: Date.now(), life: null, bootAt: null, group });

// Its shell inherits what it takes for the directory's presence.
const placeIn = (directory: string): LaunchPlace => ({ directory, calls: null, presence: 0 });

describeOnQemu('the shell of a run', () => {
  test('that has not entered the control group by the time its run is found to be gone will not run QEMU', async () => {
    const directory = newDirectory();
    const group = (await groupsOf(directory))?.of('late');
    if (group === undefined) throw new Error('there are no control groups here');
    const run = runIn(group);
    group.make();
    const endings = createEndings(
      directory,
      { graceMs: 0, quitMs: 50 },
      {
        life: null,
        calls: null,
        leftChildren: createLeftChildren(directory, constVoid),
        unwritten: createEndsToWrite(),
      },
    );
    expect(await endings.isGone(run)).toBe(true);
    expect(existsSync(group.path)).toBe(false);

    const launched = await launch(
      placeIn(directory),
      machine(runsForEver),
      run,
      { ...group, make: constVoid },
      undefined,
    );
    expect(launched).toMatchObject({
      _tag: 'Halfway',
      why: { _tag: 'Failed', message: expect.stringContaining('could not enter its control group') },
    });
    expect(processesOf(directory)).toEqual({ machines: [], shells: [] });
    expect(existsSync(filesOf(directory, run.run).pid)).toBe(false);
  });

  test('is not begun where its control group cannot be made', async () => {
    const directory = newDirectory();
    const file = join(directory, 'file');
    writeFileSync(file, '');
    const group = controlGroup(join(file, 'group'));
    const launched = await launch(placeIn(directory), machine(runsForEver), runIn(group), group, undefined);
    expect(launched).toMatchObject({ _tag: 'NotBegun', hopeless: false });
    expect(processesOf(directory)).toEqual({ machines: [], shells: [] });
  });

  test.each([
    [1, true],
    [0, false],
  ])('tells of %d ends for want of memory in the group of the run itself: %s', async (kills, isTold) => {
    const directory = newDirectory();
    // As the kernel has it where the memory controller is there.
    const group = controlGroup(join(newDirectory(), 'group'));
    mkdirSync(group.path);
    writeFileSync(join(group.path, 'cgroup.procs'), '');
    const events = join(group.path, 'memory.events');
    writeFileSync(events, 'oom 0\noom_kill 0\n');

    const run = runIn(group);
    expect(await launch(placeIn(directory), machine(runsForEver), run, group, undefined)).toEqual({
      _tag: 'Begun',
      shellExited: expect.any(Promise),
    });
    writeFileSync(events, `oom 0\noom_kill ${kills}\n`);
    kill(processesOf(directory).machines[0]);
    const files = filesOf(directory, run.run);
    await until(async () => (await readEnd(files)) !== null);
    expect(await wasOutOfMemory(files)).toBe(isTold);
  });
});
