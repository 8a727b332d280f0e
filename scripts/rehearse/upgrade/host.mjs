/**
 * A host of either version: an SQLite file, scripted instances, and a clock that stands at midnight of the day that it is told.
 * Instances are scripted, and the days between pass at once; the library, the driver, the file and its rows are real.
 *
 *   node N-….mjs FILE DRIVER     prints JSON: what was seen of each instance, and the rows that are left
 */

import { openSqliteStore } from 'restart-policy/adapters/sqlite';
import { createController } from 'restart-policy/controller';
import { createScriptedHypervisor, createVirtualClock } from 'restart-policy/testing';

const day = 86_400_000;

/** @type {(file: string, driver: string) => Promise<any>} */
const openDatabase = async (file, driver) => {
  const { default: ofPackage, DatabaseSync: ofNode = ofPackage } = await import(driver);
  return new ofNode(file);
};

/** What answers an Either in one version may answer by itself in the other. @type {(answer: any) => any} */
const rightOf = (answer) => {
  if (answer?._tag === 'Left') throw new Error(JSON.stringify(answer.left));
  return answer?._tag === 'Right' ? answer.right : answer;
};

/** @type {(number: number) => Promise<any>} the host on that day; whatever has a record crashed while no host was there */
export const hostOn = async (number) => {
  const [, , file = '', driver = ''] = process.argv;
  const database = await openDatabase(file, driver);
  const store = rightOf(openSqliteStore(database));
  const rows = () => database.prepare('SELECT id, policy, status FROM restart_instances ORDER BY id').all();

  const midnight = Date.UTC(2026, 0, number);
  const clock = createVirtualClock(midnight);
  const hypervisor = rightOf(createScriptedHypervisor({ clock }));
  for (const { id } of rows()) {
    const startedAt = midnight - day / 2;
    hypervisor.set(id, { state: 'stopped', startedAt, stoppedAt: startedAt + 1_000, exitCode: 1 });
  }

  /** @type {Record<string, string>} */
  const seen = {};
  const controller = rightOf(
    createController({
      store,
      hypervisor,
      clock,
      onDecision({ id, event, reason, actions }) {
        if (event._tag !== 'Observed') return;
        const wasStarted = actions.length > 0 && reason === 'restart_after_exit';
        seen[id] ??= wasStarted ? 'started' : reason;
      },
      onFault({ id, error }) {
        if (id !== null) seen[id] ??= error._tag;
      },
    }),
  );
  // Every record is looked at once.
  await clock.settle();
  const firstSeen = { ...seen };

  return {
    hypervisor,
    controller,
    clock,
    /** A person's command, which must be carried out. @type {(command: () => Promise<any>) => Promise<any>} */
    person: async (command) => rightOf(await command()),
    /** It ends with exit code 1 so often, ten seconds apart. @type {(id: string, times: number) => Promise<void>} */
    async crash(id, times) {
      for (let count = 0; count < times; count += 1) {
        if (count > 0) await clock.advance(10_000);
        hypervisor.exit(id, 1);
        await clock.settle();
      }
    },
    /** Ends well, and prints what was seen: at the first look, and what the program adds. */
    async end(added = {}) {
      const closing = controller.close();
      await (typeof closing === 'function' ? closing() : closing);
      const left = rows();
      database.close();
      console.log(JSON.stringify({ seen: firstSeen, ...added, rows: left }));
    },
  };
};
