import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { left as leftOf, right as rightOf } from 'fp-ts/lib/Either.js';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ProcessCommand, ProcessHypervisorOptions } from '../../src/adapters/process.js';
import { type Permit, superseded } from '../../src/controller.js';
import { createHold } from '../../src/testing/hold.js';
import { allCodes, forever, observe, permit, shell, startsAllCodes, stopped } from '../linux/instances.js';
import { namesIn, until } from '../linux/support.js';
import { left, right } from '../support/either.js';
import { living, openings } from './support.js';

const { newDirectory, open } = openings();

afterEach(() => {
  vi.restoreAllMocks();
});

type Options = Partial<ProcessHypervisorOptions>;

const opensBy = (ours: Options) => {
  const opens = (options: Options) => open({ ...ours, ...options });
  /** A hypervisor whose every instance runs the script; `$0` is its directory, by which its processes are found. */
  const openWith = async (script: string, more: Options = {}) => {
    const directory = newDirectory();
    const hypervisor = await opens({ directory, commandOf: () => shell(script, directory), ...more });
    return { hypervisor, directory };
  };
  return { open: opens, openWith };
};

const { openWith } = opensBy({});

/** The ways in which a run can be spawned: by the system's calls or by Node, as a shell that enters a group or as it is. */
const ways = [
  { systemCalls: 'required', controlGroups: 'auto' },
  { systemCalls: 'required', controlGroups: 'off' },
  { systemCalls: 'off', controlGroups: 'off' },
] as const;

