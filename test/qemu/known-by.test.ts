/**
 * What a run is known by when its host and its shell are dead, and nothing shows the environment of its QEMU: with a control
 * group, and without one.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { livesStill, type ProcessIdentity, readProcess, startTicksOf } from '../../src/adapters/linux/processes.js';
import type { QemuMachine } from '../../src/adapters/qemu.js';
import { commandLinesWith, kill, observe, permit } from '../linux/instances.js';
import { processesOf as otherProcesses, until } from '../linux/support.js';
import { left, right } from '../support/either.js';
import { runsForEver } from './guests.js';
import { describeOnQemu, exitOf, groupsOf, openings, processesOf, runOf } from './support.js';

const { newDirectory, machine, binary, bareQemu, open, run } = openings();
const beginHost = otherProcesses(new URL('fixtures/host.ts', import.meta.url));

const qemu = '"$(command -v qemu-system-x86_64)" "$@"';
const running: Array<ChildProcess> = [];
/** Those of which nothing may be left to find them by, where a test fails. */
const orphans: Array<ProcessIdentity> = [];

afterEach(async () => {
  for (const each of orphans.splice(0)) if (livesStill(each)) kill(each.pid);
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
});

/** A process of its own session, which has nothing to do with any run. */
const begin = async (command: string, ...args: ReadonlyArray<string>): Promise<number> => {
  const child = spawn(command, args, { detached: true, stdio: 'ignore' });
  running.push(child);
  await once(child, 'spawn');
  if (child.pid === undefined) throw new Error(`${command} has no number`);
  return child.pid;
};

const isStopped = (pid: number): boolean => readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') T ');

