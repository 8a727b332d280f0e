/** Hosts that lack descriptors or processes: their own lack is told apart from a workload that cannot be run. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { hostFaultIn, resourceOf } from '../../src/adapters/linux/host-fault.js';
import { groupsOf } from '../shared-process/support.js';
import { demand } from '../support/demand.js';
import { kill } from './instances.js';
import { limitToWhatItHas, makeGroupForHost, membersOf, removeLimit } from './pids-limit.js';
import { directories, type OtherProcess, processesOf, until } from './support.js';

// ---------------------------------------------------------------------------
// a group that may have no more processes
// ---------------------------------------------------------------------------

const probe = makeGroupForHost(`restart-policy-probe-${process.pid}`);
if (probe !== null) removeLimit(probe);
const canLimit = demand(
  probe !== null,
  'NO GROUP WITH A LIMIT OF PROCESSES CAN BE MADE HERE, so hosts without room for another are not tested',
);

const groups: Array<string> = [];
afterEach(async () => {
  for (const group of groups.splice(0)) {
    await until(() => membersOf(group).length === 0);
    expect(removeLimit(group)).toBe(true);
  }
});

/** From now on the process can make no other, until the answer is called. */
const atItsLimit = ({ pid }: OtherProcess): (() => void) => {
  const group = makeGroupForHost(`restart-policy-test-${pid}`);
  if (group === null) throw new Error('a group could be made, and now it cannot');
  groups.push(group);
  return limitToWhatItHas(group, pid);
};

// ---------------------------------------------------------------------------
// hosts
// ---------------------------------------------------------------------------

const newDirectory = directories();
const begin = processesOf(new URL('fixtures/lacking-host.ts', import.meta.url));

const answerOf = async (host: OtherProcess, id = 'web-1'): Promise<unknown> => {
  host.send(`start ${id}`);
  return JSON.parse((await host.line('started ')).slice('started '.length));
};

const lack = (resource: string) => ({ _tag: 'Left', left: { cause: { _tag: 'HostFault', resource } } });
const started = { _tag: 'Right' };
const forAWhile = 'sleep 60';

/** What lives of the runs ends, as by a signal. */
const killRuns = (directory: string): void => {
  for (const group of groupsOf(directory)) kill(-group);
};

describe.each(['process', 'shared process'])('a start of a %s', (kind) => {
  test('on a host without another descriptor is the host’s fault, and is made when it has one', async () => {
    const directory = newDirectory();
    const host = await begin(kind, directory, forAWhile);
    execFileSync('prlimit', ['--pid', String(host.pid), '--nofile=64:64']);
    host.send('hold');
    expect(await answerOf(host)).toMatchObject(lack('file_descriptors'));
    host.send('free');
    expect(await answerOf(host)).toMatchObject(started);
    await host.end('SIGKILL');
    killRuns(directory);
  });

  test.runIf(canLimit)(
    'on a host without room for another process is its fault, and is made when it has it',
    async () => {
      const directory = newDirectory();
      const host = await begin(kind, directory, forAWhile);
      // What it needs threads for, it has them for.
      expect(await answerOf(host, 'web-2')).toMatchObject(started);
      const release = atItsLimit(host);
      expect(await answerOf(host)).toMatchObject(lack('processes'));
      release();
      expect(await answerOf(host)).toMatchObject(started);
      await host.end('SIGKILL');
      killRuns(directory);
    },
  );
});

test('an end that comes while its host has no descriptor is told, and written when it has one', async () => {
  const directory = newDirectory();
  const host = await begin('process', directory, 'sleep 60; exit 3');
  expect(await answerOf(host)).toMatchObject(started);
  execFileSync('prlimit', ['--pid', String(host.pid), '--nofile=64:64']);
  host.send('hold');
  host.send('see web-1');
  await host.line('seen');
  killRuns(directory);
  expect(await host.line('fault')).toBe('fault web-1 file_descriptors');
  host.send('free');
  await until(() => readFileSync(join(directory, 'web-1.json'), 'utf8').includes('"cause":"signal"'));
  await host.end('SIGKILL');
});

describe('an error of the system', () => {
  const errors: ReadonlyArray<readonly [string, string | undefined, string | null]> = [
    ['ENOSPC', 'write', 'disk_space'],
    ['EDQUOT', 'open', 'disk_space'],
    ['EROFS', 'open', 'disk'],
    ['EIO', 'fsync', 'disk'],
    ['EMFILE', 'open', 'file_descriptors'],
    ['ENFILE', 'open', 'file_descriptors'],
    ['EAGAIN', 'spawn sh', 'processes'],
    ['ENOMEM', 'spawn', 'memory'],
    // Not now, says a read that would block.
    ['EAGAIN', 'read', null],
    // No more watches.
    ['ENOSPC', 'watch', null],
    ['ENOENT', 'spawn sh', null],
    ['constructor', undefined, null],
  ];

  test.each(errors)('%s of %s shows what the host lacks: %s', (code, syscall, resource) => {
    const error = Object.assign(new Error(code), { code, syscall });
    expect(resourceOf(error)).toBe(resource);
    expect(resourceOf(new Error('it could not be done', { cause: error }))).toBe(resource);
  });

  test('is told from words, where a program has no code to give', () => {
    expect(hostFaultIn('qemu: -pidfile: No space left on device', 'would not run')).toMatchObject({
      resource: 'disk_space',
      message: 'would not run',
    });
    expect(hostFaultIn("cannot set up guest memory 'pc.ram': Cannot allocate memory", '')?.resource).toBe('memory');
    expect(hostFaultIn('invalid option', '')).toBeUndefined();
  });
});
