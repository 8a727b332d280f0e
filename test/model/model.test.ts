/**
 * The real controller, store and hypervisor do what a much simpler model of what people are promised says, whatever
 * happens to an instance, or to three at once.
 *
 * A failure prints what happened as a story, a seed, a path, and behind the story a replayPath. To see it again:
 * SEED=... SHRUNK=<path> REPLAY=<replayPath> npx vitest run test/model -t '<name of the test>'
 */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../src/adapters/memory.js';
import { type Exclusion, exclusions, type InstanceId } from '../../src/controller.js';
import type { Store } from '../../src/ports/store.js';
import { initialStatus } from '../../src/status.js';
import { policyOf } from '../support/fixtures.js';
import { noteFigures, runs } from '../support/proof.js';
import { arbCommand, arbPolicy } from './arbitraries.js';
import { clockIsSet } from './commands/clock-is-set.js';
import { controllerCrashesDuringStop } from './commands/controller-crashes-during-stop.js';
import { healthTurns } from './commands/health-turns.js';
import { instanceExits } from './commands/instance-exits.js';
import { personDeletes } from './commands/person-deletes.js';
import { policyIsUpdated } from './commands/policy-is-updated.js';
import { startsGo } from './commands/starts-go.js';
import { stopsGo } from './commands/stops-go.js';
import { storeFails } from './commands/store-fails.js';
import { storeRecovers } from './commands/store-recovers.js';
import { timePasses } from './commands/time-passes.js';
import { play } from './play.js';
import { createSystem } from './system.js';

const many = { maxCommands: 60, numRuns: runs(60) };
const long = { maxCommands: 400, numRuns: runs(3) };
const wide = { maxCommands: 90, numRuns: runs(25) };

interface Life {
  readonly exclusion: Exclusion;
  readonly ids: ReadonlyArray<InstanceId>;
  readonly maxCommands: number;
  readonly replayPath?: string;
  readonly createStore?: () => Store;
}

const isAsTheModelSays = ({ exclusion, ids, createStore = createMemoryStore, ...constraints }: Life) =>
  fc.asyncProperty(
    fc.record(Object.fromEntries(ids.map((id) => [id, arbPolicy]))),
    fc.commands([arbCommand(ids)], { ...constraints, size: 'max' }),
    (policies, commands) => play(createSystem(exclusion, ids, createStore()), exclusion, policies, commands),
  );

const { SEED, SHRUNK, REPLAY } = process.env;
const replayed = REPLAY === undefined ? {} : { replayPath: REPLAY };
const drawn = SEED === undefined ? {} : { seed: Number(SEED), path: SHRUNK ?? '' };

describe.each(exclusions)('on a hypervisor of class %s', (exclusion) => {
  test.each([
    ['an instance', ['web'], many],
    ['an instance with a long life', ['web'], long],
    ['each of three instances', ['web', 'db', 'queue'], wide],
  ] as const)(
    '%s is what the model says it is',
    async (_, ids, { maxCommands, numRuns }) => {
      await fc.assert(isAsTheModelSays({ exclusion, ids, maxCommands, ...replayed }), { numRuns, ...drawn });
      noteFigures({ guarantee: 'G1-G4, G8', method: 'a model', counts: { lives: numRuns } });
    },
    3_600_000,
  );
});