describe.each(['required', 'off'] as const)('where control groups are %s:', (controlGroups) => {
  const more = { graceMs: 0, quitMs: 50, controlGroups };

  /** Its host ended by SIGKILL, and so is its shell. Answers with the number of its QEMU. */
  const orphan = async (described: QemuMachine) => {
    const directory = newDirectory();
    const host = await beginHost(directory, JSON.stringify(described), JSON.stringify({ controlGroups }));
    host.send('start web-1');
    await host.line('started');
    await host.end('SIGKILL');
    for (const pid of processesOf(directory).shells) kill(pid);
    await until(() => processesOf(directory).shells.length === 0);
    const pid = Number(readFileSync(join(runOf(directory), 'pid'), 'utf8'));
    orphans.push({ pid, startTicks: startTicksOf(pid) ?? 0 });
    return { directory, pid, next: await open({ directory, machineOf: () => described, ...more }) };
  };

  describeOnQemu('a machine whose host and shell were killed', () => {
    test.each([
      ['which has no environment', () => ({ binary: bareQemu() })],
      ['which changed its name', () => ({ args: ['-name', 'guest,process=renamed,debug-threads=on'] })],
      ['which a program runs that is dead, too', () => ({ binary: binary(`env -i ${qemu}; code=$?`) })],
    ])('%s, is stopped by the next host, though it does not answer', async (_, change) => {
      const described = machine(runsForEver);
      const { args = [], ...changed }: Partial<QemuMachine> = change();
      const { directory, pid, next } = await orphan({ ...described, args: [...described.args, ...args], ...changed });
      kill(pid, 'SIGSTOP');
      right(await next.stop('web-1', permit)());
      expect(processesOf(directory).machines).toEqual([]);
      expect((await observe(next)).state).toBe('stopped');
    });

    test('is not taken for gone when nobody can reach it: no second one is started, and a stop ends it', async () => {
      const { directory, pid, next } = await orphan({ ...machine(runsForEver), binary: bareQemu() });
      rmSync(join(runOf(directory), 'qmp'));
      expect((await observe(next)).state).toBe('initializing');
      expect(left(await next.start('web-1', permit)())._tag).toBe('Refused');
      expect(processesOf(directory).machines).toEqual([pid]);
      right(await next.stop('web-1', permit)());
      expect(processesOf(directory).machines).toEqual([]);
      right(await next.start('web-1', permit)());
      expect(processesOf(directory).machines).toHaveLength(1);
      expect((await observe(next)).state).toBe('running');
    });

    test('and whose first thread has ended, while others work on, is ended by a stop', async () => {
      const { pid, next } = await orphan({ ...machine(runsForEver), binary: headless() });
      await until(() => readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z '));
      expect((await observe(next)).state).toBe('running');
      right(await next.stop('web-1', permit)());
      expect(readProcess(pid)).toBeNull();
      expect((await observe(next)).state).toBe('stopped');
    });
  });

  /** What answers as QEMU does, from its second thread; its first has ended. */
  const headless = (): string => {
    const script = join(newDirectory(), 'qemu-system.py');
    writeFileSync(script, answersFromSecondThread);
    return binary(`exec -a qemu-system python3 ${script} "$@"`, '/bin/bash');
  };

  describeOnQemu('a stop', () => {
    test('of a QEMU that a stopped tracer holds answers who holds whom, and so does what comes after it', async () => {
      const { hypervisor, directory } = await run(machine(runsForEver), more);
      const pid = processesOf(directory).machines[0] ?? 0;
      const tracer = await begin('python3', '-c', holdsAtItsEnd, String(pid));
      await until(() => isStopped(tracer));
      const began = performance.now();
      expect(left(await hypervisor.stop('web-1', permit)())).toMatchObject({
        _tag: 'Failed',
        message: expect.stringMatching(`process ${pid} \\(.*traced by process ${tracer}\\)`),
      });
      expect(performance.now() - began).toBeLessThan(10_000);
      expect((await observe(hypervisor)).state).not.toBe('stopped');
      await hypervisor.close();
      kill(tracer);
      const next = await open({ directory, ...more });
      right(await next.stop('web-1', permit)());
      expect(processesOf(directory).machines).toEqual([]);
    });

    test('signals no stranger that was given the number of QEMU or its shell', async () => {
      const { hypervisor, directory } = await run({ ...machine(runsForEver), binary: bareQemu() }, more);
      const stranger = await begin('sleep', '1000');
      const { machines, shells } = processesOf(directory);
      for (const pid of [...shells, ...machines]) kill(pid);
      await until(() => processesOf(directory).machines.length === 0);
      const marks = join(runOf(directory), 'marks');
      const before = (startTicksOf(stranger) ?? 0) - 1;
      writeFileSync(marks, `${stranger} ${before}\n`.repeat(2));
      writeFileSync(join(runOf(directory), 'pid'), `${stranger}\n`);
      right(await hypervisor.stop('web-1', permit)());
      expect((await observe(hypervisor)).state).toBe('stopped');
      expect(startTicksOf(stranger)).toBe(before + 1);
    });

    test('signals no stranger that has the number by which QEMU is known in a namespace of its own', async () => {
      const { hypervisor, directory } = await run(machine(runsForEver), more);
      const stranger = await begin('sleep', '1000');
      const [pid] = processesOf(directory).machines;
      writeFileSync(join(runOf(directory), 'pid'), `${stranger}\n`);
      kill(pid, 'SIGSTOP');
      right(await hypervisor.stop('web-1', permit)());
      expect(processesOf(directory)).toEqual({ machines: [], shells: [] });
      expect(startTicksOf(stranger)).not.toBeNull();
    });
  });

  describeOnQemu('a start', () => {
    test('whose shell is killed answers soon that it failed, and leaves the instance as it was', async () => {
      const called = join(newDirectory(), 'called');
      const described = { ...machine(runsForEver), binary: binary(`env -i tail -f ${called} "--pid=$$"`) };
      writeFileSync(called, '');
      const directory = newDirectory();
      const hypervisor = await open({ directory, machineOf: () => described, ...more });
      const starting = hypervisor.start('web-1', permit)();
      await until(() => commandLinesWith(called).some(({ words }) => words[0] === 'tail'));
      for (const pid of processesOf(directory).shells) kill(pid);
      expect(left(await starting)).toMatchObject({
        _tag: 'Failed',
        message: expect.stringContaining('could not be run'),
      });
      expect(processesOf(directory)).toEqual({ machines: [], shells: [] });
      expect(await observe(hypervisor)).toMatchObject({ state: 'stopped', startedAt: null });
    });
  });

  describeOnQemu('what a program starts besides QEMU, in a session of its own and without an environment', () => {
    afterEach(() => {
      for (const file of files.splice(0)) for (const pid of daemonsOf(file)) kill(pid);
    });

    const files: Array<string> = [];
    const daemonsOf = (file: string): ReadonlyArray<number> =>
      commandLinesWith(file)
        .filter(({ words }) => words[0] === 'tail')
        .map(({ pid }) => pid);

    /** A daemon that leaves its parents for good, and the machine. */
    const withDaemon = () => {
      const file = join(newDirectory(), 'daemon');
      writeFileSync(file, '');
      files.push(file);
      const daemon = `env -i setsid /bin/sh -c 'tail -f "$0" & ' ${file}`;
      return { described: { ...machine(runsForEver), binary: binary(`${daemon}\nexec ${qemu}`) }, file };
    };

    const runToItsEnd = async (described: QemuMachine) => {
      const { hypervisor, directory } = await run(described, more);
      kill(processesOf(directory).machines[0]);
      await exitOf(hypervisor);
      return { hypervisor };
    };

    const isEnded = controlGroups === 'required';
    const ending = isEnded ? 'is ended' : 'is not found, and not ended,';

    test(`${ending} by a stop of the run`, async () => {
      const { described, file } = withDaemon();
      const { hypervisor } = await run(described, more);
      await until(() => daemonsOf(file).length === 1);
      right(await hypervisor.stop('web-1', permit)());
      expect(daemonsOf(file)).toHaveLength(isEnded ? 0 : 1);
    });

    test(`${ending} before the next run begins, after a run that ended by itself`, async () => {
      const { described, file } = withDaemon();
      const { hypervisor } = await runToItsEnd(described);
      await until(() => daemonsOf(file).length === 1);
      const [former] = daemonsOf(file);
      right(await hypervisor.start('web-1', permit)());
      await until(() => daemonsOf(file).some((pid) => pid !== former));
      expect(daemonsOf(file).includes(former ?? 0)).toBe(!isEnded);
    });

    test(`${ending} by a stop and by a forget of a run that ended by itself`, async () => {
      for (const call of ['stop', 'forget'] as const) {
        const { described, file } = withDaemon();
        const { hypervisor } = await runToItsEnd(described);
        await until(() => daemonsOf(file).length === 1);
        right(await (call === 'stop' ? hypervisor.stop('web-1', permit) : hypervisor.forget('web-1'))());
        expect(daemonsOf(file)).toHaveLength(isEnded ? 0 : 1);
      }
    });
  });
});

describeOnQemu('a control group', () => {
  test('is never left behind: of ten restarts none is, after a stop and a forget neither', async () => {
    const { hypervisor, directory } = await run(machine(runsForEver), { graceMs: 0, controlGroups: 'required' });
    const end = async (): Promise<void> => {
      kill(processesOf(directory).machines[0]);
      await exitOf(hypervisor);
    };
    const all = (await groupsOf(directory))?.all.path ?? '';
    const left = () => readdirSync(all, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    for (let times = 0; times < 10; times++) {
      await end();
      right(await hypervisor.start('web-1', permit)());
    }
    expect(left().length).toBeLessThanOrEqual(1);
    await end();
    // Once its shell is gone too, whoever looks removes it.
    await until(async () => (await observe(hypervisor)).state === 'stopped' && left().length === 0);
    right(await hypervisor.start('web-1', permit)());
    right(await hypervisor.stop('web-1', permit)());
    expect(left()).toEqual([]);
    right(await hypervisor.start('web-1', permit)());
    await end();
    right(await hypervisor.forget('web-1')());
    expect(left()).toEqual([]);
  });

  test('is used to the end of its run by those who make none', async () => {
    const { hypervisor, directory } = await run(
      { ...machine(runsForEver), binary: bareQemu() },
      { graceMs: 0, quitMs: 50, controlGroups: 'required' },
    );
    const { machines, shells } = processesOf(directory);
    rmSync(join(runOf(directory), 'marks'));
    await hypervisor.close();
    kill(shells[0]);
    kill(machines[0], 'SIGSTOP');
    const next = await open({ directory, graceMs: 0, quitMs: 50, controlGroups: 'off' });
    right(await next.stop('web-1', permit)());
    expect(processesOf(directory).machines).toEqual([]);
  });

  test('that its QEMU has left for another one does not hide it', async () => {
    const other = `${(await groupsOf(newDirectory()))?.all.path}-other`;
    mkdirSync(other);
    const enters = binary(`echo 0 >${other}/cgroup.procs\nexec env -i ${qemu}`);
    const described = { ...machine(runsForEver), binary: enters };
    const { hypervisor, directory } = await run(described, { graceMs: 0, quitMs: 50, controlGroups: 'required' });
    kill(processesOf(directory).machines[0], 'SIGSTOP');
    right(await hypervisor.stop('web-1', permit)());
    expect(processesOf(directory)).toEqual({ machines: [], shells: [] });
    expect(await exitOf(hypervisor)).toEqual({ _tag: 'Killed', signal: 9 });
    rmdirSync(other);
  });
});

/** PTRACE_SEIZE with PTRACE_O_TRACEEXIT: whatever ends it, it stops before it is gone until its tracer, stopped now, lets it. */
const holdsAtItsEnd = `
import ctypes, os, signal, sys
if ctypes.CDLL(None).ptrace(0x4206, int(sys.argv[1]), None, ctypes.c_void_p(0x40)) != 0: sys.exit(1)
os.kill(os.getpid(), signal.SIGSTOP)
`;

const answersFromSecondThread = `
import ctypes, json, os, re, socket, sys, threading
words = sys.argv[1:]
path = re.search(r'path=(.*?),server', [word for word in words if 'server=on' in word][0]).group(1)
events = re.search(r'path=(.*)', [word for word in words if word.startswith('pipe,')][0]).group(1)
with open(words[words.index('-pidfile') + 1], 'w') as pid: pid.write(str(os.getpid()) + '\\n')
server = socket.socket(socket.AF_UNIX)
server.bind(path)
server.listen()

def serve():
    while True:
        client, _ = server.accept()
        lines = client.makefile('rw')
        def say(what):
            lines.write(json.dumps(what) + '\\n')
            lines.flush()
        try:
            say({'QMP': {'version': {}, 'capabilities': []}})
            for line in lines:
                asked = json.loads(line)
                if asked['execute'] == 'cont':
                    with open(events + '.out', 'a') as out: out.write('{"event": "RESUME", "data": {}}\\n')
                answer = {'status': 'running'} if asked['execute'] == 'query-status' else {}
                say({'return': answer, 'id': asked.get('id')})
        except OSError:
            pass

threading.Thread(target=serve).start()
ctypes.CDLL(None).pthread_exit(None)
`;
