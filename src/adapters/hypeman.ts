/**
 * A hypervisor that is a remote hypeman, through its own client, for an orchestrator that drives it.
 *
 * - Exclusion is of class `none`: a permit is checked directly before the call, and nothing there honours it. hypeman
 *   takes starts and stops of one instance one after the other, so a stop also ends the start that was taken before it;
 *   a start that is still on its way to hypeman when a stop is acknowledged is stopped at the next reconcile.
 * - One owner: hypeman has a restart policy too, and every start here counts there as a person's, which would lift what
 *   hypeman had blocked. An instance with a policy of hypeman's own is therefore neither inspected nor started.
 * - An instance is found by hypeman's id or by its name. hypeman would also take the beginning of an id; here that is no
 *   such instance, for a stop of one that is gone must not reach another.
 * - hypeman dates runs by its own clock, as it stood when it wrote the date down, and tells neither what its clock shows
 *   now nor how long a run has lasted. So the times are given as they are, and a step of either clock makes the run that
 *   goes on seem older or younger (A6 cannot hold). Keep both clocks together (NTP): where hypeman's is behind, a run can
 *   seem to have begun before the attempt that started it, and what then counts is the attempt.
 * - A call that nobody waits for any more is called off, and answered Failed. The request may still reach hypeman, and be
 *   carried out: nothing can be promised of it but that the controller looks at the instance again.
 *
 * @packageDocumentation
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { formatDuration } from '../duration.js';
import { left, map, right } from '../either.js';
import type { InstanceObservation, InstanceState } from '../event.js';
import { pipe } from '../function.js';
import { isHypemanState, observedHealth, observedState, toObservation } from '../hypeman/observation.js';
import { checkOptions, type InvalidOptions } from '../options.js';
import type { CallSignal } from '../ports/call.js';
import {
  type ActionError,
  type Failed,
  failed,
  type Hypervisor,
  type HypervisorCapabilities,
  neverRan,
  type Permit,
  refused,
} from '../ports/hypervisor.js';
import type { InstanceId } from '../ports/store.js';
import type { Timestamp } from '../status.js';
import { checkTime } from '../time.js';
import { againAfter, answered, done } from './common/answers.js';
import { checkClient, type HypemanClient, type HypemanInstance } from './hypeman/client.js';
import { actionError, callFailed, isConflict, isNotFound } from './hypeman/errors.js';
import { beganUnsuspended } from './hypeman/phases.js';
import { createWatch, longestWait, waitOverhead } from './hypeman/watch.js';
import { permitted } from './permitted.js';

export type { InvalidOptions, OptionError } from '../options.js';
export type { HypemanCallOptions, HypemanClient, HypemanInstance, HypemanInstances } from './hypeman/client.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * Which hypeman.
 *
 * @since 0.2.0
 */
export interface HypemanHypervisorOptions {
  /** A client of its API, with its address and credentials; `new Hypeman(...)` of `@onkernel/hypeman` fits. */
  readonly client: HypemanClient;
}

// `invisible`, because the API shows nothing of a guest's reset: Cloud Hypervisor and QEMU reset in place, and only under
// Firecracker does the run end.
const capabilities: HypervisorCapabilities = Object.freeze({ exclusion: 'none', guestReboot: 'invisible' });

// The client would repeat a call that failed by itself, seconds later and under a permit that was checked before.
const once = { maxRetries: 0 } as const;

// ---------------------------------------------------------------------------
// constructor
// ---------------------------------------------------------------------------

/**
 * A hypervisor on the instances API. Instances are named by hypeman's id (best: a name can be given to another one) or
 * by their name; name each in one way only, for to a controller two names of one are two instances. One that hypeman does not know is one that never ran; its start is refused.
 *
 * As long as there is a subscription, one call stands open for each instance that starts or runs; they end with the
 * last subscription (closing the controller ends its own) and keep the host's process alive until then.
 *
 * hypeman does not tell a signal from an exit code above 128, nor what its host ended: the cause is then `unknown`, and
 * rules for `signal`, `out_of_memory` and `host` match nothing. Rules for exit codes do, by hypeman's own: 137 after a kill.
 *
 * hypeman keeps `started_at` over a standby. Where it tells the phases (`current_phase_since`, `phase_durations_ms`), `startedAt`
 * of what runs is later by what it was suspended for, so that no sleep makes a run stable; after a standby it is another one
 * than before, and health is reported anew. Where it does not, a standby counts as time that it ran.
 *
 * hypeman does not date the end of a run that ended by itself, so `stoppedAt` is null for it, and a long run that ended
 * unseen does not end the failure window (D7).
 *
 * @example
 * import { createHypemanHypervisor, type HypemanClient } from 'restart-policy/adapters/hypeman'
 *
 * const supervised = (client: HypemanClient) => createHypemanHypervisor({ client }) // new Hypeman({ baseURL, apiKey })
 * assert.strictEqual(typeof supervised, 'function')
 *
 * @since 0.2.0
 */
