/**
 * The driver: runs one host after the other on the same store and directory, sends people's commands, lets calls
 * of its ports hang, kills each host at a random moment, and has the witness check all the while. It ends at the first violation.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Libsql from 'libsql';
import { openControlGroups } from '../../src/adapters/linux/control-groups.js';
import type { ControlGroupsUse, LinuxCapabilities } from '../../src/adapters/process.js';
import { openSqliteStore } from '../../src/adapters/sqlite.js';
import type { RestartPolicy } from '../../src/policy.js';
import { limitProcesses, removeLimit } from '../linux/pids-limit.js';
import { right } from '../support/either.js';
import { openAudit } from './audit.js';
import { createHangTallies, type Hang, type HangingCall, type HangTally, landedLate, nextHang } from './hangs.js';
import { bombLimit, hasBomb, instances } from './instances.js';
import type { Figures, Violation } from './ledger.js';
import { beatsBeside } from './marks.js';
import { createProcessList, endAll } from './processes.js';
import type { Command, Explained, FromHost, ToHost } from './protocol.js';
import { createRandom, type Random } from './random.js';
import { openRunLog } from './run-log.js';
import { createWitness, type Witness } from './witness.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

export interface CrashTest {
  /** The bundled host. */
  readonly program: string;
  /** How many hosts are killed; the last one, after them, is closed in order. */
  readonly kills: number;
  readonly seed: number;
  /** Of the hosts. */
  readonly controlGroups: ControlGroupsUse;
  /** Asked to end early. */
  readonly signal?: AbortSignal;
  /** Called at every kill. */
  readonly onKill?: (kills: number) => void;
  /**
   * The most writes to the store that a host lives to see. Lives are measured in writes, not in milliseconds, so that
   * kills are spread over what a host does on a busy machine as well. Default 40, about half a second on an idle one.
   */
  readonly longestLife?: number;
  /** The bound of every wait, in milliseconds. Default 30,000, for a machine that is busy with other things. */
  readonly patience?: number;
}

export interface Outcome extends Figures {
  readonly seed: number;
  /** By what the hosts knew their runs; null: none has opened. */
  readonly runsKnownBy: LinuxCapabilities['runsKnownBy'] | null;
  readonly kills: number;
  readonly killsBeforeReady: number;
  /** Kills with a person's command on its way. */
  readonly killsAmidCommands: number;
  readonly commands: ReadonlyMap<Command['_tag'], Tally>;
  readonly hangs: ReadonlyMap<HangingCall, Readonly<HangTally>>;
  /** Calls that outlasted their deadlines. */
  readonly givenUp: number;
  /** Checks of the process list. */
  readonly checks: number;
  /** Over all checks, the instances that had to be found not running. */
  readonly checksOfHeld: number;
  /** That hosts reported. */
  readonly faults: number;
  readonly violations: ReadonlyArray<Violation>;
  /** Where the journal, the store and the directory are; null: removed, because nothing was violated. */
  readonly kept: string | null;
}

export interface Tally {
  sent: number;
  acknowledged: number;
  /** Answered otherwise. */
  notDone: number;
}

const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

// ---------------------------------------------------------------------------
// a host
// ---------------------------------------------------------------------------

interface Host {
  readonly isOpen: () => boolean;
  readonly isReconciled: () => boolean;
  /** Ended, whoever ended it. */
  readonly isGone: () => boolean;
  readonly exitCode: () => number | null;
  readonly send: (message: ToHost) => void;
  readonly kill: () => void;
  /** Ended, and all its messages received. */
  readonly gone: Promise<unknown>;
}

