/**
 * Whatever runs is found, ended, and told apart: of processes that hide what they are known by, on purpose or not, each with a
 * control group and without.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { right as rightOf } from 'fp-ts/lib/Either.js';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { controlGroup } from '../../src/adapters/linux/control-group.js';
import { plightOf, readProcess } from '../../src/adapters/linux/processes.js';
import { spawnRun } from '../../src/adapters/linux/spawn.js';
import { inRunShim } from '../../src/adapters/shared-process/shim.js';
import type { SharedProcessHypervisor } from '../../src/adapters/shared-process.js';
import { forever, kill, observe, permit, shell, stopped } from '../linux/instances.js';
import { directories, processesOf as processesOfFixture, until } from '../linux/support.js';
import { left, right } from '../support/either.js';
import { groupsAt, groupUses, living, openings, processesOf } from './support.js';

const { newDirectory, open } = openings();
const startController = processesOfFixture(new URL('fixtures/controller.ts', import.meta.url));
const startInNamespaces = processesOfFixture(new URL('fixtures/namespaces.ts', import.meta.url));
const newDirectoryThere = directories();

/** What the host there says. */
const saidInNamespaces = async (what: string, controlGroups: string): Promise<unknown> => {
  const directory = newDirectoryThere();
  const host = await startInNamespaces(what, directory, controlGroups);
  const said = await host.line('said');
  await host.ended;
  if (groupUses.includes('required')) await until((await groupsAt(directory)).remove);
  return JSON.parse(said.slice('said '.length));
};

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

/** Who does not bear a name to be found by says its number in a file `beat-PID`. Killed after the test, whatever came of it. */
const beating: Array<string> = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const directory of beating.splice(0)) for (const pid of beatsIn(directory)) if (lives(pid)) kill(pid);
});

const newBeats = (): string => {
  const directory = newDirectory();
  beating.push(directory);
  return directory;
};

const beatsIn = (directory: string): ReadonlyArray<number> =>
  existsSync(directory)
    ? readdirSync(directory).flatMap((name) => (name.startsWith('beat-') ? [Number(name.slice('beat-'.length))] : []))
    : [];

const lives = (pid: number): boolean => readProcess(pid) !== null;

const livingBeats = (directory: string): ReadonlyArray<number> => beatsIn(directory).filter(lives);

/** Ends with its first thread, and works on. */
const headless = `exec ${process.execPath} ${fixture('headless.mjs')} "$0"`;
/** Writes its title over its arguments and its environment. */
const titled = `exec perl -e '
  $0 = "x" x 4000;
  open my $beat, ">", "$ARGV[0]/beat-$$"; close $beat;
  sleep 1 while 1' "$0"`;
const withoutPath = (script: string): string => script.replace('exec perl', 'exec /usr/bin/perl');
/** Forks twice, with a session of its own between, and goes on with nothing of its environment. */
const daemonWith = (environment: string): string => `perl -e '
  use POSIX; ${environment}
  fork and exit; POSIX::setsid(); fork and exit;
  exec "/bin/sh", "-c", q(echo >"$0/beat-$$"; exec >/dev/null 2>&1; while :; do /bin/sleep 1; done), $ARGV[0]' "$0"
  until ls "$0" | grep -q beat; do sleep 0.01; done`;
const daemon = daemonWith('%ENV = ();');

const isHeadless = (pid: number): boolean => / Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
const hidesMark = (pid: number): boolean =>
  !readFileSync(`/proc/${pid}/environ`, 'latin1').includes('RESTART_POLICY_RUN');

const hiding = {
  'whose first thread has ended while others work': { script: headless, isHidden: isHeadless },
  'that wrote its title over its environment': { script: titled, isHidden: hidesMark },
  'that left its session, too': { script: titled.replace("'", "'use POSIX; POSIX::setsid();"), isHidden: hidesMark },
} as const;

