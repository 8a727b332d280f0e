import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { left as leftOf, right as rightOf } from 'fp-ts/lib/Either.js';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ProcessCommand } from '../../src/adapters/process.js';
import { openSharedProcessHypervisor, type SharedProcessHypervisorOptions } from '../../src/adapters/shared-process.js';
import { superseded } from '../../src/controller.js';
import { createHold } from '../../src/testing/hold.js';
import { boot } from '../linux/boot.js';
import { allCodes, forever, kill, observe, permit, shell, startsAllCodes, stopped } from '../linux/instances.js';
import { namesIn, until } from '../linux/support.js';
import { left, right } from '../support/either.js';
import { groupsOf, groupsSeen, living, openings, processesOf } from './support.js';

const { newDirectory, open } = openings();

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** A hypervisor whose every instance runs the script; `$0` is its directory, by which its processes are found. */
const openWith = async (script: string, more: Partial<SharedProcessHypervisorOptions> = {}) => {
  const directory = newDirectory();
  const hypervisor = await open({ directory, commandOf: () => shell(script, directory), ...more });
  return { hypervisor, directory };
};

const recordOf = (directory: string, id: string) => JSON.parse(readFileSync(join(directory, `${id}.json`), 'utf8'));

describe('a run that ends by itself', () => {
  test.each([
    [0, 'exit', 'exit 0'],
    [7, 'exit', 'exit 7'],
    [128, 'exit', 'exit 128'],
    [143, 'exit', 'exit 143'],
    [null, 'signal', 'kill -9 $$'],
    [null, 'signal', 'kill -TERM $$'],
    [null, 'signal', 'kill -SEGV $$'],
    [null, 'signal', 'kill -INT $$'],
    [null, 'signal', 'kill -PIPE $$'],
  ])('leaves exit code %s and cause %s: %s', async (exitCode, cause, script) => {
    const { hypervisor } = await openWith(script);
    const before = Date.now();
    right(await hypervisor.start('web-1', permit)());
    const seen = await stopped(hypervisor, 'web-1');
    expect(seen).toMatchObject({ exitCode, cause, health: 'unknown' });
    expect(seen.startedAt).toBeGreaterThanOrEqual(before);
    expect(seen.stoppedAt).toBeGreaterThanOrEqual(seen.startedAt ?? Number.NaN);
    expect(seen.stoppedAt).toBeLessThanOrEqual(Date.now());
  });

  test('leaves each exit code there is, and whoever comes later reads the same', { timeout: 60_000 }, async () => {
    const directory = newDirectory();
    const first = await open({ directory, commandOf: (id) => shell(`exit ${id}`, directory) });
    await startsAllCodes(first);
    const second = await open({ directory });
    for (const exitCode of allCodes) {
      expect(await observe(second, String(exitCode))).toMatchObject({ state: 'stopped', exitCode, cause: 'exit' });
    }
  });

  test.each([
    [128, 'exit', 'exit 128'],
    [5, 'exit', 'exit 5'],
    [null, 'unknown', 'exit 143'],
    [null, 'unknown', 'kill -9 $$'],
  ])('on a host without perl leaves exit code %s and cause %s: %s', async (exitCode, cause, script) => {
    const directory = newDirectory();
    const env = { ...process.env, PATH: newDirectory() };
    const hypervisor = await open({ directory, commandOf: () => ({ ...shell(script, directory), env }) });
    right(await hypervisor.start('web-1', permit)());
    expect(await stopped(hypervisor, 'web-1')).toMatchObject({ exitCode, cause });
  });

  test.each([
    ['0', { exitCode: 0, cause: 'exit' }],
    ['128', { exitCode: 128, cause: 'exit' }],
    ['137', { exitCode: null, cause: 'unknown' }],
    ['stopped', { exitCode: null, cause: 'host' }],
    ['lost', { exitCode: null, stoppedAt: null, cause: 'unknown' }],
  ])('is understood as earlier versions wrote its end: %s', async (written, seen) => {
    const directory = newDirectory();
    writeFileSync(join(directory, 'web-1.json'), '{"id":"web-1","run":"r","startedAt":1,"pid":null}');
    writeFileSync(join(directory, 'web-1.json.end'), `r ${written}\n`);
    expect(await observe(await open({ directory }))).toMatchObject({ state: 'stopped', startedAt: 1, ...seen });
  });

  test.each([
    [{ PERL5OPT: '-Mnonsense' }, '$PERL5OPT', '-Mnonsense'],
    [{ PERL_UNICODE: 'SA' }, '$PERL_UNICODE é', 'SA é'],
    [{ LC_ALL: 'no_SUCH' }, '$LC_ALL', 'no_SUCH'],
  ])('is seen to end whatever its environment holds for perl, and gets that as it is: %j', async (more, what, said) => {
    const directory = newDirectory();
    const script = `echo "${what}" > "$0/said"; exit 130`;
    const env = { ...process.env, ...more };
    const hypervisor = await open({ directory, commandOf: () => ({ ...shell(script, directory), env }) });
    right(await hypervisor.start('web-1', permit)());
    expect(await stopped(hypervisor, 'web-1')).toMatchObject({ exitCode: 130, cause: 'exit' });
    expect(readFileSync(join(directory, 'said'), 'utf8')).toBe(`${said}\n`);
  });

  test.each([
    ['in its group', `sh -c "$behind" "$0" &`],
    ['with a cleared environment', `env -i sh -c "$behind" "$0" &`],
  ])('takes along what it left behind: processes %s', async (_, leaveBehind) => {
    const { hypervisor, directory } = await openWith(`
      behind='echo > "$0/ready"; while :; do sleep 1000; done'
      ${leaveBehind}
      until test -e "$0/ready"; do sleep 0.01; done
      exit 5`);
    right(await hypervisor.start('web-1', permit)());
    expect((await stopped(hypervisor, 'web-1')).exitCode).toBe(5);
    await until(() => living(directory).length === 0);
  });

  test('is not started anew before what it left behind has ended, and then not without asking again', async () => {
    const directory = newDirectory();
    // Deaf at first: what is left behind ends when it is told to for the second time, by the next start. It waits without a
    // sleep: one that forks looks like two until the second is another program.
    const leaves = `
      (trap 'echo >> "$0/told"' TERM
       echo > "$0/ready"
       until test -e "$0/go"; do :; done) &
      until test -e "$0/ready"; do sleep 0.01; done`;
    const scripts = [leaves, forever];
    const hypervisor = await open({ directory, commandOf: () => shell(scripts.shift() ?? '', directory) });
    right(await hypervisor.start('web-1', permit)());
    await stopped(hypervisor, 'web-1');
    await until(() => readdirSync(directory).includes('told'));
    const alive: Array<number> = [];
    const again = hypervisor.start('web-1', {
      revision: 2,
      check: async () => {
        alive.push(living(directory).length);
        return rightOf(undefined);
      },
    })();
    await until(() => readFileSync(join(directory, 'told'), 'utf8') === '\n\n');
    writeFileSync(join(directory, 'go'), '');
    right(await again);
    expect(alive).toEqual([1, 0]);
    expect((await observe(hypervisor, 'web-1')).state).toBe('running');
  });

  test('is notified to every listener, whatever another one throws', async () => {
    const { hypervisor, directory } = await openWith('until test -e "$0/go"; do sleep 0.01; done; exit 3');
    const notified: Array<string> = [];
    right(await hypervisor.start('web-1', permit)());
    hypervisor.subscribe(() => {
      throw new Error('a broken listener');
    });
    hypervisor.subscribe((id) => notified.push(id));
    writeFileSync(join(directory, 'go'), '');
    await until(() => notified.length > 0);
    expect((await stopped(hypervisor, 'web-1')).exitCode).toBe(3);
  });
});