const startHost = (
  program: string,
  args: ReadonlyArray<string | number>,
  token: string,
  receive: (message: FromHost) => void,
): Host => {
  const child: ChildProcess = spawn(process.execPath, [program, ...args.map(String)], {
    cwd: projectRoot,
    // Whatever it starts inherits the token with the path, its guardian too.
    env: { ...process.env, PATH: `${process.env['PATH']}:/${token}` },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let isOpen = false;
  let isReconciled = false;
  child.on('message', (message: FromHost) => {
    if (message._tag === 'Opened') isOpen = true;
    if (message._tag === 'Reconciled') isReconciled = true;
    receive(message);
  });
  child.on('error', () => {}); // it was killed before a message reached it
  return {
    isOpen: () => isOpen,
    isReconciled: () => isReconciled,
    isGone: () => child.exitCode !== null || child.signalCode !== null,
    exitCode: () => child.exitCode,
    send: (message) => void child.send(message, () => {}),
    kill: () => void child.kill('SIGKILL'),
    gone: Promise.all([once(child, 'exit'), once(child, 'disconnect')]),
  };
};

// ---------------------------------------------------------------------------
// people
// ---------------------------------------------------------------------------

/** What a person might want next. */
const nextCommand = (random: Random, witness: Witness): Command => {
  // What does not get anywhere is what people turn to.
  const hanging = witness.unanswered();
  const id = hanging.length > 0 && random.chance(0.4) ? random.pick(hanging) : random.pick(instances).id;
  const tag = random.pick([
    'Stop',
    'Stop',
    'Stop',
    'Start',
    'Start',
    'Start',
    'Policy',
    'Unhealthy',
    'Delete',
  ] as const);
  return commandOf(random, witness, tag, id);
};

/** The command, or one in its place where it cannot be given. */
const commandOf = (random: Random, witness: Witness, tag: Exclude<Command['_tag'], 'Create'>, id: string): Command => {
  const policy = policyOf(id);
  if (!witness.exists(id)) return { _tag: 'Create', id, policy };
  // A policy that lands after a delete makes a new instance of one that ended, and so starts it, though nobody asked
  // for a start. The two do not cross each other here.
  const mayLand = (other: Command['_tag']): boolean => witness.isInFlight(other, id) || witness.isInTheDark(other, id);
  if (tag === 'Delete') return { _tag: mayLand('Policy') || mayLand('Create') ? 'Stop' : 'Delete', id };
  if (tag !== 'Policy' || mayLand('Delete')) return { _tag: tag === 'Policy' ? 'Start' : tag, id };
  return { _tag: 'Policy', id, policy: random.chance(0.5) ? policy : { ...policy, backoff: 2 * policy.backoff } };
};

const policyOf = (id: string): RestartPolicy => {
  const instance = instances.find((other) => other.id === id);
  if (instance === undefined) throw new Error(`no instance ${id}`);
  return instance.policy;
};

/** A command that comes to the call that is to hang. */
const provoking = (random: Random, witness: Witness, { call, id }: Hang): Command => {
  switch (call) {
    case 'start':
      return commandOf(random, witness, 'Start', id);
    case 'stop':
      return commandOf(random, witness, 'Stop', id);
    case 'remove':
      return commandOf(random, witness, 'Delete', id);
    default:
      return commandOf(random, witness, random.pick(['Stop', 'Start']), id);
  }
};

/** The same moment, another person, another mind. */
const contrary = ({ _tag, id }: Command): Command => ({ _tag: _tag === 'Stop' ? 'Start' : 'Stop', id });

// ---------------------------------------------------------------------------
// the test
// ---------------------------------------------------------------------------

export const runCrashTest = async ({
  program,
  kills,
  seed,
  controlGroups,
  signal,
  onKill,
  longestLife = 40,
  patience = 30_000,
}: CrashTest): Promise<Outcome> => {
  const random = createRandom(seed);
  const token = `crash-test-${process.pid}-${seed}-${Date.now()}`;
  const place = realpathSync(mkdtempSync(join(tmpdir(), 'restart-policy-crash-')));
  const paths = {
    store: join(place, 'instances.db'),
    directory: join(place, 'runs'),
    runLog: join(place, 'runs.txt'),
    journal: join(place, 'journal.jsonl'),
  };
  mkdirSync(paths.directory);
  mkdirSync(beatsBeside(paths.runLog));
  const limit = hasBomb ? limitProcesses(token, bombLimit) : '';
  const began = performance.now();
  const journal = (entry: object): void =>
    appendFileSync(paths.journal, `${JSON.stringify({ at: Math.round(performance.now() - began), ...entry })}\n`);

  const database = new Libsql(paths.store);
  right(openSqliteStore(database));
  const runLog = openRunLog(paths.runLog, token);
  const processes = createProcessList(token, paths.runLog);
  const witness = createWitness(openAudit(database), runLog, processes);

  const commands = new Map<Command['_tag'], Tally>();
  const sentAs = new Map<number, Command>();
  let number = 0;
  let killed = 0;
  let killsBeforeReady = 0;
  let killsAmidCommands = 0;
  let faults = 0;
  let hangs = 0;
  let givenUp = 0;
  let isReleased = false;
  let isInspected = false;
  let runsKnownBy: Outcome['runsKnownBy'] = null;
  const hangTallies = createHangTallies();
  let host: Host | null = null;

  const isOver = (): boolean => witness.violations().length > 0 || signal?.aborted === true;

  const tallyOf = (tag: Command['_tag']): Tally => {
    const tally = commands.get(tag) ?? { sent: 0, acknowledged: 0, notDone: 0 };
    commands.set(tag, tally);
    return tally;
  };

  // --- hosts ---

  const receive = (life: number, message: FromHost): void => {
    switch (message._tag) {
      case 'Opened':
        runsKnownBy = message.runsKnownBy;
        witness.hostOpened();
        break;
      case 'Reconciled':
        witness.hostReconciled();
        break;
      case 'Answered':
        receiveAnswer(message.number, message.answer);
        break;
      case 'Faulted':
        faults++;
        break;
      case 'Hung':
        hangTallies.hung(message.hang);
        break;
      case 'Landed':
        hangTallies.landed(message.hang, message.how);
        break;
      case 'GivenUp':
        givenUp++;
        witness.givenUp(message);
        break;
      case 'Ended':
        witness.ended(message.call, message.at);
        break;
      case 'Released':
        isReleased = true;
        break;
      case 'Inspected':
        isInspected = true;
        witness.inspected(message.running);
        break;
      case 'Closed':
        receiveClosed(message.unanswered);
    }
    journal({ life, received: message });
  };

  const receiveAnswer = (answered: number, answer: Explained): void => {
    witness.answered(answered, answer);
    const command = sentAs.get(answered);
    sentAs.delete(answered);
    if (command === undefined) return;
    const tally = tallyOf(command._tag);
    if (answer._tag === 'Acknowledged') tally.acknowledged++;
    else tally.notDone++;
  };

  const drawHang = (): Hang => nextHang(random, ++hangs, random.pick(instances).id);

  const tell = (hang: Hang): void => {
    journal({ hang });
    hangTallies.told(hang);
  };

  /** A call hangs from now on, mostly one that somebody asks for at once. */
  const hangOne = (on: Host, hang: Hang): void => {
    tell(hang);
    on.send({ _tag: 'Hang', hang });
    if (random.chance(0.7)) send(on, provoking(random, witness, hang));
  };

  const receiveClosed = (unanswered: ReadonlyArray<string>): void => {
    witness.hostClosed(unanswered);
    for (const { id } of hangTallies.standing()) {
      if (!unanswered.includes(id))
        witness.report({ of: 'close', id, what: `not left behind: ${unanswered.join(', ')}` });
    }
  };

  const begin = (life: number): Host => {
    witness.hostBegan(life);
    const args: Array<string | number> = [
      paths.store,
      paths.directory,
      paths.runLog,
      token,
      life,
      random.between(0, 2 ** 31),
      limit,
    ];
    // What hangs from the beginning meets what the last host left undone.
    const first = life > 1 && random.chance(0.3) ? [drawHang(), drawHang()] : [];
    args.push(JSON.stringify(first), JSON.stringify(controlGroups));
    for (const hang of first) tell(hang);
    host = startHost(program, args, token, (message) => receive(life, message));
    journal({ life, begun: true });
    return host;
  };

  const send = (to: Host, command: Command): void => {
    number++;
    sentAs.set(number, command);
    tallyOf(command._tag).sent++;
    journal({ asked: number, command });
    witness.requested(number, command);
    to.send({ _tag: 'Command', number, command });
  };

  // --- waiting ---

  /** Checks until it is so, or the time is up; answers whether it was so. */
  const until = async (holds: () => boolean, ms: number): Promise<boolean> => {
    const deadline = performance.now() + ms;
    for (;;) {
      witness.check();
      if (isOver() || holds()) return true;
      if (performance.now() > deadline) return false;
      await sleep(random.between(2, 10));
    }
  };

  const expectSoon = async (what: string, holds: () => boolean, detail: () => string = () => ''): Promise<void> => {
    if (await until(holds, patience)) return;
    witness.report({ of: 'liveness', id: '-', what: `${what} (waited ${patience} ms) ${detail()}` });
  };

  // --- a life ---

  /**
   * People give commands, often two at a time, until so many writes were seen; or for a while, should there be none.
   */
  const rush = async (to: Host, writes: number): Promise<void> => {
    const end = performance.now() + writes * longestWait;
    const last = witness.figures().writes + writes;
    // Hurried people leave the policies no time to do something by themselves.
    const longestPause = random.pick([10, 40, 160]);
    const isDone = (): boolean => witness.figures().writes >= last || performance.now() > end || to.isGone();
    while (!isDone() && !isOver()) {
      if (sentAs.size < mostInFlight) {
        if (random.chance(0.2)) hangOne(to, drawHang());
        const command = nextCommand(random, witness);
        send(to, command);
        if (random.chance(0.3)) send(to, contrary(command));
      }
      await until(isDone, random.between(0, longestPause));
    }
  };

  const inspect = (on: Host): void => {
    isInspected = false;
    on.send({ _tag: 'Inspect' });
  };

  /**
   * Whatever hangs, every instance is looked at, and every command answered. Then nothing hangs any more, and everything
   * becomes what its record says, and stays it.
   */
  const comesToRest = async (to: Host): Promise<void> => {
    await expectSoon('every instance is reconciled', () => to.isReconciled());
    await expectSoon(
      'every command is answered',
      () => sentAs.size === 0,
      () => JSON.stringify([...sentAs.values()]),
    );
    isReleased = false;
    to.send({ _tag: 'Release' });
    await expectSoon(
      'what hung ends when it is released',
      () => isReleased && hangTallies.standing().length === 0 && witness.unanswered().length === 0,
      () => witness.unanswered().join(', '),
    );
    witness.released();
    inspect(to);
    await expectSoon(
      'everything is as its record says',
      () => {
        if (!isInspected) return false;
        if (witness.restless().length === 0) return true;
        inspect(to);
        return false;
      },
      () => witness.restless().join(', '),
    );
    if (!isOver()) witness.atRest();
  };

  /** From an empty store to every instance under supervision. */
  const populate = async (to: Host): Promise<void> => {
    for (const { id, policy } of instances) send(to, { _tag: 'Create', id, policy });
    await comesToRest(to);
  };

  /**
   * At rest: a start hangs past its check, does not heed its signal, and is given up; a person stops the instance; and only
   * then the start takes effect. Nobody else asks for anything, so nothing but the late answer can lead to the repair.
   */
  const stopBesideStart = async (to: Host): Promise<void> => {
    const id = random.pick(lasting);
    const isAnswered = (): boolean => sentAs.size === 0;
    send(to, commandOf(random, witness, 'Stop', id));
    await expectSoon('a stop is answered', isAnswered);
    const hang: Hang = { number: ++hangs, call: 'start', id, at: 'after_check', heeds: false, ms: null };
    tell(hang);
    to.send({ _tag: 'Hang', hang });
    send(to, commandOf(random, witness, 'Start', id));
    await expectSoon('a start that hangs is answered', isAnswered);
    send(to, commandOf(random, witness, 'Stop', id));
    await expectSoon('a stop beside a start that hangs is answered', isAnswered);
    await comesToRest(to);
  };

  const expectAlive = (to: Host): void => {
    if (to.isGone()) witness.report({ of: 'the host', id: '-', what: `ended by itself with ${to.exitCode()}` });
  };

  const liveAndDie = async (life: number): Promise<void> => {
    const present = begin(life);
    if (life === 1) await populate(present);
    if (life > 1 && random.chance(0.15)) {
      await until(() => present.isGone(), random.between(5, 300));
    } else {
      await expectSoon('the directory opens', () => present.isOpen() || present.isGone());
      await rush(present, random.between(0, longestLife));
      await until(() => present.isGone(), random.between(0, 10));
      if (life % restsEvery === 0) {
        await comesToRest(present);
        if (life % (2 * restsEvery) === 0) await stopBesideStart(present);
      }
    }
    expectAlive(present);
    if (!present.isOpen()) killsBeforeReady++;
    if (sentAs.size > 0) killsAmidCommands++;
    present.kill();
    killed++;
    journal({ life, killed: true });
    await present.gone;
    witness.hostDied();
    hangTallies.hostDied();
    sentAs.clear();
    onKill?.(killed);
    // Half of the time the next host comes while the guardian of this one is still at work.
    if (random.chance(0.5)) await expectSoon('its guardian leaves no orphan', () => processes.runs().length === 0);
  };

  const liveAndClose = async (life: number): Promise<void> => {
    const present = begin(life);
    await expectSoon('the directory opens', () => present.isOpen() || present.isGone());
    await rush(present, longestLife);
    await comesToRest(present);
    await stopBesideStart(present);
    expectAlive(present);
    // Half of the time it closes before a call has outlasted its deadline, half of the time after.
    const hang: Hang = { ...drawHang(), heeds: false, ms: null };
    tell(hang);
    present.send({ _tag: 'Hang', hang });
    send(present, provoking(random, witness, hang));
    await until(() => hangTallies.standing().length > 0, random.between(0, 500));
    present.send({ _tag: 'Close', within: random.between(0, 500) });
    await expectSoon('the host closes', () => present.isGone());
    if (isOver()) return;
    await present.gone;
    witness.hostDied();
    for (const command of sentAs.values()) {
      witness.report({ of: 'close', id: command.id, what: `a ${command._tag} was never answered` });
    }
    if (present.exitCode() !== 0) witness.report({ of: 'close', id: '-', what: `exit code ${present.exitCode()}` });
    await expectSoon('nothing is left', () => processes.all().length === 0);
  };

  const cleanUp = async (): Promise<void> => {
    host?.kill();
    await host?.gone;
    const deadline = performance.now() + patience;
    while (processes.all().length > 0 && performance.now() < deadline) await sleep(20);
    endAll(processes);
    // A host that was closed has removed them itself.
    const groups = await openControlGroups('auto', createHash('sha256').update(paths.directory).digest('hex'));
    if (groups._tag === 'Right') groups.right?.all.remove();
    while (limit !== '' && !removeLimit(limit) && performance.now() < deadline) await sleep(20);
    runLog.close();
    database.close();
  };

  let kept: string | null = place;
  try {
    for (let life = 1; life <= kills && !isOver(); life++) await liveAndDie(life);
    if (!isOver()) await liveAndClose(kills + 1);
    if (!isOver() && landedLate(hangTallies.byCall()) === 0) {
      witness.report({ of: 'the test', id: '-', what: 'nothing that hung took effect after its deadline' });
    }
    journal({ violations: witness.violations() });
    if (witness.violations().length === 0) kept = null;
  } finally {
    await cleanUp();
    if (kept === null) rmSync(place, { recursive: true });
  }
  return {
    ...witness.figures(),
    seed,
    runsKnownBy,
    kills: killed,
    killsBeforeReady,
    killsAmidCommands,
    commands,
    hangs: hangTallies.byCall(),
    givenUp,
    faults,
    violations: witness.violations(),
    kept,
  };
};

/** For one write, in milliseconds, on average. */
const longestWait = 75;

/** More commands at a time than this would only wait for each other. */
const mostInFlight = 6;

/** One host in so many lives long enough to show that nothing is forgotten. */
const restsEvery = 6;

/** Whose runs last until somebody ends them. */
const lasting = ['steady', 'deaf', 'headless', 'retitled'];
