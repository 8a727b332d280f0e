/**
 * What the ends of a host cost an instance: real hosts, killed, booted and drained, each with a controller of its own on
 * one SQLite file. What a host ended is told by the next one, so that a rule can let it cost no attempt.
 */
import { join } from 'node:path';
import Libsql from 'libsql';
import { afterEach, describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../src/adapters/sqlite.js';
import type { RestartPolicy, RestartStatus } from '../../src/index.js';
import { runsForEver } from '../qemu/guests.js';
import { describeOnQemu, processesOf as machinesOf, openings as qemuOpenings } from '../qemu/support.js';
import { groupsOf, openings as sharedOpenings } from '../shared-process/support.js';
import { right } from '../support/either.js';
import { boot } from './boot.js';
import { commandLinesWith, forever, kill } from './instances.js';
import { directories, type OtherProcess, processesOf, until } from './support.js';

const beginHost = processesOf(new URL('fixtures/supervisor.ts', import.meta.url));
const newPlace = directories();

const limited: RestartPolicy = { mode: 'on_failure', backoff: 1, maxAttempts: 3, stableAfter: 600_000 };
const forgiving: RestartPolicy = { ...limited, rules: [{ causes: ['host'], action: 'restart_uncounted' }] };

/** More often than the limit allows. */
const ends = 5;

/** One instance, and hosts one after the other that supervise it. */
interface Fleet {
  readonly next: () => Promise<OtherProcess>;
  /** What lives of the instance: one process for each run. */
  readonly alive: () => ReadonlyArray<number>;
  readonly directory: string;
  readonly status: () => Promise<RestartStatus>;
}

const fleetOf = (kind: string, directory: string, what: string, alive: Fleet['alive']): Fleet => {
  const file = join(newPlace(), 'records.db');
  const status: Fleet['status'] = async () => {
    const database = new Libsql(file);
    const loaded = right(await right(openSqliteStore(database, { busyTimeout: 10_000 })).load('web-1')());
    database.close();
    if (loaded._tag === 'None') throw new Error('there is no record');
    return loaded.value.status;
  };
  return { next: () => beginHost(kind, directory, file, what), alive, directory, status };
};

/** Ends a host, and the run with it. */
type End = (host: OtherProcess, fleet: Fleet) => Promise<void>;

const drains: End = async (host, { alive }) => {
  host.send('drain');
  await host.ended;
  expect(alive()).toEqual([]);
};

/** The guardian, or the next host, ends what runs. */
const isKilled: End = (host) => host.end('SIGKILL');

const boots =
  (groups: (directory: string) => ReadonlyArray<number>): End =>
  async (host, { directory, alive }) => {
    await host.end('SIGKILL');
    boot(directory, groups(directory));
    await until(() => alive().length === 0);
  };

const begun = async (fleet: Fleet, policy: RestartPolicy): Promise<OtherProcess> => {
  const host = await fleet.next();
  host.send(`supervise ${JSON.stringify(policy)}`);
  await host.line('supervised');
  await until(() => fleet.alive().length === 1);
  return host;
};

/** The next host begins, and answers with what it decided first. */
const follow = async (fleet: Fleet): Promise<readonly [OtherProcess, string]> => {
  const host = await fleet.next();
  const decided = await host.line('decided ');
  return [host, decided.slice('decided '.length)];
};

const costsNoAttempt = async (fleet: Fleet, end: End): Promise<void> => {
  let host = await begun(fleet, forgiving);
  for (let ended = 1; ended <= ends; ended++) {
    await end(host, fleet);
    const [next, decided] = await follow(fleet);
    expect([ended, decided]).toEqual([ended, 'restart_after_exit 0']);
    await until(() => fleet.alive().length === 1);
    host = next;
  }
  await end(host, fleet);
  const { attempts, blockedReason, nextAttemptAt } = await fleet.status();
  expect({ attempts, blockedReason, nextAttemptAt }).toEqual({ attempts: 0, blockedReason: null, nextAttemptAt: null });
};

const costsOneEach = async (fleet: Fleet, end: End): Promise<void> => {
  let host = await begun(fleet, limited);
  for (let attempt = 1; attempt <= limited.maxAttempts; attempt++) {
    await end(host, fleet);
    const [next, decided] = await follow(fleet);
    expect(decided).toBe(`restart_after_exit ${attempt}`);
    await until(() => fleet.alive().length === 1);
    host = next;
  }
  await end(host, fleet);
  const [, decided] = await follow(fleet);
  expect(decided).toBe(`max_attempts_exceeded ${limited.maxAttempts}`);
  expect(fleet.alive()).toEqual([]);
};

const withHosts = (newFleet: () => Fleet, hostEnds: ReadonlyArray<readonly [string, End]>): void => {
  test.each(hostEnds)('whose host %s five times costs no attempt where a rule says so', (_, end) =>
    costsNoAttempt(newFleet(), end),
  );

  test.each(hostEnds)('whose host %s four times is blocked under a limit of three without that rule', (_, end) =>
    costsOneEach(newFleet(), end),
  );
};

/** It ends in order when it is told to, and says that all is well. */
const obedient = `trap 'exit 0' TERM; ${forever.replace('sleep 1000', 'sleep 0.05')}`;

describe('an instance that is a child of its host', () => {
  const newDirectory = directories();
  const made: Array<string> = [];

  // The guardian of the last host may be at work when a test fails.
  afterEach(() => {
    for (const directory of made.splice(0)) for (const { pid } of commandLinesWith(directory)) kill(pid);
  });

  const fleet = (script: string) => (): Fleet => {
    const directory = newDirectory();
    made.push(directory);
    return fleetOf('process', directory, script, () =>
      commandLinesWith(directory)
        .filter(({ words }) => words[0] === '/bin/sh' && words[2] === script)
        .map(({ pid }) => pid),
    );
  };

  withHosts(fleet(forever), [
    ['is killed', isKilled],
    ['drains', drains],
  ]);

  test('is started again by the next host also when it answered the drain with 0', async () => {
    await costsNoAttempt(fleet(obedient)(), drains);
    await costsOneEach(fleet(obedient)(), drains);
  });

  test('and that crashes beside the ends of its host has each crash counted, and none of these', async () => {
    const crashing = fleet(forever)();
    let host = await begun(crashing, forgiving);
    for (const attempt of [1, 2, 3]) {
      for (const pid of crashing.alive()) kill(pid, 'SIGSEGV');
      await until(async () => (await crashing.status()).attempts === attempt);
      await until(() => crashing.alive().length === 1);
      await isKilled(host, crashing);
      const [next, decided] = await follow(crashing);
      expect(decided).toBe(`restart_after_exit ${attempt}`);
      await until(() => crashing.alive().length === 1);
      host = next;
    }
    for (const pid of crashing.alive()) kill(pid, 'SIGSEGV');
    await host.line('decided max_attempts_exceeded');
  });
});

describe('an instance that outlives its host', () => {
  const { newDirectory } = sharedOpenings();
  const fleet = (): Fleet => {
    const directory = newDirectory();
    return fleetOf('shared-process', directory, forever, () => groupsOf(directory));
  };

  withHosts(fleet, [
    ['boots', boots(groupsOf)],
    ['drains', drains],
  ]);

  test('goes on when its controller is killed, which costs nothing with the rule and without', async () => {
    const lasting = fleet();
    let host = await begun(lasting, limited);
    const [group] = lasting.alive();
    for (let killed = 1; killed <= ends; killed++) {
      await host.end('SIGKILL');
      const [next, decided] = await follow(lasting);
      expect(decided).toBe('running 0');
      expect(lasting.alive()).toEqual([group]);
      host = next;
    }
  });
});

describeOnQemu('a machine', () => {
  const { newDirectory, machine } = qemuOpenings();
  const shells = (directory: string) => machinesOf(directory).shells;
  const fleet = (): Fleet => {
    const directory = newDirectory();
    return fleetOf('qemu', directory, JSON.stringify(machine(runsForEver)), () => machinesOf(directory).machines);
  };

  withHosts(fleet, [
    ['boots', boots(shells)],
    ['drains', drains],
  ]);
});