describe('a run whose shim is killed', () => {
  test('goes on as long as its command lives, can be stopped, and is found over without an exit code', async () => {
    const { hypervisor, directory } = await openWith('until test -e "$0/go"; do sleep 0.01; done; exit 3');
    for (const id of ['web-1', 'web-2']) right(await hypervisor.start(id, permit)());
    await until(() => living(directory).length >= 2);
    const startedAt = (await observe(hypervisor, 'web-1')).startedAt;
    for (const shim of processesOf(directory).shims) process.kill(shim, 'SIGKILL');
    await until(() => processesOf(directory).shims.length === 0);
    expect(await observe(hypervisor, 'web-1')).toMatchObject({ state: 'running', startedAt });

    right(await hypervisor.stop('web-2', permit)());
    expect((await observe(hypervisor, 'web-2')).state).toBe('stopped');
    expect((await observe(hypervisor, 'web-1')).state).toBe('running');

    writeFileSync(join(directory, 'go'), '');
    expect(await stopped(hypervisor, 'web-1')).toMatchObject({ startedAt, stoppedAt: null, exitCode: null });
    // It is written down, for a search is dear.
    expect(readFileSync(join(directory, 'web-1.json.end'), 'utf8')).toMatch(/ lost\n/);
  });

  test('with all the rest is noticed by the one who started it, who notifies everybody', async () => {
    const { hypervisor, directory } = await openWith(forever);
    right(await hypervisor.start('web-1', permit)());
    const { pid } = recordOf(directory, 'web-1');
    const other = await open({ directory });
    const notified = new Promise((resolve) => other.subscribe(resolve));
    process.kill(-pid, 'SIGKILL');
    expect(await notified).toBe('web-1');
    expect(await stopped(hypervisor, 'web-1')).toMatchObject({ stoppedAt: null, exitCode: null });
  });

  test('and whose number another process has since, is over', async () => {
    const { hypervisor, directory } = await openWith(forever);
    const record = { id: 'web-1', run: 'a run that nobody has', startedAt: 1, pid: process.pid };
    writeFileSync(join(directory, 'web-1.json'), JSON.stringify(record));
    const seen = await observe(hypervisor, 'web-1');
    expect(seen).toMatchObject({ state: 'stopped', startedAt: 1, stoppedAt: null, exitCode: null });
    right(await hypervisor.start('web-1', permit)());
    expect(groupsOf(directory)).toHaveLength(1);
  });
});