describe.each(ways)('a run that ends by itself, %o,', (way) => {
  const { open, openWith } = opensBy(way);

  test('leaves its exit code and its moments, by the clock of the host', async () => {
    const directory = newDirectory();
    const go = join(directory, 'go');
    const script = 'until test -e "$0"; do sleep 0.01; done; exit 7';
    const clock = { now: () => Date.now() - 1_000_000_000 };
    const hypervisor = await open({ directory, clock, commandOf: () => shell(script, go) });
    const askedAt = clock.now();
    right(await hypervisor.start('web-1', permit)());
    const running = await observe(hypervisor, 'web-1');
    expect(running).toEqual({
      state: 'running',
      startedAt: expect.any(Number),
      stoppedAt: null,
      exitCode: null,
      health: 'unknown',
    });
    const toldAt = clock.now();
    writeFileSync(go, '');
    const ended = await stopped(hypervisor, 'web-1');
    expect(ended).toEqual({
      state: 'stopped',
      startedAt: running.startedAt,
      stoppedAt: expect.any(Number),
      exitCode: 7,
      health: 'unknown',
      cause: 'exit',
    });
    const moments = [askedAt, running.startedAt, toldAt, ended.stoppedAt, clock.now()];
    expect(moments).toEqual([...moments].sort((a, b) => Number(a) - Number(b)));
  });

  test('leaves exit code 0 when it ended well', async () => {
    const { hypervisor } = await openWith('exit 0');
    right(await hypervisor.start('web-1', permit)());
    expect((await stopped(hypervisor, 'web-1')).exitCode).toBe(0);
  });

  test.each(['KILL', 'TERM', 'SEGV', 'INT', 'HUP', 'PIPE'])(
    'leaves no exit code when SIG%s ended it',
    async (signal) => {
      const { hypervisor } = await openWith(`kill -s ${signal} $$`);
      right(await hypervisor.start('web-1', permit)());
      const seen = await stopped(hypervisor, 'web-1');
      expect(seen).toMatchObject({ exitCode: null, cause: 'signal' });
      expect(seen.stoppedAt).not.toBeNull();
    },
  );

  test('leaves each exit code there is, and a later host reads the same', { timeout: 60_000 }, async () => {
    const directory = newDirectory();
    const first = await open({ directory, commandOf: (id) => shell(`exit ${id}`) });
    await startsAllCodes(first);
    await first.close();
    const second = await open({ directory });
    for (const exitCode of allCodes) {
      expect(await observe(second, String(exitCode))).toMatchObject({ state: 'stopped', exitCode, cause: 'exit' });
    }
  });

  test('is notified once, when it is over', async () => {
    const { hypervisor } = await openWith('exit 3');
    const seen: Array<unknown> = [];
    hypervisor.subscribe((id) => {
      void observe(hypervisor, id).then(({ state }) => seen.push([id, state]));
    });
    right(await hypervisor.start('web-1', permit)());
    await stopped(hypervisor, 'web-1');
    await hypervisor.close();
    expect(seen).toEqual([['web-1', 'stopped']]);
  });

  test('is notified to every listener, whatever another one throws', async () => {
    const { hypervisor } = await openWith('exit 3');
    const notified: Array<string> = [];
    hypervisor.subscribe(() => {
      throw new Error('a broken listener');
    });
    hypervisor.subscribe((id) => notified.push(id));
    right(await hypervisor.start('web-1', permit)());
    await until(() => notified.length > 0);
    expect((await observe(hypervisor, 'web-1')).exitCode).toBe(3);
  });

  test.each([
    ['in its group', 'sh -c "$behind" "$0" &'],
    ['in a session of their own', 'setsid sh -c "$behind" "$0" &'],
    ['with a cleared environment', 'env -i sh -c "$behind" "$0" &'],
    ['deaf to SIGTERM', `(trap '' TERM; exec sh -c "$behind" "$0") &`],
  ])('takes along what it left behind: processes %s', async (_, leaveBehind) => {
    const script = `
      behind='echo > "$0/ready"; while :; do sleep 1000; done'
      ${leaveBehind}
      until test -e "$0/ready"; do sleep 0.01; done
      exit 5`;
    const { hypervisor, directory } = await openWith(script, { graceMs: 50 });
    right(await hypervisor.start('web-1', permit)());
    expect((await stopped(hypervisor, 'web-1')).exitCode).toBe(5);
    expect(living(directory)).toEqual([]);
  });

  test('is not over, and not started anew, before what it left behind has ended', async () => {
    const directory = newDirectory();
    const told = join(directory, 'told');
    // What is left behind writes that it was told to end, and then waits until the test has seen it.
    const leaves = `
      (trap 'echo > "$0/told"; while test -e "$0/told"; do sleep 0.01; done; exit' TERM
       echo > "$0/ready"; while :; do sleep 0.01; done) &
      until test -e "$0/ready"; do sleep 0.01; done`;
    const scripts = [leaves, forever];
    const hypervisor = await open({ directory, commandOf: () => shell(scripts.shift() ?? '', directory) });
    right(await hypervisor.start('web-1', permit)());
    await until(() => readdirSync(directory).includes('told'));
    expect((await observe(hypervisor, 'web-1')).state).toBe('running');
    const checks: Array<boolean> = [];
    const again = hypervisor.start('web-1', {
      revision: 2,
      check: async () => {
        checks.push(readdirSync(directory).includes('told'));
        return rightOf(undefined);
      },
    })();
    await until(() => checks.length === 1);
    rmSync(told);
    right(await again);
    // Asked once more when the wait was over: the last thing before the new run.
    expect(checks).toEqual([true, false]);
    expect(await observe(hypervisor, 'web-1')).toMatchObject({ state: 'running', exitCode: null });
  });
});

