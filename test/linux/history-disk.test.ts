/**
 * A history on a disk that is full: supervision knows nothing of it, and the history goes on when there is room again.
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSqliteHistory, openSqliteStore } from '../../src/adapters/sqlite.js';
import { type HistoryEntry, type HistoryFault, recordHistory } from '../../src/history.js';
import { createScriptedHypervisor, createVirtualClock } from '../../src/testing.js';
import { connect, drivers, freshFile } from '../sqlite/drivers.js';
import { controllerOf } from '../support/controller.js';
import { left, right } from '../support/either.js';
import { midnight } from '../support/host.js';
import { policyWith } from '../support/values.js';
import { describeOnDisks } from './disk.js';

describeOnDisks('a history on a disk that', (newDisk) => {
  test.each(drivers)(
    'is full keeps no attempt and no stop from being made, and goes on when there is room again, with $name',
    async (driver) => {
      const disk = newDisk();
      const clock = createVirtualClock(midnight);
      const faults: Array<HistoryFault> = [];
      const file = join(disk.place, 'history.db');
      const history = right(
        openSqliteHistory(connect(driver, file), { clock, queue: 50, onFault: (fault) => faults.push(fault) }),
      );
      const store = right(openSqliteStore(connect(driver, freshFile())));
      const hypervisor = right(createScriptedHypervisor({ clock }));
      hypervisor.everyStart(() => ({ exits: { afterMs: 400, exitCode: 1 } }));
      const controller = controllerOf({
        store,
        hypervisor,
        clock,
        ...recordHistory(history),
        deadlines: { store: Number.POSITIVE_INFINITY },
      });
      right(await controller.updatePolicy('web', policyWith({ backoff: 1_000 }))());
      right(await controller.manualStart('web')());
      await clock.advance(5_000);
      const attempts = () => hypervisor.calls.filter(({ operation }) => operation === 'start').length;
      const before = attempts();
      expect(before).toBeGreaterThanOrEqual(5);
      right(await history.flush());

      disk.fill();
      // The last page may have room for some entries more.
      for (let failed = false; !failed; ) {
        await clock.advance(1_000);
        failed = (await history.flush())._tag === 'Left';
      }
      const during = attempts();
      await clock.advance(100_000);
      expect(attempts() - during).toBe(100);
      expect(history.state()).toMatchObject({ queued: 50, failing: { _tag: 'HistoryFailed' } });
      const { lost } = history.state();
      expect(lost).toBeGreaterThan(0);
      expect(faults.at(-1)?.lost).toBeGreaterThan(0);
      // What was kept can be read all the while.
      expect(right(await history.ofInstance('web')()).entries.length).toBeGreaterThan(0);
      right(await controller.manualStop('web')());
      await clock.settle();
      expect(hypervisor.running('web')).toBe(0);

      disk.empty();
      await clock.advance(30_000);
      expect(history.state()).toEqual({ queued: 0, lost: expect.any(Number), failing: null });
      const { entries } = right(await history.ofInstance('web')());
      const commands = entries.filter((entry: HistoryEntry) => entry._tag === 'Command');
      expect(commands[0]).toMatchObject({ command: 'stop' });
      await controller.close()();
      await history.close();
    },
  );

  test.each(drivers)('is full when it is opened keeps nobody from opening it, with $name', async (driver) => {
    const disk = newDisk();
    const clock = createVirtualClock(midnight);
    const database = connect(driver, join(disk.place, 'history.db'));
    disk.fill();
    const history = right(openSqliteHistory(database, { clock }));
    history.add([{ _tag: 'Recovered', id: 'web', at: midnight }]);
    expect(left(await history.flush())._tag).toBe('HistoryFailed');
    disk.empty();
    await clock.advance(30_000);
    expect(right(await history.ofInstance('web')()).entries).toHaveLength(1);
    await history.close();
  });
});
