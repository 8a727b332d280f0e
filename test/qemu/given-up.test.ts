/** Calls that nobody waits for any more: what was begun is ended, and nothing comes of them after their answer. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { kill, observe, permit } from '../linux/instances.js';
import { until } from '../linux/support.js';
import { left, right } from '../support/either.js';
import { runsForEver } from './guests.js';
import { describeOnQemu, openings, processesOf, runOf } from './support.js';

const { newDirectory, machine, open, run } = openings();

const foreverMs = 600_000;

const abortable = () => {
  const controller = new AbortController();
  return { given: { ...permit, signal: controller.signal }, giveUp: () => controller.abort() };
};

const eventsIn = (directory: string): string => readFileSync(join(runOf(directory), 'events.out'), 'utf8');

describeOnQemu('a start that nobody waits for any more', () => {
  test('while QEMU is not up leaves no process, and the instance as it was', async () => {
    // It never becomes QEMU, and so never listens.
    const slow = join(newDirectory(), 'slow-qemu');
    writeFileSync(slow, '#!/bin/sh\n: "$@"\nexec tail -f /dev/null "--pid=$PPID" "--retry"\n');
    chmodSync(slow, 0o755);
    const directory = newDirectory();
    let binary: string | undefined;
    const described = machine(runsForEver);
    const hypervisor = await open({
      directory,
      graceMs: 0,
      machineOf: () => (binary === undefined ? described : { ...described, binary }),
    });
    right(await hypervisor.start('web-1', permit)());
    right(await hypervisor.stop('web-1', permit)());
    const before = await observe(hypervisor);
    const former = runOf(directory);
    binary = slow;
    const { given, giveUp } = abortable();
    const starting = hypervisor.start('web-1', given)();
    await until(() => processesOf(directory).shells.length > 0);
    giveUp();
    expect(left(await starting)).toMatchObject({ _tag: 'Failed', message: expect.stringContaining('given up') });
    expect(processesOf(directory)).toEqual({ machines: [], shells: [] });
    expect(await observe(hypervisor)).toEqual(before);
    expect(runOf(directory)).toBe(former);
    // The section is free.
    binary = undefined;
    right(await hypervisor.start('web-1', permit)());
    expect((await observe(hypervisor)).state).toBe('running');
  });

  test('while QEMU hangs before its guest is let go ends it, and its guest has not run', async () => {
    const directory = newDirectory();
    const described = machine(runsForEver);
    const hypervisor = await open({ directory, machineOf: () => described });
    const { given, giveUp } = abortable();
    const starting = hypervisor.start('web-1', given)();
    await until(() => processesOf(directory).machines.length > 0);
    for (const pid of processesOf(directory).machines) kill(pid, 'SIGSTOP');
    const hadRun = eventsIn(directory).includes('RESUME');
    giveUp();
    const answer = await starting;
    // It may have been quicker than the signal that stops it: what is done by then is answered as done.
    if (hadRun) return right(answer);
    left(answer);
    expect(processesOf(directory)).toEqual({ machines: [], shells: [] });
    expect(await observe(hypervisor)).toMatchObject({ state: 'stopped', startedAt: null });
  });

  test('behind a stop that takes its time, starts nothing when that is over', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver), { graceMs: foreverMs });
    const stop = abortable();
    const stopping = hypervisor.stop('web-1', stop.given)();
    await until(() => eventsIn(directory).includes('POWERDOWN'));
    const { given, giveUp } = abortable();
    const starting = hypervisor.start('web-1', given)();
    giveUp();
    left(await starting);
    stop.giveUp();
    right(await stopping);
    expect(await observe(hypervisor)).toMatchObject({ state: 'stopped' });
    expect(processesOf(directory).machines).toEqual([]);
  });
});

describeOnQemu('a stop that nobody waits for any more', () => {
  test('while a guest has its grace ends it by force at once: nothing comes of it after the answer', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver), { graceMs: foreverMs, quitMs: foreverMs });
    const { given, giveUp } = abortable();
    const stopping = hypervisor.stop('web-1', given)();
    await until(() => eventsIn(directory).includes('POWERDOWN'));
    giveUp();
    right(await stopping);
    expect(processesOf(directory)).toEqual({ machines: [], shells: [] });
    expect(await observe(hypervisor)).toMatchObject({ state: 'stopped', cause: 'host', exitCode: null });
  });

  test('while QEMU does not answer waits for no answer, and ends it', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver), { graceMs: 0, quitMs: foreverMs });
    kill(processesOf(directory).machines[0], 'SIGSTOP');
    const { given, giveUp } = abortable();
    const stopping = hypervisor.stop('web-1', given)();
    await until(() => existsSync(join(runOf(directory), 'told')));
    giveUp();
    right(await stopping);
    expect(processesOf(directory).machines).toEqual([]);
  });

  test('before it tells the run to end tells it nothing', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver));
    const { given, giveUp } = abortable();
    giveUp();
    left(await hypervisor.stop('web-1', given)());
    expect(existsSync(join(runOf(directory), 'told'))).toBe(false);
    expect((await observe(hypervisor)).state).toBe('running');
  });
});

describeOnQemu('a stop that is given up between its check and its effect', () => {
  test('tells the run nothing', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver));
    const { given, giveUp } = abortable();
    // Whether it may be ended is asked with a signal that does nothing.
    vi.spyOn(process, 'kill').mockImplementation(() => {
      giveUp();
      return true;
    });
    const answer = await hypervisor.stop('web-1', given)();
    vi.restoreAllMocks();
    expect(left(answer)._tag).toBe('Failed');
    expect(existsSync(join(runOf(directory), 'told'))).toBe(false);
    expect((await observe(hypervisor)).state).toBe('running');
  });
});

describeOnQemu('a start of a run that was told to end', () => {
  test('by a stop that died half-way ends that run, and begins one of its own', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver), { graceMs: 50 });
    const former = processesOf(directory).machines;
    const before = await observe(hypervisor);
    writeFileSync(join(runOf(directory), 'told'), '');
    right(await hypervisor.start('web-1', permit)());
    const after = await observe(hypervisor);
    expect(after.state).toBe('running');
    expect(after.startedAt).not.toBe(before.startedAt);
    expect(processesOf(directory).machines).toHaveLength(1);
    expect(processesOf(directory).machines).not.toEqual(former);
  });
});

describeOnQemu('the end of a run', () => {
  test.each([3_600_000, -3_600_000])('is as long after its beginning when the clock is set by %d ms', async (by) => {
    let lead = 0;
    const clock = { now: () => Date.now() + lead };
    const { hypervisor } = await run(machine(runsForEver), { graceMs: 50, clock });
    right(await hypervisor.stop('web-1', permit)());
    const before = await observe(hypervisor);
    const length = (before.stoppedAt ?? 0) - (before.startedAt ?? 0);
    expect(length).toBeGreaterThan(0);
    lead = by;
    const after = await observe(hypervisor);
    expect((after.stoppedAt ?? 0) - (after.startedAt ?? 0)).toBe(length);
    expect(Math.abs((after.startedAt ?? 0) - (before.startedAt ?? 0) - by)).toBeLessThan(1_000);
  });

  test('whose shell wrote no time since the boot is dated by its file, as by an earlier version', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver), { graceMs: 0 });
    right(await hypervisor.stop('web-1', permit)());
    const exit = join(runOf(directory), 'exit');
    expect(readFileSync(exit, 'utf8')).toMatch(/^0 \d+\.\d+\n/);
    const { startedAt, stoppedAt } = await observe(hypervisor);
    writeFileSync(exit, '0\n');
    const dated = await observe(hypervisor);
    expect(dated).toMatchObject({ state: 'stopped', startedAt });
    expect(Math.abs((dated.stoppedAt ?? 0) - (stoppedAt ?? 0))).toBeLessThan(60_000);
  });
});
