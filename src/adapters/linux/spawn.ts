/**
 * What an instance runs, and the spawn of its first process.
 *
 * Node spawns by fork(2), which copies the page tables of the host first: the more memory a host uses, the more each start
 * costs it. posix_spawn(3) copies nothing. So with calls of the system a run is spawned by these. Without them Node spawns it,
 * and also in a thread that is not the main one, and where the command is not what its type says, for Node says what is wrong.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../../either.js';
import type { CallSignal } from '../../ports/call.js';
import { type Failed, failed, type Refused, refused } from '../../ports/hypervisor.js';
import type { InstanceId } from '../../ports/store.js';
import { messageOf } from '../common/answers.js';
import { givenUp, isGivenUp } from '../common/given-up.js';
import { readOomKills } from './cgroup.js';
import { causeOf, writeFault } from './host-fault.js';
import { otherFields } from './other-fields.js';
import { type OwnChild, spawnOwn } from './own-children.js';
import type { ChildEnd } from './posix-spawn.js';
import { runVariable } from './processes.js';
import { endedForMemory, endOfProcess, type RunEnd } from './run-end.js';
import type { SystemCalls } from './system-calls.js';

/**
 * Where an output goes: nowhere, to the host's own, or to a file descriptor that the host has open.
 *
 * @since 0.1.0
 */
export type ProcessOutput = 'ignore' | 'inherit' | number;

/**
 * What an instance runs.
 *
 * @since 0.1.0
 */
export interface ProcessCommand {
  /** A path, or a name that is looked for in PATH. */
  readonly command: string;
  readonly args?: ReadonlyArray<string> | undefined;
  /** Default: the host's. */
  readonly cwd?: string | undefined;
  /** The whole environment, to which `RESTART_POLICY_RUN` is added. Default: the host's. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Standard output and standard error; standard input is always empty. Default: both `ignore`. */
  readonly stdio?: 'ignore' | 'inherit' | readonly [stdout: ProcessOutput, stderr: ProcessOutput] | undefined;
  /**
   * The directory of a control group of this instance alone (version 2, or the memory controller of version 1), which the
   * command enters by itself. A run that SIGKILL ended while the kernel counted an end for want of memory in it has the
   * cause `out_of_memory`. Default: none, and then such an end is told as a signal.
   *
   * @since 0.2.0
   */
  readonly cgroup?: string | undefined;
}

export interface Spawned {
  /** Also the number of its process group. */
  readonly pid: number;
  /** Resolves once, when the process has ended. */
  readonly exited: Promise<RunEnd>;
  /** From now on the host may end while the process goes on. */
  readonly unref: () => void;
}

/** A field that is added to the type and not here does not compile. */
const commandFields: Readonly<Record<keyof ProcessCommand, true>> = {
  command: true,
  args: true,
  cwd: true,
  env: true,
  stdio: true,
  cgroup: true,
};

/** Asks the host. Left: there is no such instance, the question threw, or the answer is no command. */
export const askCommand = (
  id: InstanceId,
  commandOf: (id: InstanceId) => ProcessCommand | null,
): Either<Refused, ProcessCommand> => {
  try {
    const command = commandOf(id);
    // From JavaScript it may be undefined as well, as a map answers.
    if (!command) return left(refused(`no command for instance ${id}`));
    const problems = [
      typeof command.command === 'string' ? [] : 'commandOf must answer with { command, args }, and command a text',
      (typeof command === 'object' ? otherFields(command, Object.keys(commandFields)) : null) ?? [],
    ].flat();
    return problems.length === 0
      ? right(command)
      : left(refused(`no command for instance ${id}: ${problems.join('; ')}`));
  } catch (error) {
    return left(refused(`no command for instance ${id}: ${messageOf(error)}`));
  }
};

/** Answers whether there was an end for want of memory in the group since it was asked for. */
const oomWatch = (cgroup: string | undefined): (() => boolean) => {
  if (cgroup === undefined) return () => false;
  const before = readOomKills(cgroup) ?? 0; // the command may make it yet
  return () => (readOomKills(cgroup) ?? 0) > before;
};

/** Left: nothing was spawned. `calls`: null, there are none. `input`: what is its standard input, where it is not empty. */
export const spawnRun = async (
  command: ProcessCommand,
  tag: string,
  calls: SystemCalls | null,
  input: Input = 'ignore',
): Promise<Either<Error, Spawned>> => {
  try {
    const wasShortOfMemory = oomWatch(command.cgroup);
    const env = { ...(command.env ?? process.env), [runVariable]: tag };
    const { pid, exited, unref } = spawnByCalls(command, env, calls, input) ?? (await spawnByNode(command, env, input));
    const end = exited.then(({ exitCode, signal }) =>
      signal === 'SIGKILL' && wasShortOfMemory() ? endedForMemory : endOfProcess(exitCode, signal),
    );
    return right({ pid, exited: end, unref });
  } catch (error) {
    return left(error instanceof Error ? error : new Error(messageOf(error)));
  }
};

