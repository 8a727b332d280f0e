/**
 * How a directory of instances is opened: one owner, who sees all that may live of its instances, ends what earlier owners
 * left behind, and is guarded from then on.
 */
import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../../either.js';
import type { Clock } from '../../ports/clock.js';
import type { InstanceId } from '../../ports/store.js';
import { linuxCapabilities } from '../linux/capabilities.js';
import { type ControlGroupsUse, openControlGroups } from '../linux/control-groups.js';
import { type OpenFailed, openFailed } from '../linux/directory.js';
import { createFileLocks } from '../linux/file-locks.js';
import { type Grace, graceWithoutHost } from '../linux/grace.js';
import { readHostLife } from '../linux/host-life.js';
import { createMoments } from '../linux/moments.js';
import { enterPidNamespace } from '../linux/pid-namespace.js';
import { createScan } from '../linux/processes.js';
import { createReaper } from '../linux/reap.js';
import type { ProcessCommand } from '../linux/spawn.js';
import { loadSystemCalls, type SystemCalls, type SystemCallsUse } from '../linux/system-calls.js';
import { endEarlierRuns } from './earlier-runs.js';
import { startGuardian } from './guardian.js';
import { createProcessHypervisor, type ProcessHypervisor } from './hypervisor.js';
import { type DirectoryInUse, takeOwnership } from './owner.js';
import { readRecords } from './records.js';

export interface OpeningOptions {
  readonly directory: string;
  readonly commandOf: (id: InstanceId) => ProcessCommand | null;
  readonly clock: Pick<Clock, 'now'>;
  readonly graceMs: Grace;
  readonly controlGroups: ControlGroupsUse;
  readonly systemCalls: SystemCallsUse;
}

type Opening = Either<DirectoryInUse | OpenFailed, ProcessHypervisor>;

export const openOwned = async (options: OpeningOptions): Promise<Opening> => {
  const { directory, systemCalls } = options;
  const calls = await loadSystemCalls(systemCalls);
  if (calls._tag === 'Left') return left(openFailed(calls.left));
  const key = createHash('sha256').update(directory).digest('hex');
  const owned = await takeOwnership(directory, key, createFileLocks(calls.right));
  if (owned._tag === 'Left') {
    return left({ _tag: 'DirectoryInUse', message: `${directory} is in use by another hypervisor` });
  }
  const { release } = owned.right;
  const opened = await openPresent(options, calls.right, key, release).catch((cause) => left(openFailed(cause)));
  if (opened._tag === 'Left') await release();
  return opened;
};

/** The owner before us is gone; what it left behind may live where we do not see it. */
const openPresent = async (
  options: OpeningOptions,
  calls: SystemCalls | null,
  key: string,
  release: () => Promise<void>,
): Promise<Opening> => {
  const entered = await enterPidNamespace(options.directory, createFileLocks(calls));
  if (entered._tag === 'Left') return left(openFailed(entered.left));
  const presence = entered.right;
  const giveUp = (): Promise<void> => {
    presence.leave();
    return release();
  };
  const opened = await openGuarded(options, calls, key, presence.fd, giveUp).catch((cause) => left(openFailed(cause)));
  if (opened._tag === 'Left') presence.leave();
  return opened;
};

const openGuarded = async (
  { directory, commandOf, clock, graceMs, controlGroups }: OpeningOptions,
  calls: SystemCalls | null,
  key: string,
  presence: number,
  giveUp: () => Promise<void>,
): Promise<Opening> => {
  const found = await openControlGroups(controlGroups, `process:${directory}`);
  if (found._tag === 'Left') return left(openFailed(found.left));
  const groups = found.right;

  const life = await readHostLife();
  const afterHost = graceWithoutHost(graceMs);
  const read = await readRecords(directory);
  const scan = createScan();
  const ended = await endEarlierRuns({
    directory,
    key,
    life,
    graceMs: afterHost,
    records: read.records,
    groups,
    scan,
    calls,
  });
  if (ended._tag === 'Left') {
    return left(openFailed(new Error(`what an earlier owner left behind: ${ended.left.message}`)));
  }

  // Of this owner alone: the guardian that follows an earlier one to its end must not take our runs for its own.
  const owner = randomUUID();
  const tagPrefix = `${key}:${owner}:`;
  const groupPrefix = `${owner}.`;
  const groupPaths = groups === null ? null : join(groups.all.path, groupPrefix);
  const guardian = await startGuardian({ directory, tagPrefix, groupPrefix: groupPaths, graceMs: afterHost, presence });
  if (guardian._tag === 'Left') return left(openFailed(guardian.left));

  const release = async (isQuiet: boolean): Promise<void> => {
    if (isQuiet) await guardian.right.close();
    else guardian.right.leave();
    groups?.all.remove();
    await giveUp();
  };
  return right(
    createProcessHypervisor({
      ...read,
      capabilities: linuxCapabilities(groups === null ? 'process' : 'control_group', calls),
      directory,
      commandOf,
      moments: createMoments(() => clock.now()),
      life,
      graceMs,
      scan,
      groups,
      calls,
      reap: createReaper(calls),
      tagPrefix,
      groupPrefix,
      release,
    }),
  );
};
