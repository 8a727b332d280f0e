/**
 * What every property is run with. In the long form: more often, and counted for the table.
 */
import fc, { type RunDetails } from 'fast-check';
import { expect } from 'vitest';
import { isProof, noteFigures, runs } from './proof.js';

const report = <A>(details: RunDetails<A>): void => {
  const guarantee = /\/(g\d+p?)-[^/]*$/.exec(expect.getState().testPath ?? '')?.[1]?.replace('g', 'G');
  if (guarantee !== undefined) {
    noteFigures({ guarantee, method: 'properties', counts: { properties: 1, runs: details.numRuns } });
  }
  // A custom reporter has to throw by itself; the text names the seed and the path.
  if (details.failed) throw new Error(fc.defaultReportMessage(details));
};

const seed = process.env['PROPERTY_SEED'];

fc.configureGlobal({
  numRuns: runs(100),
  ...(isProof ? { reporter: report } : {}),
  ...(seed === undefined ? {} : { seed: Number(seed) }),
});
