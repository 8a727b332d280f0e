/**
 * Cases of the permit's `signal`: what comes of a call that nobody waits for any more. Only in class `section` must it be
 * heeded; in the others a call may have left for where nobody can call it back.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { constVoid } from '../../function.js';
import type { ActionError, Hypervisor, Permit } from '../../ports/hypervisor.js';
import { type ContractCase, type Expect, pause } from '../contract.js';
import { createHold, type Hold } from '../hold.js';
import { ofClass } from './classes.js';
import { aMoment, arrives, countsRuns, isDown, isUp, observe, started } from './observations.js';
import { given, heldAt, noting } from './permits.js';
import type { HypervisorUnderTest, Rule } from './under-test.js';

type Answer = Either<ActionError, void>;

export const givenUpCases = (rule: Rule): ReadonlyArray<ContractCase> => {
  const section = ofClass(rule, 'section');
  return [
    section(
      'section: a start given up while it waits for the section answers, and never starts',
      async (under, expect) => {
        const { hypervisor, id } = under;
        await givenUpOutside(under, expect, hypervisor.start, (hold) => hypervisor.stop(id, heldAt(1, hold)));
        const seen = await isDown(hypervisor, expect, id, 'after a start that was given up');
        expect.equal('when it ran', seen.startedAt, null);
        await countsRuns(under, expect, 0);
        return 'held';
      },
    ),

    section(
      'section: a stop given up while it waits for the section answers, and never stops',
      async (under, expect) => {
        const { hypervisor, id } = under;
        const before = await started(hypervisor, expect, id, 1);
        await givenUpOutside(under, expect, hypervisor.stop, (hold) => hypervisor.start(id, heldAt(2, hold)));
        const after = await isUp(hypervisor, expect, id, 'after a stop that was given up');
        expect.equal('when the run began', after.startedAt, before.startedAt);
        return 'held';
      },
    ),

    section('section: a call that is given up before it begins does nothing', async (under, expect) => {
      const { hypervisor, id } = under;
      await expect.left('a start given up before', hypervisor.start(id, { ...given(1), signal: aborted() }), 'Failed');
      await aMoment();
      const down = await isDown(hypervisor, expect, id, 'after a start given up before it began');
      expect.equal('when it ran', down.startedAt, null);
      const before = await started(hypervisor, expect, id, 2);
      await expect.left('a stop given up before', hypervisor.stop(id, { ...given(3), signal: aborted() }), 'Failed');
      await aMoment();
      const after = await isUp(hypervisor, expect, id, 'after a stop given up before it began');
      expect.equal('when the run began', after.startedAt, before.startedAt);
      return 'held';
    }),

    section('section: nothing comes of a start after its answer, whenever it is given up', async (under, expect) => {
      const { hypervisor, id } = under;
      for (const when of moments) {
        await expect.right('stop', hypervisor.stop(id, given(1)));
        await nothingAfter(under, expect, when, hypervisor.start);
      }
      return 'held';
    }),

    section('section: nothing comes of a stop after its answer, whenever it is given up', async (under, expect) => {
      const { hypervisor, id } = under;
      for (const when of moments) {
        await started(hypervisor, expect, id, 1);
        await nothingAfter(under, expect, when, hypervisor.stop);
      }
      return 'held';
    }),

    rule('no section: a call that is given up is answered all the same', async ({ hypervisor, id }, expect) => {
      if (hypervisor.capabilities.exclusion === 'section') return 'not_applicable';
      for (const [name, call] of [['start', hypervisor.start] as const, ['stop', hypervisor.stop] as const]) {
        await expect.answer(`${name} given up before`, call(id, { ...given(1), signal: aborted() }));
        const { answer, abort, hold } = heldCall(id, call, given(2));
        await arrives(expect, hold, `the check of the ${name}`);
        abort();
        hold.release();
        await expect.answer(`${name} given up in its check`, () => answer);
      }
      return 'held';
    }),
  ];
};

/** A call that waits, because the check of another is held, and is given up. The other one then comes to its end. */
const givenUpOutside = async (
  { id }: HypervisorUnderTest,
  expect: Expect,
  call: Hypervisor['start'],
  other: (hold: Hold) => () => Promise<Answer>,
): Promise<void> => {
  const order: Array<string> = [];
  const hold = createHold();
  const inside = other(hold)();
  await arrives(expect, hold, 'the check of the call that has the section');
  const controller = new AbortController();
  const waiting = call(id, { ...noting(order, 'the check', given(10)), signal: controller.signal })();
  await aMoment();
  controller.abort();
  await expect.left('the call that was given up', () => waiting, 'Failed');
  hold.release();
  await expect.right('the call that had the section', () => inside);
  await aMoment();
  expect.equal('what was asked of the permit that was given up', order, []);
};

const moments = ['in its check', 'right after its check', 'a moment after its check'] as const;

/** What is so when a call that was given up answers, stays so. */
const nothingAfter = async (
  { hypervisor, id }: HypervisorUnderTest,
  expect: Expect,
  when: (typeof moments)[number],
  call: Hypervisor['start'],
): Promise<void> => {
  /** What the run is, and not how far it has come. */
  const look = async () => {
    const { state, startedAt } = await observe(hypervisor, expect, id);
    return { isStopped: state === 'stopped', startedAt };
  };
  const { answer, abort, hold } = heldCall(id, call, given(10));
  await arrives(expect, hold, 'the check of the call');
  let isAnswered = false;
  void answer.then(() => {
    isAnswered = true;
  }, constVoid);
  if (when === 'in its check') {
    abort();
    await aMoment();
  }
  const early = isAnswered ? await look() : null;
  hold.release();
  if (when === 'a moment after its check') await pause(1);
  abort();
  await expect.answer(`a call given up ${when}`, () => answer);
  const atAnswer = early ?? (await look());
  await aMoment();
  expect.equal(`what ${id} is like a moment after the answer of a call given up ${when}`, await look(), atAnswer);
};

const heldCall = (id: string, call: Hypervisor['start'], permit: Permit) => {
  const hold = createHold();
  const controller = new AbortController();
  const answer = call(id, { ...heldAt(permit.revision, hold), signal: controller.signal })();
  return { answer, hold, abort: () => controller.abort() };
};

const aborted = (): AbortSignal => {
  const controller = new AbortController();
  controller.abort();
  return controller.signal;
};