export const createHypemanHypervisor = (options: HypemanHypervisorOptions): Either<InvalidOptions, Hypervisor> =>
  pipe(options, checkHypemanOptions, map(hypervisorOf));

const checkHypemanOptions = checkOptions<HypemanHypervisorOptions>({ client: checkClient });

const hypervisorOf = ({ client }: HypemanHypervisorOptions): Hypervisor => {
  const watch = createWatch(client);

  /** null: no such instance. */
  const find = async (
    id: InstanceId,
    signal: CallSignal | undefined,
  ): Promise<Either<Failed, HypemanInstance | null>> => {
    try {
      const found = await client.instances.get(id, { signal });
      const known = found.id === id || found.name === id;
      watch.seen(id, found.id, known ? awaited(observedState(found.state)) : null);
      return right(known ? found : null);
    } catch (error) {
      if (!isNotFound(error)) return left(callFailed(`cannot inspect instance ${id}`, error));
      watch.seen(id, id, null);
      return right(null);
    }
  };

  const inspect = async (
    id: InstanceId,
    signal: CallSignal | undefined,
  ): Promise<Either<Failed, InstanceObservation>> => {
    const found = await find(id, signal);
    if (found._tag === 'Left') return found;
    if (found.right === null) return right(neverRan);
    return isOwned(found.right) ? left(failed(twoOwners(found.right))) : observe(found.right);
  };

  const start = (id: InstanceId, permit: Permit): TaskEither<ActionError, void> =>
    permitted(capabilities.exclusion, permit, {
      read: () => find(id, permit.signal),
      act: async (found) => {
        if (found._tag === 'Left') return found;
        const instance = found.right;
        if (instance === null) return left(refused(`hypeman knows no instance ${id}`));
        if (isOwned(instance)) return left(refused(twoOwners(instance)));
        if (isEnding(instance)) return afterEnd(id, instance.id, permit.signal);
        try {
          // Also where it seems to run: a stop that hypeman is busy with does not show before it is over, and hypeman lets
          // the start wait for that. To start what runs does nothing.
          await client.instances.start(instance.id, {}, { ...once, signal: permit.signal });
          return done;
        } catch (error) {
          // Perhaps somebody else's start came first.
          if (isConflict(error)) {
            const now = await find(id, permit.signal);
            if (now._tag === 'Right' && now.right !== null && isUp(now.right)) return done;
            if (now._tag === 'Right' && now.right !== null && isEnding(now.right)) {
              return afterEnd(id, now.right.id, permit.signal);
            }
          }
          return left(actionError(`cannot start instance ${id}`, error, permit.signal));
        }
      },
    });

  /** A run that is about to end is not that of a start: it waits for the end, and asks again. */
  const afterEnd = (id: InstanceId, remoteId: string, signal: CallSignal | undefined) =>
    againAfter(untilGone(id, remoteId, signal));

  const stop = (id: InstanceId, permit: Permit): TaskEither<ActionError, void> =>
    permitted(capabilities.exclusion, permit, {
      read: () => find(id, permit.signal),
      act: async (found) => {
        if (found._tag === 'Left') return found;
        if (found.right === null) return done;
        const { id: remoteId } = found.right;
        try {
          // Also where nothing seems to run: hypeman lets the stop wait for a start that it is busy with, and answers
          // when the run is gone.
          const { state } = await client.instances.stop(remoteId, { ...once, signal: permit.signal });
          return isAtRest(state) ? done : await untilGone(id, remoteId, permit.signal);
        } catch (error) {
          if (isNotFound(error)) return done;
          if (isConflict(error)) {
            const now = await find(id, permit.signal);
            if (now._tag === 'Right' && (now.right === null || isAtRest(now.right.state))) return done;
            if (now._tag === 'Right' && now.right !== null && isEnding(now.right)) {
              return untilGone(id, remoteId, permit.signal);
            }
          }
          return left(actionError(`cannot stop instance ${id}`, error, permit.signal));
        }
      },
    });

  const untilGone = async (
    id: InstanceId,
    remoteId: string,
    signal: CallSignal | undefined,
  ): Promise<Either<Failed, void>> => {
    const query = { state: 'Stopped', timeout: formatDuration(longestWait) } as const;
    try {
      const options = { ...once, timeout: longestWait + waitOverhead, signal };
      const { state } = await client.instances.wait(remoteId, query, options);
      return isAtRest(state) ? done : left(failed(`instance ${id} is still ${state}, though it is to be stopped`));
    } catch (error) {
      return isNotFound(error) ? done : left(callFailed(`cannot wait for instance ${id} to be stopped`, error));
    }
  };

  return {
    capabilities,
    inspect: (id, call) => answered(() => inspect(id, call?.signal)),
    start: (id, permit) => answered(start(id, permit)),
    stop: (id, permit) => answered(stop(id, permit)),
    subscribe: watch.subscribe,
  };
};