describe('a stop', () => {
  test('of a run that ends while the permit is checked signals nobody: its pid may be another process by now', async () => {
    const { hypervisor, directory } = await openWith('until test -e "$0/go"; do sleep 0.01; done');
    right(await hypervisor.start('web-1', permit)());
    const [pid = 0] = living(directory);
    const check = async () => {
      writeFileSync(join(directory, 'go'), '');
      await stopped(hypervisor, 'web-1');
      return rightOf(undefined);
    };
    const kill = vi.spyOn(process, 'kill');
    right(await hypervisor.stop('web-1', { revision: 1, check })());
    expect(kill.mock.calls.filter(([target]) => Math.abs(target) === pid)).toEqual([]);
  });

  test('gives a run that ignores SIGTERM its grace, then ends it', async () => {
    const { hypervisor, directory } = await openWith(`trap '' TERM; ${forever}`, { graceMs: 100 });
    right(await hypervisor.start('web-1', permit)());
    right(await hypervisor.stop('web-1', permit)());
    expect(living(directory)).toEqual([]);
    expect(await observe(hypervisor, 'web-1')).toMatchObject({ state: 'stopped', exitCode: null, cause: 'host' });
  });

  test('lets a run end in order, and everything that it started too, and asks each once', async () => {
    const directory = newDirectory();
    // The first process dies of SIGTERM at once; its child has something to finish, and is given the time.
    const script = `
      (trap 'echo told >> "$0/told"' TERM
       echo > "$0/ready"
       until test -e "$0/told"; do sleep 0.01; done
       sleep 0.5; echo > "$0/finished") &
      wait`;
    const hypervisor = await open({ directory, commandOf: () => shell(script, directory) });
    right(await hypervisor.start('web-1', permit)());
    await until(() => readdirSync(directory).includes('ready'));
    right(await hypervisor.stop('web-1', permit)());
    expect(readdirSync(directory)).toContain('finished');
    expect(readFileSync(join(directory, 'told'), 'utf8')).toBe('told\n');
    expect(living(directory)).toEqual([]);
  });

  test('takes grandchildren along', async () => {
    const { hypervisor, directory } = await openWith('tail -f /dev/null "$0" & tail -f /dev/null "$0"');
    right(await hypervisor.start('web-1', permit)());
    await until(() => living(directory).length === 3);
    right(await hypervisor.stop('web-1', permit)());
    expect(living(directory)).toEqual([]);
  });

  test('leaves no exit code, whatever the run answered to SIGTERM', async () => {
    const directory = newDirectory();
    const script = `trap 'exit 0' TERM; echo > "$0/ready"; while :; do sleep 0.01; done`;
    const hypervisor = await open({ directory, commandOf: () => shell(script, directory) });
    right(await hypervisor.start('web-1', permit)());
    await until(() => readdirSync(directory).includes('ready'));
    right(await hypervisor.stop('web-1', permit)());
    expect(await observe(hypervisor, 'web-1')).toMatchObject({ state: 'stopped', exitCode: null, cause: 'host' });
  });

  test('that may not be made is refused, and the run goes on', async () => {
    const { hypervisor } = await openWith(forever);
    right(await hypervisor.start('web-1', permit)());
    vi.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
    });
    const onRefused = vi.fn(async () => {});
    expect(left(await hypervisor.stop('web-1', { ...permit, onRefused })())._tag).toBe('Refused');
    expect(onRefused).toHaveBeenCalledTimes(1);
    expect((await observe(hypervisor, 'web-1')).state).toBe('running');
    vi.restoreAllMocks();
  });

  test('that loses its right on the way has failed, does not hang, and can be made again', async () => {
    // Through a control group the right would not be lost.
    const { hypervisor, directory } = await openWith(forever, {
      graceMs: 20,
      controlGroups: 'off',
      systemCalls: 'off',
    });
    right(await hypervisor.start('web-1', permit)());
    vi.spyOn(process, 'kill').mockImplementation((_, signal) => {
      if (signal === 0) return true;
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
    });
    expect(left(await hypervisor.stop('web-1', permit)())._tag).toBe('Failed');
    expect((await observe(hypervisor, 'web-1')).state).toBe('running');
    vi.restoreAllMocks();
    right(await hypervisor.stop('web-1', permit)());
    expect(living(directory)).toEqual([]);
  });

  test('of one instance leaves the others running', async () => {
    const { hypervisor } = await openWith(forever);
    await Promise.all(['web-1', 'web-2', 'web-3'].map((id) => hypervisor.start(id, permit)()));
    right(await hypervisor.stop('web-2', permit)());
    const states = await Promise.all(['web-1', 'web-2', 'web-3'].map((id) => observe(hypervisor, id)));
    expect(states.map(({ state }) => state)).toEqual(['running', 'stopped', 'running']);
  });
});

