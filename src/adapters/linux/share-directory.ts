/**
 * A directory that any number of processes of one PID namespace have open, and what its hypervisors found there.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { Task } from 'fp-ts/lib/Task.js';
import { isLeft, left, right } from '../../either.js';
import { type LinuxCapabilities, linuxCapabilities } from './capabilities.js';
import { type ControlGroups, type ControlGroupsUse, openControlGroups } from './control-groups.js';
import { type OpenFailed, openFailed } from './directory.js';
import { createFileLocks } from './file-locks.js';
import { createFlockSection, type FlockSection } from './flock.js';
import { readHostLife } from './host-life.js';
import { enterPidNamespace } from './pid-namespace.js';
import { loadSystemCalls, type SystemCalls, type SystemCallsUse } from './system-calls.js';

export interface SharingOptions {
  readonly directory: string;
  readonly controlGroups: ControlGroupsUse;
  readonly systemCalls: SystemCallsUse;
}

export interface SharedDirectory {
  readonly capabilities: LinuxCapabilities;
  /** One for all who have the directory open. */
  readonly section: FlockSection;
  /** null: runs begin without a control group. One that has a group keeps it, whoever started it. */
  readonly groups: ControlGroups | null;
  /** null: there are none. */
  readonly calls: SystemCalls | null;
  /** The life of the machine. */
  readonly life: string | null;
  /** Whoever inherits this descriptor keeps hosts of other PID namespaces out as long as it lives. */
  readonly presence: number;
}

/**
 * `kind`: of the adapter, each of which has groups of its own. Left: something that the options require is not to be had, or
 * the directory is open in another PID namespace. Rejects where files in it cannot be locked: better now than at the first
 * stop. Nothing is left open then.
 */
export const shareDirectory = async <H extends { readonly close: Task<void> }>(
  { directory, controlGroups, systemCalls }: SharingOptions,
  kind: string,
  create: (shared: SharedDirectory) => H,
): Promise<Either<OpenFailed, H>> => {
  const loaded = await loadSystemCalls(systemCalls);
  if (isLeft(loaded)) return left(openFailed(loaded.left));
  const calls = loaded.right;
  const locks = createFileLocks(calls);
  const section = createFlockSection(directory, locks);
  const entered = await section(noInstance, () => enterPidNamespace(directory, locks));
  if (isLeft(entered)) return left(openFailed(entered.left));
  const { fd: presence, leave } = entered.right;
  let isOpen = false;
  try {
    const found = await openControlGroups(controlGroups, `${kind}:${directory}`);
    if (isLeft(found)) return left(openFailed(found.left));
    const groups = found.right;
    const capabilities = linuxCapabilities(groups === null ? 'process' : 'control_group', calls);
    const hypervisor = create({ capabilities, section, groups, calls, life: await readHostLife(), presence });
    isOpen = true;
    const release = (): void => {
      groups?.tidy();
      leave();
    };
    return right({ ...hypervisor, close: () => hypervisor.close().finally(release) });
  } finally {
    if (!isOpen) leave();
  }
};

/** Whoever opens the directory goes through this section. */
const noInstance = '';
