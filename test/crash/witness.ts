/**
 * The witness: knows what was asked for and what was acknowledged, reads the store, the run log and the operating
 * system's process list, and reports what is not as promised.
 *
 * An acknowledged stop is checked in two ways. By order: until somebody asks for a start, nothing of the instance runs.
 * By revision, for commands that cross each other on the way: what was allowed before the stop was recorded does not
 * run after its acknowledgement. What was over by then has said so in the run log, which is read to its end before an
 * acknowledgement counts; so this misses no run, however short, while the process list is a sample.
 *
 * With deadlines people are told more than that it is done, and each answer is held against what is written: what is not
 * known to be recorded was not carried out, what failed is recorded, and nothing is acknowledged that was not answered in
 * time. A stop that failed is not forgotten either, and when nothing hangs any more everything is as its record says.
 */
import type { Audit, Written } from './audit.js';
import { instances } from './instances.js';
import { createLedger, type Figures, isHeld, isNewAttempt, type Requested, type Violation } from './ledger.js';
import type { Mark } from './marks.js';
import { type ProcessList, type RunProcess, runsTogether } from './processes.js';
import type { Command, Explained } from './protocol.js';
import type { RunLog } from './run-log.js';
import { createUnanswered, type GivenUp } from './unanswered.js';

export interface Witness {
  /** To be called before the command is sent. */
  readonly requested: (number: number, command: Command) => void;
  /** To be called as soon as an answer is received. */
  readonly answered: (number: number, answer: Explained) => void;
  /** A host begins: 1 for the first. */
  readonly hostBegan: (life: number) => void;
  /** The present host has the directory: whatever earlier ones left behind is gone. */
  readonly hostOpened: () => void;
  readonly hostReconciled: () => void;
  /** The controller of the present host has closed: it writes nothing more, but for calls of these instances. */
  readonly hostClosed: (unanswered: ReadonlyArray<string>) => void;
  readonly hostDied: () => void;
  /** Checks everything that can be checked at any moment. */
  readonly check: () => void;
  readonly report: (violation: Violation) => void;
  readonly violations: () => ReadonlyArray<Violation>;
  readonly exists: (id: string) => boolean;
  readonly isInFlight: (tag: Command['_tag'], id: string) => boolean;
  /** Whether a command of this kind was answered, under this host, so that it may be recorded at a later moment yet. */
  readonly isInTheDark: (tag: Command['_tag'], id: string) => boolean;
  readonly givenUp: (call: GivenUp) => void;
  readonly ended: (call: number, at: number) => void;
  /** The instances of calls that have outlasted their deadlines and not ended. */
  readonly unanswered: () => ReadonlyArray<string>;
  /** Nothing hangs any more: from now on everything becomes what its record says. */
  readonly released: () => void;
  /** What the host's hypervisor answered to a question that was asked after that. */
  readonly inspected: (running: ReadonlyArray<string>) => void;
  /** What is not yet as its record says: the instance, and what it has to do. */
  readonly restless: () => ReadonlyArray<string>;
  /** Every command is answered, every call has ended, and everything is as its record says: it stays so. */
  readonly atRest: () => void;
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
  /** A person was told that their stop is recorded, whether or not it is done, and no start was asked for since. */
  recorded: boolean;
  /** Commands to the present host of which nobody knows whether they are recorded, or will be. */
  readonly inTheDark: Set<Command['_tag']>;
  /** Writes that say that a person stopped it, or that it is gone. */
  stops: number;
  /** Writes of a person's start. */
  starts: number;
  /** It ran since it was last deleted: so the hypervisor knows it as one that ended. */
  ran: boolean;
  runs: number;
  /** How many of them had begun when nothing hung any more. */
  runsAtRelease: number;
}

type Mutable<A> = { -readonly [K in keyof A]: A[K] };

interface InFlight {
  readonly command: Command;
  /** How many starts this host had been asked for when it was sent. */
  readonly starts: number;
  /** A start was on its way when it was sent, and may be recorded after it. */
  readonly crossesStart: boolean;
  /** The writes of stops and starts of the instance until then. */
  readonly written: { readonly stops: number; readonly starts: number };
}