// ---------------------------------------------------------------------------
// instances
// ---------------------------------------------------------------------------

/** Any mode but never, one that we do not know included. */
const isOwned = ({ restart_policy: own }: HypemanInstance): boolean => (own?.policy ?? 'never') !== 'never';

const twoOwners = ({ id, restart_policy: own }: HypemanInstance): string =>
  `instance ${id} has a restart policy of hypeman's own (${own?.policy}): set it to never, or do not supervise it here`;

const isUp = ({ state }: HypemanInstance): boolean => awaited(observedState(state)) !== null;

/** The guest is down or going down, and the VMM is still there. */
const isEnding = ({ state }: HypemanInstance): boolean => state === 'Shutdown';

/** No VMM: nothing runs. What is on standby goes on only when somebody restores it. */
const isAtRest = (state: string): boolean => state === 'Stopped' || state === 'Standby';

const awaited = (state: InstanceState): 'Running' | 'Stopped' | null => {
  switch (state) {
    case 'initializing':
      return 'Running';
    case 'running':
      return 'Stopped';
    case 'stopped':
    case 'other':
      return null;
  }
};

const observe = (instance: HypemanInstance): Either<Failed, InstanceObservation> => {
  const startedAt = moment(instance, 'started_at');
  if (startedAt._tag === 'Left') return startedAt;
  const stoppedAt = moment(instance, 'stopped_at');
  if (stoppedAt._tag === 'Left') return stoppedAt;
  const began = startedAt.right;
  return right(
    withCause(
      toObservation({
        state: isHypemanState(instance.state) ? instance.state : 'Unknown',
        // Not of a run that has ended: whether it began before an attempt is asked of its true beginning.
        startedAt: instance.state === 'Running' && began !== null ? beganUnsuspended(instance, began) : began,
        stoppedAt: stoppedAt.right,
        exitCode: instance.exit_code ?? null,
        health: observedHealth(instance.health_status?.status ?? 'disabled'),
      }),
    ),
  );
};

/** Up to here it is the workload's own. */
const largestExitCode = 128;

/**
 * hypeman answers 128 + n for a workload that signal n ended, and a workload may choose such a code itself: its text for
 * people says "killed by signal" of both. What the host ended has no code at all. So above 128 the cause is unknown, and
 * for the rest the exit code says it.
 */
const withCause = (seen: InstanceObservation): InstanceObservation =>
  (seen.exitCode ?? 0) > largestExitCode ? { ...seen, cause: 'unknown' } : seen;

/** Rounded up, both: a run must not seem to begin before its attempt, nor to end before it began. */
const moment = (instance: HypemanInstance, field: 'started_at' | 'stopped_at'): Either<Failed, Timestamp | null> => {
  const text = instance[field] ?? null;
  if (text === null) return right(null);
  const at = checkTime(text, 'up');
  return at._tag === 'Right' ? at : left(failed(`hypeman's answer for instance ${instance.id}: ${field} ${at.left}`));
};
