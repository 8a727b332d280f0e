/**
 * A controller over one of the adapters of processes, as a host has it: its store is SQLite, its files are on disk. Apart
 * from `restart-host.ts`, so that the bare loop loads nothing of it.
 */
import { join } from 'node:path';
import Libsql from 'libsql';
import { openProcessHypervisor } from 'restart-policy/adapters/process';
import { openSharedProcessHypervisor } from 'restart-policy/adapters/shared-process';
import { openSqliteStore } from 'restart-policy/adapters/sqlite';
import { systemClock } from 'restart-policy/adapters/system-clock';
import { createController } from 'restart-policy/controller';
import { orThrow, restartPolicyOrThrow } from 'restart-policy/promises';
import { type Command, failing, type Supervisor, sleeping } from './restart-order.js';
import type { SupervisedSide } from './restart-sides.js';

export const supervised = async (side: SupervisedSide, directory: string): Promise<Supervisor> => {
  let left = 0;
  let notifyDone = (): void => {};
  const commandOf = (): Command => (left-- > 0 ? failing : sleeping);
  const options = { directory: join(directory, 'runs'), commandOf, ...side.variant };
  const hypervisor =
    side.supervisor === 'process'
      ? orThrow(await openProcessHypervisor(options)())
      : orThrow(await openSharedProcessHypervisor(options)());
  const database = new Libsql(join(directory, 'instances.db'));
  const created = createController({
    store: orThrow(openSqliteStore(database)),
    hypervisor,
    clock: systemClock,
    onDecision: ({ reason }) => {
      if (left < 0 && reason === 'running') notifyDone();
    },
    // It would be swallowed here.
    onFault: (fault) =>
      void setImmediate(() => {
        throw new Error(JSON.stringify(fault));
      }),
  });
  const controller = orThrow(created);
  const policy = restartPolicyOrThrow({ mode: 'always', backoff: '1ns' });
  const held: Array<string> = [];

  const begin = async (id: string): Promise<void> => {
    if (!held.includes(id)) {
      orThrow(await controller.updatePolicy(id, policy)());
      held.push(id);
    }
    orThrow(await controller.manualStart(id)());
  };

  const release = async (): Promise<void> => {
    for (const stopped of await Promise.all(held.map((id) => controller.manualStop(id)()))) orThrow(stopped);
  };
  return {
    restart: async (times) => {
      left = times;
      const done = new Promise<void>((resolve) => {
        notifyDone = resolve;
      });
      await begin('instance-0');
      await done;
    },
    hold: async (count) => {
      for (let index = 0; index < count; index++) await begin(`instance-${index}`);
    },
    release,
    close: async () => {
      await release();
      orThrow(await controller.close()());
      await hypervisor.close();
      database.close();
    },
  };
};
