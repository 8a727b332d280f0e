/**
 * Prints what a test run came to as one line, "12 passed, 0 failed", from vitest's JSON report.
 *
 * Exit code 1 when a test failed, was skipped, or was never written: a check that did not run is no check.
 *
 *   node scripts/closing-line.mjs REPORT
 */
import { readFileSync } from 'node:fs';

const [, , file = ''] = process.argv;
const report = JSON.parse(readFileSync(file, 'utf8'));

// A file that cannot be loaded has no tests to count.
const brokenFiles = report.testResults.filter(
  (/** @type {{ status: string, assertionResults: ReadonlyArray<unknown> }} */ { status, assertionResults }) =>
    status === 'failed' && assertionResults.length === 0,
).length;
const passed = report.numPassedTests;
const failed = report.numFailedTests + brokenFiles;
const skipped = report.numPendingTests + report.numTodoTests;

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = passed > 0 && failed === 0 && skipped === 0 ? 0 : 1;
