/**
 * Three controllers on one PostgreSQL with a thousand instances: one crash, one start, also while controllers die.
 */
import { expect, test } from 'vitest';
import { until } from '../linux/support.js';
import { describeOnServer, useServer } from '../postgres/server.js';
import { ownerName } from './protocol.js';
import { type ControllerProcess, type World, worlds } from './world.js';

/** A smaller number is for a quick run. */
const size = Number(process.env['REAL_INSTANCES'] ?? 1_000);
const ids = Array.from({ length: size }, (_, n) => `steady-${String(n).padStart(4, '0')}`);

/** Milliseconds. */
const ttl = 3_000;
/** Far off: whatever is found here is found by a notification, or because a lease lapsed. */
const resyncEvery = 3_600_000;

/** For a machine that is busy with other things; an idle one needs a twentieth of it. */
const timeout = 900_000;

/** The nth of so many parts, spread over all. */
const part = (of: ReadonlyArray<string>, n: number, parts: number): ReadonlyArray<string> =>
  of.filter((_, index) => index % parts === n);

/** Waits until each crash was answered, and reconciles everything again, which must answer none twice. */
const untilAllAnswered = async (
  { witness }: World,
  controllers: ReadonlyArray<ControllerProcess>,
  crashes: ReadonlyMap<string, number>,
): Promise<void> => {
  const expected = new Map(ids.map((id) => [id, 1 + (crashes.get(id) ?? 0)]));
  const runs = (): ReadonlyMap<string, number> => witness.runs();
  await until(() => {
    const seen = runs();
    return ids.every((id) => (seen.get(id) ?? 0) >= (expected.get(id) ?? 0));
  });
  for (const controller of controllers) await controller.obey({ command: 'reconcile' });
  expect(runs()).toEqual(expected);
};

/** Kills it, and answers with the owner that it was. What it held is bound to its life for one lease more at most. */
const killOwner = async ({ pool }: World, controller: ControllerProcess): Promise<number> => {
  await controller.kill();
  const { rows } = await pool.query(
    `SELECT owner::text, extract(epoch FROM expires_at - clock_timestamp()) * 1000 AS remaining
     FROM restart_owners WHERE name = $1 ORDER BY owner DESC LIMIT 1`,
    [ownerName(controller.number)],
  );
  expect(Number(rows[0]?.remaining)).toBeLessThanOrEqual(ttl);
  return Number(rows[0]?.owner);
};

/** By instance, the milliseconds from the end of the owner's lease to the next owner's, by the database's clock. */
const handedOverFrom = async ({ audit }: World, owner: number): Promise<ReadonlyMap<string, number>> =>
  new Map(
    (await audit.leases()).filter(({ from }) => from === owner).map(({ id, after }) => [id, after ?? Number.NaN]),
  );

const spanOf = (handedOver: ReadonlyMap<string, number>): string => {
  const [least, most] = [Math.min(...handedOver.values()), Math.max(...handedOver.values())];
  return `${handedOver.size} instances, taken over ${least.toFixed(0)} to ${most.toFixed(0)} ms after its lease of ${ttl} ms ended`;
};

describeOnServer('three controllers on one store', () => {
  const createWorld = worlds(useServer());

  test(
    `answer each crash of ${size} instances with one start, and what one held who was killed is taken over`,
    async () => {
      const world = await createWorld({ instances: 'processes', ttl, resyncEvery });
      const { witness } = world;
      const [first, second, third] = [await world.begin(), await world.begin(), await world.begin()];
      const all = [first, second, third];
      const crashes = new Map<string, number>();
      const crash = async (those: ReadonlyArray<string>): Promise<void> => {
        await world.crash(those);
        for (const id of those) crashes.set(id, (crashes.get(id) ?? 0) + 1);
      };
      const began = performance.now();
      const note = (what: string): void =>
        console.log(`${((performance.now() - began) / 1_000).toFixed(1)} s: ${what}`);

      await Promise.all(all.map((controller, n) => world.askAll(controller, 'create', part(ids, n, 3))));
      await untilAllAnswered(world, all, crashes);
      const shares = await Promise.all(all.map(world.heldBy));
      note(`${ids.length} instances run, held by three controllers: ${shares.map(({ length }) => length).join(', ')}`);
      expect(shares.flat().sort()).toEqual(ids);
      for (const share of shares) expect(share.length).toBeGreaterThan(0);

      // --- crashes ---

      await crash(part(ids, 0, 10));
      await untilAllAnswered(world, all, crashes);
      note(`${crashes.size} crashed at once, and each was started once`);

      // --- a controller is killed, in the middle of crashes ---

      const before = witness.runsOf(ids[1] ?? '').length;
      await crash(part(ids, 1, 10));
      await until(() => part(ids, 1, 10).some((id) => witness.runsOf(id).length > before));
      const held = await world.heldBy(second);
      const dead = await killOwner(world, second);
      // Of what it held and did not crash just now, some crashes when there is nobody to see it.
      const orphans = held.filter((id) => !part(ids, 1, 10).includes(id));
      await crash(part(orphans, 0, 3));
      await untilAllAnswered(world, [first, third], crashes);
      const handedOver = await handedOverFrom(world, dead);
      note(`the second controller was killed meanwhile, and left ${spanOf(handedOver)}`);
      expect([...handedOver.keys()].sort()).toEqual(held);
      // Not while it was the owner's.
      for (const after of handedOver.values()) expect(after).toBeGreaterThanOrEqual(0);

      // --- people ---

      const stopped = part(ids, 2, 10);
      await crash(part(stopped, 0, 2));
      for (const id of part(stopped, 0, 2)) crashes.delete(id);
      const answers = await Promise.all([
        world.askAll(first, 'stop', part(stopped, 0, 2)),
        world.askAll(third, 'stop', part(stopped, 1, 2)),
      ]);
      expect(answers.flatMap((some) => Object.values(some)).map(({ _tag }) => _tag)).toEqual(
        stopped.map(() => 'Acknowledged'),
      );
      note(`${stopped.length} stopped by people, half of them in the middle of a crash`);

      // --- another one is killed, and there is nothing else to do ---

      const inheritance = await world.heldBy(third);
      const deadToo = await killOwner(world, third);
      await until(async () => (await world.heldBy(first)).length === ids.length);
      const inherited = await handedOverFrom(world, deadToo);
      const reconcileBegan = performance.now();
      await first.obey({ command: 'reconcile' });
      const oneReconcile = performance.now() - reconcileBegan;
      note(
        `the third controller was killed, and left ${spanOf(inherited)}; a reconcile of all takes ${oneReconcile.toFixed(0)} ms`,
      );
      expect([...inherited.keys()].sort()).toEqual(inheritance);
      // Within one lease, in which it lapses, and a few reconciles. A slow machine is slow at both; a resync is an hour
      // away.
      for (const after of inherited.values()) {
        expect(after).toBeGreaterThanOrEqual(0);
        expect(after).toBeLessThanOrEqual(ttl + 10 * oneReconcile);
      }
      expect(await witness.check()).toEqual([]);
      const living = witness.living();
      expect([...living.keys()].sort()).toEqual(ids.filter((id) => !stopped.includes(id)));
    },
    timeout,
  );
});