describe('what a run once drew', () => {
  const policy = policyOf({ backoff: 1_000, maxAttempts: 0, stableAfter: 3_000 });

  test('a delete whose answer was lost ends what was asked before: the next policy is the first', async () => {
    await play(createSystem('section', ['web'], createMemoryStore()), 'section', { web: policy }, [
      controllerCrashesDuringStop('web', 'permitted'),
      storeFails('web', { operation: 'remove', fault: 'fail_after', times: 1 }),
      personDeletes('web'),
      policyIsUpdated('web', policy),
    ]);
  });

  test('an attempt for bad health that could not stop the run counts when it falls ill again, and ends by itself', async () => {
    await play(createSystem('section', ['web'], createMemoryStore()), 'section', { web: policy }, [
      stopsGo('web', { outcome: 'refused', exitCode: 0 }),
      healthTurns('web', 'unhealthy'),
      healthTurns('web', 'healthy'),
      healthTurns('web', 'unhealthy'),
      instanceExits('web', 0),
    ]);
  });

  test('a start was under way when the store worked again: the next attempt waits from its end', async () => {
    const policies = { web: { ...policy, mode: 'never' }, db: policy } as const;
    await play(createSystem('section', ['web', 'db'], createMemoryStore()), 'section', policies, [
      startsGo('web', { outcome: 'failed', wait: { at: 'before_effect', ms: 1_700 } }, 4),
      instanceExits('web', 1),
      storeFails('web', { operation: 'load', fault: 'fail_before', times: 1 }),
      personDeletes('web'),
      startsGo('db', { exits: { afterMs: 770, exitCode: 1 } }, 1),
      instanceExits('db', 1),
      policyIsUpdated('web', policy),
      storeRecovers('web'),
    ]);
  });

  // Once the clock was set forward, which of the two comes first is a matter of its timers: so no such tie is drawn.
  test('a run ends in the very millisecond in which it has lasted: it is forgiven what went before', async () => {
    await play(createSystem('section', ['web'], createMemoryStore()), 'section', { web: policy }, [
      startsGo('web', { exits: { afterMs: 3_000, exitCode: 1 } }, 2),
      instanceExits('web', 1),
      timePasses(3_000),
      timePasses(3_000),
    ]);
  });

  // A verdict names its run by when that began, which was the moment of another run before the clock was set.
  test('a run is set back to the moment at which an unhealthy one began: it is taken for that one', async () => {
    await play(createSystem('fenced', ['web'], createMemoryStore()), 'fenced', { web: policy }, [
      healthTurns('web', 'unhealthy'),
      timePasses(89_998),
      healthTurns('web', 'unhealthy'),
      clockIsSet(-90_000),
    ]);
  });
});

describe('the model', () => {
  test('shows an instance that is not what it says as a story, which replays', async () => {
    const createStore = () => forgettingStops(createMemoryStore());
    const life = { exclusion: 'section', ids: ['web'], maxCommands: 60, createStore } as const;
    const found = await fc.check(isAsTheModelSays(life));
    const [story, replayPath = ''] = String(found.counterexample?.[1]).split(/ ?\/\*replayPath="(.*)"\*\//);
    expect(story).toMatch(/a person (stops|deletes) web/);

    const again = await fc.check(isAsTheModelSays({ ...life, replayPath }), {
      seed: found.seed,
      path: found.counterexamplePath ?? '',
      endOnFailure: true,
    });
    expect(again).toMatchObject({ failed: true, numRuns: 1 });
    expect(String(again.counterexample?.[1])).toContain(story);
  });

  test('is at most a fifth of the size of what it is a model of', () => {
    expect(linesOf('./model.ts') * 5).toBeLessThanOrEqual(sizeOfTheReal);
  });
});

/** A store that breaks its contract in what matters most. */
const forgettingStops = (store: Store): Store => ({
  ...store,
  save: (id, { policy, status }, expected) =>
    store.save(
      id,
      { policy, status: status !== 'as_it_stands' && status.blockedReason === 'manual_stop' ? initialStatus : status },
      expected,
    ),
});

const linesOf = (path: string): number => readFileSync(new URL(path, import.meta.url), 'utf8').split('\n').length - 1;

const src = '../../src/';
const sizeOfTheReal = [
  'controller.ts',
  ...readdirSync(new URL(`${src}controller/`, import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `controller/${file}`),
  'decide.ts',
  'waits.ts',
  'rules.ts',
  'salt.ts',
  'adapters/memory.ts',
  'testing/scripted-hypervisor.ts',
  'testing/scripted-hypervisor/instances.ts',
  'testing/scripted-hypervisor/processes.ts',
  'testing/scripted-hypervisor/scripts.ts',
].reduce((lines, file) => lines + linesOf(`${src}${file}`), 0);
