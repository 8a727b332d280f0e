/** Ids that are nearly one: each is an instance of its own, whatever becomes of it in names of files and in environments. */
import { describe, expect, test, vi } from 'vitest';
import type { InstanceObservation } from '../../src/index.js';
import { openings as processOpenings } from '../process/support.js';
import { openings as sharedOpenings } from '../shared-process/support.js';
import { right } from '../support/either.js';
import { forever, observe, permit, shell, stopped } from './instances.js';
import { namesIn } from './support.js';

/** Directories in which names that differ in case only are one: there is no such file system to be had everywhere. */
const folding = vi.hoisted(() => ({ directories: new Set<string>() }));

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs/promises')>();
  const { dirname, join } = await import('node:path');
  const access: typeof original.access = async (path, mode) => {
    const directory = dirname(String(path));
    const names = folding.directories.has(directory) ? await original.readdir(directory) : [];
    const same = names.find((name) => join(directory, name).toLowerCase() === String(path).toLowerCase());
    return original.access(same === undefined ? path : join(directory, same), mode);
  };
  return { ...original, access };
});

const kinds = {
  process: processOpenings(),
  'shared process': sharedOpenings(),
} as const;

const long = 'x'.repeat(300);

/** What each would be taken for by something on the way: UTF-8, C, a path, a file system, a shell, or our own names. */
const pairs: ReadonlyArray<readonly [string, string, string]> = [
  ['halves of pairs of UTF-16', '\ud800', '\udbff'],
  ['half a pair of UTF-16, and what UTF-8 makes of it', '\ud800', '\ufffd'],
  ['what ends with half a pair', 'a\udc00', 'a\udc01'],
  ['what a zero ends', 'a', 'a\0b'],
  ['what differs behind a zero', 'a\0b', 'a\0c'],
  ['too long for a name, the same at first', `${long}1`, `${long}2`],
  ['too long for a name, and the half of a pair at the end', `${long}\ud800`, `${long}\ufffd`],
  ['upper and lower case', 'web', 'WEB'],
  ['accents in one and in two', '\u00e9', 'e\u0301'],
  ['a directory, and the one above', '.', '..'],
  ['what leads out, and what stays', '../web', 'web'],
  ['a slash, and what is written for it', 'a/b', 'a%002fb'],
  ['nothing, and the end of a name', '', '.json'],
  ['names of other files', 'web', 'web.json.end'],
  ['spaces', 'web', 'web '],
];

/** Each host has its own reading of when the machine booted, by which it tells the moments. */
const nearly = ({ startedAt, stoppedAt, ...rest }: InstanceObservation) => ({
  ...rest,
  startedAt: startedAt === null ? null : expect.closeTo(startedAt, -2),
  stoppedAt: stoppedAt === null ? null : expect.closeTo(stoppedAt, -2),
});

describe.each(Object.entries(kinds))('of a %s', (_, { newDirectory, open }) => {
  const areTwo = async (one: string, other: string): Promise<void> => {
    const directory = newDirectory();
    const commandOf = vi.fn(() => shell(forever, directory));
    const hypervisor = await open({ directory, commandOf });
    const stateOf = async (id: string) => (await observe(hypervisor, id)).state;

    right(await hypervisor.start(one, permit)());
    // The other one never ran.
    expect(await observe(hypervisor, other)).toMatchObject({ state: 'stopped', startedAt: null, stoppedAt: null });
    right(await hypervisor.stop(other, permit)());
    expect(await stateOf(one)).toBe('running');

    right(await hypervisor.start(other, permit)());
    expect(commandOf.mock.calls).toEqual([[one], [other]]);
    right(await hypervisor.stop(one, permit)());
    expect([await stateOf(one), await stateOf(other)]).toEqual(['stopped', 'running']);
    right(await hypervisor.forget(one)());
    expect((await observe(hypervisor, one)).startedAt).toBeNull();
    expect(await stateOf(other)).toBe('running');
    right(await hypervisor.stop(other, permit)());
    const seen = await observe(hypervisor, other);
    await hypervisor.close();

    // The next host tells them apart as well.
    const next = await open({ directory, commandOf });
    expect(await observe(next, other)).toEqual(nearly(seen));
    expect((await observe(next, one)).startedAt).toBeNull();
  };

  // All at once: a stop may take a second, where nobody reaps what has ended.
  test('two ids are two instances', async () => {
    const failures: Array<readonly [string, unknown]> = [];
    const tell = (name: string) => (error: unknown) => void failures.push([name, error]);
    await Promise.all(pairs.map(([name, one, other]) => areTwo(one, other).catch(tell(name))));
    expect(failures).toEqual([]);
  });

  test('is notified by the very id that was started', async () => {
    const hypervisor = await open({ commandOf: () => shell('exit 0') });
    const notified = new Set<string>();
    hypervisor.subscribe((id) => notified.add(id));
    const ids = pairs.map(([, one]) => one);
    for (const id of ids) {
      right(await hypervisor.start(id, permit)());
      await stopped(hypervisor, id);
      await vi.waitUntil(() => notified.has(id));
    }
    expect(notified).toEqual(new Set(ids));
  });

  test('none is kept where names that differ in case are one', async () => {
    const directory = newDirectory();
    folding.directories.add(directory);
    await expect(open({ directory, commandOf: () => null })).rejects.toThrow('differ in case');
    expect(namesIn(directory)).toEqual([]);
    folding.directories.clear();
    await open({ directory, commandOf: () => null });
  });
});
