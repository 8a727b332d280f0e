/**
 * A disk that is full, or cannot be written at all: no end of a run is lost without a fault, no look leads to the next one
 * without a pause, and a start that the host has no room for is told apart from a workload that cannot be run.
 */
import { existsSync, linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Task } from 'fp-ts/lib/Task.js';
import { afterEach, expect, test } from 'vitest';
import { openProcessHypervisor, type ProcessCommand } from '../../src/adapters/process.js';
import { converse } from '../../src/adapters/qemu/qmp.js';
import { openSharedProcessHypervisor } from '../../src/adapters/shared-process.js';
import { systemClock } from '../../src/adapters/system-clock.js';
import type { Fault, HostFault, Hypervisor, InstanceId } from '../../src/controller.js';
import { createMemoryStore } from '../../src/testing.js';
import { exitsOnRequest, exitsWith, obeysPowerButton, runsForEver } from '../qemu/guests.js';
import { describeOnQemu, processesOf as machinesOf, openings as qemuOpenings, runOf } from '../qemu/support.js';
import { groupsOf, groupsSeen } from '../shared-process/support.js';
import { controllerOf } from '../support/controller.js';
import { left, right } from '../support/either.js';
import { policyWith } from '../support/values.js';
import { type Disk, describeOnDisks } from './disk.js';
import { kill, observe, permit, shell, stopped } from './instances.js';
import { directories, until } from './support.js';

/** Ends with that code when the file is there; or by itself, where the test has failed meanwhile. */
const worksUntil = (file: string, code: number): ProcessCommand =>
  shell(`n=0; until test -e "$0" || test $n -gt 3000; do n=$((n+1)); sleep 0.01; done; exit ${code}`, file);

type Told = ReadonlyArray<{ readonly id: InstanceId | null; readonly fault: HostFault }>;

const faultsOf = (hypervisor: Hypervisor): Told => {
  const told: Array<Told[number]> = [];
  hypervisor.onFault?.((id, fault) => void told.push({ id, fault }));
  return told;
};

/** What was replaced or removed gives its room back only when nobody reads it any more. */
const fillUp = async (disk: Disk, hypervisor: Hypervisor): Promise<void> => {
  for (let rounds = 0; rounds < 5; rounds++) {
    await observe(hypervisor);
    disk.fill();
  }
};

interface Kind {
  readonly open: (
    directory: string,
    command: () => ProcessCommand,
  ) => Promise<Hypervisor & { readonly close: Task<void> }>;
  /** The end of the instance's last run, as it is on disk. */
  readonly endOnDisk: (directory: string) => string;
  /** Its record is a new file each time. */
  readonly id: InstanceId;
}

const kindsWith = (controlGroups: 'auto' | 'off') =>
  ({
    process: {
      open: async (directory, commandOf) =>
        right(await openProcessHypervisor({ directory, commandOf, controlGroups })()),
      endOnDisk: (directory) => readFileSync(join(directory, 'web-1.json'), 'utf8'),
      // Too long for the record to be written over in place.
      id: 'web-1'.padEnd(400, '1'),
    },
    'shared process': {
      open: async (directory, commandOf) =>
        right(await openSharedProcessHypervisor({ directory, commandOf, controlGroups })()),
      endOnDisk: (directory) => readFileSync(join(directory, 'web-1.json.end'), 'utf8'),
      id: 'web-1',
    },
  }) satisfies Readonly<Record<string, Kind>>;

