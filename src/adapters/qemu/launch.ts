/**
 * The beginning of a run: record, spawn, wait for QEMU, let the guest go.
 */
import { type FileHandle, open } from 'node:fs/promises';
import type { Either } from 'fp-ts/lib/Either.js';
import type { Millis } from '../../duration.js';
import { left, right } from '../../either.js';
import type { CallSignal } from '../../ports/call.js';
import { type Failed, failed } from '../../ports/hypervisor.js';
import type { InstanceId } from '../../ports/store.js';
import { givenUp, isGivenUp } from '../common/given-up.js';
import { oomCount, oomCounters } from '../linux/cgroup.js';
import { type ControlGroup, enterGroup, makeGroup } from '../linux/control-group.js';
import { causeOf, hostFaultIn } from '../linux/host-fault.js';
import { uptimeFile } from '../linux/moments.js';
import { writeRecord } from '../linux/run-record.js';
import type { SharedDirectory } from '../linux/share-directory.js';
import { inShim, type Shim } from '../linux/shim.js';
import { isHopeless, notRecorded, type Spawned, spawnRun } from '../linux/spawn.js';
import { waitIn } from '../linux/watch.js';
import { argumentsOf, defaultBinary, type QemuMachine } from './machine.js';
import { type Conversation, converse, type QmpError } from './qmp.js';
import {
  filesOf,
  lastOutput,
  makeFiles,
  type QemuRun,
  type RunFiles,
  readEnd,
  readEvents,
  tagOf,
} from './run-files.js';

export type Launch =
  /** `shellExited`: its shell has ended. One that was killed has written no end, and QEMU may live. */
  | { readonly _tag: 'Begun'; readonly shellExited: Promise<unknown> }
  /** The guest never ran, and nothing lives. */
  | { readonly _tag: 'NotBegun'; readonly message: string; readonly hopeless: boolean; readonly cause?: unknown }
  /** QEMU is there, and does not do as it should: it must be ended. */
  | { readonly _tag: 'Stuck'; readonly message: string }
  /** It has no shell, or nobody waits for it any more. QEMU may be there, and its guest may have been let go: it must be ended. */
  | { readonly _tag: 'Halfway'; readonly why: Failed };

/** How long QEMU may take until it listens, with large memory or a slow disk. */
const startMs: Millis = 30_000;

/** The directory, and what it was opened with. */
export interface LaunchPlace extends Pick<SharedDirectory, 'calls' | 'presence'> {
  readonly directory: string;
}

/** Under the section of its instance. */
export const launch = async (
  place: LaunchPlace,
  machine: QemuMachine,
  run: QemuRun,
  group: ControlGroup | null,
  signal: CallSignal | undefined,
): Promise<Launch> => {
  const { directory } = place;
  const files = filesOf(directory, run.run);
  try {
    // First, for until the next step the record is that of the former run.
    await makeFiles(files);
    // Its identity before the spawn (A3): from now on the run can be found, whatever becomes of us.
    await writeRecord(directory, run);
  } catch (error) {
    const { message, cause } = notRecorded(error);
    return { _tag: 'NotBegun', message, hopeless: true, cause };
  }
  // The disk may have taken its time.
  if (isGivenUp(signal)) return notBegunFor(givenUp.message);
  const made = makeGroup(group);
  if (made._tag === 'Left') return notBegunFor(`QEMU was not started: ${made.left.message}`, made.left);
  const spawned = await spawnMachine(machine, run, files, place);
  if (spawned._tag === 'Left') {
    const { message } = spawned.left;
    const cause = causeOf(message, spawned.left);
    return { _tag: 'NotBegun', message, hopeless: isHopeless(spawned.left), cause };
  }
  spawned.right.unref();
  let isWithoutShell = false;
  const { exited } = spawned.right;
  void exited.then(() => (isWithoutShell = true));
  const shell: Shell = { exited, hasExited: () => isWithoutShell };
  const begun = await waitIn(files.folder, startMs, () => attempt(run.id, files, shell, signal));
  return begun ?? stuck(`not up within ${startMs} ms`);
};

/** Nothing was spawned, and it is not the machine's fault. */
const notBegunFor = (message: string, error?: Error): Launch => ({
  _tag: 'NotBegun',
  message,
  hopeless: false,
  cause: causeOf(message, error),
});

/**
 * A signal that is meant for all of a session or a service does not end the shell before QEMU; QEMU gets it as it would
 * without a shell. $1 is the control group that the machine names, or empty; $2 is that of the run, or empty; $3 is the
 * file that says that QEMU ended for want of memory in one of both; $4 is where the shell and QEMU write who they are.
 *
 * It enters the group first, and ends where that is gone: then the run was given up before it had begun.
 */
