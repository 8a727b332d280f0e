/**
 * Cases without a rule's number: what is answered about an instance, what may be an id, and what cannot be done.
 */
import { isLeft, isRight } from '../../either.js';
import type { ActionError, Hypervisor } from '../../ports/hypervisor.js';
import type { InstanceId } from '../../ports/store.js';
import type { ContractCase, Expect } from '../contract.js';
import { aMoment, comesUp, goesDown, isDown, isUp, neverRanYet, started } from './observations.js';
import { given } from './permits.js';
import type { Rule } from './under-test.js';

/** Neither special characters (of file names, paths, commands), nor length, nor where two ids differ may matter. */
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

/** Pairs that are one where half a surrogate pair is replaced, where a text ends at NUL, or where a name is a path. */
const likeIds: ReadonlyArray<readonly [InstanceId, InstanceId]> = [
  ['one \ud800', 'one \ufffd'],
  ['two \ud800', 'two \udbff'],
  ['three \0 a', 'three \0 b'],
  ['four', 'four\0'],
  ['five', './five'],
];

export const answerCases = (rule: Rule): ReadonlyArray<ContractCase> => [
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
      const up = await started(hypervisor, expect, id, exitCode);
      expect.that(Number.isSafeInteger(up.startedAt), 'a run began at a whole millisecond', up);
      await expect.lent('exit', () => exit(exitCode));
      const down = await goesDown(hypervisor, expect, id);
      expect.equal('the exit code', down.exitCode, exitCode);
      expect.equal('when the run that ended began', down.startedAt, up.startedAt);
      expect.that((down.stoppedAt ?? 0) >= (up.startedAt ?? 0), 'a run ends after it began', down);
    }
    return 'held';
  }),

  rule('ids: any text, of any length, is an id, and each its own', async ({ hypervisor, create }, expect) => {
    if (create === undefined) return 'not_applicable';
    for (const id of oddIds) await expect.lent('create', () => create(id));
    for (const id of oddIds) {
      await neverRanYet(hypervisor, expect, id);
      const answer = await expect.answer(`start of ${id}`, hypervisor.start(id, given(1)));
      if (isRight(answer)) {
        await comesUp(hypervisor, expect, id);
        await expect.right(`stop of ${id}`, hypervisor.stop(id, given(2)));
        await isDown(hypervisor, expect, id, 'when the stop answers');
      } else {
        expect.that(answer.left._tag === 'Refused', `${id} is started, or Refused`, answer);
        await aMoment();
        await neverRanYet(hypervisor, expect, id);
      }
    }
    return 'held';
  }),

  rule('A7 ids that a file name or UTF-8 would make one are two instances, or none', async (under, expect) => {
    const { hypervisor, create } = under;
    if (create === undefined) return 'not_applicable';
    let revision = 0;
    for (const pair of likeIds) {
      for (const id of pair) await expect.lent('create', () => create(id));
      for (const [id, other] of [pair, [...pair].reverse()] as ReadonlyArray<readonly [InstanceId, InstanceId]>) {
        const answer = await expect.answer(`start of ${JSON.stringify(id)}`, hypervisor.start(id, given(++revision)));
        if (isLeft(answer)) {
          namesId(expect, answer.left, id, 'start');
          continue;
        }
        await comesUp(hypervisor, expect, id);
        await isNone(hypervisor, expect, other);
        await expect.answer(`stop of ${JSON.stringify(other)}`, hypervisor.stop(other, given(++revision)));
        await isUp(hypervisor, expect, id, `after a stop of ${JSON.stringify(other)}`);
        await expect.right(`stop of ${JSON.stringify(id)}`, hypervisor.stop(id, given(++revision)));
      }
    }
    return 'held';
  }),

  rule('faults: what cannot be done is answered so, and nothing throws or rejects', async (under, expect) => {
    const { hypervisor, id, breakDown } = under;
    if (breakDown === undefined) return 'not_applicable';
    await started(hypervisor, expect, id, 1);
    await expect.lent('breakDown', breakDown);
    // Built inside the call, so that one that throws is named too.
    await expect.left('inspect', () => hypervisor.inspect(id)(), 'Failed');
    await expect.left('start', () => hypervisor.start(id, given(2))(), 'Failed', 'Refused');
    await expect.left('stop', () => hypervisor.stop(id, given(3))(), 'Failed', 'Refused');
    return 'held';
  }),
];

/** It does not run: it has not since the last stop of it, or it is an id that cannot be had, and the answer says so. */
const isNone = async (hypervisor: Hypervisor, expect: Expect, id: InstanceId): Promise<void> => {
  const seen = await expect.answer(`inspect ${JSON.stringify(id)}`, hypervisor.inspect(id));
  if (isLeft(seen)) namesId(expect, seen.left, id, 'inspect');
  else expect.equal(`the state of ${JSON.stringify(id)}`, seen.right.state, 'stopped');
};

const namesId = (expect: Expect, error: ActionError, id: InstanceId, what: string): void => {
  expect.that(error._tag === 'Refused' || error._tag === 'Failed', `${what}: ${id} is Refused, or Failed`, error);
  const message = 'message' in error ? error.message : '';
  expect.that(
    [id, JSON.stringify(id).slice(1, -1)].some((name) => message.includes(name)),
    `the error of ${what} names ${id}`,
    error,
  );
};
