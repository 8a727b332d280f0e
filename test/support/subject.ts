/**
 * The decision that the tests judge: ours, or a wrong one that is put in its place to see the tests fail.
 *
 * `SUBJECT=/path/to/wrong.ts npx vitest run test/g1-manual-stop-dominates.test.ts` runs a test on another module that
 * exports `decide` and `nextWakeAt`.
 */
import * as ours from '../../src/decide.js';

type Subject = Pick<typeof ours, 'decide' | 'nextWakeAt'>;

const replacement = process.env['SUBJECT'];

const subject: Subject = replacement === undefined ? ours : await import(/* @vite-ignore */ replacement);

export const { decide, nextWakeAt } = subject;
