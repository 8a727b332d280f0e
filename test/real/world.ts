/**
 * The world of a test: instances on this host, their records in a set of tables of a real PostgreSQL, controllers that
 * are processes of their own, and the witness. Afterwards nothing of it lives.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { afterEach } from 'vitest';
import { beatsBeside } from '../crash/marks.js';
import { createProcessList, endAll } from '../crash/processes.js';
import type { Answer } from '../crash/protocol.js';
import { openRunLog } from '../crash/run-log.js';
import { directories, type OtherProcess, processesOf, until } from '../linux/support.js';
import type { Home, Server } from '../postgres/server.js';
import { count } from '../qemu/tally.js';
import { groupsAt, groupUses } from '../shared-process/support.js';
import { createAudit } from './audit.js';
import { prepareMachines } from './machines.js';
import {
  type Answers,
  directoryIn,
  type Moment,
  type Order,
  ownerName,
  type PersonCommand,
  runLogIn,
  type Setup,
} from './protocol.js';
import { createWitness } from './witness.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

export interface ControllerProcess {
  readonly number: number;
  /** Answers with a way to wait for its answer; a controller that is killed gives none. */
  readonly send: (order: Order) => () => Promise<Answers>;
  readonly obey: (order: Order) => Promise<Answers>;
  /** Until `goOn` it does nothing. */
  readonly pause: () => Promise<void>;
  /** It stops itself when it comes to that moment for the instance; `paused` answers when it has. */
  readonly pauseAt: (at: Moment, id: string) => Promise<{ readonly paused: () => Promise<void> }>;
  readonly goOn: () => void;
  /** kill -9. */
  readonly kill: () => Promise<void>;
  /** Why the controller's next start of the instance, or its last one, was not made: the tag of the error. */
  readonly errorOfStart: (id: string) => Promise<string>;
}

export interface Traits {
  readonly instances: Setup['instances'];
  /** Of the processes. Default `auto`. */
  readonly controlGroups?: Setup['controlGroups'];
  readonly ttl: number;
  readonly resyncEvery: number;
}

export type World = Awaited<ReturnType<ReturnType<typeof worlds>>>;

// ---------------------------------------------------------------------------
// worlds
// ---------------------------------------------------------------------------

let worldsMade = 0;

