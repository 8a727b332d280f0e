/**
 * The hypervisor's contract as a suite. Case names begin with the rule in `Hypervisor` (A1..A5), with the class of
 * exclusion whose promise they look at, or with what the rule is about that has no number.
 *
 * Real hypervisors take their time: the suite looks again until it sees what must come, for some seconds at most, and
 * waits a moment where something must not come. It uses real timers, and no clock of anybody's.
 *
 * @since 0.1.0
 */
import { type Either, isRight, left, right } from 'fp-ts/lib/Either.js';
import type { InstanceObservation } from '../event.js';
import { type ActionError, type Hypervisor, neverRan, type Permit, superseded } from '../ports/hypervisor.js';
import { type InstanceId, invalidRecord, type Revision, storeFailed } from '../ports/store.js';
import { type ContractCase, type ContractVerdict, caseMaker, type Expect, pause } from './contract.js';
import { createHold, type Hold } from './hold.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * A hypervisor to be looked at. The optional parts let the suite look further; without one, the cases that need it
 * answer `not_applicable`.
 *
 * @since 0.1.0
 */
export interface HypervisorUnderTest {
  readonly hypervisor: Hypervisor;
  /** An instance that never ran, can be started, and then runs until it is stopped. */
  readonly id: InstanceId;
  /** Lets the run of `id` end by itself with this exit code (1..100). */
  readonly exit?: ((exitCode: number) => Promise<void>) | undefined;
  /** How many runs of `id` there are, counted in some other way than by asking the hypervisor. */
  readonly countRuns?: (() => Promise<number>) | undefined;
  /** An instance whose starts are refused, all of them, after their check. */
  readonly refusingStart?: InstanceId | undefined;
  /** Lets the next stop of `id` be refused, after its check. */
  readonly refuseNextStop?: (() => Promise<void>) | undefined;
  /**
   * The hypervisor as a later process finds it. The process of `hypervisor` is over by then: the suite does not use it
   * any more. Whether the runs outlive it is the adapter's business.
   */
  readonly reopen?: (() => Promise<Hypervisor>) | undefined;
  /**
   * Makes an instance of an id that the suite chose, of the same kind as `id`: it never ran, and can be started. Not
   * for hypervisors that name their instances themselves.
   */
  readonly create?: ((id: InstanceId) => Promise<void>) | undefined;
  /**
   * Takes away what the hypervisor works with (its service, its directory) while `id` runs: from now on it can neither
   * look at `id` nor start nor stop it.
   */
  readonly breakDown?: (() => Promise<void>) | undefined;
  /**
   * How long the suite waits for an answer, and for what must come after it, in real milliseconds; default 10,000. Let
   * your test runner wait longer, 30 s say: at its own time limit (vitest and Jest: 5 s) it ends a case before the
   * suite can say what did not come.
   */
  readonly patienceMs?: number | undefined;
  /** Called at the end of each case, after `breakDown` too; ends what still runs. */
  readonly close?: (() => Promise<void>) | undefined;
}

// ---------------------------------------------------------------------------
// suite
// ---------------------------------------------------------------------------

/** What names of files, paths and commands make of an id must not matter, nor how long it is, nor where it differs. */
const oddIds: ReadonlyArray<InstanceId> = [
  'odd',
  'ODD',
  '../odd',
  `"it's" $(odd); \\ & 100%`,
  'Zürich ☃ 𝄞',
  '__proto__',
  `${'long'.repeat(1_000)}-1`,
  `${'long'.repeat(1_000)}-2`,
];

