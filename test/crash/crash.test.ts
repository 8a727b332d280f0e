/**
 * Hosts that are killed at random moments, with the operating system as the judge. The long run is
 * `npm run test:crash`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bundleHost } from './bundle.js';
import { runCrashTest } from './driver.js';
import { flaws } from './flaws.js';
import { reportOf } from './report.js';

const bundled = mkdtempSync(join(tmpdir(), 'restart-policy-crash-host-'));
afterAll(() => rmSync(bundled, { recursive: true }));

const newSeed = (): number => Date.now() % 2 ** 31;

/** For a machine that is busy with other things; an idle one needs a tenth of it. */
const timeout = 300_000;

test.each([
  ['whose runs are control groups', 'required', 'control_group'],
  ['whose runs are not', 'off', 'process'],
] as const)(
  'through fifteen kills of hosts %s no stop is lost, no attempt is uncounted, and no instance is orphaned',
  async (_, controlGroups, runsKnownBy) => {
    const program = join(bundled, 'host.mjs');
    await bundleHost(program);
    const outcome = await runCrashTest({ program, kills: 15, seed: newSeed(), controlGroups, longestLife: 10 });
    console.log(reportOf(outcome));
    expect(outcome.violations).toEqual([]);
    expect(outcome.runsKnownBy).toBe(runsKnownBy);
    expect(outcome.kills).toBe(15);
    expect(outcome.automaticRuns).toBeGreaterThan(0);
    expect(outcome.checksOfHeld).toBeGreaterThan(0);
  },
  timeout,
);

describe('the crash test finds that', () => {
  // The flaws that show within a moment; the others are found by `npm run test:crash -- --flaw NAME`.
  test.each([
    ['the stop is forgotten once it is carried out', 'auto', ['G1', 'G9']],
    ['an attempt is started without being counted', 'auto', ['G8']],
    ['a stop is acknowledged before the instance is gone', 'auto', ['G9']],
    ['what a run left behind is not ended', 'required', ['A1', 'G9']],
    ['what a run left behind is not ended', 'off', ['A1', 'G9']],
  ] as const)(
    '%s (control groups: %s)',
    async (name, controlGroups, guarantees) => {
      const program = join(bundled, `${flaws[name].file.replaceAll('/', '-')}.mjs`);
      await bundleHost(program, flaws[name]);
      const { violations, kept } = await runCrashTest({
        program,
        kills: 30,
        seed: newSeed(),
        controlGroups,
        longestLife: 400,
      });
      if (kept !== null) rmSync(kept, { recursive: true });
      expect(guarantees).toContain(violations[0]?.of);
    },
    timeout,
  );
});
