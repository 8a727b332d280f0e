/**
 * Programs that are hard to find and to end, under controllers that are killed: what hides is not started twice and does
 * not outlive a stop, and a fork bomb keeps nobody from stopping it, or its neighbours.
 */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { markVariable } from '../crash/marks.js';
import type { RunProcess } from '../crash/processes.js';
import { describePidsLimit } from '../linux/parts.js';
import { enterLimit, hasReachedLimit, limitProcesses, membersOf, removeLimit } from '../linux/pids-limit.js';
import { until } from '../linux/support.js';
import { describeOnServer, useServer } from '../postgres/server.js';
import { groupUses } from '../shared-process/support.js';
import { type ControllerProcess, type World, worlds } from './world.js';

/** For a machine that is busy with other things. */
const timeout = 300_000;

const traits = { instances: 'processes', ttl: 1_000, resyncEvery: 500 } as const;

const acknowledged = expect.objectContaining({ _tag: 'Acknowledged' });

// Registered before the worlds: what is in a group has been ended by then.
const limits: Array<string> = [];
afterEach(async () => {
  for (const limit of limits.splice(0)) await until(() => removeLimit(limit));
});

const read = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // it has ended, or its first thread has
  }
};

/** Of a process that lives: its environment does not tell whose it is. */
const hides = ({ pid }: RunProcess): boolean => !read(`/proc/${pid}/environ`).includes(`${markVariable}=`);
const isDaemon = ({ pid }: RunProcess): boolean => /^\S*perl\0-e\0sleep/.test(read(`/proc/${pid}/cmdline`));
const isMain = ({ pid }: RunProcess): boolean => read(`/proc/${pid}/cmdline`).startsWith('sleep\0');

/** How many processes of each kind the witness sees of a run that is all there, and how many of them hide. */
const whole: Readonly<Record<string, { readonly hidden: number }>> = {
  headless: { hidden: 1 },
  retitled: { hidden: 1 },
  daemon: { hidden: 0 },
  bare: { hidden: 1 },
};

const kindOf = (id: string): string => id.split('-')[0] ?? '';

/** All of the instance is there that ever will be, and hides if it can. */
const isThere = ({ witness }: World, id: string): boolean => {
  const alive = witness.living().get(id) ?? [];
  const kind = kindOf(id);
  const isComplete = (kind !== 'daemon' && kind !== 'bare') || (alive.some(isDaemon) && alive.some(isMain));
  return isComplete && alive.filter(hides).length === whole[kind]?.hidden;
};

/** What waits for the command leads its group. */
const waitersOf = ({ witness }: World, id: string): ReadonlyArray<RunProcess> =>
  (witness.living().get(id) ?? []).filter(({ pid, group }) => pid === group);

/** Reconciles everything again, so that what must not happen has every occasion to; then the witness checks. */
const expectHeld = async (world: World, controller: ControllerProcess): Promise<void> => {
  await controller.obey({ command: 'reconcile' });
  expect(await world.witness.check()).toEqual([]);
};

const runsOf = ({ witness }: World, ids: ReadonlyArray<string>): ReadonlyArray<number> =>
  ids.map((id) => witness.runsOf(id).length);

describeOnServer('with controllers on PostgreSQL', () => {
  const createWorld = worlds(useServer());

  describe.each(groupUses)('and control groups %s, instances that hide', (controlGroups) => {
    const isGrouped = controlGroups === 'required';
    // Without a group, what has left that of the processes is ended by a stop, but not before the next start.
    const simple = ['headless-web', 'retitled-web'];
    const ids = [...simple, isGrouped ? 'bare-web' : 'daemon-web'];
    const crashing = isGrouped ? ids : simple;

    test(
      'have no second copy when their controller is killed, one start follows each crash, and nothing outlives a stop',
      async () => {
        const world = await createWorld({ ...traits, controlGroups });
        const untilThere = (those: ReadonlyArray<string>) => until(() => those.every((id) => isThere(world, id)));
        const [first, second] = [await world.begin(), await world.begin()];
        for (const id of ids) expect(await world.ask(first, 'create', id)).toEqual(acknowledged);
        await untilThere(ids);

        // With it dies what waits for those that hide, so that nothing but the records tells of them.
        await first.kill();
        for (const { pid } of simple.flatMap((id) => waitersOf(world, id))) process.kill(pid, 'SIGKILL');
        await until(() => simple.every((id) => waitersOf(world, id).length === 0));
        await until(async () => (await world.heldBy(second)).length === ids.length);
        await expectHeld(world, second);
        expect(runsOf(world, ids)).toEqual(ids.map(() => 1));

        await world.crash(crashing);
        await until(() => crashing.every((id) => world.witness.runsOf(id).length === 2));
        await untilThere(ids);
        await expectHeld(world, second);

        // Whoever stops it has never started it.
        await second.kill();
        const third = await world.begin();
        await expectHeld(world, third);
        for (const id of ids) expect(await world.ask(third, 'stop', id)).toEqual(acknowledged);
        expect(world.witness.living().size).toBe(0);
        await expectHeld(world, third);
        expect(runsOf(world, ids)).toEqual(ids.map((id) => (crashing.includes(id) ? 2 : 1)));
      },
      timeout,
    );
  });

  describePidsLimit().each(groupUses)('and control groups %s, a fork bomb', (controlGroups) => {
    /** Node alone has a dozen threads. */
    const limit = 60;

    test(
      'that has every process there is keeps nobody from a stop, nor when its controller has been killed',
      async () => {
        const world = await createWorld({ ...traits, controlGroups });
        const group = limitProcesses(world.place, limit);
        limits.push(group);
        const first = await world.begin(undefined, ['/bin/sh', '-c', `${enterLimit('$0')} && exec "$@"`, group]);
        for (const id of ['steady-web', 'steady-db', 'bomb-web']) {
          expect(await world.ask(first, 'create', id)).toEqual(acknowledged);
        }
        await until(() => hasReachedLimit(group));
        expect(await world.ask(first, 'stop', 'steady-db')).toEqual(acknowledged);
        await expectHeld(world, first);

        await first.kill();
        const second = await world.begin();
        await until(async () => (await world.heldBy(second)).length === 3);
        await expectHeld(world, second);
        await world.crash(['steady-web']);
        await world.untilRuns('steady-web', 2);
        for (const id of ['bomb-web', 'steady-web']) expect(await world.ask(second, 'stop', id)).toEqual(acknowledged);
        expect(world.witness.living().size).toBe(0);
        expect(membersOf(group)).toEqual([]);
        await expectHeld(world, second);
        expect(runsOf(world, ['steady-web', 'steady-db', 'bomb-web'])).toEqual([2, 1, 1]);
      },
      timeout,
    );
  });
});
