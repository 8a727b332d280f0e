/**
 * Cases of A5: the class of exclusion that a hypervisor declares, and what each class promises.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { isRight } from '../../either.js';
import { type ActionError, exclusions, guestReboots, type Hypervisor, type Permit } from '../../ports/hypervisor.js';
import type { InstanceId } from '../../ports/store.js';
import type { ContractCase, Expect } from '../contract.js';
import { createHold } from '../hold.js';
import { ofClass } from './classes.js';
import { aMoment, arrives, comesUp, countsRuns, isDown, isUp, started } from './observations.js';
import { denials, given, heldAt, noting } from './permits.js';
import type { Rule } from './under-test.js';

export const exclusionCases = (rule: Rule): ReadonlyArray<ContractCase> => {
  const section = ofClass(rule, 'section');
  const fenced = ofClass(rule, 'fenced');
  return [
    rule('A5 the capabilities are of the known kinds, and only fences have tags', async ({ hypervisor }, expect) => {
      const { exclusion, guestReboot } = hypervisor.capabilities;
      expect.that(exclusions.includes(exclusion), 'the class of exclusion is known', exclusion);
      expect.that(guestReboots.includes(guestReboot), 'the kind of reboot is known', guestReboot);
      expect.equal('whether it can retag', hypervisor.retag !== undefined, exclusion === 'fenced');
      return 'held';
    }),

    section('section: while the check of one call runs, that of no other begins', async (under, expect) => {
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

    section('section: the effect lies in it too, so the last call decides', async (under, expect) => {
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

    section('section: what puts a refused start back runs in it, once', async (under, expect) => {
      const { hypervisor, refusingStart } = under;
      if (refusingStart === undefined) return 'not_applicable';
      await putsBackInside(hypervisor, expect, refusingStart, (permit) => hypervisor.start(refusingStart, permit));
      return 'held';
    }),

    section('section: what puts a refused stop back runs in it, once', async (under, expect) => {
      const { hypervisor, id, refuseNextStop } = under;
      if (refuseNextStop === undefined) return 'not_applicable';
      await started(hypervisor, expect, id, 1);
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

    fenced('fenced: a start below the highest revision seen is superseded', async (under, expect) => {
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

    fenced('fenced: a stop ends only a run that was started below its revision', async (under, expect) => {
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

    fenced(
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

    fenced('fenced: a retag takes a run over, and starts none', async ({ hypervisor, id }, expect) => {
      const { retag } = hypervisor;
      if (retag === undefined) return 'not_applicable'; // A5 fails for it.
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

    fenced('fenced: a later process finds the fence where it was', async (under, expect) => {
      const { hypervisor, id, reopen } = under;
      if (reopen === undefined) return 'not_applicable';
      await expect.right('stop at 5, of nothing', hypervisor.stop(id, given(5)));
      const later = await expect.lent('reopen', reopen);
      await expect.left('start at 4 by a later process', later.start(id, given(4)), 'Superseded');
      await aMoment();
      await isDown(later, expect, id, 'after a start below the fence');
      return 'held';
    }),
  ];
};

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