const aDisk = (controlGroups: 'auto' | 'off', newDisk: () => Disk): void => {
  const kinds = kindsWith(controlGroups);
  const newDirectory = directories();
  const files: Array<string> = [];
  /** The file that what runs waits for. */
  const newGo = (): string => {
    const go = join(newDirectory(), 'go');
    files.push(go);
    return go;
  };
  // Where a test fails, it stops nothing.
  afterEach(() => {
    for (const go of files.splice(0)) for (const group of groupsOf(go)) kill(-group);
  });

  for (const [name, { open, id }] of Object.entries(kinds)) {
    test(`a ${name} that ended with 0 while the disk was full is known to have, by the next host too`, async () => {
      const disk = newDisk();
      const go = newGo();
      const hypervisor = await open(disk.place, () => worksUntil(go, 0));
      const told = faultsOf(hypervisor);
      right(await hypervisor.start('web-1', permit)());
      disk.fill();
      writeFileSync(go, '');
      const seen = await stopped(hypervisor);
      expect(seen).toMatchObject({ exitCode: 0, cause: 'exit' });
      await hypervisor.close();
      const next = await open(disk.place, () => worksUntil(go, 0));
      expect(await observe(next)).toEqual(seen);
      await next.close();
      expect(told).toEqual([]);
    });

    test(`a ${name} is not done again when the host that saw it end with 0 on a full disk comes back`, async () => {
      const disk = newDisk();
      const go = newGo();
      const store = createMemoryStore();
      let starts = 0;
      const command = (): ProcessCommand => {
        starts++;
        return worksUntil(go, 0);
      };
      const supervise = async () => {
        const hypervisor = await open(disk.place, command);
        return { hypervisor, controller: controllerOf({ store, hypervisor, clock: systemClock }) };
      };
      const first = await supervise();
      right(await first.controller.updatePolicy('web-1', policyWith({ mode: 'on_failure', backoff: 1 }))());
      right(await first.controller.manualStart('web-1')());
      disk.fill();
      writeFileSync(go, '');
      await stopped(first.hypervisor);
      await first.controller.close()();
      await first.hypervisor.close();
      const second = await supervise();
      right(await second.controller.reconcile('web-1')());
      expect(right(await second.controller.status('web-1')())?.status.attempts).toBe(0);
      await second.controller.close()();
      await second.hypervisor.close();
      expect(starts).toBe(1);
    });

    test(`a start of a ${name} that a full disk has no room for is the host’s fault, and leaves all as it was`, async () => {
      const disk = newDisk();
      const go = newGo();
      writeFileSync(go, '');
      let code = 0;
      const hypervisor = await open(disk.place, () => worksUntil(go, code));
      const told = faultsOf(hypervisor);
      right(await hypervisor.start(id, permit)());
      const seen = await stopped(hypervisor, id);
      code = 3;
      disk.fill();
      const refusal = left(await hypervisor.start(id, permit)());
      expect(refusal).toMatchObject({ _tag: 'Refused', cause: { _tag: 'HostFault', resource: 'disk_space' } });
      expect(left(await hypervisor.start('web-2', permit)())).toMatchObject({
        cause: { _tag: 'HostFault', resource: 'disk_space' },
      });
      expect(await observe(hypervisor, id)).toEqual(seen);
      expect(readdirSync(disk.place).filter((file) => file.endsWith('.tmp'))).toEqual([]);
      await hypervisor.close();
      const next = await open(disk.place, () => worksUntil(go, code));
      expect(await observe(next, id)).toEqual(seen);
      expect((await observe(next, 'web-2')).startedAt).toBeNull();
      disk.empty();
      right(await next.start(id, permit)());
      expect(await stopped(next, id)).toMatchObject({ exitCode: 3 });
      await next.close();
      expect(told).toEqual([]);
    });

    test(`an attempt for a ${name} that the disk has no room for is told as a fault of the host`, async () => {
      const disk = newDisk();
      const hypervisor = await open(disk.place, () => shell('exit 1'));
      const faults: Array<Fault> = [];
      const controller = controllerOf({
        store: createMemoryStore(),
        hypervisor,
        clock: systemClock,
        onFault: (fault) => faults.push(fault),
      });
      right(await controller.updatePolicy(id, policyWith({ mode: 'always', backoff: 100 }))());
      right(await controller.manualStart(id)());
      // An attempt that is under way takes what room there is, and gives back what it replaces.
      await until(() => {
        disk.fill();
        return faults.length > 0;
      });
      expect(faults[0]).toMatchObject({ id, during: 'start', error: { _tag: 'HostFault' } });
      await controller.close()();
      await hypervisor.close();
    });
  }

  test('a process that ran before needs no room: a full disk starts it again, and keeps how it ends', async () => {
    const { open } = kinds['process'];
    const disk = newDisk();
    const go = newGo();
    writeFileSync(go, '');
    let code = 0;
    const hypervisor = await open(disk.place, () => worksUntil(go, code));
    right(await hypervisor.start('web-1', permit)());
    await stopped(hypervisor);
    code = 3;
    await fillUp(disk, hypervisor);
    right(await hypervisor.start('web-1', permit)());
    const seen = await stopped(hypervisor);
    expect(seen).toMatchObject({ exitCode: 3, cause: 'exit' });
    await hypervisor.close();
    const next = await open(disk.place, () => worksUntil(go, code));
    expect(await observe(next)).toEqual(seen);
    await next.close();
  });

  test('a process whose end cannot be written at all is told so once, and its end is written when it can be', async () => {
    const { open, endOnDisk } = kinds['process'];
    const disk = newDisk();
    const go = newGo();
    const hypervisor = await open(disk.place, () => worksUntil(go, 0));
    const told = faultsOf(hypervisor);
    right(await hypervisor.start('web-1', permit)());
    await disk.setWritable(false);
    writeFileSync(go, '');
    expect(await stopped(hypervisor)).toMatchObject({ exitCode: 0, cause: 'exit' });
    expect(told).toMatchObject([{ id: 'web-1', fault: { _tag: 'HostFault', resource: 'disk' } }]);
    await disk.setWritable(true);
    await until(() => endOnDisk(disk.place).includes('"exitCode":0'));
    expect(told).toHaveLength(1);
    await hypervisor.close();
  });

  test('a process whose end cannot be written until its host closes has it written then', async () => {
    const { open } = kinds['process'];
    const disk = newDisk();
    const go = newGo();
    const hypervisor = await open(disk.place, () => worksUntil(go, 3));
    right(await hypervisor.start('web-1', permit)());
    await disk.setWritable(false);
    writeFileSync(go, '');
    const seen = await stopped(hypervisor);
    await disk.setWritable(true);
    await hypervisor.close();
    const next = await open(disk.place, () => worksUntil(go, 3));
    expect(await observe(next)).toEqual(seen);
    await next.close();
  });

  test('a process that begins again while its end is kept keeps the record of its new run', async () => {
    const { open, endOnDisk } = kinds['process'];
    const disk = newDisk();
    let go = newGo();
    const hypervisor = await open(disk.place, () => worksUntil(go, 3));
    right(await hypervisor.start('web-1', permit)());
    await disk.setWritable(false);
    writeFileSync(go, '');
    await stopped(hypervisor);
    await disk.setWritable(true);
    go = newGo();
    right(await hypervisor.start('web-1', permit)());
    expect(endOnDisk(disk.place)).toContain('"exitCode":null');
    writeFileSync(go, '');
    const seen = await stopped(hypervisor);
    await hypervisor.close();
    const next = await open(disk.place, () => worksUntil(go, 3));
    expect(await observe(next)).toEqual(seen);
    await next.close();
  });

  test('a shared process of policy never whose lost end cannot be written leads to no look after another', async () => {
    const { open } = kinds['shared process'];
    const disk = newDisk();
    const go = newGo();
    const hypervisor = await open(disk.place, () => worksUntil(go, 0));
    const told = faultsOf(hypervisor);
    let decisions = 0;
    const controller = controllerOf({
      store: createMemoryStore(),
      hypervisor,
      clock: systemClock,
      onDecision: () => decisions++,
    });
    right(await controller.updatePolicy('web-1', policyWith({ mode: 'never' }))());
    right(await controller.manualStart('web-1')());
    await until(() => groupsOf(go).length > 0);
    // Not the room that was taken for it, nor any other.
    rmSync(join(disk.place, 'web-1.json.end'), { force: true });
    await fillUp(disk, hypervisor);
    for (const group of await groupsSeen(go)) kill(-group);
    const seen = await stopped(hypervisor);
    expect(seen).toMatchObject({ exitCode: null, cause: 'unknown' });
    const before = decisions;
    // A loop makes a few with each of these.
    for (let looks = 0; looks < 100; looks++) expect(await observe(hypervisor)).toEqual(seen);
    expect(decisions - before).toBeLessThan(5);
    await until(() => told.length > 0);
    expect(told).toMatchObject([{ id: 'web-1', fault: { resource: 'disk_space' } }]);
    disk.empty();
    await until(() => / lost\n/.test(readIfThere(join(disk.place, 'web-1.json.end'))));
    expect(await observe(hypervisor)).toEqual(seen);
    await controller.close()();
    await hypervisor.close();
  });

  test('a shared process whose stop cannot be written down was stopped when it was, also when that is written later', async () => {
    const { open } = kinds['shared process'];
    const disk = newDisk();
    const go = newGo();
    const hypervisor = await open(disk.place, () => worksUntil(go, 0));
    const told = faultsOf(hypervisor);
    right(await hypervisor.start('web-1', permit)());
    rmSync(join(disk.place, 'web-1.json.end'));
    await fillUp(disk, hypervisor);
    right(await hypervisor.stop('web-1', permit)());
    const seen = await observe(hypervisor);
    expect(seen).toMatchObject({ state: 'stopped', exitCode: null, cause: 'host' });
    expect(seen.stoppedAt).not.toBeNull();
    expect(told).toMatchObject([{ id: 'web-1', fault: { resource: 'disk_space' } }]);
    disk.empty();
    await until(() => / stopped at [\d.]+\n/.test(readIfThere(join(disk.place, 'web-1.json.end'))));
    await hypervisor.close();
    const next = await open(disk.place, () => worksUntil(go, 0));
    expect(await observe(next)).toEqual(seen);
    await next.close();
  });

  test('an end of a shared process that is kept is not written over that of the next run', async () => {
    const { open, endOnDisk } = kinds['shared process'];
    const disk = newDisk();
    let go = newGo();
    const hypervisor = await open(disk.place, () => worksUntil(go, 3));
    right(await hypervisor.start('web-1', permit)());
    rmSync(join(disk.place, 'web-1.json.end'));
    await fillUp(disk, hypervisor);
    right(await hypervisor.stop('web-1', permit)());
    disk.empty();
    go = newGo();
    right(await hypervisor.start('web-1', permit)());
    writeFileSync(go, '');
    expect(await stopped(hypervisor)).toMatchObject({ exitCode: 3, cause: 'exit' });
    // Closing tries what is kept once more.
    await hypervisor.close();
    expect(endOnDisk(disk.place)).toMatch(/ (exit )?3 at [\d.]+\n/);
  });

  test('a shared process is stopped on a disk that has become read-only, and is not started again on it', async () => {
    const { open } = kinds['shared process'];
    const disk = newDisk();
    const hypervisor = await open(disk.place, () => worksUntil(newGo(), 0));
    right(await hypervisor.start('web-1', permit)());
    await disk.setWritable(false);
    right(await hypervisor.stop('web-1', permit)());
    expect((await observe(hypervisor)).state).toBe('stopped');
    const refusal = left(await hypervisor.start('web-1', permit)());
    expect(refusal).toMatchObject({ cause: { _tag: 'HostFault', resource: 'disk' } });
    await disk.setWritable(true);
    await hypervisor.close();
  });
};