describe.each(ways)('a start that cannot be made, %o,', (way) => {
  const { open, openWith } = opensBy(way);
  const refusals: ReadonlyArray<readonly [string, ProcessCommand | null]> = [
    ['no such instance', null],
    ['no such file', { command: '/nonexistent/command' }],
    ['no such command', { command: 'a-command-that-nobody-has' }],
    ['a file that is no program', { command: '/etc/passwd' }],
    ['a path through a file', { command: '/etc/passwd/command' }],
    ['a directory', { command: '/tmp' }],
    ['no such working directory', { command: '/bin/true', cwd: '/nonexistent' }],
    ['an argument with a zero', { command: '/bin/true', args: ['a\0b'] }],
    ['an empty command', { command: '' }],
    ['an argument that is too long', { command: '/bin/true', args: ['x'.repeat(4_000_000)] }],
  ];

  test.each(refusals)('is refused, puts everything back and leaves nothing: %s', async (_, command) => {
    const directory = newDirectory();
    let current: ProcessCommand | null = shell('exit 4');
    const hypervisor = await open({ directory, commandOf: () => current });
    right(await hypervisor.start('web-1', permit)());
    const former = await stopped(hypervisor, 'web-1');
    const onDisk = readFileSync(join(directory, 'web-1.json'), 'utf8');

    current = command;
    const onRefused = vi.fn(async () => {});
    for (const id of ['web-1', 'web-2']) {
      expect(left(await hypervisor.start(id, { ...permit, onRefused })())._tag).toBe('Refused');
    }
    expect(onRefused).toHaveBeenCalledTimes(2);
    expect(await observe(hypervisor, 'web-1')).toEqual(former);
    expect((await observe(hypervisor, 'web-2')).startedAt).toBeNull();
    // And, without a control group, what the former run said of itself.
    expect(namesIn(directory).filter((name) => name !== 'web-1.json.process')).toEqual(['web-1.json']);
    expect(readFileSync(join(directory, 'web-1.json'), 'utf8')).toBe(onDisk);
  });

  test('is refused when the host cannot say what to run', async () => {
    const hypervisor = await open({
      commandOf: () => {
        throw new Error('the host is confused');
      },
    });
    expect(left(await hypervisor.start('web-1', permit)())).toEqual({
      _tag: 'Refused',
      message: 'no command for instance web-1: the host is confused',
    });
  });

  test('names the command, and the directory it was to run in', async () => {
    const commands: Readonly<Record<string, ProcessCommand>> = {
      'web-1': { command: 'a-command-that-nobody-has' },
      'web-2': { command: 'true', cwd: '/nonexistent' },
      'web-4': 'node server.js' as unknown as ProcessCommand,
    };
    // What a host in JavaScript writes, for whom an unknown instance is undefined.
    const hypervisor = await open({ commandOf: (id) => commands[id] as ProcessCommand });
    const messageOf = async (id: string) => (left(await hypervisor.start(id, permit)()) as { message: string }).message;
    expect(await messageOf('web-1')).toMatch(/^cannot run a-command-that-nobody-has: /);
    expect(await messageOf('web-2')).toMatch(/^cannot run true in \/nonexistent: /);
    expect(await messageOf('web-3')).toBe('no command for instance web-3');
    expect(await messageOf('web-4')).toBe(
      'no command for instance web-4: commandOf must answer with { command, args }, and command a text',
    );
  });

  test('names what nobody reads in the answer of the host, and what may stand there', async () => {
    const known = 'the known ones are command, args, cwd, env, stdio, cgroup';
    const answers: Readonly<Record<string, unknown>> = {
      misspelt: { command: 'true', arg: ['-c'] },
      'as spawn has it': { file: 'node', args: ['server.js'], environment: {} },
      several: { command: 'true', ...Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => [key, 1])) },
      hostile: { command: 'true', ['x\n'.repeat(1_000)]: 1 },
      absent: { command: 'true', shell: undefined },
    };
    const hypervisor = await open({ commandOf: (id) => answers[id] as ProcessCommand });
    const messageOf = async (id: string) => (left(await hypervisor.start(id, permit)()) as { message: string }).message;
    expect(await messageOf('misspelt')).toBe(`no command for instance misspelt: arg is not a known field; ${known}`);
    expect(await messageOf('as spawn has it')).toBe(
      'no command for instance as spawn has it: commandOf must answer with { command, args }, and command a text; ' +
        `file, environment are not known fields; ${known}`,
    );
    expect(await messageOf('several')).toContain(': a, b, c, d, e, … are not known fields; ');
    expect((await messageOf('hostile')).length).toBeLessThan(300);
    right(await hypervisor.start('absent', permit)());
  });

  test('is refused when its identity cannot be written: nothing that runs is unknown', async () => {
    const { hypervisor, directory } = await openWith(forever);
    rmSync(directory, { recursive: true });
    const refusal = left(await hypervisor.start('web-1', permit)());
    expect(refusal._tag).toBe('Refused');
    expect(living(directory)).toEqual([]);
    expect((await observe(hypervisor, 'web-1')).startedAt).toBeNull();
  });

  test('is superseded when its permit says so, before anything is asked or written', async () => {
    const directory = newDirectory();
    const commandOf = vi.fn(() => shell(forever));
    const hypervisor = await open({ directory, commandOf });
    const answer = await hypervisor.start('web-1', { revision: 1, check: async () => leftOf(superseded) })();
    expect(left(answer)).toBe(superseded);
    expect(commandOf).not.toHaveBeenCalled();
    expect(namesIn(directory)).toEqual([]);
  });

  test('fails, and lets the next one in, when its permit throws', async () => {
    const { hypervisor } = await openWith('exit 0');
    const broken: Permit = { revision: 1, check: () => Promise.reject(new Error('a broken store')) };
    expect(left(await hypervisor.start('web-1', broken)())).toMatchObject({
      _tag: 'Failed',
      message: 'a broken store',
    });
    right(await hypervisor.start('web-1', permit)());
  });
});