/**
 * The contract of a hypervisor as cases for any test runner. `make` gives a fresh one for each. The same cases are
 * listed for every class of exclusion; those of other classes answer `not_applicable`.
 *
 * @example
 * import { createScriptedHypervisor, createVirtualClock, hypervisorContract } from 'restart-policy/testing'
 *
 * const make = async () => {
 *   const created = createScriptedHypervisor({ clock: createVirtualClock() })
 *   if (created._tag === 'Left') throw new Error(created.left.message)
 *   return { hypervisor: created.right, id: 'web-1' }
 * }
 * const verdicts = new Map<string, string>()
 * for (const { name, run } of hypervisorContract(make)) {
 *   // one test each, in any test runner: docs/adapters.md shows how
 *   verdicts.set(name, await run())
 * }
 * assert.strictEqual(verdicts.get('A2 nothing to stop is a stop that is done'), 'held')
 *
 * @since 0.1.0
 */
export const hypervisorContract = (make: () => Promise<HypervisorUnderTest>): ReadonlyArray<ContractCase> => {
  const rule = caseMaker('hypervisor', make);
  const ofClass = (
    exclusion: Hypervisor['capabilities']['exclusion'],
    name: string,
    body: (under: HypervisorUnderTest, expect: Expect) => Promise<ContractVerdict>,
  ): ContractCase =>
    rule(name, async (under, expect) =>
      under.hypervisor.capabilities.exclusion === exclusion ? body(under, expect) : 'not_applicable',
    );

  return [
    // -- looks ----------------------------------------------------------------

    rule(
      'inspect: an instance that never ran, or that nobody knows, is stopped and nothing else',
      async (under, expect) => {
        for (const id of [under.id, 'an instance that nobody ever created']) {
          await neverRanYet(under.hypervisor, expect, id);
        }
        return 'held';
      },
    ),

    rule('inspect: a start that is built and not run starts nothing', async ({ hypervisor, id }, expect) => {
      const starting = hypervisor.start(id, given(1));
      await aMoment();
      await isDown(hypervisor, expect, id, 'before the start is run');
      await expect.right('start', starting);
      await comesUp(hypervisor, expect, id);
      const stopping = hypervisor.stop(id, given(2));
      await aMoment();
      await isUp(hypervisor, expect, id, 'before the stop is run');
      await expect.right('stop', stopping);
      return 'held';
    }),

    rule('inspect: a run has a beginning, an end and an exit code', async ({ hypervisor, id, exit }, expect) => {
      if (exit === undefined) return 'not_applicable';
      for (const exitCode of [3, 7]) {
        await expect.right('start', hypervisor.start(id, given(exitCode)));
        const up = await comesUp(hypervisor, expect, id);
        expect.that(Number.isSafeInteger(up.startedAt), 'a run began at a whole millisecond', up);
        await expect.lent('exit', () => exit(exitCode));
        const down = await goesDown(hypervisor, expect, id);
        expect.equal('the exit code', down.exitCode, exitCode);
        expect.equal('when the run that ended began', down.startedAt, up.startedAt);
        expect.that((down.stoppedAt ?? 0) >= (up.startedAt ?? 0), 'a run ends after it began', down);
      }
      return 'held';
    }),

    // -- ids ------------------------------------------------------------------

    rule('ids: any text, of any length, is an id, and each its own', async ({ hypervisor, create }, expect) => {
      if (create === undefined) return 'not_applicable';
      for (const id of oddIds) await expect.lent('create', () => create(id));
      for (const id of oddIds) {
        await neverRanYet(hypervisor, expect, id);
        const started = await expect.answer(`start of ${id}`, hypervisor.start(id, given(1)));
        if (isRight(started)) {
          await comesUp(hypervisor, expect, id);
          await expect.right(`stop of ${id}`, hypervisor.stop(id, given(2)));
          await isDown(hypervisor, expect, id, 'when the stop answers');
        } else {
          expect.that(started.left._tag === 'Refused', `${id} is started, or Refused`, started);
          await aMoment();
          await neverRanYet(hypervisor, expect, id);
        }
      }
      return 'held';
    }),

    // -- faults ---------------------------------------------------------------

    rule('faults: what cannot be done is answered so, and nothing throws or rejects', async (under, expect) => {
      const { hypervisor, id, breakDown } = under;
      if (breakDown === undefined) return 'not_applicable';
      await expect.right('start', hypervisor.start(id, given(1)));
      await comesUp(hypervisor, expect, id);
      await expect.lent('breakDown', breakDown);
      // Built where they are run, so that whichever throws is named.
      await expect.left('inspect', () => hypervisor.inspect(id)(), 'Failed');
      await expect.left('start', () => hypervisor.start(id, given(2))(), 'Failed', 'Refused');
      await expect.left('stop', () => hypervisor.stop(id, given(3))(), 'Failed', 'Refused');
      return 'held';
    }),

    // -- A1 -------------------------------------------------------------------

    rule('A1 a start on a running instance answers started and starts nothing', async (under, expect) => {
      const { hypervisor, id } = under;
      await expect.right('start', hypervisor.start(id, given(1)));
      const before = await comesUp(hypervisor, expect, id);
      await expect.right('start of what runs', hypervisor.start(id, given(2)));
      const after = await comesUp(hypervisor, expect, id);
      expect.equal('when the run began', after.startedAt, before.startedAt);
      await countsRuns(under, expect, 1);
      await expect.right('stop', hypervisor.stop(id, given(3)));
      await isDown(hypervisor, expect, id, 'after one stop');
      await countsRuns(under, expect, 0);
      return 'held';
    }),

    rule('A1 starts at the same time all answer started, and there is one run', async (under, expect) => {
      const { hypervisor, id } = under;
      const starts = [1, 1, 1, 1, 1].map((revision) => expect.right('start', hypervisor.start(id, given(revision))));
      await Promise.all(starts);
      await comesUp(hypervisor, expect, id);
      await countsRuns(under, expect, 1);
      await expect.right('stop', hypervisor.stop(id, given(2)));
      await aMoment();
      await isDown(hypervisor, expect, id, 'a moment after one stop');
      await countsRuns(under, expect, 0);
      return 'held';
    }),

    // -- A2 -------------------------------------------------------------------

    rule('A2 a stop answers when the run is gone, and not before', async (under, expect) => {
      const { hypervisor, id } = under;
      for (const revision of [1, 3]) {
        await expect.right('start', hypervisor.start(id, given(revision)));
        const up = await comesUp(hypervisor, expect, id);
        await expect.right('stop', hypervisor.stop(id, given(revision + 1)));
        const down = await isDown(hypervisor, expect, id, 'when the stop answers');
        expect.equal('when the run that was stopped began', down.startedAt, up.startedAt);
        await countsRuns(under, expect, 0);
      }
      return 'held';
    }),

    rule('A2 a stop right after a start ends the run, however far it has come', async (under, expect) => {
      const { hypervisor, id } = under;
      await expect.right('start', hypervisor.start(id, given(1)));
      await expect.right('stop', hypervisor.stop(id, given(2)));
      await isDown(hypervisor, expect, id, 'when the stop answers');
      await aMoment();
      await isDown(hypervisor, expect, id, 'a moment later');
      await countsRuns(under, expect, 0);
      return 'held';
    }),

    rule('A2 nothing to stop is a stop that is done', async ({ hypervisor, id }, expect) => {
      await expect.right('stop of what never ran', hypervisor.stop(id, given(1)));
      const seen = await isDown(hypervisor, expect, id, 'after a stop of what never ran');
      expect.equal('when it ran', seen.startedAt, null);
      await expect.right('start', hypervisor.start(id, given(2)));
      await comesUp(hypervisor, expect, id);
      await expect.right('stop', hypervisor.stop(id, given(3)));
      await expect.right('second stop', hypervisor.stop(id, given(4)));
      await isDown(hypervisor, expect, id, 'after two stops');
      return 'held';
    }),

    // -- A3 -------------------------------------------------------------------

    rule('A3 a later process finds the run, or knows that it ended', async (under, expect) => {
      const { hypervisor, id, reopen } = under;
      if (reopen === undefined) return 'not_applicable';
      await expect.right('start', hypervisor.start(id, given(1)));
      const before = await comesUp(hypervisor, expect, id);
      const later = await expect.lent('reopen', reopen);
      const found = await look(later, expect, id);
      expect.equal('when the run that it finds began', found.startedAt, before.startedAt);
      await countsRuns(under, expect, found.state === 'stopped' ? 0 : 1);
      await expect.right('start', later.start(id, given(2)));
      const running = await comesUp(later, expect, id);
      if (found.state !== 'stopped') expect.equal('the run that goes on', running.startedAt, before.startedAt);
      await countsRuns(under, expect, 1);
      await expect.right('stop', later.stop(id, given(3)));
      await isDown(later, expect, id, 'after a stop by the later process');
      await countsRuns(under, expect, 0);
      return 'held';
    }),

    // -- A4 -------------------------------------------------------------------

    rule(
      'A4 a start whose check does not pass starts nothing, and answers what the check did',
      async (under, expect) => {
        const { hypervisor, id } = under;
        for (const { tag, permit } of denials(id, 1)) {
          await expect.left('start', hypervisor.start(id, permit), tag);
          await aMoment();
          const seen = await isDown(hypervisor, expect, id, 'after a start that was not to be');
          expect.equal('when it ran', seen.startedAt, null);
        }
        await expect.right('start', hypervisor.start(id, given(2)));
        await comesUp(hypervisor, expect, id);
        for (const { tag, permit } of denials(id, 3)) {
          await expect.left('start of what runs', hypervisor.start(id, permit), tag);
        }
        await countsRuns(under, expect, 1);
        return 'held';
      },
    ),

    rule('A4 a stop whose check does not pass stops nothing, and answers what the check did', async (under, expect) => {
      const { hypervisor, id } = under;
      for (const { tag, permit } of denials(id, 1)) {
        await expect.left('stop of what does not run', hypervisor.stop(id, permit), tag);
      }
      await expect.right('start', hypervisor.start(id, given(2)));
      const before = await comesUp(hypervisor, expect, id);
      for (const { tag, permit } of denials(id, 3)) {
        await expect.left('stop', hypervisor.stop(id, permit), tag);
        await aMoment();
        const after = await isUp(hypervisor, expect, id, 'after a stop that was not to be');
        expect.equal('when the run began', after.startedAt, before.startedAt);
      }
      return 'held';
    }),

    rule('A4 nothing is started or stopped before the check has passed', async (under, expect) => {
      const { hypervisor, id } = under;
      const beforeStart = createHold();
      const starting = hypervisor.start(id, heldAt(1, beforeStart))();
      await arrives(expect, beforeStart, 'the check of the start');
      await aMoment();
      await isDown(hypervisor, expect, id, 'while the check of its start runs');
      beforeStart.release();
      await expect.right('start', () => starting);
      await comesUp(hypervisor, expect, id);
      const beforeStop = createHold();
      const stopping = hypervisor.stop(id, heldAt(2, beforeStop))();
      await arrives(expect, beforeStop, 'the check of the stop');
      await aMoment();
      await isUp(hypervisor, expect, id, 'while the check of its stop runs');
      beforeStop.release();
      await expect.right('stop', () => stopping);
      return 'held';
    }),

    rule('A4 onRefused does not run for a call that is not refused', async ({ hypervisor, id }, expect) => {
      let runs = 0;
      const counting = (permit: Permit): Permit => ({
        ...permit,
        onRefused: async () => {
          runs++;
        },
      });
      for (const { tag, permit } of denials(id, 1)) {
        await expect.left('start', hypervisor.start(id, counting(permit)), tag);
        await expect.left('stop', hypervisor.stop(id, counting(permit)), tag);
      }
      await expect.right('stop of what does not run', hypervisor.stop(id, counting(given(2))));
      await expect.right('start', hypervisor.start(id, counting(given(3))));
      await comesUp(hypervisor, expect, id);
      await expect.right('start of what runs', hypervisor.start(id, counting(given(4))));
      await expect.right('stop', hypervisor.stop(id, counting(given(5))));
      expect.equal('how often onRefused ran', runs, 0);
      return 'held';
    }),

    rule('A4 a refused start has done nothing', async ({ hypervisor, refusingStart }, expect) => {
      if (refusingStart === undefined) return 'not_applicable';
      await expect.left('start', hypervisor.start(refusingStart, given(1)), 'Refused');
      await aMoment();
      await isDown(hypervisor, expect, refusingStart, 'after a refused start');
      for (const { tag, permit } of denials(refusingStart, 2)) {
        await expect.left('start that must not be', hypervisor.start(refusingStart, permit), tag);
      }
      return 'held';
    }),

    rule('A4 a refused stop has done nothing, and the next one stops', async (under, expect) => {
      const { hypervisor, id, refuseNextStop } = under;
      if (refuseNextStop === undefined) return 'not_applicable';
      await expect.right('start', hypervisor.start(id, given(1)));
      const before = await comesUp(hypervisor, expect, id);
      await expect.lent('refuseNextStop', refuseNextStop);
      await expect.left('stop', hypervisor.stop(id, given(2)), 'Refused');
      const after = await isUp(hypervisor, expect, id, 'after a refused stop');
      expect.equal('when the run began', after.startedAt, before.startedAt);
      await expect.right('next stop', hypervisor.stop(id, given(3)));
      await isDown(hypervisor, expect, id, 'after the next stop');
      return 'held';
    }),

    // -- A5 -------------------------------------------------------------------

    rule('A5 the capabilities are of the known kinds, and only fences have tags', async ({ hypervisor }, expect) => {
      const { exclusion, guestReboot } = hypervisor.capabilities;
      expect.that(['section', 'fenced', 'none'].includes(exclusion), 'the class of exclusion is known', exclusion);
      expect.that(['exit', 'event', 'invisible'].includes(guestReboot), 'the kind of reboot is known', guestReboot);
      expect.equal('whether it can retag', hypervisor.retag !== undefined, exclusion === 'fenced');
      return 'held';
    }),

    // -- class section ----------------------------------------------------------

    ofClass('section', 'section: while the check of one call runs, that of no other begins', async (under, expect) => {
      const { hypervisor, id } = under;
      const order: Array<string> = [];
      const hold = createHold();
      const starting = hypervisor.start(id, noting(order, 'start', heldAt(1, hold)))();
      await arrives(expect, hold, 'the check of the start');
      const stopping = hypervisor.stop(id, noting(order, 'stop', given(2)))();
      await aMoment();
      expect.equal('checks begun and ended while the first is held', order, ['start begins']);
      hold.release();
      await expect.right('start', () => starting);
      await expect.right('stop', () => stopping);
      await isDown(hypervisor, expect, id, 'after a start and a stop that waited for it');
      return 'held';
    }),

    ofClass('section', 'section: the effect lies in it too, so the last word is what is', async (under, expect) => {
      const { hypervisor, id } = under;
      for (let round = 0; round < 8; round++) {
        // Both orders of calling, from both states.
        const order: Array<string> = [];
        const start = hypervisor.start(id, noting(order, 'start', given(2 * round + 1)));
        const stop = hypervisor.stop(id, noting(order, 'stop', given(2 * round + 2)));
        const calls = round % 2 === 0 ? [start, stop] : [stop, start];
        const answers = await Promise.all(calls.map((call) => expect.answer('a start or a stop', call)));
        expect.that(answers.every(isRight), 'both calls are done', answers);
        expect.equal('how many checks were begun and ended', order.length, 4);
        const last = order[3];
        if (last === 'stop ends') await isDown(hypervisor, expect, id, `when the checks ran so: ${order.join(', ')}`);
        else await comesUp(hypervisor, expect, id);
        await countsRuns(under, expect, last === 'stop ends' ? 0 : 1);
      }
      return 'held';
    }),

    ofClass('section', 'section: what puts a refused start back runs in it, once', async (under, expect) => {
      const { hypervisor, refusingStart } = under;
      if (refusingStart === undefined) return 'not_applicable';
      await putsBackInside(hypervisor, expect, refusingStart, (permit) => hypervisor.start(refusingStart, permit));
      return 'held';
    }),

    ofClass('section', 'section: what puts a refused stop back runs in it, once', async (under, expect) => {
      const { hypervisor, id, refuseNextStop } = under;
      if (refuseNextStop === undefined) return 'not_applicable';
      await expect.right('start', hypervisor.start(id, given(1)));
      await comesUp(hypervisor, expect, id);
      await expect.lent('refuseNextStop', refuseNextStop);
      await putsBackInside(hypervisor, expect, id, (permit) => hypervisor.stop(id, permit));
      return 'held';
    }),

    rule('no section: what puts a refused start back is left to the caller', async (under, expect) => {
      const { hypervisor, refusingStart } = under;
      if (hypervisor.capabilities.exclusion === 'section' || refusingStart === undefined) return 'not_applicable';
      let runs = 0;
      const onRefused = async (): Promise<void> => {
        runs++;
      };
      await expect.left('start', hypervisor.start(refusingStart, { ...given(1), onRefused }), 'Refused');
      expect.equal('how often onRefused ran', runs, 0);
      return 'held';
    }),

    // -- class fenced -----------------------------------------------------------

    ofClass('fenced', 'fenced: a start below the highest revision seen is superseded', async (under, expect) => {
      const { hypervisor, id } = under;
      await expect.right('stop at 5, of nothing', hypervisor.stop(id, given(5)));
      await expect.left('start at 4', hypervisor.start(id, given(4)), 'Superseded');
      await aMoment();
      await isDown(hypervisor, expect, id, 'after a start below the fence');
      await expect.right('start at 5', hypervisor.start(id, given(5)));
      await comesUp(hypervisor, expect, id);
      await expect.left('start at 4, of what runs', hypervisor.start(id, given(4)), 'Superseded');
      return 'held';
    }),

    ofClass('fenced', 'fenced: a stop ends only a run that was started below its revision', async (under, expect) => {
      const { hypervisor, id } = under;
      await expect.right('start at 5', hypervisor.start(id, given(5)));
      await comesUp(hypervisor, expect, id);
      for (const revision of [4, 5]) {
        await expect.left(`stop at ${revision}`, hypervisor.stop(id, given(revision)), 'Superseded');
        await isUp(hypervisor, expect, id, `after a stop at ${revision} of a run of 5`);
      }
      await expect.right('stop at 6', hypervisor.stop(id, given(6)));
      await isDown(hypervisor, expect, id, 'after a stop at 6');
      return 'held';
    }),

    ofClass(
      'fenced',
      'fenced: a start of what runs takes it over, so that a stop from before leaves it',
      async (under, expect) => {
        const { hypervisor, id } = under;
        await expect.right('start at 3', hypervisor.start(id, given(3)));
        const before = await comesUp(hypervisor, expect, id);
        await expect.right('start at 6', hypervisor.start(id, given(6)));
        await expect.left('stop at 5', hypervisor.stop(id, given(5)), 'Superseded');
        const after = await isUp(hypervisor, expect, id, 'after a stop at 5 of a run taken over at 6');
        expect.equal('when the run began', after.startedAt, before.startedAt);
        await expect.right('stop at 7', hypervisor.stop(id, given(7)));
        await isDown(hypervisor, expect, id, 'after a stop at 7');
        return 'held';
      },
    ),

    ofClass('fenced', 'fenced: a retag takes a run over, and starts none', async ({ hypervisor, id }, expect) => {
      const { retag } = hypervisor;
      if (retag === undefined) return 'not_applicable'; // A5 says so.
      await expect.right('start at 3', hypervisor.start(id, given(3)));
      await comesUp(hypervisor, expect, id);
      for (const { tag, permit } of denials(id, 9)) await expect.left('retag', retag(id, permit), tag);
      expect.equal('retag at 8', await expect.right('retag at 8', retag(id, given(8))), 'tagged');
      await expect.left('stop at 7', hypervisor.stop(id, given(7)), 'Superseded');
      await isUp(hypervisor, expect, id, 'after a stop at 7 of a run tagged with 8');
      await expect.right('stop at 9', hypervisor.stop(id, given(9)));
      expect.equal('retag at 12', await expect.right('retag at 12', retag(id, given(12))), 'gone');
      await aMoment();
      await isDown(hypervisor, expect, id, 'after a retag of nothing');
      await expect.left('start at 11', hypervisor.start(id, given(11)), 'Superseded');
      return 'held';
    }),

    ofClass('fenced', 'fenced: a later process finds the fence where it was', async (under, expect) => {
      const { hypervisor, id, reopen } = under;
      if (reopen === undefined) return 'not_applicable';
      await expect.right('stop at 5, of nothing', hypervisor.stop(id, given(5)));
      const later = await expect.lent('reopen', reopen);
      await expect.left('start at 4 by a later process', later.start(id, given(4)), 'Superseded');
      await aMoment();
      await isDown(later, expect, id, 'after a start below the fence');
      return 'held';
    }),

    // -- notifications ------------------------------------------------------------

    rule('subscribe: the end of a run is told, with the id', async ({ hypervisor, id, exit }, expect) => {
      if (exit === undefined) return 'not_applicable';
      await expect.right('start', hypervisor.start(id, given(1)));
      await comesUp(hypervisor, expect, id);
      const heard = new Set<InstanceId>();
      const cancel = hypervisor.subscribe((changed) => heard.add(changed));
      await expect.lent('exit', () => exit(3));
      await goesDown(hypervisor, expect, id);
      await expect.eventually(async () => heard.size > 0);
      cancel();
      expect.equal('which instances were told of', [...heard], [id]);
      return 'held';
    }),

    rule('subscribe: one listener goes, twice if it likes, and the others stay', async (under, expect) => {
      const { hypervisor, id } = under;
      let heardByGone = 0;
      let heardByOther = 0;
      const cancelGone = hypervisor.subscribe(() => heardByGone++);
      const cancelOther = hypervisor.subscribe(() => heardByOther++);
      cancelGone();
      cancelGone();
      await expect.right('start', hypervisor.start(id, given(1)));
      await comesUp(hypervisor, expect, id);
      await expect.right('stop', hypervisor.stop(id, given(2)));
      await expect.eventually(async () => heardByOther > 0);
      await aMoment();
      cancelOther();
      expect.that(heardByOther > 0, 'a listener hears of starts and stops', heardByOther);
      expect.equal('what a listener hears that has gone', heardByGone, 0);
      return 'held';
    }),
  ];
};

