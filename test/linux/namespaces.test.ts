/** Hosts that share a directory and not the namespace of their network, or of their processes, as containers do. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeNamespaces, networkOfItsOwn, processesOfItsOwn } from './parts.js';
import { directories, type OtherProcess, processesOf, until } from './support.js';

const newDirectory = directories();
const startHost = processesOf(new URL('fixtures/opener.ts', import.meta.url));

const describeHere = describeNamespaces();

const openedBy = async (host: OtherProcess): Promise<string> => (await host.line('opened')).slice('opened '.length);

const kinds = ['auto', 'off'] as const;
const adapters = ['process', 'shared-process', 'qemu'] as const;

const forever = 'while :; do sleep 1000; done';

describeHere.each(kinds)('a host in a network namespace of its own, with system calls %s,', (calls) => {
  test('does not get a directory of child processes that another host has', async () => {
    const directory = newDirectory();
    const first = await startHost('process', directory, forever, calls);
    expect(await openedBy(first)).toBe('Right');
    const second = await startHost.under(networkOfItsOwn, 'process', directory, forever, calls);
    expect(await openedBy(second)).toMatch(/^DirectoryInUse /);
    await first.end('SIGKILL');
    const third = await startHost.under(networkOfItsOwn, 'process', directory, forever, calls);
    expect(await openedBy(third)).toBe('Right');
  });

  test('shares a directory of processes with others, as any host does', async () => {
    const directory = newDirectory();
    const first = await startHost('shared-process', directory, forever, calls);
    const second = await startHost.under(networkOfItsOwn, 'shared-process', directory, forever, calls);
    expect([await openedBy(first), await openedBy(second)]).toEqual(['Right', 'Right']);
  });
});

const modes = kinds.flatMap((calls) => adapters.map((adapter) => [adapter, calls] as const));

describeHere.each(modes)('a host of %s in a PID namespace of its own, with system calls %s,', (adapter, calls) => {
  const refusal =
    adapter === 'process' ? /^DirectoryInUse / : /^OpenFailed .* is open in another PID namespace, in which what runs/;

  test('does not get a directory that is open outside, until it is left', async () => {
    const directory = newDirectory();
    const outside = await startHost(adapter, directory, forever, calls);
    expect(await openedBy(outside)).toBe('Right');
    const inside = await startHost.under(processesOfItsOwn, adapter, directory, forever, calls);
    expect(await openedBy(inside)).toMatch(refusal);
    outside.send('close');
    await outside.line('close');
    const later = await startHost.under(processesOfItsOwn, adapter, directory, forever, calls);
    expect(await openedBy(later)).toBe('Right');
  });

  test('keeps those outside from a directory that it has open, until it dies', async () => {
    const directory = newDirectory();
    const inside = await startHost.under(processesOfItsOwn, adapter, directory, forever, calls);
    expect(await openedBy(inside)).toBe('Right');
    const outside = await startHost(adapter, directory, forever, calls);
    expect(await openedBy(outside)).toMatch(refusal);
    await inside.end('SIGKILL');
    await until(async () => {
      const later = await startHost(adapter, directory, forever, calls);
      return (await openedBy(later)) === 'Right';
    });
    // Nothing is left of a namespace that is gone.
    expect(readdirSync(directory).filter((name) => name.startsWith('.pid-namespace-'))).toHaveLength(1);
  });
});

describeHere.each(modes)('a host of %s in a new PID namespace, with system calls %s,', (adapter, calls) => {
  test('takes over the file of one that is gone, so that it needs no room on the disk', async () => {
    const directory = newDirectory();
    const mark = () => readdirSync(directory).filter((name) => name.startsWith('.pid-namespace-'));
    const outside = await startHost(adapter, directory, forever, calls);
    const [former = '', ...others] = mark();
    expect(others).toEqual([]);
    writeFileSync(join(directory, former), 'the same file');
    outside.send('close');
    await outside.line('close');
    const inside = await startHost.under(processesOfItsOwn, adapter, directory, forever, calls);
    expect(await openedBy(inside)).toBe('Right');
    const [own = '', ...more] = mark();
    expect(more).toEqual([]);
    expect(own).not.toBe(former);
    expect(readFileSync(join(directory, own), 'utf8')).toBe('the same file');
  });
});

describeHere.each(kinds)('a run that outlives its hosts, with system calls %s,', (calls) => {
  const endings = [
    ['which have closed', 'close'],
    ['which were killed', 'SIGKILL'],
  ] as const;

  test.each(endings)('%s, keeps hosts of other PID namespaces out until it has ended', async (_, how) => {
    const directory = newDirectory();
    const outside = await startHost('shared-process', directory, forever, calls);
    outside.send('start web-1');
    await outside.line('start');
    if (how === 'close') {
      outside.send('close');
      await outside.line('close');
    } else {
      await outside.end('SIGKILL');
    }
    const inside = await startHost.under(processesOfItsOwn, 'shared-process', directory, forever, calls);
    expect(await openedBy(inside)).toMatch(/^OpenFailed .* is open in another PID namespace/);
    const next = await startHost('shared-process', directory, forever, calls);
    next.send('stop web-1');
    await next.line('stop');
    next.send('close');
    await next.line('close');
    const later = await startHost.under(processesOfItsOwn, 'shared-process', directory, forever, calls);
    expect(await openedBy(later)).toBe('Right');
  });

  test('does not hand on to its command what it keeps them out with', async () => {
    const directory = newDirectory();
    const host = await startHost('shared-process', directory, 'ls -l /proc/self/fd >"$0/open"; sleep 1000', calls);
    host.send('start web-1');
    await host.line('start');
    await until(
      () => existsSync(join(directory, 'open')) && readFileSync(join(directory, 'open'), 'utf8').includes('/proc/'),
    );
    expect(readFileSync(join(directory, 'open'), 'utf8')).not.toContain('.pid-namespace-');
    host.send('stop web-1');
    await host.line('stop');
  });
});

describeHere.each(kinds)('what a dead host left behind, with system calls %s,', (calls) => {
  test('keeps hosts of other PID namespaces out until its guardian has ended it', async () => {
    const directory = newDirectory();
    const deaf = `trap '' TERM; ${forever}`;
    const first = await startHost('process', directory, deaf, calls);
    first.send('start web-1');
    await first.line('start');
    await first.end('SIGKILL');
    const inside = await startHost.under(processesOfItsOwn, 'process', directory, forever, calls);
    expect(await openedBy(inside)).toMatch(/^OpenFailed .* is open in another PID namespace/);
    await until(async () => {
      const later = await startHost.under(processesOfItsOwn, 'process', directory, forever, calls);
      return (await openedBy(later)) === 'Right';
    });
  });
});