describe('a run', () => {
  test('begins in a later millisecond than its attempt, so that it is told from one before it', async () => {
    const hypervisor = await open({ commandOf: () => shell(forever) });
    for (let n = 0; n < 50; n++) {
      const attemptedAt = Date.now();
      right(await hypervisor.start(`web-${n}`, permit)());
      expect((await observe(hypervisor, `web-${n}`)).startedAt).toBeGreaterThan(attemptedAt);
    }
  });

  test.each(['required', 'off'] as const)(
    'is known by its record and its environment before it does anything, with control groups %s',
    async (controlGroups) => {
      const directory = newDirectory();
      const script = 'cat "$0/web-1.json" > "$0/seen"; printf %s "$RESTART_POLICY_RUN" > "$0/run"';
      const hypervisor = await open({ directory, controlGroups, commandOf: () => shell(script, directory) });
      right(await hypervisor.start('web-1', permit)());
      const { startedAt } = await stopped(hypervisor, 'web-1');
      const run = readFileSync(join(directory, 'run'), 'utf8');
      const seen = JSON.parse(readFileSync(join(directory, 'seen'), 'utf8'));
      expect(seen).toMatchObject({ id: 'web-1', run, startedAt, stoppedAt: null, exitCode: null });
      expect(seen).toMatchObject({ life: expect.any(String), bootAt: expect.any(Number) });
      expect(typeof seen.group).toBe(controlGroups === 'off' ? 'undefined' : 'string');
      expect(run).toMatch(/^[0-9a-f]{64}:/);
    },
  );

  test.each(ways)(
    'gets its arguments, directory, environment, outputs, an empty input and a session, %o',
    async (way) => {
      const directory = newDirectory();
      const out = join(directory, 'out');
      writeFileSync(out, '');
      const fd = openSync(out, 'a');
      const script = 'cat; echo "$1 $GREETING $(pwd) $HOME"; test "$(ps -o sid= $$)" -eq $$ && echo own >&2';
      const hypervisor = await open({
        ...way,
        directory,
        commandOf: () => ({
          command: 'sh',
          args: ['-c', script, 'sh', 'one two'],
          cwd: directory,
          env: { GREETING: 'hello', PATH: process.env['PATH'] },
          stdio: [fd, fd],
        }),
      });
      right(await hypervisor.start('web-1', permit)());
      expect((await stopped(hypervisor, 'web-1')).exitCode).toBe(0);
      closeSync(fd);
      expect(readFileSync(out, 'utf8')).toBe(`one two hello ${directory} \nown\n`);
    },
  );
});

describe.each(['required', 'off'] as const)('a run with control groups %s', (controlGroups) => {
  test('gets variables with names that no shell has, wherever its PATH leads', async () => {
    const directory = newDirectory();
    const out = join(directory, 'out');
    const script = `require('node:fs').writeFileSync(${JSON.stringify(out)}, process.env['a.b'] + process.env.PATH)`;
    const hypervisor = await open({
      directory,
      controlGroups,
      commandOf: () => ({ command: process.execPath, args: ['-e', script], env: { 'a.b': 'c', PATH: '/nowhere' } }),
    });
    right(await hypervisor.start('web-1', permit)());
    expect((await stopped(hypervisor, 'web-1')).exitCode).toBe(0);
    expect(readFileSync(out, 'utf8')).toBe('c/nowhere');
  });
});