const shim: Shim = {
  name: 'restart-policy-qemu',
  before: 'trap : HUP INT TERM',
  instead: `
cgroup=$1 group=$2 short=$3 marks=$4
shift 4
fail() { echo "$1" >&3; exit 1; }
[ -z "$group" ] || ${enterGroup('$group')} || fail 'the shell of the run could not enter its control group'
mark() { read -r stat </proc/self/stat && set -- $stat && echo "$1 \${22}" >>"$marks"; }
mark || fail 'the shell of the run could not write down which process it is'
count() {
  kills=0
  for place in "$cgroup" "$group"; do
    [ -n "$place" ] || continue
    for counter in ${oomCounters.join(' ')}; do
      [ -r "$place/$counter" ] || continue
      while read -r what times; do
        [ "$what" != ${oomCount} ] || kills=$((kills + times))
      done <"$place/$counter"
      break
    done
  done
}
count
before=$kills`,
  child: 'mark || exit 126',
  after: `
if [ "$code" -eq 137 ] && count && [ "$kills" -gt "$before" ]; then : >"$short"; fi
up=
read -r up rest <${uptimeFile}
echo "$code \${up:-?}" 1<>"$end"`,
};

/** Left: nothing was spawned. A command that cannot be run shows in the exit status of its shell. */
const spawnMachine = async (
  machine: QemuMachine,
  { run, group = '' }: QemuRun,
  files: RunFiles,
  { calls, presence }: LaunchPlace,
): Promise<Either<Error, Spawned>> => {
  const opened = await open(files.output, 'a').then(right<Error, FileHandle>, left<Error>);
  if (opened._tag === 'Left') return opened;
  const output = opened.right;
  try {
    const qemu = { command: machine.binary ?? defaultBinary, args: argumentsOf(machine, files) };
    const command = inShim(shim, files.exit, { ...qemu, stdio: [output.fd, output.fd] }, [
      machine.cgroup ?? '',
      group,
      files.oom,
      files.marks,
    ]);
    return await spawnRun(command, tagOf(run), calls, presence);
  } finally {
    await output.close();
  }
};

const stuck = (message: string): Launch => ({ _tag: 'Stuck', message: `QEMU could not be used: ${message}` });

interface Shell {
  readonly exited: Promise<unknown>;
  readonly hasExited: () => boolean;
}

const begunIn = ({ exited }: Shell): Launch => ({ _tag: 'Begun', shellExited: exited });

/** null: not yet. */
const attempt = async (
  id: InstanceId,
  files: RunFiles,
  shell: Shell,
  signal: CallSignal | undefined,
): Promise<Launch | null> => {
  // Before the conversation: what has ended by then cannot be up, and what ends in it is found the next time.
  const end = await readEnd(files);
  if (end !== null) return afterEnd(id, files, shell, end.exitStatus);
  if (isGivenUp(signal)) return { _tag: 'Halfway', why: givenUp };
  // Before it ends by itself, it writes the end of QEMU.
  if (shell.hasExited() && (await readEnd(files)) === null) return withoutShell(id, files);
  const answer = await converse({ socket: files.socket, withinMs: startMs, signal }, letGo)();
  // One that was let go by then has begun: what is done is answered as done.
  return answer._tag === 'Right' ? begunIn(shell) : afterError(answer.left);
};

const letGo = ({ execute }: Conversation): Promise<Either<QmpError, unknown>> => execute('cont')();

const afterError = (error: QmpError): Launch | null => {
  switch (error._tag) {
    case 'NotListening':
    // It listens before it has made its devices, and may end at one of them; or the guest was done at once.
    case 'ConnectionLost':
      return null;
    case 'GivenUp':
      return { _tag: 'Halfway', why: givenUp };
    case 'NoAnswer':
    case 'ProtocolBroken':
    case 'CommandFailed':
      return stuck(error.message);
  }
};

/** Nobody would know how QEMU ends, if it began. */
const withoutShell = async (id: InstanceId, files: RunFiles): Promise<Launch> => {
  const output = await lastOutput(files);
  const why = failed(`QEMU could not be run for ${id}: ${output === '' ? 'its shell has ended' : output}`);
  return { _tag: 'Halfway', why };
};

/** A guest that was let go ran, however short; else QEMU would not run it, and its output shows why. */
const afterEnd = async (id: InstanceId, files: RunFiles, shell: Shell, exitStatus: number): Promise<Launch> => {
  const events = await readEvents(files);
  if (events.some(({ name }) => name === 'RESUME')) return begunIn(shell);
  const output = await lastOutput(files);
  const message = `QEMU would not run ${id}: ${output === '' ? `it ended with status ${exitStatus}` : output}`;
  return { _tag: 'NotBegun', message, hopeless: true, cause: hostFaultIn(output, message) };
};
