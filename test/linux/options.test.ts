/** What is passed to open a directory, where it is not what it must be: nothing is opened, and all of it is said. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openProcessHypervisor } from '../../src/adapters/process.js';
import { openQemuHypervisor } from '../../src/adapters/qemu.js';
import { openSharedProcessHypervisor } from '../../src/adapters/shared-process.js';
import { left, right } from '../support/either.js';
import { directories } from './support.js';

const newDirectory = directories();

const adapters = [
  {
    name: 'process',
    open: openProcessHypervisor,
    source: 'commandOf',
    options: ['clock', 'graceMs', 'controlGroups', 'systemCalls'],
  },
  {
    name: 'shared-process',
    open: openSharedProcessHypervisor,
    source: 'commandOf',
    options: ['graceMs', 'controlGroups', 'systemCalls'],
  },
  {
    name: 'qemu',
    open: openQemuHypervisor,
    source: 'machineOf',
    options: ['clock', 'graceMs', 'quitMs', 'controlGroups', 'systemCalls'],
  },
] as const;

/** As from JavaScript, where no compiler looks. */
const openUnchecked = (open: (typeof adapters)[number]['open'], options: unknown) => open(options as never)();

describe.each(adapters)('$name', ({ open, source, options }) => {
  const nothing = () => null;

  test('says all that is wrong with its options, each by its name', async () => {
    const wrong = {
      directory: '',
      [source]: 'sleep',
      clock: {},
      graceMs: Number.NaN,
      quitMs: -1,
      controlGroups: 'sometimes',
      systemCalls: true,
    };
    const given = Object.fromEntries(
      Object.entries(wrong).filter(([name]) => ['directory', source, ...options].includes(name)),
    );
    const error = left(await openUnchecked(open, given));
    expect(error).toMatchObject({ _tag: 'InvalidOptions' });
    if (error._tag !== 'InvalidOptions') return;
    expect(error.errors.map(({ option }) => option)).toEqual(['directory', source, ...options]);
    for (const { option, message } of error.errors) expect(message.startsWith(`${option} must be `)).toBe(true);
    expect(error.message).toBe(error.errors.map(({ message }) => message).join('; '));
  });

  test.each([undefined, null, 5, []])('needs options: %j', async (given) => {
    expect(left(await openUnchecked(open, given))).toMatchObject({ _tag: 'InvalidOptions' });
  });

  test('suggests the option that was meant', async () => {
    const given = { directory: newDirectory(), [source]: nothing, graceMS: 5 };
    expect(left(await openUnchecked(open, given))).toMatchObject({
      _tag: 'InvalidOptions',
      message: 'graceMS is not a known option; did you mean graceMs?',
    });
  });

  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY, 2 ** 31, '5', null])(
    'takes no grace of %s for another one',
    async (graceMs) => {
      const directory = join(newDirectory(), 'instances');
      expect(left(await openUnchecked(open, { directory, [source]: nothing, graceMs }))).toMatchObject({
        _tag: 'InvalidOptions',
        errors: [
          { option: 'graceMs', message: expect.stringMatching(/^graceMs must be from 0 to 2147483647 milliseconds/) },
        ],
      });
      expect(readdirSync(join(directory, '..'))).toEqual([]);
    },
  );

  test.each([0, 0.5, 2 ** 31 - 1])('takes a grace of %s', async (graceMs) => {
    const given = { directory: newDirectory(), [source]: nothing, graceMs };
    await right<unknown, { readonly close: () => Promise<void> }>(await openUnchecked(open, given)).close();
  });

  test('has defaults for what is undefined', async () => {
    const absent = Object.fromEntries(options.map((option) => [option, undefined]));
    const given = { directory: newDirectory(), [source]: nothing, ...absent };
    await right<unknown, { readonly close: () => Promise<void> }>(await openUnchecked(open, given)).close();
  });
});
