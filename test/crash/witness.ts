/**
 * The witness: knows what was asked for and what was acknowledged, reads the store, the run log and the operating
 * system's process list, and reports what is not as promised.
 *
 * An acknowledged stop is checked in two ways. By order: until somebody asks for a start, nothing of the instance runs.
 * By revision, for commands that cross each other on the way: what was allowed before the stop was recorded does not
 * run after its acknowledgement. What was over by then has said so in the run log, which is read to its end before an
 * acknowledgement counts; so this misses no run, however short, while the process list is a sample.
 */
import type { Audit } from './audit.js';
import { instances } from './instances.js';
import { createLedger, type Figures, isHeld, type Requested, type Violation } from './ledger.js';
import type { Mark } from './marks.js';
import { groupsTogether, type ProcessList, type RunProcess } from './processes.js';
import type { Answer, Command } from './protocol.js';
import type { RunLog } from './run-log.js';

export interface Witness {
  /** To be called before the command is sent. */
  readonly requested: (number: number, command: Command) => void;
  /** To be called as soon as an answer is received. */
  readonly answered: (number: number, answer: Answer) => void;
  /** A host begins: 1 for the first. */
  readonly hostBegan: (life: number) => void;
  /** The present host has the directory: whatever earlier ones left behind is gone. */
  readonly hostOpened: () => void;
  readonly hostReconciled: () => void;
  readonly hostDied: () => void;
  /** Checks everything that can be checked at any moment. */
  readonly check: () => void;
  readonly report: (violation: Violation) => void;
  readonly violations: () => ReadonlyArray<Violation>;
  readonly exists: (id: string) => boolean;
  readonly isInFlight: (tag: Command['_tag'], id: string) => boolean;
  /** Instances that have to come back by themselves under this host, and have not yet. */
  readonly missing: () => ReadonlyArray<string>;
  readonly figures: () => Figures & { readonly checks: number; readonly checksOfHeld: number };
}

interface Sight {
  /** By host. */
  readonly requested: Map<number, Mutable<Requested>>;
  /** Commands to the present host, of whatever kind. */
  commands: number;
  /** Revision of the last acknowledged stop; 0: none. */
  stoppedAt: number;
  /** Stopped by an acknowledged command, and no start was asked for since. */
  held: boolean;
  /** It ran since it was last deleted: so the hypervisor knows it as one that ended. */
  ran: boolean;
  /** The last host under which it began a run. */
  ranUnder: number;
}

type Mutable<A> = { -readonly [K in keyof A]: A[K] };

interface InFlight {
  readonly command: Command;
  /** How many starts this host had been asked for when it was sent. */
  readonly starts: number;
}

