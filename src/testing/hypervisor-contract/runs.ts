/**
 * Cases of A1 to A3: there is one run, a stop ends it, and a later process finds it.
 */
import { isRight } from '../../either.js';
import type { ContractCase } from '../contract.js';
import { createHold } from '../hold.js';
import { aMoment, arrives, comesUp, countsRuns, isDown, observe, started } from './observations.js';
import { given, heldAt } from './permits.js';
import type { Rule } from './under-test.js';

export const runCases = (rule: Rule): ReadonlyArray<ContractCase> => [
  rule('A1 a start on a running instance answers started and starts nothing', async (under, expect) => {
    const { hypervisor, id } = under;
    const before = await started(hypervisor, expect, id, 1);
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

  rule('A1 a start that meets a stop begins a run of its own, or fails', async (under, expect) => {
    const { hypervisor, id, slowToStop } = under;
    const before = await started(hypervisor, expect, id, 1);
    const letHeed = slowToStop === undefined ? null : await expect.lent('slowToStop', slowToStop);
    const checked = createHold();
    const stopping = hypervisor.stop(id, heldAt(2, checked))();
    await arrives(expect, checked, 'the check of the stop');
    checked.release();
    await aMoment();
    const starting = hypervisor.start(id, given(3))();
    await aMoment();
    if (letHeed !== null) await expect.lent('what slowToStop answered', letHeed);
    const stop = await expect.answer('the stop', () => stopping);
    const start = await expect.answer('the start', () => starting);
    await aMoment();
    if (isRight(start)) {
      const after = await comesUp(hypervisor, expect, id);
      // A fenced start may take the run over before its stop arrives: then that is superseded. And two quick runs may have
      // begun in one millisecond.
      if (isRight(stop) && letHeed !== null) {
        expect.that(after.startedAt !== before.startedAt, 'a start is not that of the run that was stopped', after);
      }
      await countsRuns(under, expect, 1);
    } else {
      expect.equal('how a start fails that meets a stop', start.left._tag, 'Failed');
    }
    return 'held';
  }),

  rule('A2 a stop answers when the run is gone, and not before', async (under, expect) => {
    const { hypervisor, id } = under;
    for (const revision of [1, 3]) {
      const up = await started(hypervisor, expect, id, revision);
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
    await started(hypervisor, expect, id, 2);
    await expect.right('stop', hypervisor.stop(id, given(3)));
    await expect.right('second stop', hypervisor.stop(id, given(4)));
    await isDown(hypervisor, expect, id, 'after two stops');
    return 'held';
  }),

  rule('A3 a later process finds the run, or knows that it ended', async (under, expect) => {
    const { hypervisor, id, reopen } = under;
    if (reopen === undefined) return 'not_applicable';
    const before = await started(hypervisor, expect, id, 1);
    const later = await expect.lent('reopen', reopen);
    const found = await observe(later, expect, id);
    expect.equal('when the run that it finds began', found.startedAt, before.startedAt);
    await countsRuns(under, expect, found.state === 'stopped' ? 0 : 1);
    const running = await started(later, expect, id, 2);
    if (found.state !== 'stopped') expect.equal('the run that goes on', running.startedAt, before.startedAt);
    await countsRuns(under, expect, 1);
    await expect.right('stop', later.stop(id, given(3)));
    await isDown(later, expect, id, 'after a stop by the later process');
    await countsRuns(under, expect, 0);
    return 'held';
  }),
];