describe('a stop', () => {
  test('gives a run that ignores SIGTERM its grace, then ends it', async () => {
    const { hypervisor, directory } = await openWith(`trap '' TERM; echo > "$0/up"; ${forever}`, { graceMs: 100 });
    right(await hypervisor.start('web-1', permit)());
    await until(() => readdirSync(directory).includes('up'));
    right(await hypervisor.stop('web-1', permit)());
    expect(groupsOf(directory)).toEqual([]);
    expect(await observe(hypervisor, 'web-1')).toMatchObject({ state: 'stopped', exitCode: null });
  });

  test('lets a run end in order, and everything that it started too, and asks each once', async () => {
    const { hypervisor, directory } = await openWith(`
      (trap 'echo told >> "$0/told"' TERM
       echo > "$0/ready"
       until test -e "$0/told"; do sleep 0.01; done
       sleep 0.5; echo > "$0/finished") &
      wait`);
    right(await hypervisor.start('web-1', permit)());
    await until(() => readdirSync(directory).includes('ready'));
    right(await hypervisor.stop('web-1', permit)());
    expect(readdirSync(directory)).toContain('finished');
    expect(readFileSync(join(directory, 'told'), 'utf8')).toBe('told\n');
    expect(living(directory)).toEqual([]);
  });

  test('leaves no exit code, whatever the run answered to SIGTERM, and says when', async () => {
    const { hypervisor, directory } = await openWith(
      `trap 'exit 0' TERM; echo > "$0/ready"; while :; do sleep 0.01; done`,
    );
    right(await hypervisor.start('web-1', permit)());
    await until(() => readdirSync(directory).includes('ready'));
    const { startedAt } = await observe(hypervisor, 'web-1');
    right(await hypervisor.stop('web-1', permit)());
    const seen = await observe(hypervisor, 'web-1');
    expect(seen).toMatchObject({ state: 'stopped', startedAt, exitCode: null });
    expect(seen.stoppedAt).toBeGreaterThanOrEqual(startedAt ?? Number.NaN);
  });

  test.each([
    ['in its group', 'tail -f /dev/null "$0" &'],
    ['in a session of their own', 'setsid tail -f /dev/null "$0" &'],
    ['with a cleared environment', 'env -i tail -f /dev/null "$0" &'],
  ])('takes along what the run started: processes %s', async (_, start) => {
    const { hypervisor, directory } = await openWith(`${start} exec tail -f /dev/null "$0"`);
    right(await hypervisor.start('web-1', permit)());
    await until(() => living(directory).filter((pid) => isTail(pid)).length === 2);
    right(await hypervisor.stop('web-1', permit)());
    expect(living(directory)).toEqual([]);
  });

  test('takes along what cleared its environment and is deaf, when everything else of its group has ended', async () => {
    const { hypervisor, directory } = await openWith(
      `env -i sh -c 'trap "" TERM; echo > "$0/up"; while :; do sleep 1000; done' "$0" & ${forever}`,
      { graceMs: 100 },
    );
    right(await hypervisor.start('web-1', permit)());
    await until(() => readdirSync(directory).includes('up'));
    right(await hypervisor.stop('web-1', permit)());
    expect(living(directory)).toEqual([]);
  });

  test('of what has ended by itself takes along what left its group, and keeps its exit code', async () => {
    const { hypervisor, directory } = await openWith(
      'setsid sh -c \'echo > "$0/ready"; while :; do sleep 1000; done\' "$0" & until test -e "$0/ready"; do sleep 0.01; done; exit 4',
    );
    right(await hypervisor.start('web-1', permit)());
    await stopped(hypervisor, 'web-1');
    expect(living(directory)).not.toEqual([]);
    right(await hypervisor.stop('web-1', permit)());
    expect(living(directory)).toEqual([]);
    expect((await observe(hypervisor, 'web-1')).exitCode).toBe(4);
  });

  test('of one instance leaves the others running, also the one whose name begins so', async () => {
    const { hypervisor } = await openWith(forever);
    const ids = ['web-1', 'web-2', 'web-10'];
    await Promise.all(ids.map((id) => hypervisor.start(id, permit)()));
    right(await hypervisor.stop('web-1', permit)());
    const states = await Promise.all(ids.map((id) => observe(hypervisor, id)));
    expect(states.map(({ state }) => state)).toEqual(['stopped', 'running', 'running']);
  });

  test('in one directory leaves another one alone', async () => {
    const { hypervisor } = await openWith(forever);
    const other = await openWith(forever);
    for (const one of [hypervisor, other.hypervisor]) right(await one.start('web-1', permit)());
    right(await hypervisor.stop('web-1', permit)());
    expect((await observe(other.hypervisor, 'web-1')).state).toBe('running');
  });

  // The kernel ends a control group for whoever may write to it.
  test('that loses its right on the way has failed, does not hang, and can be made again', async () => {
    const { hypervisor, directory } = await openWith(forever, { graceMs: 20, controlGroups: 'off' });
    right(await hypervisor.start('web-1', permit)());
    vi.spyOn(process, 'kill').mockImplementation((_, signal) => {
      if (signal === 0) return true;
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
    });
    expect(left(await hypervisor.stop('web-1', permit)())._tag).toBe('Failed');
    expect((await observe(hypervisor, 'web-1')).state).toBe('running');
    vi.restoreAllMocks();
    right(await hypervisor.stop('web-1', permit)());
    expect(groupsOf(directory)).toEqual([]);
  });

  test('and a start fail, and do nothing, when the section cannot be had', async () => {
    const { hypervisor, directory } = await openWith(forever, { systemCalls: 'off' });
    right(await hypervisor.start('web-1', permit)());
    vi.stubEnv('PATH', '/nonexistent');
    for (const call of [hypervisor.stop('web-1', permit), hypervisor.start('web-2', permit)]) {
      expect(left(await call())).toMatchObject({
        _tag: 'Failed',
        message: expect.stringContaining('cannot run flock'),
      });
    }
    vi.unstubAllEnvs();
    expect((await observe(hypervisor, 'web-1')).state).toBe('running');
    expect(groupsOf(directory)).toHaveLength(1);
  });
});

