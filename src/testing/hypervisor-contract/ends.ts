/**
 * Cases of how a run ended and why: `exitCode` and `cause` of an observation. A cause may always be left out, or be
 * `unknown`; what is said must be true.
 */
import type { EndCause, InstanceObservation } from '../../event.js';
import type { ContractCase, Expect } from '../contract.js';
import { comesUp, goesDown, isDown, observe, started } from './observations.js';
import { given } from './permits.js';
import type { Rule } from './under-test.js';

/** Where codes and signals are most easily taken for each other: a shell answers 128 + n for signal n. */
const exitCodes: ReadonlyArray<number> = [0, 1, 2, 9, 64, 100, 126, 127, 128, 129, 130, 137, 139, 143, 192, 254, 255];

/** What every adapter can end with that lends `exit` and says no more. */
const usualRange = [1, 100] as const;

export const endCases = (rule: Rule): ReadonlyArray<ContractCase> => [
  rule('cause: an exit code is told as it is, and is no signal', async (under, expect) => {
    const { hypervisor, id, exit, exitRange: [low, high] = usualRange } = under;
    if (exit === undefined) return 'not_applicable';
    for (const exitCode of exitCodes.filter((code) => code >= low && code <= high)) {
      await started(hypervisor, expect, id, 1);
      await expect.lent('exit', () => exit(exitCode));
      const down = await goesDown(hypervisor, expect, id);
      expect.equal('the exit code', down.exitCode, exitCode);
      isCaused(expect, down, `after an exit with ${exitCode}`, 'exit');
    }
    return 'held';
  }),

  rule('cause: a run that a signal ended has no exit code, and did not exit', async (under, expect) => {
    const { hypervisor, id, kill } = under;
    if (kill === undefined) return 'not_applicable';
    await started(hypervisor, expect, id, 1);
    await expect.lent('kill', kill);
    const down = await goesDown(hypervisor, expect, id);
    expect.equal('the exit code', down.exitCode, null);
    isCaused(expect, down, 'after a kill', 'signal');
    return 'held';
  }),

  rule('cause: a run that its host ended is told to have been', async (under, expect) => {
    const { hypervisor, id, endHost } = under;
    if (endHost === undefined) return 'not_applicable';
    await started(hypervisor, expect, id, 1);
    const later = await expect.lent('endHost', endHost);
    const down = await goesDown(later, expect, id);
    expect.equal(`why ${id} ended`, down.cause, 'host');
    await started(later, expect, id, 2);
    await expect.right('stop', later.stop(id, given(3)));
    return 'held';
  }),

  rule('cause: a later process tells an end as it was told before, or nothing of it', async (under, expect) => {
    const { hypervisor, id, exit, reopen } = under;
    if (exit === undefined || reopen === undefined) return 'not_applicable';
    await started(hypervisor, expect, id, 1);
    await expect.lent('exit', () => exit(5));
    const before = await goesDown(hypervisor, expect, id);
    const later = await expect.lent('reopen', reopen);
    const after = await observe(later, expect, id);
    // An end that died with the process that saw it is unknown.
    const isForgotten = after.exitCode === null && (after.cause === undefined || after.cause === 'unknown');
    if (!isForgotten) expect.equal(`what ${id} looks like to a later process`, after, before);
    return 'held';
  }),

  rule('cause: a run that goes on has none, also not that of the run before', async (under, expect) => {
    const { hypervisor, id, exit } = under;
    if (exit === undefined) return 'not_applicable';
    await started(hypervisor, expect, id, 1);
    await expect.lent('exit', () => exit(3));
    await goesDown(hypervisor, expect, id);
    await expect.right('start', hypervisor.start(id, given(2)));
    const up = await comesUp(hypervisor, expect, id);
    expect.equal('the exit code of a run that goes on', up.exitCode, null);
    expect.equal('the cause of the end of a run that goes on', up.cause, undefined);
    await expect.right('stop', hypervisor.stop(id, given(3)));
    const down = await isDown(hypervisor, expect, id, 'when the stop answers');
    if (down.exitCode === null) {
      expect.that(down.cause !== 'exit', 'a run that was stopped, and has no exit code, did not exit', down);
    }
    return 'held';
  }),
];

const isCaused = (expect: Expect, seen: InstanceObservation, when: string, cause: EndCause): void =>
  expect.that(
    seen.cause === undefined || seen.cause === cause || seen.cause === 'unknown',
    `the cause must be ${cause}, or unknown, or absent ${when}`,
    seen,
  );
