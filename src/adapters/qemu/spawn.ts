/**
 * Spawns QEMU under a shell that outlives its host, waits for it, and writes its exit status into a file: only a parent
 * learns that, and the host may be gone by then.
 */
import { open } from 'node:fs/promises';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { spawnRun } from '../linux/spawn.js';
import { argumentsOf, defaultBinary, type QemuMachine } from './machine.js';
import type { RunFiles } from './run-files.js';

/** What the run variable says in the environment of a run's processes. */
export const tagOf = (run: string): string => `qemu:${run}`;

/**
 * $1: where to write the status. The rest: the command. A signal that is meant for all of a session or a service does
 * not end the shell before QEMU; QEMU gets it as it would without a shell.
 */
const script = `
trap : HUP INT TERM
exit=$1
shift
(exec "$@")
echo $? >"$exit"
`;

/** Left: nothing was spawned. That the command cannot be run is an exit status like any other. */
export const spawnMachine = async (
  machine: QemuMachine,
  run: string,
  files: RunFiles,
): Promise<Either<Error, void>> => {
  const qemu = [machine.binary ?? defaultBinary, ...argumentsOf(machine, files)];
  const output = await open(files.output, 'a');
  try {
    const args = ['-c', script, 'restart-policy-qemu', files.exit, ...qemu];
    const spawned = await spawnRun({ command: '/bin/sh', args, stdio: [output.fd, output.fd] }, tagOf(run));
    if (spawned._tag === 'Left') return left(spawned.left);
    spawned.right.unref();
    return right(undefined);
  } finally {
    await output.close();
  }
};