const isTail = (pid: number): boolean => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'tail\n';

describe('a start that cannot be made', () => {
  const refusals: ReadonlyArray<readonly [string, ProcessCommand | null]> = [
    ['no such instance', null],
    ['no such file', { command: '/nonexistent/command' }],
    ['no such command', { command: 'a-command-that-nobody-has' }],
    ['a word that only a shell knows', { command: 'exit' }],
    ['a file that is no program', { command: '/etc/passwd' }],
    ['a path through a file', { command: '/etc/passwd/command' }],
    ['a directory', { command: '/tmp' }],
    ['no such working directory', { command: '/bin/true', cwd: '/nonexistent' }],
    ['a command that is not in its own PATH', { command: 'true', env: { PATH: '/nonexistent' } }],
    ['an argument with a zero', { command: '/bin/true', args: ['a\0b'] }],
    ['a field that is misspelt', { command: '/bin/true', arg: ['-c'] } as ProcessCommand],
    ['an empty command', { command: '' }],
    ['an argument that is too long', { command: '/bin/true', args: ['x'.repeat(4_000_000)] }],
  ];

  test.each(refusals)('is refused, puts everything back and leaves nothing: %s', async (_, command) => {
    const directory = newDirectory();
    let current: ProcessCommand | null = shell('exit 4', directory);
    const hypervisor = await open({ directory, commandOf: () => current });
    right(await hypervisor.start('web-1', permit)());
    const former = await stopped(hypervisor, 'web-1');
    const onDisk = recordOf(directory, 'web-1');

    current = command;
    const onRefused = vi.fn(async () => {});
    for (const id of ['web-1', 'web-2']) {
      expect(left(await hypervisor.start(id, { ...permit, onRefused })())._tag).toBe('Refused');
    }
    expect(onRefused).toHaveBeenCalledTimes(2);
    expect(await observe(hypervisor, 'web-1')).toEqual(former);
    expect((await observe(hypervisor, 'web-2')).startedAt).toBeNull();
    expect(recordOf(directory, 'web-1')).toEqual(onDisk);
    expect([...namesIn(directory)].sort()).toEqual([
      'web-1.json',
      // What the command of a run is that has no control group.
      ...(hypervisor.capabilities.runsKnownBy === 'process' ? ['web-1.json.command'] : []),
      'web-1.json.end',
      'web-1.json.lock',
      'web-2.json.lock',
    ]);
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

  test('is superseded when its permit says so, before anything is asked or written', async () => {
    const directory = newDirectory();
    const commandOf = vi.fn(() => shell(forever, directory));
    const hypervisor = await open({ directory, commandOf });
    const answer = await hypervisor.start('web-1', { revision: 1, check: async () => leftOf(superseded) })();
    expect(left(answer)).toBe(superseded);
    expect(commandOf).not.toHaveBeenCalled();
    expect(namesIn(directory)).toEqual(['web-1.json.lock']);
  });
});

describe('a run', () => {
  test('is known by its record and its environment before it does anything', async () => {
    const { hypervisor, directory } = await openWith(
      'cat "$0/web-1.json" > "$0/seen"; printf %s "$RESTART_POLICY_RUN" > "$0/run"',
    );
    right(await hypervisor.start('web-1', permit)());
    const { startedAt } = await stopped(hypervisor, 'web-1');
    const run = readFileSync(join(directory, 'run'), 'utf8');
    expect(JSON.parse(readFileSync(join(directory, 'seen'), 'utf8'))).toMatchObject({ id: 'web-1', run, startedAt });
  });

  test('gets its arguments as they are, its directory, environment and outputs, and an empty input', async () => {
    const directory = newDirectory();
    const out = join(directory, 'out');
    writeFileSync(out, '');
    const fd = openSync(out, 'a');
    const odd = `one "two" $HOME $(exit) 'three'\n; exit 9`;
    const hypervisor = await open({
      directory,
      commandOf: () => ({
        command: 'sh',
        args: ['-c', 'cat; echo "$1 $GREETING $(pwd) $HOME"; echo problem >&2', 'sh', odd],
        cwd: directory,
        env: { GREETING: 'hello', PATH: process.env['PATH'] },
        stdio: [fd, fd],
      }),
    });
    right(await hypervisor.start('web-1', permit)());
    expect((await stopped(hypervisor, 'web-1')).exitCode).toBe(0);
    closeSync(fd);
    expect(readFileSync(out, 'utf8')).toBe(`${odd} hello ${directory} \nproblem\n`);
  });

  test('has an output of its own, to which a shell adds nothing', async () => {
    const directory = newDirectory();
    const out = join(directory, 'out');
    writeFileSync(out, '');
    const fd = openSync(out, 'a');
    const hypervisor = await open({
      directory,
      commandOf: () => ({ ...shell('kill -SEGV $$', directory), stdio: [fd, fd] }),
    });
    right(await hypervisor.start('web-1', permit)());
    expect((await stopped(hypervisor, 'web-1')).exitCode).toBeNull();
    closeSync(fd);
    expect(readFileSync(out, 'utf8')).toBe('');
  });
});

describe('a record that is none', () => {
  test.each([
    '',
    'null',
    '{"id":"web-1"',
    '{"id":"web-2","run":"r","startedAt":1,"pid":null}',
    '{"id":"web-1","run":"r"}',
  ])('is named, left as it is, and stops nobody else: %s', async (content) => {
    const { hypervisor, directory } = await openWith('exit 3');
    const file = join(directory, 'web-1.json');
    writeFileSync(file, content);
    const failure = left(await hypervisor.inspect('web-1')());
    expect(failure.message).toContain(`the record web-1.json in ${directory} is invalid: `);
    expect(left(await hypervisor.start('web-1', permit)())).toMatchObject({
      _tag: 'Refused',
      message: failure.message,
    });
    right(await hypervisor.stop('web-1', permit)());
    expect(readFileSync(file, 'utf8')).toBe(content);
    right(await hypervisor.start('web-2', permit)());
    expect((await stopped(hypervisor, 'web-2')).exitCode).toBe(3);
    right(await hypervisor.forget('web-1')());
    right(await hypervisor.start('web-1', permit)());
    expect((await stopped(hypervisor, 'web-1')).exitCode).toBe(3);
  });

  test('does not save a run from a stop', async () => {
    const { hypervisor, directory } = await openWith(forever);
    right(await hypervisor.start('web-1', permit)());
    writeFileSync(join(directory, 'web-1.json'), 'ruined');
    right(await hypervisor.stop('web-1', permit)());
    expect(groupsOf(directory)).toEqual([]);
  });
});

describe('a run that nobody saw the end of', () => {
  test('ended with the machine, when that has another life since', async () => {
    const { hypervisor, directory } = await openWith(forever);
    right(await hypervisor.start('web-1', permit)());
    boot(directory, await groupsSeen(directory));
    await until(() => groupsOf(directory).length === 0);
    const next = await open({ directory });
    const unseen = { state: 'stopped', stoppedAt: null, exitCode: null, cause: 'host' };
    // The first one may be finding it out at this very moment.
    expect(await stopped(next)).toMatchObject(unseen);
    expect(await observe(await open({ directory }))).toEqual(await observe(next));
  });

  test('is lost, when the machine lives on, and stays so after the next boot', async () => {
    const { hypervisor, directory } = await openWith(forever);
    right(await hypervisor.start('web-1', permit)());
    for (const group of await groupsSeen(directory)) kill(-group);
    const lost = { state: 'stopped', stoppedAt: null, exitCode: null, cause: 'unknown' };
    await until(async () => (await observe(hypervisor)).state === 'stopped');
    expect(await observe(hypervisor)).toMatchObject(lost);
    boot(directory, []);
    expect(await observe(await open({ directory }))).toMatchObject(lost);
  });

  test('is lost also where its record does not say in which life it began', async () => {
    const directory = newDirectory();
    writeFileSync(join(directory, 'web-1.json'), '{"id":"web-1","run":"r","startedAt":1,"pid":null}');
    expect(await observe(await open({ directory }))).toMatchObject({ stoppedAt: null, cause: 'unknown' });
  });

  test('has its exit code, when it ended by itself before the machine went down', async () => {
    const { hypervisor, directory } = await openWith('exit 9');
    right(await hypervisor.start('web-1', permit)());
    await stopped(hypervisor);
    boot(directory, []);
    expect(await observe(await open({ directory }))).toMatchObject({ exitCode: 9, cause: 'exit' });
  });
});

describe('forget', () => {
  test('makes the instance one that never ran, and keeps its lock', async () => {
    const { hypervisor, directory } = await openWith('exit 3');
    right(await hypervisor.start('web-1', permit)());
    await stopped(hypervisor, 'web-1');
    const { ino } = statSync(join(directory, 'web-1.json.lock'));
    right(await hypervisor.forget('web-1')());
    expect((await observe(hypervisor, 'web-1')).startedAt).toBeNull();
    expect(namesIn(directory)).toEqual(['web-1.json.lock']);
    expect(statSync(join(directory, 'web-1.json.lock')).ino).toBe(ino);
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

describe('close', () => {
  test('ends no run, refuses starts, and notifies nobody any more', async () => {
    const { hypervisor, directory } = await openWith(forever);
    right(await hypervisor.start('web-1', permit)());
    await Promise.all([hypervisor.close(), hypervisor.close()]);
    expect((await observe(hypervisor, 'web-1')).state).toBe('running');
    const onRefused = vi.fn(async () => {});
    expect(left(await hypervisor.start('web-2', { ...permit, onRefused })())._tag).toBe('Refused');
    expect(onRefused).toHaveBeenCalledTimes(1);
    expect(left(await hypervisor.forget('web-2')())._tag).toBe('Refused');

    const notified = vi.fn();
    hypervisor.subscribe(notified);
    const other = await open({ directory });
    const othersHear = new Promise((resolve) => other.subscribe(resolve));
    right(await hypervisor.stop('web-1', permit)());
    await othersHear;
    expect(notified).not.toHaveBeenCalled();
  });

  test('waits for a start that has begun to write', async () => {
    const { hypervisor, directory } = await openWith(forever);
    const hold = createHold();
    const check = async () => {
      await hold.pass();
      return rightOf(undefined);
    };
    const starting = hypervisor.start('web-1', { revision: 1, check })();
    await hold.reached;
    let closing = Promise.resolve();
    // By the next turn of the event loop the launch has begun, and waits for the disk.
    setImmediate(() => {
      closing = hypervisor.close();
    });
    hold.release();
    right(await starting);
    await closing;
    expect(recordOf(directory, 'web-1').pid).toEqual(expect.any(Number));
  });
});

describe('opening', () => {
  test('makes the directory, and is for everybody at once', async () => {
    const directory = join(newDirectory(), 'a/b');
    await Promise.all(Array.from({ length: 5 }, () => open({ directory })));
    expect(namesIn(directory)).toEqual([]);
  });

  test('fails where the directory cannot be, or flock is missing', async () => {
    const file = join(newDirectory(), 'file');
    writeFileSync(file, '');
    expect(left(await openSharedProcessHypervisor({ directory: file, commandOf: () => null })())._tag).toBe(
      'OpenFailed',
    );
    vi.stubEnv('PATH', '/nonexistent');
    const options = { directory: newDirectory(), commandOf: () => null, systemCalls: 'off' } as const;
    expect(left(await openSharedProcessHypervisor(options)())).toMatchObject({
      _tag: 'OpenFailed',
      message: expect.stringContaining('cannot run flock (of util-linux)'),
    });
  });

  test('on another operating system is unsupported', async () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
    expect(left(await openSharedProcessHypervisor({ directory: '/nonexistent', commandOf: () => null })())).toEqual({
      _tag: 'UnsupportedPlatform',
      message: 'instances of this adapter need Linux; this is darwin',
    });
  });

  test('is not hindered by what is no file of ours, nor notified of it', async () => {
    const { hypervisor, directory } = await openWith('exit 3');
    const notified: Array<string> = [];
    hypervisor.subscribe((id) => notified.push(id));
    for (const name of ['notes.txt', 'x.json', 'y.json.end', 'z.json.tmp'])
      writeFileSync(join(directory, name), 'text');
    mkdirSync(join(directory, 'web-9.json'));
    right(await hypervisor.start('web-1', permit)());
    await until(() => notified.length > 0);
    expect(new Set(notified)).toEqual(new Set(['web-1']));
    rmSync(join(directory, 'web-9.json'), { recursive: true });
  });
});