/** For the tests of a file. */
export const worlds = ({ server, fresh }: Server) => {
  // What is registered last happens first: the controllers end, then what they started, then their groups and the files go.
  const newDirectory = directories();
  const places: Array<string> = [];
  afterEach(async () => {
    if (!groupUses.includes('required')) return;
    for (const place of places.splice(0)) await until((await groupsAt(directoryIn(place))).remove);
  });
  const runs: Array<ReturnType<typeof createProcessList>> = [];
  afterEach(() => {
    for (const list of runs.splice(0)) endAll(list);
  });
  const beginProcess = processesOf(new URL('fixtures/controller.ts', import.meta.url));

  return async ({ instances, controlGroups = 'auto', ttl, resyncEvery }: Traits) => {
    worldsMade++;
    const token = `real-${process.pid}-${worldsMade}-${Date.now()}`;
    const place = newDirectory();
    places.push(place);
    mkdirSync(directoryIn(place));
    mkdirSync(beatsBeside(runLogIn(place)));
    if (instances === 'machines') prepareMachines(place);
    const { pool }: Home = await fresh();
    const schema = String((await pool.query('SELECT current_schema() AS schema')).rows[0].schema);
    const audit = await createAudit(pool);
    const processes = createProcessList(token, runLogIn(place));
    runs.push(processes);
    const witness = createWitness(audit, openRunLog(runLogIn(place), token), processes);
    let controllers = 0;

    /**
     * `port`: of what stands between it and the database, if anything does. `under`: a command that ends with what it
     * runs.
     */
    const begin = async (port = server().port, under: ReadonlyArray<string> = []): Promise<ControllerProcess> => {
      controllers++;
      const database = { port, schema };
      const number = controllers;
      const setup: Setup = { number, token, database, instances, controlGroups, place, ttl, resyncEvery };
      return controllerOf(number, await beginProcess.under(under, JSON.stringify(setup)));
    };

    const askAll = async (controller: ControllerProcess, command: PersonCommand, ids: ReadonlyArray<string>) => {
      witness.asked(command, ids);
      const answers = await controller.obey({ command, ids });
      if (command === 'stop') witness.stopped(ids.filter((id) => answers[id]?._tag === 'Acknowledged'));
      return answers;
    };

    const ask = async (controller: ControllerProcess, command: PersonCommand, id: string): Promise<Answer> => {
      const answer = (await askAll(controller, command, [id]))[id];
      if (answer === undefined) throw new Error(`no answer for ${id}`);
      return answer;
    };

    /** Ends what the instances run, as a crash does. */
    const crash = async (ids: ReadonlyArray<string>): Promise<void> => {
      for (const { pid } of await witness.untilUp(ids)) process.kill(pid, 'SIGKILL');
    };

    /** Instances that the controller holds now, as the database sees it. */
    const heldBy = async ({ number }: ControllerProcess): Promise<ReadonlyArray<string>> => {
      const { rows } = await pool.query(
        `SELECT l.id FROM restart_leases l JOIN restart_owners o USING (owner)
         WHERE o.name = $1 AND o.expires_at > now() ORDER BY l.id`,
        [ownerName(number)],
      );
      return rows.map(({ id }) => String(id));
    };

    /** Takes the lease away, for an owner that does nothing with it. */
    const takeLease = async (id: string): Promise<{ readonly retire: () => Promise<void> }> => {
      const { rows } = await pool.query(
        `INSERT INTO restart_owners (name, expires_at) VALUES ('idle', now() + interval '1 day') RETURNING owner::text`,
      );
      const owner = String(rows[0]?.owner);
      await pool.query('UPDATE restart_leases SET owner = $1::bigint, epoch = DEFAULT WHERE id = $2', [owner, id]);
      return {
        retire: async () => {
          await pool.query('DELETE FROM restart_owners WHERE owner = $1::bigint', [owner]);
        },
      };
    };

    /** Why no more automatic attempts will be made, as the store has it; null: there may be some. */
    const blockedReasonOf = async (id: string): Promise<string | null> => {
      const { rows } = await pool.query(
        `SELECT status ->> 'blocked_reason' AS reason FROM restart_instances WHERE id = $1`,
        [id],
      );
      return rows[0]?.reason ?? null;
    };

    const attemptsOf = async (id: string): Promise<number> => {
      const { rows } = await pool.query(
        `SELECT status ->> 'attempts' AS attempts FROM restart_instances WHERE id = $1`,
        [id],
      );
      return Number(rows[0]?.attempts);
    };

    return {
      place,
      pool,
      audit,
      witness,
      begin,
      askAll,
      ask,
      crash,
      heldBy,
      takeLease,
      blockedReasonOf,
      attemptsOf,
      untilHeldBy: (controller: ControllerProcess, id: string) =>
        until(async () => (await heldBy(controller)).includes(id)),
      /** Waits until so many runs of it have begun. */
      untilRuns: (id: string, number: number) => until(() => witness.runsOf(id).length >= number),
    };
  };
};

const controllerOf = (number: number, other: OtherProcess): ControllerProcess => {
  let asked = 0;
  const stopped = () => until(() => readFileSync(`/proc/${other.pid}/stat`, 'latin1').includes(') T '));

  const send: ControllerProcess['send'] = (order) => {
    asked++;
    const beginning = `answer ${asked} `;
    other.send(JSON.stringify({ number: asked, order }));
    return async () => JSON.parse((await other.line(beginning)).slice(beginning.length));
  };
  const obey: ControllerProcess['obey'] = (order) => send(order)();

  return {
    number,
    send,
    obey,
    pause: async () => {
      process.kill(other.pid, 'SIGSTOP');
      await stopped();
    },
    pauseAt: async (at, id) => {
      await obey({ command: 'pause', at, id });
      return { paused: stopped };
    },
    goOn: () => process.kill(other.pid, 'SIGCONT'),
    kill: async () => {
      await other.end('SIGKILL');
      count({ tally: 'controller_killed' });
    },
    errorOfStart: async (id) => (await other.line(`start ${id} `)).slice(`start ${id} `.length),
  };
};
