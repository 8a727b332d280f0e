/**
 * What is left of a run ends between two looks of the one who waits for it: an inspection still sees it live, and the next
 * question finds nothing more.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { ControlGroup } from '../../src/adapters/linux/control-group.js';
import { forever, permit, shell } from '../linux/instances.js';
import { until } from '../linux/support.js';
import { demand } from '../support/demand.js';
import { right } from '../support/either.js';
import { groupsOf, groupUses, openings } from './support.js';

const { newDirectory, open } = openings();

let isLastMoment = false;

vi.mock('../../src/adapters/linux/control-groups.js', async (original) => {
  const actual = await original<typeof import('../../src/adapters/linux/control-groups.js')>();
  const openControlGroups: typeof actual.openControlGroups = async (...args) => {
    const opened = await actual.openControlGroups(...args);
    if (opened._tag === 'Left' || opened.right === null) return opened;
    const groups = opened.right;
    return { ...opened, right: { ...groups, of: (run) => endingWhenAsked(groups.of(run)) } };
  };
  return { ...actual, openControlGroups };
});

const endingWhenAsked = (group: ControlGroup): ControlGroup => ({
  ...group,
  isPopulated: () => {
    if (isLastMoment) {
      group.kill();
      while (group.isPopulated());
    }
    return group.isPopulated();
  },
});

test.runIf(demand(groupUses.includes('required'), 'NO CONTROL GROUP CAN BE MADE HERE, so no end in one is waited for'))(
  'its end is noticed all the same, and everybody is notified',
  async () => {
    const directory = newDirectory();
    const commandOf = () => shell(`setsid sh -c '${forever}' "$0" & ${forever}`, directory);
    const hypervisor = await open({ directory, commandOf });
    right(await hypervisor.start('web-1', permit)());
    await until(() => groupsOf(directory).length === 2);
    const { pid } = JSON.parse(readFileSync(join(directory, 'web-1.json'), 'utf8'));
    const notified = new Promise((resolve) => hypervisor.subscribe(resolve));
    isLastMoment = true;
    process.kill(-pid, 'SIGKILL');
    expect(await notified).toBe('web-1');
  },
);