// ---------------------------------------------------------------------------
// permits
// ---------------------------------------------------------------------------

const given = (revision: Revision): Permit => ({ revision, check: async () => right(undefined) });

/** A permit for each way in which a check can say no. */
const denials = (id: InstanceId, revision: Revision) =>
  [superseded, storeFailed('the store does not answer'), invalidRecord(id, ['not a record'])].map((answer) => ({
    tag: answer._tag,
    permit: { revision, check: async () => left(answer) } satisfies Permit,
  }));

/** A permit whose check waits until it is released. */
const heldAt = (revision: Revision, hold: Hold): Permit => ({
  revision,
  check: async () => {
    await hold.pass();
    return right(undefined);
  },
});

/** Writes down when the check of a permit begins and ends. */
const noting = (order: Array<string>, name: string, permit: Permit): Permit => ({
  ...permit,
  check: async () => {
    order.push(`${name} begins`);
    const answer = await permit.check();
    order.push(`${name} ends`);
    return answer;
  },
});

/** While a refused call is being put back, no other call of the instance gets to its check. */
const putsBackInside = async (
  hypervisor: Hypervisor,
  expect: Expect,
  id: InstanceId,
  refusedCall: (permit: Permit) => () => Promise<Either<ActionError, void>>,
): Promise<void> => {
  const order: Array<string> = [];
  const hold = createHold();
  const onRefused = async (): Promise<void> => {
    order.push('putting back');
    await hold.pass();
    order.push('put back');
  };
  let answered = false;
  const refused = refusedCall({ ...noting(order, 'first', given(10)), onRefused })().then((answer) => {
    answered = true;
    return answer;
  });
  await arrives(expect, hold, 'onRefused');
  const other = hypervisor.stop(id, noting(order, 'other', given(11)))();
  await aMoment();
  const soFar = ['first begins', 'first ends', 'putting back'];
  expect.equal('what has happened while it is being put back', order, soFar);
  expect.equal('whether the refused call has answered by then', answered, false);
  hold.release();
  await expect.left('the refused call', () => refused, 'Refused');
  await expect.right('the stop that waited', () => other);
  expect.equal('what has happened', order, [...soFar, 'put back', 'other begins', 'other ends']);
};

