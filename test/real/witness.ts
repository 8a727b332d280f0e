/**
 * The witness knows what happened from the database's own record of the writes, the runs' log, and the process list. It
 * believes a controller in one thing only: that it acknowledged a person's command.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createLedger, type Requested, type Violation } from '../crash/ledger.js';
import type { Mark } from '../crash/marks.js';
import { type ProcessList, type RunProcess, runsTogether } from '../crash/processes.js';
import type { RunLog } from '../crash/run-log.js';
import { count } from '../qemu/tally.js';
import type { Audit } from './audit.js';
import type { PersonCommand } from './protocol.js';

export interface Witness {
  /** Before it is asked for. */
  readonly asked: (command: PersonCommand, ids: ReadonlyArray<string>) => void;
  /** When it is acknowledged: from now on it does not run, until a start is asked for. */
  readonly stopped: (ids: ReadonlyArray<string>) => void;
  /** The runs that began so far, in their order. */
  readonly runsOf: (id: string) => ReadonlyArray<Mark>;
  /** How many have begun, by instance. */
  readonly runs: () => ReadonlyMap<string, number>;
  /** What lives of each instance now. */
  readonly living: () => ReadonlyMap<string, ReadonlyArray<RunProcess>>;
  /** The commands of these instances, as soon as each lives and has written that it began. */
  readonly untilUp: (ids: ReadonlyArray<string>) => Promise<ReadonlyArray<RunProcess>>;
  /** Compares everything that is written so far, and what lives, with what is promised. Needs the database. */
  readonly check: () => Promise<ReadonlyArray<Violation>>;
}

interface Sight {
  readonly runs: Array<Mark>;
  requested: Requested;
  /** Stopped by an acknowledged command, and no start was asked for since. */
  held: boolean;
}

export const createWitness = (audit: Pick<Audit, 'writes'>, runLog: RunLog, processes: ProcessList): Witness => {
  const ledger = createLedger();
  const sights = new Map<string, Sight>();
  /** Runs that the ledger has not seen yet. */
  const unseen: Array<Mark> = [];
  const violations: Array<Violation> = [];

  const sightOf = (id: string): Sight => {
    const known = sights.get(id);
    if (known !== undefined) return known;
    const sight: Sight = {
      runs: [],
      requested: { starts: 0, startsInTheDark: 0, openings: 0, resets: 0 },
      held: false,
    };
    sights.set(id, sight);
    return sight;
  };

  const report = (found: ReadonlyArray<Violation>): void => {
    for (const violation of found) {
      violations.push(violation);
      if (violation.of === 'G1' || violation.of === 'G9') count({ tally: 'stop_violated' });
    }
  };

  const readRuns = (): void => {
    for (const mark of runLog.read()) {
      const sight = sightOf(mark.id);
      sight.runs.push(mark);
      unseen.push(mark);
      if (sight.held) {
        report([{ of: 'G9', id: mark.id, what: `a run began after a stop was acknowledged: ${JSON.stringify(mark)}` }]);
      }
    }
  };

  const living: Witness['living'] = () => {
    const found = new Map<string, Array<RunProcess>>();
    for (const run of processes.runs()) {
      const others = found.get(run.id);
      if (others === undefined) found.set(run.id, [run]);
      else others.push(run);
    }
    return found;
  };

  const isKnown = ({ id, life, revision }: RunProcess): boolean =>
    sightOf(id).runs.some((run) => run.life === life && run.revision === revision);

  const checkLiving = (): void => {
    const now = living();
    for (const [id, { held }] of sights) {
      const alive = now.get(id) ?? [];
      if (held && alive.length > 0) {
        report([{ of: 'G9', id, what: `alive after a stop was acknowledged: ${JSON.stringify(alive)}` }]);
      }
      const together = runsTogether(alive, () => living().get(id) ?? []);
      if (together.length > 0) report([{ of: 'A1', id, what: `several runs at a time: ${together.join(', ')}` }]);
    }
  };

  return {
    asked: (command, ids) => {
      readRuns();
      const openings = { create: 2, start: 1, stop: 0 }[command];
      for (const id of ids) {
        const sight = sightOf(id);
        const { requested } = sight;
        sight.requested = {
          starts: requested.starts + Math.min(openings, 1),
          startsInTheDark: 0,
          openings: requested.openings + openings,
          resets: requested.resets + openings,
        };
        if (command !== 'stop') sight.held = false;
      }
    },
    stopped: (ids) => {
      // Those that began before the answer.
      readRuns();
      for (const id of ids) {
        sightOf(id).held = true;
        count({ tally: 'stop_acknowledged' });
      }
      checkLiving();
    },
    runsOf: (id) => {
      readRuns();
      return sightOf(id).runs;
    },
    runs: () => {
      readRuns();
      return new Map([...sights].map(([id, { runs }]) => [id, runs.length]));
    },
    living,
    untilUp: async (ids) => {
      for (;;) {
        const now = living();
        readRuns();
        const found = ids.flatMap((id) => (now.get(id) ?? []).filter((run) => isCommand(run) && isKnown(run)));
        if (found.length === ids.length) return found;
        await sleep(20);
      }
    },
    check: async () => {
      // The runs first: whatever allowed them is then found in the audit.
      readRuns();
      const marks = unseen.splice(0);
      for (const written of await audit.writes()) report(ledger.write(written, sightOf(written.id).requested));
      for (const mark of marks) report(ledger.run(mark, sightOf(mark.id).requested));
      checkLiving();
      return violations;
    },
  };
};

/** The leader of a run's group is what waits for the command, and writes down how it ended. */
const isCommand = ({ pid, group }: RunProcess): boolean => pid !== group;
