/**
 * What goes wrong around controllers, for real: each of these faults leaves a stop a stop (G1, G9), the limit a limit
 * (G2) and every attempt counted (G8), as the witness sees it, and supervision goes on by itself.
 */
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { until, waitingFor } from '../linux/support.js';
import { createProxy } from '../postgres/proxy.js';
import { setReadOnly } from '../postgres/read-only.js';
import { describeOnServer, useServer } from '../postgres/server.js';
import { describeOnQemu } from '../qemu/support.js';
import { count } from '../qemu/tally.js';
import { directoryIn, type Moment } from './protocol.js';
import { type ControllerProcess, type World, worlds } from './world.js';

/** For a machine that is busy with other things. */
const timeout = 300_000;

const traits = { instances: 'processes', ttl: 1_000, resyncEvery: 500 } as const;

const open: Array<{ readonly close: () => void }> = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

const acknowledged = expect.objectContaining({ _tag: 'Acknowledged' });
const notDone = (why: string) => ({ _tag: 'NotDone', why });

const isAlive = ({ witness }: World, id: string): boolean => witness.living().has(id);

/** One that runs, one that a person stopped (which took a while), and one that fails as often as it may. */
const populate = async (world: World, controller: ControllerProcess): Promise<void> => {
  for (const id of ['steady-web', 'deaf-held', 'failing-once']) {
    expect(await world.ask(controller, 'create', id)).toEqual(acknowledged);
  }
  expect(await world.ask(controller, 'stop', 'deaf-held')).toEqual(acknowledged);
};

/** Reconciles everything again, so that what must not happen has every occasion to; then the witness checks. */
const expectHeld = async (world: World, controllers: ReadonlyArray<ControllerProcess>): Promise<void> => {
  for (const controller of controllers) await controller.obey({ command: 'reconcile' });
  expect(await world.witness.check()).toEqual([]);
};

/** After the fault: a crash is answered, once; the limit is reached, and holds; a stop is a stop. */
const expectSupervision = async (world: World, controllers: ReadonlyArray<ControllerProcess>): Promise<void> => {
  const { witness } = world;
  await witness.untilUp(['steady-web']);
  const runs = witness.runsOf('steady-web').length;
  await world.crash(['steady-web']);
  await world.untilRuns('steady-web', runs + 1);
  await until(async () => {
    // An attempt that is not counted would go on for ever.
    expect(await witness.check()).toEqual([]);
    return (await world.blockedReasonOf('failing-once')) === 'max_attempts_exceeded';
  });
  await expectHeld(world, controllers);
  expect(witness.runsOf('steady-web')).toHaveLength(runs + 1);
  expect(witness.runsOf('deaf-held')).toHaveLength(1);

  for (const id of ['steady-web', 'failing-once']) {
    for (const controller of controllers) expect(await world.ask(controller, 'stop', id)).toEqual(acknowledged);
  }
  await expectHeld(world, controllers);
};

