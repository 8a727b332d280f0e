/**
 * The beginning of a run: record, spawn, wait for QEMU, let the guest go.
 */
import { open } from 'node:fs/promises';
import type { Either } from 'fp-ts/lib/Either.js';
import type { Millis } from '../../duration.js';
import type { CallSignal } from '../../ports/call.js';
import type { InstanceId } from '../../ports/store.js';
import { givenUp, isGivenUp } from '../common/given-up.js';
import { oomCount, oomCounters } from '../linux/cgroup.js';
import { uptimeFile } from '../linux/moments.js';
import { writeRecord } from '../linux/run-record.js';
import { inShim, type Shim } from '../linux/shim.js';
import { isHopeless, type Spawned, spawnRun } from '../linux/spawn.js';
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
  | { readonly _tag: 'Begun' }
  /** The guest never ran, and nothing lives. */
  | { readonly _tag: 'NotBegun'; readonly message: string; readonly hopeless: boolean }
  /** QEMU is there, and does not do as it should: it must be ended. */
  | { readonly _tag: 'Stuck'; readonly message: string }
  /** Nobody waits for it any more. QEMU may be there, and its guest may have been let go: it must be ended. */
  | { readonly _tag: 'GivenUp' };

/** How long QEMU may take until it listens, with large memory or a slow disk. */
const startMs: Millis = 30_000;

/** Under the section of its instance. */
export const launch = async (
  directory: string,
  machine: QemuMachine,
  run: QemuRun,
  signal: CallSignal | undefined,
): Promise<Launch> => {
  const files = filesOf(directory, run.run);
  try {
    // Its identity first (A3): from now on the run can be found, whatever becomes of us.
    await writeRecord(directory, run);
    await makeFiles(files);
  } catch (error) {
    const message = `the run could not be recorded, so it was not started: ${String(error)}`;
    return { _tag: 'NotBegun', message, hopeless: true };
  }
  // The disk may have taken its time.
  if (isGivenUp(signal)) return notBegunFor(givenUp.message);
  const spawned = await spawnMachine(machine, run.run, files);
  if (spawned._tag === 'Left') {
    return { _tag: 'NotBegun', message: spawned.left.message, hopeless: isHopeless(spawned.left) };
  }
  spawned.right.unref();
  const begun = await waitIn(files.folder, startMs, () => attempt(run.id, files, signal));
  return begun ?? stuck(`not up within ${startMs} ms`);
};

const notBegunFor = (message: string): Launch => ({ _tag: 'NotBegun', message, hopeless: false });

/**
 * A signal that is meant for all of a session or a service does not end the shell before QEMU; QEMU gets it as it would
 * without a shell. $1 is the control group, or empty; $2 is the file that says that QEMU ended for want of memory there.
 */
const shim: Shim = {
  name: 'restart-policy-qemu',
  before: 'trap : HUP INT TERM',
  instead: `
cgroup=$1 short=$2
shift 2
kills() {
  for counter in ${oomCounters.join(' ')}; do
    [ -r "$cgroup/$counter" ] || continue
    while read -r what count; do
      if [ "$what" = ${oomCount} ]; then echo "$count" && return; fi
    done <"$cgroup/$counter"
  done
  echo 0
}
[ -z "$cgroup" ] || before=$(kills)`,
  after: `
if [ -n "$cgroup" ] && [ "$code" -eq 137 ] && [ "$(kills)" -gt "$before" ]; then : >"$short"; fi
up=
read -r up rest <${uptimeFile}
echo "$code $up" >"$end"`,
};

/** Left: nothing was spawned. A command that cannot be run shows in the exit status of its shell. */
const spawnMachine = async (machine: QemuMachine, run: string, files: RunFiles): Promise<Either<Error, Spawned>> => {
  const output = await open(files.output, 'a');
  try {
    const qemu = { command: machine.binary ?? defaultBinary, args: argumentsOf(machine, files) };
    const command = inShim(shim, files.exit, { ...qemu, stdio: [output.fd, output.fd] }, [
      machine.cgroup ?? '',
      files.oom,
    ]);
    return await spawnRun(command, tagOf(run));
  } finally {
    await output.close();
  }
};

const stuck = (message: string): Launch => ({ _tag: 'Stuck', message: `QEMU could not be used: ${message}` });

/** null: not yet. */
const attempt = async (id: InstanceId, files: RunFiles, signal: CallSignal | undefined): Promise<Launch | null> => {
  // Before the conversation: what has ended by then cannot be up, and what ends in it is found the next time.
  const end = await readEnd(files);
  if (end !== null) return afterEnd(id, files, end.exitStatus);
  if (isGivenUp(signal)) return { _tag: 'GivenUp' };
  const answer = await converse({ socket: files.socket, withinMs: startMs, signal }, letGo)();
  // One that was let go by then has begun: what is done is answered as done.
  return answer._tag === 'Right' ? { _tag: 'Begun' } : afterError(answer.left);
};

const letGo = ({ execute }: Conversation): Promise<Either<QmpError, unknown>> => execute('cont')();

const afterError = (error: QmpError): Launch | null => {
  switch (error._tag) {
    case 'NotListening':
    // It listens before it has made its devices, and may end at one of them; or the guest was done at once.
    case 'ConnectionLost':
      return null;
    case 'GivenUp':
      return { _tag: 'GivenUp' };
    case 'NoAnswer':
    case 'ProtocolBroken':
    case 'CommandFailed':
      return stuck(error.message);
  }
};

/** A guest that was let go ran, however short; else QEMU would not run it, and its output shows why. */
const afterEnd = async (id: InstanceId, files: RunFiles, exitStatus: number): Promise<Launch> => {
  const events = await readEvents(files);
  if (events.some(({ name }) => name === 'RESUME')) return { _tag: 'Begun' };
  const output = await lastOutput(files);
  const message = `QEMU would not run ${id}: ${output === '' ? `it ended with status ${exitStatus}` : output}`;
  return { _tag: 'NotBegun', message, hopeless: true };
};
