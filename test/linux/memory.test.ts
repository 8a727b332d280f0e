/**
 * Ends for want of memory, on real control groups. Whether a run ended so is what the kernel counts, so it is asked
 * for real where groups can be made (by root, on most machines and in few containers), and where not, of files in the
 * kernel's form.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readOomKills } from '../../src/adapters/linux/cgroup.js';
import { controlGroup } from '../../src/adapters/linux/control-group.js';
import { inGroup } from '../../src/adapters/linux/first-shell.js';
import type { ProcessCommand } from '../../src/adapters/process.js';
import type { Hypervisor } from '../../src/controller.js';
import { openings as processOpenings } from '../process/support.js';
import { runsForEver } from '../qemu/guests.js';
import { describeOnQemu, processesOf as machinesOf, openings as qemuOpenings } from '../qemu/support.js';
import { openings as sharedOpenings } from '../shared-process/support.js';
import { right } from '../support/either.js';
import { kill, observe, permit, shell, stopped } from './instances.js';
import { directories } from './support.js';

const newDirectory = directories();

const limits = ['memory.max', 'memory.limit_in_bytes'] as const;

/** A group of the kernel's with 16 MiB. null: none can be made here. */
const makeGroup = (): string | null => {
  for (const root of ['/sys/fs/cgroup', '/sys/fs/cgroup/memory']) {
    const group = join(root, `restart-policy-test-${process.pid}`);
    if (!existsSync(join(root, 'cgroup.procs'))) continue; // no hierarchy is mounted there
    try {
      mkdirSync(group);
    } catch {
      continue;
    }
    for (const limit of limits) {
      try {
        writeFileSync(join(group, limit), String(16 * 1024 * 1024));
        if (readOomKills(group) !== null) return group;
      } catch {
        // Of the other version.
      }
    }
    rmdirSync(group);
  }
  return null;
};

const group = makeGroup();
if (group === null) console.log('NO CONTROL GROUP CAN BE MADE HERE, so the kernel itself is not asked what it counts');

afterAll(async () => {
  // The kernel may not have let go of what was killed a moment ago.
  for (let tries = 0; group !== null; tries++) {
    try {
      return rmdirSync(group);
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
});

/** Enters the group, and takes more than there is. */
const hungry = `echo $$ >"$0/cgroup.procs"; exec awk 'BEGIN { for (text = "x"; ; ) text = text text }'`;
const patient = 'echo $$ >"$0/cgroup.procs"; kill -9 $$';

const endIn = async (hypervisor: Hypervisor): Promise<unknown> => {
  right(await hypervisor.start('web-1', permit)());
  return stopped(hypervisor);
};

const commandIn = (cgroup: string, script: string): ProcessCommand => ({ ...shell(script, cgroup), cgroup });

const kinds = {
  process: processOpenings(),
  'shared process': sharedOpenings(),
} as const;

describe.runIf(group !== null).each(Object.entries(kinds))('a run of a %s, in a group of the kernel', (_, { open }) => {
  test('that takes more memory than there is ended for want of it, as each host tells', async () => {
    const directory = newDirectory();
    const hypervisor = await open({ directory, commandOf: () => commandIn(group ?? '', hungry) });
    const seen = await endIn(hypervisor);
    expect(seen).toMatchObject({ exitCode: null, cause: 'out_of_memory' });
    await hypervisor.close();
    expect(await observe(await open({ directory }))).toEqual(seen);
  });

  test('that something else kills ended by a signal, whatever was counted before', async () => {
    const hypervisor = await open({ commandOf: () => commandIn(group ?? '', patient) });
    expect(await endIn(hypervisor)).toMatchObject({ exitCode: null, cause: 'signal' });
  });
});

describe.each(Object.entries(kinds))('a run of a %s', (_, { open }) => {
  /** As a kernel of either version shows it. */
  const shown = [
    'memory.events\nlow 0\noom 1\noom_kill %\noom_group_kill 0\n',
    'memory.oom_control\nunder_oom 0\noom_kill %\n',
  ];

  test.each(shown)('reads the count of either version: %j', async (form) => {
    const cgroup = newDirectory();
    const [counter = '', ...lines] = form.split('\n');
    const file = join(cgroup, counter);
    const at = (count: number): string => lines.join('\n').replace('%', String(count));
    writeFileSync(file, at(2));
    expect(readOomKills(cgroup)).toBe(2);
    const counting = (signal: string) => `printf '%s' '${at(3)}' >"$0/${counter}"; kill -s ${signal} $$`;
    expect(await endIn(await open({ commandOf: () => commandIn(cgroup, counting('KILL')) }))).toMatchObject({
      exitCode: null,
      cause: 'out_of_memory',
    });
    // The system kills with SIGKILL alone; and what was counted before the run is not its own.
    writeFileSync(file, at(2));
    expect(await endIn(await open({ commandOf: () => commandIn(cgroup, counting('TERM')) }))).toMatchObject({
      cause: 'signal',
    });
    expect(readFileSync(file, 'utf8')).toBe(at(3));
    expect(await endIn(await open({ commandOf: () => commandIn(cgroup, counting('KILL')) }))).toMatchObject({
      cause: 'signal',
    });
  });

  test('in a group that there is not was ended by a signal', async () => {
    const cgroup = join(newDirectory(), 'none');
    expect(await endIn(await open({ commandOf: () => ({ ...shell('kill -9 $$'), cgroup }) }))).toMatchObject({
      cause: 'signal',
    });
  });
});

test('a process in a group of its own is one of which that group counts the ends, unless it names another', () => {
  const own = controlGroup('/sys/fs/cgroup/restart-policy.0/run');
  expect(inGroup(own, { command: 'sleep' }, '/bin/sleep').cgroup).toBe(own.path);
  expect(inGroup(own, { command: 'sleep', cgroup: '/its/own' }, '/bin/sleep').cgroup).toBe('/its/own');
});

describeOnQemu('a machine', () => {
  const { machine, run } = qemuOpenings();

  test('that is killed while the kernel counts an end for want of memory ended for that', async () => {
    const cgroup = newDirectory();
    const events = join(cgroup, 'memory.events');
    writeFileSync(events, 'oom 1\noom_kill 1\n');
    const { hypervisor, directory } = await run({ ...machine(runsForEver), cgroup });
    writeFileSync(events, 'oom 2\noom_kill 2\n');
    kill(machinesOf(directory).machines[0]);
    expect(await stopped(hypervisor)).toMatchObject({ exitCode: null, cause: 'out_of_memory' });
  });

  test('that is killed while it does not was ended by a signal', async () => {
    const cgroup = newDirectory();
    writeFileSync(join(cgroup, 'memory.events'), 'oom 1\noom_kill 1\n');
    const { hypervisor, directory } = await run({ ...machine(runsForEver), cgroup });
    kill(machinesOf(directory).machines[0]);
    expect(await stopped(hypervisor)).toMatchObject({ exitCode: null, cause: 'signal' });
  });

  test('that was told to end ended so, whatever the kernel counts', async () => {
    const cgroup = newDirectory();
    const events = join(cgroup, 'memory.events');
    writeFileSync(events, 'oom_kill 0\n');
    const { hypervisor, directory } = await run({ ...machine(runsForEver), cgroup }, { graceMs: 0, quitMs: 50 });
    writeFileSync(events, 'oom_kill 1\n');
    kill(machinesOf(directory).machines[0], 'SIGSTOP');
    right(await hypervisor.stop('web-1', permit)());
    expect(await observe(hypervisor)).toMatchObject({ exitCode: null, cause: 'host' });
  });
});