describeOnServer('with controllers on PostgreSQL', () => {
  const database = useServer();
  const createWorld = worlds(database);

  const oneController = async () => {
    const world = await createWorld(traits);
    const first = await world.begin();
    await populate(world, first);
    return { world, first };
  };

  const twoControllers = async () => {
    const world = await createWorld(traits);
    const [first, second] = [await world.begin(), await world.begin()];
    await populate(world, first);
    return { world, first, second, controllers: [first, second] };
  };

  /** A controller that stopped itself there, in the start that answers a crash. */
  const pausedInStart = async (at: Exclude<Moment, 'stop recorded'>) => {
    const { world, first } = await oneController();
    const { paused } = await first.pauseAt(at, 'steady-web');
    await world.crash(['steady-web']);
    await paused();
    return { world, first };
  };

  // -------------------------------------------------------------------------
  // kill -9
  // -------------------------------------------------------------------------

  test(
    'a controller that is killed between a stop that it recorded and its end: another one finishes the stop',
    async () => {
      const { world, first, second } = await twoControllers();
      expect(await world.ask(first, 'create', 'deaf-web')).toEqual(acknowledged);
      const { paused } = await first.pauseAt('stop recorded', 'deaf-web');
      world.witness.asked('stop', ['deaf-web']);
      first.send({ command: 'stop', ids: ['deaf-web'] });
      await paused();
      await first.kill();
      await until(() => !isAlive(world, 'deaf-web'));
      expect(await world.blockedReasonOf('deaf-web')).toBe('manual_stop');
      await expectSupervision(world, [second]);
      expect(world.witness.runsOf('deaf-web')).toHaveLength(1);
    },
    timeout,
  );

  test(
    'a controller that is killed between an attempt that it recorded and its start: the attempt is spent, and one start follows',
    async () => {
      const { world, first } = await pausedInStart('attempt saved');
      await first.kill();
      const second = await world.begin();
      await world.untilRuns('steady-web', 2);
      await expectHeld(world, [second]);
      expect(world.witness.runsOf('steady-web').map(({ life }) => life)).toEqual([1, 2]);
      expect(await world.attemptsOf('steady-web')).toBeGreaterThanOrEqual(2);
      await expectSupervision(world, [second]);
    },
    timeout,
  );

  test(
    'a database that is killed: nothing is started that cannot be counted, and when it is back everything goes on',
    async () => {
      const { world, second, controllers } = await twoControllers();
      expect(await world.ask(second, 'create', 'steady-db')).toEqual(acknowledged);
      await database.server().kill();
      await world.crash(['steady-web']);
      for (const controller of controllers) {
        expect(await world.ask(controller, 'stop', 'steady-db')).toEqual(notDone('StoreFailed'));
      }
      expect(isAlive(world, 'steady-web')).toBe(false);
      // No stop was acknowledged, and it is not stopped.
      expect(isAlive(world, 'steady-db')).toBe(true);
      await database.server().start();
      await world.untilRuns('steady-web', 2);
      await expectSupervision(world, controllers);
      expect(isAlive(world, 'steady-db')).toBe(true);
    },
    timeout,
  );

  // -------------------------------------------------------------------------
  // SIGSTOP, and SIGCONT when another one has taken over
  // -------------------------------------------------------------------------

  test(
    'a controller that is paused before the start of an attempt: another one starts it, and the first does not when it goes on',
    async () => {
      const { world, first } = await pausedInStart('attempt saved');
      const second = await world.begin();
      await world.untilRuns('steady-web', 2);
      expect(await world.heldBy(second)).toContain('steady-web');
      first.goOn();
      expect(await first.errorOfStart('steady-web')).toBe('Superseded');
      await expectHeld(world, [first, second]);
      expect(world.witness.runsOf('steady-web').map(({ life }) => life)).toEqual([1, 2]);
      await expectSupervision(world, [first, second]);
    },
    timeout,
  );

  test(
    'a controller that is paused before the start of an attempt, and lost its lease to one who wrote nothing yet: it starts nothing',
    async () => {
      const { world, first } = await pausedInStart('attempt saved');
      const other = await world.takeLease('steady-web');
      first.goOn();
      // The record is still as it saved it: only the lease keeps it from starting.
      expect(await first.errorOfStart('steady-web')).toBe('Superseded');
      await expectHeld(world, [first]);
      expect(world.witness.runsOf('steady-web')).toHaveLength(1);
      expect(await world.attemptsOf('steady-web')).toBe(1);
      await other.retire();
      await world.untilRuns('steady-web', 2);
      await expectSupervision(world, [first]);
    },
    timeout,
  );

  test(
    'a controller that is paused past its check: the section keeps the next one out until there is one run, and no second',
    async () => {
      const { world, first } = await pausedInStart('check passed');
      const second = await world.begin();
      await world.untilHeldBy(second, 'steady-web');
      await until(() => waitingFor(lockOf(world, 'steady-web')).length > 0);
      expect(isAlive(world, 'steady-web')).toBe(false);
      first.goOn();
      await world.untilRuns('steady-web', 2);
      await expectHeld(world, [first, second]);
      expect(world.witness.runsOf('steady-web').map(({ life }) => life)).toEqual([1, 1]);
      await expectSupervision(world, [first, second]);
    },
    timeout,
  );

  test(
    'a controller that is paused past its check, and a stop meanwhile: it is acknowledged when the run is gone, not before',
    async () => {
      const { world, first } = await pausedInStart('check passed');
      const second = await world.begin();
      const stopping = world.ask(second, 'stop', 'steady-web');
      await until(async () => (await world.blockedReasonOf('steady-web')) === 'manual_stop');
      await until(() => waitingFor(lockOf(world, 'steady-web')).length > 0);
      first.goOn();
      expect(await stopping).toEqual(acknowledged);
      expect(isAlive(world, 'steady-web')).toBe(false);
      await expectHeld(world, [first, second]);
      expect(await world.ask(first, 'start', 'steady-web')).toEqual(acknowledged);
      await expectSupervision(world, [first, second]);
    },
    timeout,
  );

  test(
    'a controller that is paused with a stop in its hand: a start by another one wins, and the stop ends no run of it',
    async () => {
      const { world, first } = await oneController();
      const { paused } = await first.pauseAt('stop recorded', 'steady-web');
      world.witness.asked('stop', ['steady-web']);
      const answer = first.send({ command: 'stop', ids: ['steady-web'] });
      await paused();
      const second = await world.begin();
      // Whoever takes over finds the marker, and stops it.
      await until(() => !isAlive(world, 'steady-web'));
      await expectHeld(world, [second]);
      expect(await world.ask(second, 'start', 'steady-web')).toEqual(acknowledged);
      await world.untilRuns('steady-web', 2);
      first.goOn();
      expect(await answer()).toEqual({ 'steady-web': notDone('Superseded') });
      await expectHeld(world, [first, second]);
      expect(isAlive(world, 'steady-web')).toBe(true);
      expect(world.witness.runsOf('steady-web')).toHaveLength(2);
      await expectSupervision(world, [first, second]);
    },
    timeout,
  );

  test(
    'a controller that is paused anywhere in the middle of twenty crashes: each is answered by one start',
    async () => {
      const { world, first, second, controllers } = await twoControllers();
      const ids = Array.from({ length: 20 }, (_, n) => `steady-${n}`);
      await world.askAll(first, 'create', ids);
      await world.crash(ids);
      await until(() => ids.some((id) => world.witness.runsOf(id).length > 1));
      await first.pause();
      await until(async () => (await world.heldBy(second)).length === ids.length + 3);
      first.goOn();
      await until(() => ids.every((id) => world.witness.runsOf(id).length > 1));
      await expectSupervision(world, controllers);
      expect(ids.map((id) => world.witness.runsOf(id).length)).toEqual(ids.map(() => 2));
    },
    timeout,
  );

  // -------------------------------------------------------------------------
  // a store that does not take what it is given
  // -------------------------------------------------------------------------

  test.each(['before', 'after'] as const)(
    'a connection that is cut %s the commit of each save: none counts for more than it is',
    async (at) => {
      const world = await createWorld(traits);
      const proxy = await createProxy(() => database.server().port);
      open.push(proxy);
      const controller = await world.begin(proxy.port);
      await populate(world, controller);

      proxy.cutAt(at);
      await world.crash(['steady-web']);
      await until(() => proxy.cuts() >= 3);
      expect(world.witness.runsOf('steady-web')).toHaveLength(1);
      proxy.cutAt(null);
      await world.untilRuns('steady-web', 2);
      await expectHeld(world, [controller]);
      expect(world.witness.runsOf('steady-web')).toHaveLength(2);

      proxy.cutAt(at);
      expect(await world.ask(controller, 'stop', 'steady-web')).toEqual(notDone('StoreFailed'));
      proxy.cutAt(null);
      if (at === 'before') {
        expect(isAlive(world, 'steady-web')).toBe(true);
      } else {
        // It was not acknowledged, but it is recorded: repair finishes it.
        await until(() => !isAlive(world, 'steady-web'));
        expect(await world.ask(controller, 'start', 'steady-web')).toEqual(acknowledged);
      }
      await expectSupervision(world, [controller]);
    },
    timeout,
  );

  test(
    'a database that may only be read: nothing is started or stopped that cannot be written down, and then it goes on',
    async () => {
      const { world, controllers } = await twoControllers();
      await setReadOnly(world.pool, 'on');
      try {
        await world.crash(['steady-web']);
        for (const controller of controllers) {
          expect(await world.ask(controller, 'stop', 'deaf-held')).toEqual(notDone('StoreFailed'));
          expect(await world.ask(controller, 'start', 'deaf-held')).toEqual(notDone('StoreFailed'));
        }
        expect(world.witness.runsOf('steady-web')).toHaveLength(1);
        expect(isAlive(world, 'deaf-held')).toBe(false);
      } finally {
        await setReadOnly(world.pool, 'off');
      }
      await world.untilRuns('steady-web', 2);
      await expectSupervision(world, controllers);
    },
    timeout,
  );

  // -------------------------------------------------------------------------
  // machines
  // -------------------------------------------------------------------------

  describeOnQemu('and machines of QEMU', () => {
    test(
      'a QEMU that is killed, with and without its controller: one machine follows, and none after a stop',
      async () => {
        const world = await createWorld({ ...traits, instances: 'machines' });
        const { witness } = world;
        const [first, second] = [await world.begin(), await world.begin()];
        const ids = ['steady-vm-1', 'steady-vm-2'];
        for (const id of ids) expect(await world.ask(first, 'create', id)).toEqual(acknowledged);
        const untilAll = (number: number) => until(() => ids.every((id) => witness.runsOf(id).length >= number));
        await world.crash(ids);
        await untilAll(2);
        await expectHeld(world, [first, second]);
        await until(() => ids.every((id) => isAlive(world, id)));
        await world.crash(ids);
        await first.kill();
        await untilAll(3);
        await expectHeld(world, [second]);
        expect(ids.map((id) => witness.runsOf(id).length)).toEqual([3, 3]);
        for (const _ of ids.flatMap(witness.runsOf)) count({ tally: 'vm_booted' });

        await world.crash(['steady-vm-1']);
        for (const id of ids) expect(await world.ask(second, 'stop', id)).toEqual(acknowledged);
        await expectHeld(world, [second]);
        expect(witness.living().size).toBe(0);
      },
      timeout,
    );
  });
});

const lockOf = ({ place }: World, id: string): string => join(directoryIn(place), `${id}.json.lock`);
