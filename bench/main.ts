/**
 * Measures everything and prints the document; with `--write` it also writes docs/benchmarks.md and its plot. With the flag
 * of a part, or of several, it measures, prints and writes those alone; parts.ts has them all. A whole run leaves the million
 * instances of `--million` as they stand, for they take many minutes and some GiB.
 *
 * It runs the sources as they are, through the loader of the examples: types are taken away file by file, and what V8
 * compiles is what the package holds.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { askedOf, unknownText } from './flags.js';
import { describeMachine } from './machine.js';
import { parts } from './parts.js';
import { documentFile, type Run, runAlone, runWhole } from './run.js';

const docs = new URL('../docs/', import.meta.url);
const asked = askedOf(process.argv.slice(2), parts);

const run: Run = {
  parts,
  size: 'full',
  describeMachine,
  read: () => readFileSync(new URL(documentFile, docs), 'utf8'),
  print: (text) => console.log(text),
  write: asked.isWrite ? (file, text) => writeFileSync(new URL(file, docs), text) : null,
  notify: (message) => console.error(message),
};

if (asked.unknown.length > 0) {
  console.error(unknownText(asked.unknown, parts));
  process.exitCode = 2;
} else if (asked.parts.length > 0) await runAlone(run, asked.parts);
else await runWhole(run);
