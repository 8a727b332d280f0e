/**
 * A store without room for another write: nothing is started that cannot be counted, no stop is acknowledged that is
 * not written down, those that are hold, and when there is room again supervision goes on by itself.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Libsql from 'libsql';
import { afterEach, expect, test } from 'vitest';
import { openSharedProcessHypervisor } from '../../src/adapters/shared-process.js';
import { openSqliteStore } from '../../src/adapters/sqlite.js';
import { systemClock } from '../../src/adapters/system-clock.js';
import { openAudit } from '../crash/audit.js';
import { createMarks, markedCommand } from '../crash/marks.js';
import { createProcessList, endAll } from '../crash/processes.js';
import { openRunLog } from '../crash/run-log.js';
import { directories, until } from '../linux/support.js';
import { controllerOf } from '../support/controller.js';
import { left, right } from '../support/either.js';
import { limitStore, mountDisk } from './disks.js';
import { directoryIn, graceMs, policyOf, runLogIn, scriptOf } from './protocol.js';
import { createWitness } from './witness.js';

/** For a machine that is busy with other things. */
const timeout = 600_000;

const newDirectory = directories();
const open: Array<{ readonly close: () => unknown }> = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

const disk = mountDisk();
disk?.remove();
if (disk === null) {
  console.log(
    'NO FILE SYSTEM CAN BE MOUNTED HERE, so a disk that is full is not tested, only a store that may not grow',
  );
}
const fullStores = [
  ['that may not grow', limitStore] as const,
  ...(disk === null ? [] : [['on a disk that is full', mountDisk] as const]),
];

test.each(fullStores)(
  'a store %s',
  async (_, make) => {
    const full = make();
    if (full === null) throw new Error('a file system could be mounted, and now it cannot');
    open.push({ close: full.remove });
    const token = `full-${process.pid}-${Date.now()}`;
    // The witness's files are on another disk, which has room.
    const elsewhere = newDirectory();
    const processes = createProcessList(token, runLogIn(elsewhere));
    open.push({ close: () => endAll(processes) });

    const database = new Libsql(join(full.place, 'instances.db'));
    open.push(database);
    const store = right(openSqliteStore(database));
    const audit = openAudit(database);
    const witness = createWitness(
      { writes: async () => audit.read() },
      openRunLog(runLogIn(elsewhere), token),
      processes,
    );
    mkdirSync(directoryIn(full.place));
    const marks = createMarks(token, 1);
    const hypervisor = right(
      await openSharedProcessHypervisor({
        directory: directoryIn(full.place),
        graceMs,
        commandOf: (id) => markedCommand(scriptOf(id), marks.markOf(id), runLogIn(elsewhere)),
      })(),
    );
    open.push(hypervisor);
    const controller = controllerOf({
      store,
      hypervisor: marks.seeing(hypervisor),
      clock: systemClock,
      resyncEvery: 500,
    });
    open.push(controller);

    const ids = ['steady-web', 'steady-held', 'steady-db'];
    witness.asked('create', ids);
    for (const id of ids) {
      right(await controller.updatePolicy(id, policyOf(id))());
      right(await controller.manualStart(id)());
    }
    const stop = async (id: string) => {
      witness.asked('stop', [id]);
      const answer = await controller.manualStop(id)();
      if (answer._tag === 'Right') witness.stopped([id]);
      return answer;
    };
    right(await stop('steady-held'));

    // --- full ---

    full.fill(database);
    // The last pages of a store have room for a few writes more.
    await until(async () => (await stop('steady-held'))._tag === 'Left');
    expect(left(await stop('steady-held'))._tag).toBe('StoreFailed');
    const [command] = await witness.untilUp(['steady-web']);
    process.kill(command?.pid ?? 0, 'SIGKILL');
    await until(async () => right(await hypervisor.inspect('steady-web')()).state === 'stopped');
    expect((await controller.reconcile('steady-web')())._tag).toBe('Left');
    expect(left(await stop('steady-db'))._tag).toBe('StoreFailed');
    expect([...witness.living().keys()]).toEqual(['steady-db']);
    expect(witness.runsOf('steady-web')).toHaveLength(1);

    // --- and with room again ---

    full.empty(database);
    await until(() => witness.runsOf('steady-web').length > 1);
    right(await controller.reconcileAll()());
    expect(await witness.check()).toEqual([]);
    expect(witness.runsOf('steady-web')).toHaveLength(2);
    expect([...witness.living().keys()].sort()).toEqual(['steady-db', 'steady-web']);
    right(await stop('steady-db'));
    right(await stop('steady-web'));
    right(await controller.reconcileAll()());
    expect(await witness.check()).toEqual([]);
    expect(witness.living().size).toBe(0);
  },
  timeout,
);