describe.each(groupUses)('with control groups %s', (controlGroups) => {
  const openWith = async (script: string, more: { readonly directory?: string; readonly graceMs?: number } = {}) => {
    const directory = more.directory ?? newBeats();
    const hypervisor = await open({ directory, controlGroups, commandOf: () => shell(script, directory), ...more });
    return { hypervisor, directory };
  };

  test('a hypervisor says what it knows its runs by', async () => {
    const { hypervisor } = await openWith('exit 0');
    expect(hypervisor.capabilities.runsKnownBy).toBe(controlGroups === 'required' ? 'control_group' : 'process');
  });

  describe.each(Object.entries(hiding))('a run %s', (_, { script, isHidden }) => {
    /** It is running, a start makes no second copy, and a stop ends it. */
    const isRunningAndEnds = async (hypervisor: SharedProcessHypervisor, directory: string, first: number) => {
      expect(await observe(hypervisor)).toMatchObject({ state: 'running', exitCode: null });
      right(await hypervisor.start('web-1', permit)());
      expect(livingBeats(directory)).toEqual([first]);
      right(await hypervisor.stop('web-1', permit)());
      expect(livingBeats(directory)).toEqual([]);
      expect(await observe(hypervisor)).toMatchObject({ state: 'stopped', exitCode: null, cause: 'host' });
    };

    const hidden = async (directory: string): Promise<number> => {
      await until(() => beatsIn(directory).length > 0);
      const [first = 0] = beatsIn(directory);
      await until(() => isHidden(first));
      return first;
    };

    test('is running, and ends by a stop', async () => {
      const { hypervisor, directory } = await openWith(script, { graceMs: 100 });
      right(await hypervisor.start('web-1', permit)());
      await isRunningAndEnds(hypervisor, directory, await hidden(directory));
    });

    test('is found with its shim killed, also where there is no perl', async () => {
      const directory = newBeats();
      const env = { ...process.env, PATH: newDirectory() };
      const commandOf = () => ({ ...shell(withoutPath(script), directory), env });
      const hypervisor = await open({ directory, controlGroups, graceMs: 100, commandOf });
      right(await hypervisor.start('web-1', permit)());
      const first = await hidden(directory);
      const { shims } = processesOf(directory);
      expect(shims).toHaveLength(1);
      kill(shims[0]);
      await until(() => processesOf(directory).shims.length === 0);
      await isRunningAndEnds(hypervisor, directory, first);
    });

    test.each([[true], [false]])('is found after a crash of the host, its shim killed: %s', async (isShimKilled) => {
      const directory = newBeats();
      const controller = await startController(directory, script, '100', controlGroups);
      controller.send('start web-1');
      await controller.line('start web-1 Right');
      const first = await hidden(directory);
      const { shims } = processesOf(directory);
      expect(shims).toHaveLength(1);
      await controller.end('SIGKILL');
      if (isShimKilled) {
        kill(shims[0]);
        await until(() => processesOf(directory).shims.length === 0);
      }
      const { hypervisor } = await openWith(script, { directory, graceMs: 100 });
      await isRunningAndEnds(hypervisor, directory, first);
    });
  });

  test('what cleared its environment, and lost its parent and its shim, is ended with those in its session', async () => {
    const { hypervisor, directory } = await openWith(
      // Deaf to what its group is told.
      `(env -i /bin/sh -c 'trap "" TERM; echo >"$0/beat-$$"; while :; do sleep 1; done' "$0" &); exec tail -f /dev/null "$0"`,
      { graceMs: 50 },
    );
    right(await hypervisor.start('web-1', permit)());
    await until(() => beatsIn(directory).length > 0);
    kill(processesOf(directory).shims[0]);
    await until(() => processesOf(directory).shims.length === 0);
    right(await hypervisor.stop('web-1', permit)());
    expect(livingBeats(directory)).toEqual([]);
    expect(living(directory)).toEqual([]);
  });

  describe('a daemon', () => {
    /** The host crashes after the command has ended and left the daemon behind. */
    const left = async (script: string) => {
      const directory = newBeats();
      const controller = await startController(directory, script, '100', controlGroups);
      controller.send('start web-1');
      await controller.line('start web-1 Right');
      const { hypervisor } = await openWith(forever, { directory, graceMs: 100 });
      await stopped(hypervisor);
      await controller.end('SIGKILL');
      expect(livingBeats(directory)).toHaveLength(1);
      return { hypervisor, directory };
    };

    test('that kept the mark of its run is ended by a stop', async () => {
      const { hypervisor, directory } = await left(daemonWith(''));
      right(await hypervisor.stop('web-1', permit)());
      expect(livingBeats(directory)).toEqual([]);
    });

    if (controlGroups === 'required') {
      test('that cleared its environment is ended by a stop', async () => {
        const { hypervisor, directory } = await left(daemon);
        right(await hypervisor.stop('web-1', permit)());
        expect(livingBeats(directory)).toEqual([]);
      });

      test('that cleared its environment is ended before a start', async () => {
        const { hypervisor, directory } = await left(daemon);
        const alive: Array<number> = [];
        const check = async () => {
          alive.push(livingBeats(directory).length);
          return rightOf(undefined);
        };
        right(await hypervisor.start('web-1', { ...permit, check })());
        expect(alive).toEqual([1, 0]);
      });
    } else {
      test('that cleared its environment is out of reach, as is said', async () => {
        const { hypervisor, directory } = await left(daemon);
        right(await hypervisor.stop('web-1', permit)());
        expect(livingBeats(directory)).toHaveLength(1);
      });
    }
  });

  test('a stranger that was given the number of a run is left alone', async () => {
    expect(await saidInNamespaces('stranger', controlGroups)).toEqual({
      started: 'Right',
      wasGiven: true,
      lives: true,
    });
  });

  describe('a run that cannot die, for a stopped tracer holds it', () => {
    const held = async () => {
      const { hypervisor, directory } = await openWith('exec tail -f /dev/null "$0"', { graceMs: 50 });
      right(await hypervisor.start('web-1', permit)());
      await until(() => living(directory).length === 1);
      const [pid = 0] = living(directory);
      await until(() => readFileSync(`/proc/${pid}/comm`, 'latin1') === 'tail\n');
      const tracer = spawn(process.execPath, [fixture('tracer.mjs'), String(pid)], { stdio: 'inherit' });
      const tracerPid = tracer.pid ?? 0;
      tracers.push(tracerPid);
      await until(() => plightOf(tracerPid).startsWith('T') && plightOf(pid).endsWith(`process ${tracerPid}`));
      return { hypervisor, directory, pid, tracer: tracerPid };
    };
    const tracers: Array<number> = [];
    afterEach(() => {
      for (const pid of tracers.splice(0)) kill(pid);
    });

    test('has a stop fail that says what holds it; once the tracer is gone, a stop ends it', async () => {
      const { hypervisor, directory, pid, tracer } = await held();
      const before = performance.now();
      const failed = left(await hypervisor.stop('web-1', permit)());
      expect(performance.now() - before).toBeLessThan(50 + 5_000 + 2_000);
      expect(failed).toMatchObject({
        _tag: 'Failed',
        message: `killed, and does not end: process ${pid} (t (tracing stop), traced by process ${tracer})`,
      });
      expect(await observe(hypervisor)).toMatchObject({ state: 'running' });
      kill(tracer);
      right(await hypervisor.stop('web-1', permit)());
      expect(living(directory)).toEqual([]);
      expect(await observe(hypervisor)).toMatchObject({ state: 'stopped', cause: 'host' });
    });

    test('keeps neither a start for longer than its caller waits, nor a close', async () => {
      const { hypervisor, directory, pid } = await held();
      const stop = new AbortController();
      const stopping = hypervisor.stop('web-1', { ...permit, signal: stop.signal })();
      await until(() => processesOf(directory).shims.length === 0);
      stop.abort();
      expect(left(await stopping)).toMatchObject({ _tag: 'Failed' });
      const start = new AbortController();
      const starting = hypervisor.start('web-1', { ...permit, signal: start.signal })();
      start.abort();
      expect(left(await starting)).toMatchObject({ _tag: 'Failed' });
      // And one who waits for ever is told.
      expect(left(await hypervisor.start('web-1', permit)())).toMatchObject({
        _tag: 'Failed',
        message: expect.stringContaining(`process ${pid}`),
      });
      await hypervisor.close();
    });
  });
});