// ---------------------------------------------------------------------------
// looks
// ---------------------------------------------------------------------------

const look = (hypervisor: Hypervisor, expect: Expect, id: InstanceId): Promise<InstanceObservation> =>
  expect.right(`inspect ${id}`, hypervisor.inspect(id));

const neverRanYet = async (hypervisor: Hypervisor, expect: Expect, id: InstanceId): Promise<void> =>
  expect.equal(`what ${id} looks like`, await look(hypervisor, expect, id), neverRan);

const isDown = async (
  hypervisor: Hypervisor,
  expect: Expect,
  id: InstanceId,
  when: string,
): Promise<InstanceObservation> => {
  const seen = await look(hypervisor, expect, id);
  expect.that(seen.state === 'stopped', `${id} must be stopped ${when}`, seen);
  return seen;
};

const isUp = async (
  hypervisor: Hypervisor,
  expect: Expect,
  id: InstanceId,
  when: string,
): Promise<InstanceObservation> => {
  const seen = await look(hypervisor, expect, id);
  expect.that(seen.state === 'running', `${id} must be running ${when}`, seen);
  return seen;
};

const comesUp = async (hypervisor: Hypervisor, expect: Expect, id: InstanceId): Promise<InstanceObservation> => {
  await expect.eventually(async () => (await look(hypervisor, expect, id)).state === 'running');
  return isUp(hypervisor, expect, id, 'some time after its start');
};

const goesDown = async (hypervisor: Hypervisor, expect: Expect, id: InstanceId): Promise<InstanceObservation> => {
  await expect.eventually(async () => (await look(hypervisor, expect, id)).state === 'stopped');
  return isDown(hypervisor, expect, id, 'some time after its exit');
};

const countsRuns = async ({ countRuns }: HypervisorUnderTest, expect: Expect, expected: number): Promise<void> => {
  if (countRuns === undefined) return;
  expect.equal('how many runs there are', await expect.lent('countRuns', countRuns), expected);
};

const arrives = async (expect: Expect, hold: Hold, what: string): Promise<void> => {
  let arrived = false;
  void hold.reached.then(() => {
    arrived = true;
  });
  await expect.eventually(async () => arrived);
  expect.that(arrived, `${what} must be run`, 'nothing');
};

/** Waits for what must not come. A wrong adapter needs no longer; a right one does not care. */
const aMoment = (): Promise<void> => pause(25);