export const createWitness = (audit: Audit, runLog: RunLog, processes: ProcessList): Witness => {
  const ledger = createLedger();
  const sights = new Map<string, Sight>(instances.map(({ id }) => [id, newSight()]));
  const inFlight = new Map<number, InFlight>();
  const violations: Array<Violation> = [];
  let life = 0;
  let opened = 0;
  let checks = 0;
  let checksOfHeld = 0;

  const sightOf = (id: string): Sight => {
    const sight = sights.get(id);
    if (sight === undefined) throw new Error(`no instance ${id}`);
    return sight;
  };

  const requestedOf = (id: string, host: number): Mutable<Requested> => {
    const { requested } = sightOf(id);
    const known = requested.get(host);
    if (known !== undefined) return known;
    const none = { starts: 0, openings: 0, resets: 0 };
    requested.set(host, none);
    return none;
  };

  /** Reads what is written so far. The runs first: whatever allowed them is then found in the audit. */
  const read = (): void => {
    const marks = runLog.read();
    for (const written of audit.read()) {
      violations.push(...ledger.write(written, requestedOf(written.id, life)));
    }
    for (const mark of marks) {
      const sight = sightOf(mark.id);
      violations.push(...ledger.run(mark, requestedOf(mark.id, mark.life)));
      checkRun('began', mark, sight);
      // A delete on its way may make the hypervisor forget this very run.
      if (!isInFlight('Delete', mark.id)) sight.ran = true;
      sight.ranUnder = Math.max(sight.ranUnder, mark.life);
    }
  };

  const checkRun = (verb: 'began' | 'is alive', mark: Mark, { held, stoppedAt }: Sight): void => {
    const what = `a run ${verb} after the acknowledgement of a stop (${JSON.stringify(mark)}, stopped at ${stoppedAt})`;
    if (held || mark.revision < stoppedAt) violations.push({ of: 'G9', id: mark.id, what });
  };

  const checkProcesses = (runs: ReadonlyArray<RunProcess>): void => {
    for (const run of runs) {
      checkRun('is alive', run, sightOf(run.id));
      if (run.life < opened) violations.push({ of: 'no orphan', id: run.id, what: `of host ${run.life}: ${run.pid}` });
    }
    for (const { id } of instances) {
      const own = (all: ReadonlyArray<RunProcess>): ReadonlyArray<RunProcess> => all.filter((run) => run.id === id);
      const groups = groupsTogether(own(runs), () => own(processes.runs()));
      if (groups.length > 0) violations.push({ of: 'A1', id, what: `process groups at a time: ${groups.join(', ')}` });
    }
  };

  const checkStore = (): void => {
    for (const [id, { held }] of sights) {
      if (held && !isHeld(ledger.last(id))) {
        violations.push({ of: 'G1', id, what: 'the store forgot an acknowledged stop' });
      }
    }
  };

  const isInFlight = (tag: Command['_tag'], id: string): boolean =>
    [...inFlight.values()].some(({ command }) => command.id === id && command._tag === tag);

  return {
    requested: (number, command) => {
      read();
      const sight = sightOf(command.id);
      const requested = requestedOf(command.id, life);
      inFlight.set(number, { command, starts: requested.starts });
      sight.commands++;
      if (isStart(command)) {
        requested.starts++;
        sight.held = false;
      }
      requested.openings += openingsOf[command._tag];
      requested.resets += openingsOf[command._tag] + (command._tag === 'Policy' ? 1 : 0);
      if (command._tag === 'Delete') sight.ran = false;
    },
    answered: (number, answer) => {
      read();
      const sent = inFlight.get(number);
      inFlight.delete(number);
      if (sent === undefined || answer._tag !== 'Acknowledged' || answer.revision === null) return;
      if (sent.command._tag !== 'Stop' && sent.command._tag !== 'Delete') return;
      const { id } = sent.command;
      const sight = sightOf(id);
      sight.stoppedAt = Math.max(sight.stoppedAt, answer.revision);
      if (sent.starts === requestedOf(id, life).starts && !isInFlight('Start', id) && !isInFlight('Create', id))
        sight.held = true;
    },
    hostBegan: (begun) => {
      life = begun;
    },
    hostOpened: () => {
      opened = life;
    },
    hostReconciled: () => {
      read();
      for (const [id, sight] of sights) {
        // The store says which commands to the last host were recorded, and by now they are carried out.
        if (sight.commands === 0 && isHeld(ledger.last(id))) sight.held = true;
      }
    },
    hostDied: () => {
      read();
      ledger.hostDied();
      inFlight.clear();
      for (const sight of sights.values()) sight.commands = 0;
    },
    check: () => {
      read();
      checkStore();
      checkProcesses(processes.runs());
      checks++;
      checksOfHeld += [...sights.values()].filter(({ held }) => held).length;
    },
    report: (violation) => void violations.push(violation),
    violations: () => violations,
    exists: (id) => ledger.last(id)?.record != null,
    isInFlight,
    missing: () =>
      [...sights]
        .filter(([id, { ran, ranUnder }]) => {
          const record = ledger.last(id)?.record;
          const supervised = record?.policy.mode === 'always' && record.status.blockedReason === null;
          return supervised && ran && ranUnder < life;
        })
        .map(([id]) => id),
    figures: () => ({ ...ledger.figures(), checks, checksOfHeld }),
  };
};

const newSight = (): Sight => ({
  requested: new Map(),
  commands: 0,
  stoppedAt: 0,
  held: false,
  ran: false,
  ranUnder: 0,
});

/** A creation is a policy, then a start: a stop may come between the two. */
const openingsOf: Readonly<Record<Command['_tag'], number>> = {
  Stop: 0,
  Start: 1,
  Delete: 0,
  Unhealthy: 0,
  Policy: 0,
  Create: 2,
};

const isStart = ({ _tag }: Command): boolean => _tag === 'Start' || _tag === 'Create';