/** Empty, or what the host has open there. */
type Input = 'ignore' | number;

type Environment = Readonly<Record<string, string | undefined>>;

/** null: it is for Node to spawn. */
const spawnByCalls = (
  { command: file, args = [], cwd, stdio = 'ignore' }: ProcessCommand,
  env: Environment,
  calls: SystemCalls | null,
  input: Input,
): OwnChild | null => {
  const outputs = outputsOf(stdio);
  const isAsTyped =
    file !== '' &&
    isText(file) &&
    Array.isArray(args) &&
    args.every(isText) &&
    (cwd === undefined || isText(cwd)) &&
    Object.entries(env).every(([name, value]) => isText(name) && (value === undefined || isText(value))) &&
    outputs.length === 2 &&
    outputs.every(isOutput);
  if (calls === null || !isAsTyped) return null;
  const [stdout, stderr] = outputs.map((output, index) => (output === 'inherit' ? index + 1 : output));
  return spawnOwn(calls, { file, args, env, cwd, stdio: [input, stdout ?? 'ignore', stderr ?? 'ignore'] });
};

/** A zero byte would end it. */
const isText = (u: unknown): boolean => typeof u === 'string' && !u.includes('\0');

const isOutput = (u: unknown): boolean => u === 'ignore' || u === 'inherit' || (Number.isInteger(u) && Number(u) >= 0);

const spawnByNode = (
  { command, args = [], cwd, stdio = 'ignore' }: ProcessCommand,
  env: Environment,
  input: Input,
): Promise<OwnChild> =>
  new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(command, args, {
      cwd,
      env,
      stdio: [input, ...outputsOf(stdio)],
      // A session of its own: Ctrl-C in the host's terminal reaches the host only, whose business the stop is.
      detached: true,
    });
    const exited = new Promise<ChildEnd>((gone) => {
      child.once('exit', (exitCode, signal) => gone({ exitCode, signal }));
    });
    child.on('error', reject);
    child.once('spawn', () => {
      if (child.pid !== undefined) resolve({ pid: child.pid, exited, unref: () => child.unref() });
    });
  });

const outputsOf = (stdio: NonNullable<ProcessCommand['stdio']>): readonly [ProcessOutput, ProcessOutput] =>
  typeof stdio === 'string' ? [stdio, stdio] : stdio;

export interface RecordedSpawn {
  /** What is spawned, for people. */
  readonly command: ProcessCommand;
  /** Writes the run down (A3). */
  readonly record: () => Promise<void>;
  /** Makes the record as it was before. */
  readonly putBack: () => Promise<void>;
  readonly spawn: () => Promise<Either<Error, Spawned>>;
  /** Once it is aborted nothing is spawned. What is spawned then is a run like any other, and answered as one. */
  readonly signal?: CallSignal | undefined;
}

/** Records a run, then spawns its first process. Left: nothing was spawned, and the record is as it was. */
export const spawnRecorded = async ({
  command: { command, cwd },
  record,
  putBack,
  spawn,
  signal,
}: RecordedSpawn): Promise<Either<Refused | Failed, Spawned>> => {
  try {
    await record();
  } catch (error) {
    await putBack();
    return left(notRecorded(error));
  }
  // The disk may have taken its time.
  if (isGivenUp(signal)) {
    await putBack();
    return left(givenUp);
  }
  const spawned = await spawn();
  if (spawned._tag === 'Right') return spawned;
  await putBack();
  // Node says "spawn sleep ENOENT" of a directory that is missing, too.
  const message = `cannot run ${command}${cwd === undefined ? '' : ` in ${cwd}`}: ${messageOf(spawned.left)}`;
  return left(isHopeless(spawned.left) ? refused(message) : failed(message, causeOf(message, spawned.left)));
};

/** The host's own lack, and no fault of the workload: nothing was done. */
export const notRecorded = (error: unknown): Refused => {
  const fault = writeFault('the run could not be recorded, so it was not started', error);
  return refused(fault.message, fault);
};

/** Codes of a command that cannot be run, now or later. Others, such as EAGAIN, may pass. */
const hopeless: ReadonlySet<string> = new Set([
  'ENOENT',
  'EACCES',
  'EPERM',
  'ENOTDIR',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'ENOEXEC',
  'E2BIG',
  'EINVAL',
]);

export const isHopeless = (error: Error): boolean =>
  'code' in error &&
  typeof error.code === 'string' &&
  (hopeless.has(error.code) || error.code.startsWith('ERR_INVALID'));
