/**
 * `--svg FILE`: timelines as a picture.
 */
import { writeFile } from 'node:fs/promises';
import { drawTimeline } from '../simulate.js';
import { whyNot } from './input/text.js';
import { type Problem, problem } from './problem.js';
import type { Simulated } from './simulated.js';

/** Of a fleet some are drawn. */
const mostDrawn = 10;

/** null: it is written. */
export const writePicture = async (
  file: string,
  title: string,
  all: ReadonlyArray<Simulated>,
): Promise<Problem | null> => {
  const lanes = all.flatMap((one) => lanesOf(one, all.length > 1));
  const svg = drawTimeline(
    lanes.map(({ timeline }) => timeline),
    { title, labels: lanes.map(({ label }) => label) },
  );
  try {
    await writeFile(file, svg);
    return null;
  } catch (error) {
    const isMissing = (error as { readonly code?: string }).code === 'ENOENT';
    return problem(file, `cannot be written: ${isMissing ? 'its directory is not there' : whyNot(error)}`);
  }
};

const lanesOf = (one: Simulated, isOneOfSeveral: boolean) => {
  if (one._tag === 'One') return [{ timeline: one.timeline, label: isOneOfSeveral ? one.given.name : '' }];
  const { instances } = one.fleet;
  const drawn = instances.slice(0, mostDrawn);
  const of = drawn.length < instances.length ? ` of ${instances.length}` : '';
  return drawn.map(({ id, timeline }) => ({
    timeline,
    label: `${isOneOfSeveral ? `${one.given.name}: ` : ''}${id}${of}`,
  }));
};