describe.runIf(groupUses.includes('required'))('the control group of a run', () => {
  const namesIn = (path: string): ReadonlyArray<string> =>
    existsSync(path)
      ? readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
      : [];
  const namesAt = async (directory: string): Promise<ReadonlyArray<string>> =>
    namesIn((await groupsAt(directory)).path);

  test('is gone with the run: after twenty restarts there is one, and after the end none', async () => {
    const directory = newDirectory();
    const controlGroups = 'required';
    const scripts = Array.from({ length: 20 }, (_, n) => `exit ${n}`);
    const hypervisor = await open({ directory, controlGroups, commandOf: () => shell(scripts.shift() ?? forever) });
    for (let restarts = 0; restarts < 20; restarts++) {
      right(await hypervisor.start('web-1', permit)());
      expect((await stopped(hypervisor)).exitCode).toBe(restarts);
    }
    right(await hypervisor.start('web-1', permit)());
    expect(await namesAt(directory)).toHaveLength(1);
    right(await hypervisor.stop('web-1', permit)());
    expect(await namesAt(directory)).toEqual([]);
  });

  test('keeps the group of its directory beyond a close, which goes with the last that closes after it', async () => {
    const directory = newDirectory();
    const controlGroups = 'required';
    const { path } = await groupsAt(directory);
    const first = await open({ directory, controlGroups, commandOf: () => shell(forever, directory) });
    right(await first.start('web-1', permit)());
    await first.close();
    expect(namesIn(path)).toHaveLength(1);
    const second = await open({ directory, controlGroups });
    right(await second.stop('web-1', permit)());
    await second.close();
    expect(existsSync(path)).toBe(false);
  });

  test.each([
    ['by itself', 'up', 'echo >"$0/up"; until test -e "$0/go"; do sleep 0.01; done'],
    ['with its shim killed', 'up', 'kill -9 $PPID; echo >"$0/up"; until test -e "$0/go"; do sleep 0.01; done'],
    [
      'before what it left behind',
      'web-1.json.end',
      `(trap "" TERM; echo >"$0/up"; until test -e "$0/go"; do sleep 0.01; done) &
       until test -e "$0/up"; do sleep 0.01; done`,
    ],
  ])('is gone without anybody asking, when a run ends %s', async (_, before, script) => {
    const directory = newDirectory();
    const hypervisor = await open({ directory, controlGroups: 'required', commandOf: () => shell(script, directory) });
    right(await hypervisor.start('web-1', permit)());
    await until(() => readdirSync(directory).includes(before));
    expect(await namesAt(directory)).toHaveLength(1);
    writeFileSync(join(directory, 'go'), '');
    await until(async () => (await namesAt(directory)).length === 0);
    expect((await observe(hypervisor)).state).toBe('stopped');
  });

  test('is gone, and the start has failed, where the command could not be spawned', async () => {
    const directory = newDirectory();
    const cwd = join(directory, 'none');
    const commandOf = () => ({ ...shell('exit 0'), command: process.execPath, cwd });
    const hypervisor = await open({ directory, controlGroups: 'required', commandOf });
    left(await hypervisor.start('web-1', permit)());
    expect(await namesAt(directory)).toEqual([]);
    expect((await observe(hypervisor)).startedAt).toBeNull();
  });

  test('that was removed is entered by nobody: a shim that comes late ends without having run the command', async () => {
    const directory = newDirectory();
    const group = join((await groupsAt(directory)).path, 'removed');
    const endFile = join(directory, 'end');
    const command = shell('echo >"$0/ran"', directory);
    const spawned = right(await spawnRun(inRunShim({ endFile, group, commandFile: null }, command), 'a run', null));
    expect(await spawned.exited).toMatchObject({ cause: 'exit', exitCode: 64 });
    expect(readdirSync(directory)).toEqual([]);
  });

  test('is removed when its starter died, so that what was being spawned then runs nothing after others looked', async () => {
    const directory = newDirectory();
    const hypervisor = await open({ directory, controlGroups: 'required', commandOf: () => shell(forever, directory) });
    const group = controlGroup(join((await groupsAt(directory)).path, 'its-own'));
    group.make();
    const run = 'a-run';
    writeFileSync(
      join(directory, 'web-1.json'),
      JSON.stringify({ id: 'web-1', run, startedAt: 1, pid: null, group: group.path }),
    );
    const command = shell('echo >"$0/ran"', directory);
    const shim = inRunShim(
      { endFile: join(directory, 'web-1.json.end'), group: group.path, commandFile: null },
      command,
    );
    // As it is between its fork and its becoming the shim: nothing tells whose it is.
    const late = spawn('/bin/sh', [
      '-c',
      'kill -STOP $$; RESTART_POLICY_RUN=$0 exec "$@"',
      run,
      shim.command,
      ...(shim.args ?? []),
    ]);
    const { pid = 0 } = late;
    await until(() => plightOf(pid).startsWith('T'));
    expect(await observe(hypervisor)).toMatchObject({ state: 'stopped', cause: 'unknown', exitCode: null });
    kill(pid, 'SIGCONT');
    expect(await once(late, 'exit')).toEqual([64, null]);
    expect(readdirSync(directory)).not.toContain('ran');
    expect(existsSync(group.path)).toBe(false);
    right(await hypervisor.start('web-1', permit)());
    expect((await observe(hypervisor)).state).toBe('running');
  });

  test('that cannot be entered makes the start fail, and nothing has run', async () => {
    const directory = newDirectory();
    const commandOf = () => shell('echo >"$0/ran"', directory);
    const hypervisor = await open({ directory, controlGroups: 'required', commandOf });
    const { path } = await groupsAt(directory);
    // Asked for its environment the host is about to spawn: the shim comes too late.
    const environment = vi.spyOn(process, 'env', 'get').mockImplementation(() => {
      for (const name of namesIn(path)) controlGroup(join(path, name)).remove();
      return { PATH: '/usr/bin:/bin' };
    });
    expect(left(await hypervisor.start('web-1', permit)())).toMatchObject({
      _tag: 'Failed',
      message: expect.stringContaining('could not enter its control group'),
    });
    environment.mockRestore();
    expect(readdirSync(directory)).not.toContain('ran');
    expect((await observe(hypervisor)).startedAt).toBeNull();
  });

  test('counts ends for want of memory, where the kernel does', async () => {
    const directory = newDirectory();
    // In the form of the kernel's, which not every system has for a group of version 2.
    const group = join(directory, 'group');
    mkdirSync(group);
    writeFileSync(join(group, 'memory.events'), 'oom_kill 1\n');
    const endFile = join(directory, 'end');
    const command = shell('echo "oom_kill 2" >"$0/memory.events"; kill -9 $$', group);
    const spawned = right(await spawnRun(inRunShim({ endFile, group, commandFile: null }, command), 'a-run', null));
    await spawned.exited;
    expect(readFileSync(endFile, 'latin1')).toMatch(/^a-run out_of_memory at /);
  });

  test.each([
    ['required', { _tag: 'OpenFailed', message: expect.stringContaining('a run cannot be a control group here') }],
    ['auto', { runsKnownBy: 'process' }],
    ['off', { runsKnownBy: 'process' }],
  ])('cannot be had: %s', async (use, answer) => {
    expect(await saidInNamespaces('ungrouped', use)).toMatchObject(answer);
  });
});
