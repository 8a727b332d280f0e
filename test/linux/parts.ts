/**
 * Tests that need more of the machine than a process may have: they are skipped loudly, and in CI that is a failure.
 */
import { spawnSync } from 'node:child_process';
import { describe } from 'vitest';
import { demand } from '../support/demand.js';
import { canLimitProcesses } from './pids-limit.js';

type Describe = Pick<typeof describe, 'each'>;

export const describeWhere = (isThere: boolean, missing: string): Describe => describe.runIf(demand(isThere, missing));

export const networkOfItsOwn = ['unshare', '-n'];

/** What runs under it is PID 1, and all of the namespace ends with it. */
export const processesOfItsOwn = ['unshare', '-p', '-f', '--mount-proc', '--kill-child'];

export const describeNamespaces = (): Describe =>
  describeWhere(
    [networkOfItsOwn, processesOfItsOwn].every(
      ([command = '', ...args]) => spawnSync(command, [...args, 'true']).status === 0,
    ),
    'NAMESPACES CANNOT BE MADE, so what needs them is not run (unshare, as root)',
  );

export const describePidsLimit = (): Describe =>
  describeWhere(
    canLimitProcesses(),
    'THERE IS NO CONTROLLER OF PIDS, so what needs it is not run (cgroup v1, as root)',
  );
