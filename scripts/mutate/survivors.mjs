/**
 * The mutants that survive, and why they may: `npm run mutate` fails on any other. Most of them change nothing that can
 * be seen from outside. A file in survivors/ for each part.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { countIn, parse } from '../anchors.mjs';
import { ofTheCodecs, ofTheOptions } from './survivors/codecs.mjs';
import { ofTheController, ofTheHeap } from './survivors/controller.mjs';
import { ofDecide, ofDuration } from './survivors/core.mjs';
import { ofTheDescriptions } from './survivors/descriptions.mjs';

/** @typedef {import('./survivors/in-file.mjs').Survivor} Survivor */

/** @type {ReadonlyArray<Survivor>} */
export const survivors = [
  ofDuration,
  ofDecide,
  ofTheCodecs,
  ofTheDescriptions,
  ofTheOptions,
  ofTheHeap,
  ofTheController,
].flat(2);

/**
 * Those that have lost their place, in a sentence each.
 *
 * @type {(root: string) => ReadonlyArray<string>}
 */
export const lostSurvivors = (root) =>
  survivors.flatMap(({ file, within, from, times }) => {
    try {
      const found = countIn(parse(file, readFileSync(join(root, file), 'utf8')), within, from);
      return found >= times ? [] : [`${file}: ${within} has this ${found} times, not ${times}: ${from}`];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