export const createWitness = (audit: Audit, runLog: RunLog, processes: ProcessList): Witness => {
  const ledger = createLedger();
  const sights = new Map<string, Sight>(instances.map(({ id }) => [id, newSight()]));
  const inFlight = new Map<number, InFlight>();
  const violations: Array<Violation> = [];
  const unanswered = createUnanswered();
  /** Instances of which something lived at the last check. */
  let alive: ReadonlySet<string> = new Set();
  /**
   * Instances that the hypervisor found running when it was asked last; null: not since nothing hangs any more. It knows
   * of a run from the moment when it starts it, while the list of processes finds that only by what the run carries.
   */
  let running: ReadonlySet<string> | null = null;
  let life = 0;
  /** The instances whose calls a closed controller has left behind; null: it has not closed. */
  let leftBehind: ReadonlyArray<string> | null = null;
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
    const none = { starts: 0, startsInTheDark: 0, openings: 0, resets: 0 };
    requested.set(host, none);
    return none;
  };

  /** Reads what is written so far. The runs first: whatever allowed them is then found in the audit. */
  const read = (): void => {
    const marks = runLog.read();
    for (const written of audit.read()) {
      count(written);
      if (leftBehind !== null && !leftBehind.includes(written.id)) {
        violations.push({
          of: 'close',
          id: written.id,
          what: `a write after the controller has closed: ${written.revision}`,
        });
      }
      violations.push(...ledger.write(written, requestedOf(written.id, life)));
    }
    for (const mark of marks) {
      const sight = sightOf(mark.id);
      violations.push(...ledger.run(mark, requestedOf(mark.id, mark.life)));
      checkRun('began', mark, sight);
      // A delete on its way may make the hypervisor forget this very run.
      if (!isInFlight('Delete', mark.id)) sight.ran = true;
      sight.runs++;
    }
  };

  const count = (written: Written): void => {
    const { id, record } = written;
    const sight = sightOf(id);
    const before = ledger.last(id)?.record?.status ?? null;
    if (isHeld(written)) sight.stops++;
    else if (record?.status.attempts === 0) sight.starts++;
    if (record === null || record.status.lastAttemptAt === null) return;
    if (isNewAttempt(before, record.status)) unanswered.attempted(id, record.status.lastAttemptAt);
  };

  const checkRun = (verb: 'began' | 'is alive', mark: Mark, { held, stoppedAt }: Sight): void => {
    const what = `a run ${verb} after the acknowledgement of a stop (${JSON.stringify(mark)}, stopped at ${stoppedAt})`;
    if (held || mark.revision < stoppedAt) violations.push({ of: 'G9', id: mark.id, what });
  };

  const checkProcesses = (runs: ReadonlyArray<RunProcess>): void => {
    alive = new Set(runs.map(({ id }) => id));
    for (const run of runs) {
      checkRun('is alive', run, sightOf(run.id));
      if (run.life < opened) violations.push({ of: 'no orphan', id: run.id, what: `of host ${run.life}: ${run.pid}` });
    }
    for (const { id } of instances) {
      const own = (all: ReadonlyArray<RunProcess>): ReadonlyArray<RunProcess> => all.filter((run) => run.id === id);
      const together = runsTogether(own(runs), () => own(processes.runs()));
      if (together.length > 0) violations.push({ of: 'A1', id, what: `runs at a time: ${together.join(', ')}` });
    }
  };

  const checkStore = (): void => {
    for (const [id, { held, recorded }] of sights) {
      if ((held || recorded) && !isHeld(ledger.last(id))) {
        const which = held ? 'an acknowledged stop' : 'a stop that was told to be recorded';
        violations.push({ of: 'G1', id, what: `the store forgot ${which}` });
      }
    }
  };

  const isInFlight = (tag: Command['_tag'], id: string): boolean =>
    [...inFlight.values()].some(({ command }) => command.id === id && command._tag === tag);

  /** What a person is told holds of what is written. */
  const checkAnswer = ({ command, written }: InFlight, answer: Explained): void => {
    const { _tag: tag, id } = command;
    const told = (what: string): void => {
      violations.push({ of: 'answers', id, what: `${tag} was answered ${JSON.stringify(answer)}, ${what}` });
    };
    if (answer._tag === 'Acknowledged') {
      if (!answer.isDone) told('and the hypervisor has not answered that in time');
      return;
    }
    const { stops, starts } = sightOf(id);
    if (answer.why === 'Failed' && isStop(command) && stops === written.stops) told('and no stop is recorded');
    if (answer.why === 'Failed' && isStart(command) && starts === written.starts) told('and no start is recorded');
    if (answer.why === 'StoreFailed' && isStart(command)) {
      const requested = requestedOf(id, life);
      requested.startsInTheDark++;
      if (ledger.runsByPeople(id, life) > requested.starts - requested.startsInTheDark) told('and it was started');
    }
  };

  return {
    requested: (number, command) => {
      read();
      const sight = sightOf(command.id);
      const requested = requestedOf(command.id, life);
      const { stops, starts } = sight;
      inFlight.set(number, {
        command,
        starts: requested.starts,
        crossesStart: isInFlight('Start', command.id) || isInFlight('Create', command.id),
        written: { stops, starts },
      });
      sight.commands++;
      if (isStart(command)) {
        requested.starts++;
        sight.held = false;
        sight.recorded = false;
      }
      requested.openings += openingsOf[command._tag];
      requested.resets += openingsOf[command._tag] + (command._tag === 'Policy' ? 1 : 0);
      if (command._tag === 'Delete') sight.ran = false;
    },
    answered: (number, answer) => {
      read();
      const sent = inFlight.get(number);
      inFlight.delete(number);
      if (sent === undefined) return;
      checkAnswer(sent, answer);
      const { command } = sent;
      const { id } = command;
      const sight = sightOf(id);
      if (answer._tag === 'NotDone' && answer.why !== 'Superseded') sight.inTheDark.add(command._tag);
      if (!isStop(command)) return;
      const isLastWord =
        sent.starts === requestedOf(id, life).starts && !isInFlight('Start', id) && !isInFlight('Create', id);
      // One that nobody knows of may be written after the stop that it crossed, and may create anew what is deleted here.
      const isStartInTheDark = sight.inTheDark.has('Start') || sight.inTheDark.has('Create');
      const mayComeBack = isStartInTheDark && (sent.crossesStart || command._tag === 'Delete');
      if (answer._tag === 'Acknowledged') {
        sight.stoppedAt = Math.max(sight.stoppedAt, answer.revision ?? 0);
        if (isLastWord && !mayComeBack) sight.held = true;
      } else if (answer.why === 'Failed' && isLastWord && !sent.crossesStart && !mayComeBack) sight.recorded = true;
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
        if (sight.commands === 0 && !unanswered.isKnown(id) && isHeld(ledger.last(id))) sight.held = true;
      }
    },
    hostClosed: (unanswered) => {
      read();
      leftBehind = unanswered;
    },
    hostDied: () => {
      read();
      leftBehind = null;
      ledger.hostDied();
      inFlight.clear();
      violations.push(...unanswered.hostDied());
      for (const sight of sights.values()) {
        sight.commands = 0;
        sight.inTheDark.clear();
      }
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
    isInTheDark: (tag, id) => sightOf(id).inTheDark.has(tag),
    givenUp: unanswered.givenUp,
    ended: unanswered.ended,
    unanswered: unanswered.ids,
    released: () => {
      read();
      running = null;
      for (const sight of sights.values()) sight.runsAtRelease = sight.runs;
    },
    inspected: (found) => {
      running = new Set(found);
    },
    restless: () =>
      [...sights].flatMap(([id, { ran, runs, runsAtRelease }]) => {
        if (isHeld(ledger.last(id))) return alive.has(id) || (running?.has(id) ?? true) ? [`${id} ends`] : [];
        const record = ledger.last(id)?.record;
        const isSupervised = ran && record?.policy.mode === 'always' && record.status.blockedReason === null;
        return isSupervised && !alive.has(id) && runs === runsAtRelease ? [`${id} comes back`] : [];
      }),
    atRest: () => {
      for (const [id, sight] of sights) if (isHeld(ledger.last(id))) sight.held = true;
    },
    figures: () => ({ ...ledger.figures(), checks, checksOfHeld }),
  };
};

const newSight = (): Sight => ({
  requested: new Map(),
  commands: 0,
  stoppedAt: 0,
  held: false,
  recorded: false,
  inTheDark: new Set(),
  stops: 0,
  starts: 0,
  ran: false,
  runs: 0,
  runsAtRelease: 0,
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

const isStop = ({ _tag }: Command): boolean => _tag === 'Stop' || _tag === 'Delete';
