/** Moments of runs beside a clock that is set: by itself, and with real processes whose host's clock is set. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createMoments, retell, sinceBootIn } from '../../src/adapters/linux/moments.js';
import type { Hypervisor } from '../../src/controller.js';
import { openings as processOpenings } from '../process/support.js';
import { openings as sharedOpenings } from '../shared-process/support.js';
import { right } from '../support/either.js';
import { boot } from './boot.js';
import { observe, permit, shell, stopped } from './instances.js';
import { until } from './support.js';

const hour = 3_600_000;

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the boot of the machine', () => {
  test('is where it was, however inexact the readings are, until the clock is set', () => {
    let [wall, since] = [1_000_000, 10_000];
    const moments = createMoments(
      () => wall,
      () => since,
    );
    expect(moments.bootAt()).toBe(990_000);
    for (const inexact of [9, -12, 40, -40]) {
      wall += 1_000;
      since += 1_000 + inexact;
      expect(moments.bootAt()).toBe(990_000);
      since -= inexact;
    }
    wall -= hour;
    expect(moments.bootAt()).toBe(990_000 - hour);
  });

  test('is read again where much time went by between the readings', () => {
    const readings = [10_000, 15_000, 15_000, 15_010];
    const moments = createMoments(
      () => 1_000_000,
      () => readings.shift() ?? 15_010,
    );
    expect(moments.bootAt()).toBe(1_000_000 - 15_010);
  });

  test('is not known on a machine that does not tell, and then moments stay as they were told', () => {
    const { bootAt } = createMoments(
      () => 1_000_000,
      () => null,
    );
    expect(bootAt()).toBeNull();
    expect(retell(5, 7_000, bootAt())).toBe(5);
    expect(retell(5, undefined, 7_000)).toBe(5);
  });

  test.each([
    ['350735.47 234388.90\n', 350_735_470],
    ['12', 12_000],
    ['', null],
    ['up', null],
  ])('is read from what the kernel says: %j', (text, since) => {
    expect(sinceBootIn(text)).toBe(since);
  });
});

const kinds = {
  process: processOpenings(),
  'shared process': sharedOpenings(),
} as const;

/** From now on the clock of this host is off by so much. */
const setClock = (by: number): void => {
  vi.restoreAllMocks();
  const { now } = Date;
  vi.spyOn(Date, 'now').mockImplementation(() => now() + by);
};

