/**
 * The real controller over the same workload: on the virtual clock, with the scripted hypervisor and people who act when the
 * simulation says so.
 */
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { DecisionRecord } from '../../src/controller.js';
import { maxMillis } from '../../src/duration.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Hypervisor } from '../../src/ports/hypervisor.js';
import { randomOf } from '../../src/simulate/random.js';
import type { PersonAct, SimulationOptions, TimelineEntry } from '../../src/simulate.js';
import {
  createMemoryStore,
  createScriptedHypervisor,
  createVirtualClock,
  type StartScript,
} from '../../src/testing.js';
import { controllerOf } from '../support/controller.js';
import { right } from '../support/either.js';

export type Decided = Omit<TimelineEntry, 'state'>;

/** A moment that no simulation reaches. */
const never = 1e12;

/**
 * As the clock, but what is due at a moment is called after all else that was due then. Which comes first of a change of the instance
 * and a wake-up at the same millisecond is chance in a host; in a simulation the change does.
 */
export const behind = (clock: Clock): Clock => ({
  now: clock.now,
  wakeAt: (at, callback) => {
    let cancel = clock.wakeAt(at, () => {
      cancel = clock.wakeAt(at, callback);
    });
    return () => cancel();
  },
});

/** Every decision of a real controller, from the person's start on. */
export const decisionsOfController = async (options: SimulationOptions): Promise<ReadonlyArray<Decided>> => {
  const { policy, workload, id = 'instance', seed = 0, from = 0, words = [] } = options;
  const clock = createVirtualClock(from);
  const scripted = right(createScriptedHypervisor({ clock }));
  const random = randomOf(seed, id);
  let starts = 0;
  let turnsUnhealthyAt = never;
  let current = policy;
  const decisions: Array<DecisionRecord> = [];
  /** Under a rule that does not count an end, hypervisors let the run of an attempt begin in the next millisecond. */
  const beginsLate = (): boolean =>
    current.rules?.some(({ action }) => action === 'restart_uncounted') === true &&
    decisions.at(-1)?.after.lastAttemptAt === clock.now();
  /** Of the last run. */
  let late = 0;

  scripted.everyStart((): StartScript => {
    if (scripted.running(id) > 0) return {};
    const {
      bootsFor = 0,
      runsFor,
      exitCode = null,
      cause,
      unhealthyAfter,
      startFails = false,
    } = workload(++starts, random);
    if (startFails) return { outcome: 'failed' };
    late = beginsLate() ? 1 : 0;
    const boots = Math.min(never, Math.ceil(bootsFor) + (bootsFor > 0 ? late : 0));
    const lateRun = bootsFor > 0 ? 0 : late;
    const runs = Math.min(never, Math.ceil(runsFor ?? never) + lateRun);
    const turns = Math.min(never, Math.ceil(unhealthyAfter ?? never) + lateRun);
    turnsUnhealthyAt = clock.now() + boots + turns;
    if (turns > 0 && turns < runs && turns < never) {
      const run = starts;
      clock.wakeAt(turnsUnhealthyAt, () => {
        if (run === starts && scripted.observation(id).state === 'running') scripted.notify(id);
      });
    }
    return {
      // What ends before it runs is never seen running.
      ...(boots > 0 ? { initializingMs: runs === 0 ? boots + 1 : boots } : {}),
      ...(runs < never ? { exits: { afterMs: boots + runs, exitCode, cause } } : {}),
    };
  });

  const hypervisor: Hypervisor = {
    ...scripted,
    inspect: (of) =>
      TE.map((seen: ReturnType<typeof scripted.observation>) => {
        const instance = seen.startedAt === null ? seen : { ...seen, startedAt: seen.startedAt + late };
        return instance.state === 'running'
          ? { ...instance, health: clock.now() >= turnsUnhealthyAt ? ('unhealthy' as const) : ('healthy' as const) }
          : instance;
      })(scripted.inspect(of)),
  };

  const store = createMemoryStore();
  const controller = controllerOf({
    store,
    hypervisor,
    clock: behind(clock),
    resyncEvery: maxMillis,
    onDecision: (decision) => decisions.push(decision),
  });
  await clock.settle();
  // Before the person's start there is nothing but the policy.
  await controller.updatePolicy(id, policy)();
  await clock.settle();
  decisions.length = 0;

  const say = ({ event, policy: updated }: PersonAct): Promise<unknown> => {
    switch (event._tag) {
      case 'ManualStart':
        return controller.manualStart(id)();
      case 'ManualStop':
        return controller.manualStop(id)();
      case 'Pause':
        return controller.pause(id)();
      case 'Resume':
        return controller.resume(id)();
      case 'PolicyUpdated':
        current = updated ?? policy;
        return controller.updatePolicy(id, current)();
      default:
        throw new Error(`no word: ${event._tag}`);
    }
  };

  for (const word of [{ at: from, event: { _tag: 'ManualStart' } } as const, ...words]) {
    await clock.advanceTo(word.at);
    await say(word);
    await clock.settle();
  }
  // What would come at the very end does not come.
  await clock.advanceTo(from + Math.ceil(options.for) - 1);
  await controller.close()();
  return decisions.map(({ now, event, reason, after, actions }) => ({
    at: now,
    event,
    reason,
    status: after,
    action: actions[0] ?? null,
  }));
};
