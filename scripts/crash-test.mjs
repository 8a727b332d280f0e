/**
 * The long crash test: `npm run test:crash`, or
 * `node scripts/crash-test.mjs [--kills 200] [--seed N] [--flaw NAME] [--control-groups auto|required|off]`.
 *
 * It kills so many hosts whose runs are control groups where the system allows that, and then so many whose runs are not;
 * or, where it is said which, only those.
 *
 * A flaw is one of `test/crash/flaws.ts`, built into the host: then a violation is what should be found.
 *
 * Prints its figures; exits with 1 when something is not as promised, and with 2 when it was ended early.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import './typescript.mjs';

/** @type {typeof import('../test/crash/bundle.js')} */
const { bundleHost } = await import(new URL('../test/crash/bundle.ts', import.meta.url).href);
/** @type {typeof import('../test/crash/driver.js')} */
const { runCrashTest } = await import(new URL('../test/crash/driver.ts', import.meta.url).href);
/** @type {{ readonly flaws: Readonly<Record<string, import('./anchors.mjs').Edit>> }} */
const { flaws } = await import(new URL('../test/crash/flaws.ts', import.meta.url).href);
/** @type {typeof import('../test/crash/report.js')} */
const { reportOf } = await import(new URL('../test/crash/report.ts', import.meta.url).href);

/** @type {(text: string | undefined) => ReadonlyArray<'auto' | 'required' | 'off'>} */
const usesOf = (text) => {
  if (text === undefined) return ['auto', 'off'];
  if (text !== 'auto' && text !== 'required' && text !== 'off') throw new Error(`control groups: no such use: ${text}`);
  return [text];
};

const { values } = parseArgs({
  options: {
    kills: { type: 'string' },
    seed: { type: 'string' },
    flaw: { type: 'string' },
    'control-groups': { type: 'string' },
  },
});
const kills = Number(values.kills ?? 200);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const uses = usesOf(values['control-groups']);
const flaw = values.flaw === undefined ? null : flaws[values.flaw];
if (flaw === undefined) throw new Error(`no such flaw; there are: ${Object.keys(flaws).join(', ')}`);

const interrupted = new AbortController();
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => interrupted.abort());

const bundled = mkdtempSync(join(tmpdir(), 'restart-policy-crash-host-'));
try {
  const program = join(bundled, 'host.mjs');
  await bundleHost(program, flaw);
  for (const controlGroups of uses) {
    if (interrupted.signal.aborted) break;
    console.log(`${kills} kills, seed ${seed}, control groups: ${controlGroups}`);
    const outcome = await runCrashTest({
      program,
      kills,
      seed,
      controlGroups,
      signal: interrupted.signal,
      onKill: (done) => {
        if (done % 20 === 0) console.log(`${done} of ${kills}`);
      },
    });
    console.log(reportOf(outcome));
    if (outcome.violations.length > 0) process.exitCode = 1;
    else if (outcome.kills < kills) process.exitCode ??= 2;
  }
} finally {
  rmSync(bundled, { recursive: true });
}
