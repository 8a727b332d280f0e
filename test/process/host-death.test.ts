/** Hosts that die: a host is a process of its own here, bundled from `fixtures/host.ts`. */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startGuardian } from '../../src/adapters/process/guardian.js';
import { forever, permit, shell } from '../linux/instances.js';
import { describeWhere } from '../linux/parts.js';
import { processesOf, until } from '../linux/support.js';
import { right } from '../support/either.js';
import { living, openings } from './support.js';

const { newDirectory, open } = openings();

const spawnHost = processesOf(new URL('fixtures/host.ts', import.meta.url));

/** Starts a host and waits until its instances run. Each line that it is sent is the id of one more to start. */
const startHost = (directory: string, script: string, ids: ReadonlyArray<string>, graceMs = 10_000) =>
  spawnHost(directory, script, String(graceMs), ...ids);

/** Of the directory's hosts: the guardian carries the key of the directory in its command line. */
const guardians = (directory: string) => {
  const { run }: { readonly run: string } = JSON.parse(readFileSync(join(directory, 'web-1.json'), 'utf8'));
  return living(`restart-policy-guardian\0${run.split(':')[0]}`);
};

describe('a host that dies', () => {
  test.each(['SIGKILL', 'SIGTERM', 'SIGABRT'] as const)('of %s leaves no orphan, and no guardian', async (signal) => {
    const directory = newDirectory();
    const host = await startHost(directory, `sh -c '${forever}' "$0" & ${forever}`, ['web-1', 'web-2']);
    await until(() => living(`-c\0${forever}\0${directory}`).length === 2);
    const [guardian] = guardians(directory);
    // What ends the programs of a terminal, or all of a service at once, must not end it first.
    for (const deaf of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.kill(guardian ?? 0, deaf);
    await host.end(signal);
    await until(() => guardians(directory).length === 0);
    expect(living(directory)).toEqual([]);
  });

  test('leaves none that is deaf to SIGTERM, that left its group, or that cleared its environment', async () => {
    const directory = newDirectory();
    const script = `trap '' TERM; setsid sh -c '${forever}' "$0" & env -i sh -c '${forever}' "$0" & ${forever}`;
    const host = await startHost(directory, script, ['web-1'], 200);
    await until(() => living(`-c\0${forever}\0${directory}`).length === 2);
    await host.end('SIGKILL');
    await until(() => guardians(directory).length === 0);
    expect(living(directory)).toEqual([]);
  });

  test('lets its instances end in order', async () => {
    const directory = newDirectory();
    const script = 'trap \'sleep 0.3; echo > "$0/finished"; exit\' TERM; echo > "$0/up"; while :; do sleep 0.01; done';
    const host = await startHost(directory, script, ['web-1']);
    await until(() => existsSync(join(directory, 'up')));
    await host.end('SIGKILL');
    await until(() => guardians(directory).length === 0);
    expect(existsSync(join(directory, 'finished'))).toBe(true);
  });

  test('in the middle of its starts leaves none', async () => {
    for (let round = 0; round < 5; round++) {
      const directory = newDirectory();
      const host = await startHost(directory, forever, ['web-1']);
      for (let n = 0; n < 20; n++) host.send(`instance-${n}`);
      // Whatever it has come to by the time that so many have begun.
      await until(() => living(directory).length > 3 + 2 * round);
      await host.end('SIGKILL');
      await until(() => guardians(directory).length === 0);
      expect(living(directory)).toEqual([]);
    }
  });
});

// Anybody else may not make a directory there, nor remove one.
const describeAsRoot = describeWhere(
  process.getuid?.() === 0,
  'THIS IS NOT ROOT, so it is not seen that a guardian removes no directory of the root',
);

describeAsRoot.each([null])('a guardian of runs without control groups (%s)', (groupPrefix) => {
  test('removes no directory', async () => {
    const empty = `/restart-policy-test-${process.pid}`;
    const directory = newDirectory();
    const presence = openSync(directory, 'r');
    mkdirSync(empty);
    try {
      const tagPrefix = `${directory}:`;
      right(await startGuardian({ directory, tagPrefix, groupPrefix, graceMs: 0, presence })).leave();
      await until(() => living(`restart-policy-guardian\0${tagPrefix}`).length === 0);
      expect(existsSync(empty)).toBe(true);
    } finally {
      closeSync(presence);
      rmSync(empty, { recursive: true, force: true });
    }
  });
});

describe('the next owner', () => {
  test('knows when the last run began, that its end is unknown, and finds nothing alive', async () => {
    const directory = newDirectory();
    const before = Date.now();
    const host = await startHost(directory, forever, ['web-1']);
    const after = Date.now();
    await host.end('SIGKILL');
    const next = await open({ directory });
    expect(living(`-c\0${forever}\0${directory}`)).toEqual([]);
    const seen = right(await next.inspect('web-1')());
    expect(seen).toMatchObject({ state: 'stopped', stoppedAt: null, exitCode: null, cause: 'host' });
    expect(seen.startedAt).toBeGreaterThanOrEqual(before);
    expect(seen.startedAt).toBeLessThanOrEqual(after);
  });

  test('is told that the host ended what answered the guardian well, and what the host was just draining', async () => {
    const directory = newDirectory();
    const script = `trap 'echo > "$0/told"; until test -e "$0/go"; do sleep 0.01; done; exit 0' TERM
      echo > "$0/up"; while :; do sleep 0.01; done`;
    const host = await startHost(directory, script, ['web-1']);
    await until(() => existsSync(join(directory, 'up')));
    host.send('drain');
    await until(() => existsSync(join(directory, 'told')));
    await host.end('SIGKILL');
    writeFileSync(join(directory, 'go'), '');
    await until(() => guardians(directory).length === 0);
    const next = await open({ directory });
    const seen = right(await next.inspect('web-1')());
    expect(seen).toMatchObject({ state: 'stopped', stoppedAt: null, exitCode: null, cause: 'host' });
  });

  test('is told how a run ended that had, before its host died of what it had left behind', async () => {
    const directory = newDirectory();
    const script = `(trap '' TERM; echo > "$0/behind"; while :; do sleep 0.01; done) &
      until test -e "$0/behind"; do sleep 0.01; done; exit 6`;
    const host = await startHost(directory, script, ['web-1']);
    await until(() => readFileSync(join(directory, 'web-1.json'), 'utf8').includes('"exitCode":6'));
    await host.end('SIGKILL');
    const next = await open({ directory, graceMs: 0 });
    expect(right(await next.inspect('web-1')())).toMatchObject({ state: 'stopped', exitCode: 6, cause: 'exit' });
    expect(living(directory)).toEqual([]);
  });

  test('ends what runs itself when the guardian was killed too', async () => {
    const directory = newDirectory();
    const host = await startHost(directory, forever, ['web-1', 'web-2']);
    for (const guardian of guardians(directory)) process.kill(guardian, 'SIGKILL');
    await host.end('SIGKILL');
    // A shell that forks its first sleep is there twice until the child has become it.
    await until(() => living(`-c\0${forever}\0${directory}`).length === 2);
    await open({ directory });
    expect(living(`-c\0${forever}\0${directory}`)).toEqual([]);
  });

  test('keeps its own runs while the guardian of the last one is still at work', async () => {
    const directory = newDirectory();
    const other = newDirectory();
    const deaf = `trap '' TERM; ${forever}`;
    const host = await startHost(directory, deaf, ['web-1'], 3_000);
    const [former] = guardians(directory);
    await host.end('SIGKILL');
    // Impatient: it ends the deaf run at once, and starts another while the guardian still waits.
    const next = await open({ directory, graceMs: 0, commandOf: () => shell(deaf, other) });
    right(await next.start('web-1', permit)());
    await until(() => !guardians(directory).includes(former ?? 0));
    expect(right(await next.inspect('web-1')()).state).toBe('running');
    expect(living(other)).toHaveLength(1);
  });
});