describe.each(Object.entries(kinds))('a run of a %s', (_, { newDirectory, open }) => {
  const script = 'echo > "$0/up"; until test -e "$0/go"; do sleep 0.01; done; exit 7';

  const begun = async () => {
    const directory = newDirectory();
    const commandOf = () => shell(script, directory);
    const hypervisor = await open({ directory, commandOf });
    right(await hypervisor.start('web-1', permit)());
    await until(() => readdirSync(directory).includes('up'));
    return { hypervisor, directory, commandOf, letEnd: () => writeFileSync(join(directory, 'go'), '') };
  };

  /** How old it is, by the clock as it stands. */
  const ageOf = async (hypervisor: Hypervisor): Promise<number> =>
    Date.now() - ((await observe(hypervisor)).startedAt ?? Number.NaN);

  test.each([
    ['forward', hour],
    ['back', -hour],
  ])('is as old as it is when the clock is set %s', async (_, by) => {
    const realNow = Date.now;
    const begin = realNow();
    const { hypervisor } = await begun();
    setClock(by);
    const age = await ageOf(hypervisor);
    // The boot is read to a tenth of a second.
    expect(age).toBeGreaterThanOrEqual(-100);
    expect(age).toBeLessThanOrEqual(realNow() - begin + 100);
    // Each answer is the same, or nobody could tell the run by it.
    expect((await observe(hypervisor)).startedAt).toBe((await observe(hypervisor)).startedAt);
    vi.restoreAllMocks();
    expect(Math.abs((await observe(hypervisor)).startedAt ?? 0) - begin).toBeLessThan(hour / 2);
  });

  test.each([
    ['forward', hour],
    ['back', -hour],
  ])('that has ended moves as a whole when the clock is set %s', async (_, by) => {
    const { hypervisor, letEnd } = await begun();
    letEnd();
    const before = await stopped(hypervisor);
    setClock(by);
    const after = await observe(hypervisor);
    expect(Math.abs(Number(after.startedAt) - Number(before.startedAt) - by)).toBeLessThanOrEqual(100);
    expect(Number(after.stoppedAt) - Number(after.startedAt)).toBe(Number(before.stoppedAt) - Number(before.startedAt));
    expect(after).toMatchObject({ exitCode: 7, cause: 'exit' });
  });

  test.each([
    ['forward', hour],
    ['back', -hour],
  ])('is as long as it was when the clock was set %s in the middle of it', async (_, by) => {
    const realNow = Date.now;
    const begin = realNow();
    setClock(-by);
    const { hypervisor, letEnd } = await begun();
    vi.restoreAllMocks();
    letEnd();
    const { startedAt, stoppedAt } = await stopped(hypervisor);
    const length = Number(stoppedAt) - Number(startedAt);
    expect(length).toBeGreaterThanOrEqual(0);
    expect(length).toBeLessThanOrEqual(realNow() - begin + 100);
    expect(Number(startedAt)).toBeGreaterThanOrEqual(begin - 100);
  });

  test('that was stopped moves as a whole, too', async () => {
    const { hypervisor } = await begun();
    right(await hypervisor.stop('web-1', permit)());
    const before = await observe(hypervisor);
    setClock(hour);
    const after = await observe(hypervisor);
    expect(Math.abs(Number(after.stoppedAt) - Number(before.stoppedAt) - hour)).toBeLessThanOrEqual(100);
    expect(Number(after.stoppedAt) - Number(after.startedAt)).toBe(Number(before.stoppedAt) - Number(before.startedAt));
  });

  test('that was stopped is as long as it was, too, when the clock was set in the middle of it', async () => {
    setClock(-hour);
    const { hypervisor } = await begun();
    vi.restoreAllMocks();
    right(await hypervisor.stop('web-1', permit)());
    const { startedAt, stoppedAt } = await observe(hypervisor);
    expect(Number(stoppedAt) - Number(startedAt)).toBeGreaterThanOrEqual(0);
    expect(Number(stoppedAt) - Number(startedAt)).toBeLessThan(hour / 2);
  });

  test('of before a boot stays where it was told: the time since another boot says nothing of it', async () => {
    const { hypervisor, directory, commandOf, letEnd } = await begun();
    letEnd();
    const before = await stopped(hypervisor);
    await hypervisor.close();
    boot(directory, []);
    setClock(hour);
    expect(await observe(await open({ directory, commandOf }))).toEqual(before);
  });

  test('is told alike by the next host', async () => {
    const { hypervisor, directory, commandOf, letEnd } = await begun();
    letEnd();
    const before = await stopped(hypervisor);
    await hypervisor.close();
    setClock(hour);
    const after = await observe(await open({ directory, commandOf }));
    expect(Math.abs(Number(after.stoppedAt) - Number(before.stoppedAt) - hour)).toBeLessThanOrEqual(200);
    expect(Number(after.stoppedAt) - Number(after.startedAt)).toBe(Number(before.stoppedAt) - Number(before.startedAt));
  });
});

test('a shared run on a host without perl tells when it ended as well', async () => {
  const { newDirectory, open } = kinds['shared process'];
  const directory = newDirectory();
  const env = { PATH: newDirectory() };
  const hypervisor = await open({ directory, commandOf: () => ({ ...shell('kill -9 $$', directory), env }) });
  right(await hypervisor.start('web-1', permit)());
  const before = await stopped(hypervisor);
  setClock(-hour);
  const after = await observe(hypervisor);
  expect(Math.abs(Number(after.stoppedAt) - Number(before.stoppedAt) + hour)).toBeLessThanOrEqual(100);
});