describeOnDisks('on a disk of its own, with control groups auto', (newDisk) => aDisk('auto', newDisk));
describeOnDisks('on a disk of its own, with control groups off', (newDisk) => aDisk('off', newDisk));

describeOnDisks('on a disk of its own', (newDisk) => {
  const newDirectory = directories();
  describeOnQemu('a machine', () => {
    const { machine, open } = qemuOpenings();
    /** QEMU removes its own file before the end is written; that makes no room here. */
    const fill = (disk: Disk): void => {
      linkSync(join(runOf(disk.place), 'pid'), join(disk.place, 'kept'));
      disk.fill();
    };

    /** As a person at the machine does: nobody tells the run to end. */
    const pressPowerButton = async (directory: string): Promise<void> => {
      const socket = join(runOf(directory), 'qmp');
      right(await converse({ socket, withinMs: 10_000 }, ({ execute }) => execute('system_powerdown')())());
    };

    test('that powered off while the disk was full ended with 0, as the next host knows too', async () => {
      const disk = newDisk();
      const machineOf = () => machine(obeysPowerButton);
      const hypervisor = await open({ directory: disk.place, machineOf });
      const told = faultsOf(hypervisor);
      right(await hypervisor.start('web-1', permit)());
      fill(disk);
      // The guest enables its button first.
      await until(async () => {
        await pressPowerButton(disk.place).catch(() => {});
        return (await observe(hypervisor)).state !== 'running';
      });
      const seen = await stopped(hypervisor);
      expect(seen).toMatchObject({ exitCode: 0, cause: 'exit', stoppedAt: expect.any(Number) });
      await hypervisor.close();
      const next = await open({ directory: disk.place, machineOf });
      expect(await observe(next)).toEqual(seen);
      expect(told).toEqual([]);
    });

    test('that was stopped while the disk was full ended with its host', async () => {
      const disk = newDisk();
      const hypervisor = await open({ directory: disk.place, machineOf: () => machine(obeysPowerButton) });
      right(await hypervisor.start('web-1', permit)());
      fill(disk);
      right(await hypervisor.stop('web-1', permit)());
      const ended = { state: 'stopped', stoppedAt: expect.any(Number), exitCode: null, cause: 'host' };
      expect(await observe(hypervisor)).toMatchObject(ended);
    });

    test('that ended with a code of its own while the disk was full keeps it', async () => {
      const disk = newDisk();
      const serial = join(newDirectory(), 'serial');
      const described = machine(exitsOnRequest, '-serial', `unix:${serial},server=on,wait=off`);
      const hypervisor = await open({ directory: disk.place, machineOf: () => described });
      right(await hypervisor.start('web-1', permit)());
      fill(disk);
      connect(serial)
        .on('error', () => {}) // its other end is gone at once
        .end(Buffer.from([7]));
      expect(await stopped(hypervisor)).toMatchObject({ exitCode: 7, cause: 'exit', stoppedAt: expect.any(Number) });
    });

    test('that the disk has no room for is the host’s fault, and leaves all as it was', async () => {
      const disk = newDisk();
      const hypervisor = await open({ directory: disk.place, machineOf: () => machine(exitsWith(4)) });
      right(await hypervisor.start('web-1', permit)());
      const seen = await stopped(hypervisor);
      const files = readdirSync(disk.place);
      disk.fill();
      const lack = { _tag: 'Refused', cause: { _tag: 'HostFault', resource: 'disk_space' } };
      expect(left(await hypervisor.start('web-1', permit)())).toMatchObject(lack);
      expect(left(await hypervisor.start('web-2', permit)())).toMatchObject(lack);
      expect(await observe(hypervisor)).toEqual(seen);
      expect((await observe(hypervisor, 'web-2')).startedAt).toBeNull();
      disk.empty();
      expect(readdirSync(disk.place)).toEqual([...files, 'web-2.json.lock'].sort());
      right(await hypervisor.start('web-1', permit)());
      expect(await stopped(hypervisor)).toMatchObject({ exitCode: 4 });
    });

    test('that nobody saw end is told once, where that cannot be written down, and lost all the same', async () => {
      const disk = newDisk();
      const hypervisor = await open({ directory: disk.place, machineOf: () => machine(runsForEver) });
      const told = faultsOf(hypervisor);
      right(await hypervisor.start('web-1', permit)());
      const lost = join(runOf(disk.place), 'lost');
      disk.fill();
      disk.fillNames();
      const { machines, shells } = machinesOf(disk.place);
      for (const pid of [...shells, ...machines]) kill(pid);
      const seen = await stopped(hypervisor);
      expect(seen).toMatchObject({ exitCode: null, cause: 'unknown' });
      for (let looks = 0; looks < 5; looks++) expect(await observe(hypervisor)).toEqual(seen);
      expect(told).toMatchObject([{ id: 'web-1', fault: { resource: 'disk_space' } }]);
      disk.empty();
      await until(() => existsSync(lost));
    });
  });
});

const readIfThere = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