describe('close', () => {
  test('ends every run, the deaf too, and answers when nothing is left, the guardian neither', async () => {
    const { hypervisor, directory } = await openWith(`trap '' TERM; ${forever}`, { graceMs: 50 });
    for (const id of ['web-1', 'web-2']) right(await hypervisor.start(id, permit)());
    const key = JSON.parse(readFileSync(join(directory, 'web-1.json'), 'utf8')).run.split(':')[0];
    expect(living(key)).toHaveLength(1);
    await Promise.all([hypervisor.close(), hypervisor.close()]);
    expect(living(directory)).toEqual([]);
    expect(living(key)).toEqual([]);
  });

  test('is what ended the runs: the next host knows, whatever they answered, and of one that had exited its exit code', async () => {
    const scripts: Readonly<Record<string, string>> = {
      dies: forever,
      obeys: `trap 'exit 0' TERM; echo > "$0/obeys"; while :; do sleep 0.01; done`,
      // What it leaves behind is still being ended when the host closes.
      exited: `(trap 'sleep 0.3; exit' TERM; echo > "$0/exited"; while :; do sleep 0.01; done) &
        until test -e "$0/exited"; do sleep 0.01; done; exit 4`,
    };
    const directory = newDirectory();
    const hypervisor = await open({ directory, commandOf: (id) => shell(scripts[id] ?? '', directory) });
    for (const id of Object.keys(scripts)) right(await hypervisor.start(id, permit)());
    const exited = (): boolean => JSON.parse(readFileSync(join(directory, 'exited.json'), 'utf8')).exitCode === 4;
    await until(() => readdirSync(directory).includes('obeys') && exited());
    await hypervisor.close();
    const next = await open({ directory });
    for (const id of ['dies', 'obeys']) {
      expect(await observe(next, id)).toMatchObject({ state: 'stopped', exitCode: null, cause: 'host' });
      expect((await observe(next, id)).stoppedAt).not.toBeNull();
    }
    expect(await observe(next, 'exited')).toMatchObject({ state: 'stopped', exitCode: 4, cause: 'exit' });
  });

  test('refuses starts from then on, putting back what they changed; stops find nothing to do', async () => {
    const { hypervisor } = await openWith(forever);
    const closing = hypervisor.close();
    const onRefused = vi.fn(async () => {});
    expect(left(await hypervisor.start('web-1', { ...permit, onRefused })())._tag).toBe('Refused');
    expect(onRefused).toHaveBeenCalledTimes(1);
    right(await hypervisor.stop('web-1', permit)());
    expect(left(await hypervisor.forget('web-1')())._tag).toBe('Refused');
    await closing;
    await hypervisor.close();
  });

  test('waits for no permit: one that hangs finds it closed when it comes back', async () => {
    const { hypervisor, directory } = await openWith(forever);
    const hold = createHold();
    const check = async () => {
      await hold.pass();
      return rightOf(undefined);
    };
    const starting = hypervisor.start('web-1', { revision: 1, check })();
    await hold.reached;
    await hypervisor.close();
    hold.release();
    expect(left(await starting)._tag).toBe('Refused');
    expect(namesIn(directory)).toEqual([]);
  });

  test('lets a start that has begun to write come to its end, and ends what it started', async () => {
    const { hypervisor, directory } = await openWith(forever);
    let closing = Promise.resolve();
    const check = async () => {
      // By the next turn of the event loop the launch has begun, and waits for the disk.
      setImmediate(() => {
        closing = hypervisor.close();
      });
      return rightOf(undefined);
    };
    right(await hypervisor.start('web-1', { revision: 1, check })());
    await closing;
    expect(living(directory)).toEqual([]);
    expect(await observe(hypervisor, 'web-1')).toMatchObject({ state: 'stopped', exitCode: null });
  });
});

describe('forget', () => {
  test('makes the instance one that never ran, on disk too', async () => {
    const { hypervisor, directory } = await openWith('exit 3');
    right(await hypervisor.start('web-1', permit)());
    await stopped(hypervisor, 'web-1');
    right(await hypervisor.forget('web-1')());
    expect((await observe(hypervisor, 'web-1')).startedAt).toBeNull();
    expect(namesIn(directory)).toEqual([]);
    right(await hypervisor.forget('nobody')());
  });

  test('is refused while the instance runs', async () => {
    const { hypervisor } = await openWith(forever);
    right(await hypervisor.start('web-1', permit)());
    expect(left(await hypervisor.forget('web-1')())).toEqual({
      _tag: 'Refused',
      message: 'instance web-1 is running: stop it first',
    });
    expect((await observe(hypervisor, 'web-1')).state).toBe('running');
  });
});
