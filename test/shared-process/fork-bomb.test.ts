/** A run that takes every process that the machine has to give: a host in a control group with a limit, for real. */
import { afterEach, expect, test } from 'vitest';
import { kill } from '../linux/instances.js';
import { describePidsLimit } from '../linux/parts.js';
import { enterLimit, hasReachedLimit, limitProcesses, membersOf, removeLimit } from '../linux/pids-limit.js';
import { directories, type OtherProcess, processesOf, until } from '../linux/support.js';

const newDirectory = directories();
const startHost = processesOf(new URL('../linux/fixtures/opener.ts', import.meta.url));
const describeHere = describePidsLimit();

/** Forks whenever it can, in every copy, and is deaf to SIGTERM. */
const bomb = '$SIG{TERM} = "IGNORE"; while (1) { defined fork or select undef, undef, undef, 0.02 }';
const script = `case "$1" in bomb) exec perl -e '${bomb}' ;; *) exec sleep 1000 ;; esac`;

const groups: Array<string> = [];

afterEach(async () => {
  for (const group of groups.splice(0)) {
    await until(() => {
      for (const pid of membersOf(group)) kill(pid);
      return removeLimit(group);
    });
  }
});

/** A host that may have so many threads and processes with its runs; Node alone has a dozen. */
const limit = 60;

const startLimited = async (adapter: string, calls: string, controlGroups: string) => {
  const directory = newDirectory();
  const group = limitProcesses(directory, limit);
  groups.push(group);
  const enter = ['/bin/sh', '-c', `${enterLimit('$0')} && exec "$@"`, group];
  const host = await startHost.under(enter, adapter, directory, script, calls, controlGroups);
  expect(await host.line('opened')).toBe('opened Right');
  await ask(host, 'start neighbour');
  await ask(host, 'start bomb');
  // It has all there is: the kernel has refused it one more.
  await until(() => hasReachedLimit(group));
  return { host, group };
};

const ask = async (host: OtherProcess, what: string): Promise<unknown> => {
  host.send(what);
  return JSON.parse((await host.line(what)).slice(what.length + 1));
};

describeHere.each(['bomb', 'neighbour'])('under a fork bomb, the stop of the %s', (first) => {
  const cases = ['process', 'shared-process'].flatMap((adapter) => ['auto', 'off'].map((groups) => [adapter, groups]));
  test.each(cases)('is done with calls of the system: %s, control groups %s', async (adapter = '', groups = '') => {
    const { host, group } = await startLimited(adapter, 'auto', groups);
    for (const id of [first, first === 'bomb' ? 'neighbour' : 'bomb']) {
      expect(await ask(host, `stop ${id}`)).toMatchObject({ _tag: 'Right' });
      expect(await ask(host, `state ${id}`)).toMatchObject({ right: { state: 'stopped' } });
    }
    // Of the runs nothing is left: the host, and the guardian where there is one.
    expect(membersOf(group).length).toBeLessThanOrEqual(adapter === 'process' ? 2 : 1);
  });
});

describeHere.each(['bomb', 'neighbour'])('under a fork bomb, without calls of the system, the stop of the %s', (id) => {
  test.each(['auto', 'off'])(
    'fails, for nothing can be locked, and the run goes on, control groups %s',
    async (groups) => {
      const { host } = await startLimited('shared-process', 'off', groups);
      expect(await ask(host, `stop ${id}`)).toMatchObject({
        _tag: 'Left',
        left: { _tag: 'Failed', message: expect.stringContaining('cannot run flock') },
      });
      expect(await ask(host, `state ${id}`)).toMatchObject({ right: { state: 'running' } });
    },
  );
});
