/**
 * Measures everything and prints the document; with `--write` it also writes docs/benchmarks.md and its plot,
 * with `--million` it measures the fleet of a million instances too, which takes many minutes and some GiB. With
 * `--controller`, `--decode`, `--engine`, `--history`, `--imports`, `--restarts` or `--simulation` it measures and writes those
 * parts alone.
 *
 * It runs the sources as they are, through the loader of the examples: types are taken away file by file, and what V8
 * compiles is what the package holds.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { measureDecode } from './decode.js';
import { measureEngine } from './engine.js';
import { measureEvents } from './event.js';
import { measureHistory } from './history.js';
import { measureImports } from './imports.js';
import { withPart } from './part.js';
import { plotOf } from './plot.js';
import { describeMachine, documentOf } from './report.js';
import { eventText } from './report-controller.js';
import { decodeText } from './report-decode.js';
import { engineText } from './report-engine.js';
import { historyText } from './report-history.js';
import { importsText } from './report-imports.js';
import { restartsText } from './report-restarts.js';
import { simulationText } from './report-simulation.js';
import { measureSupervisors } from './restarts.js';
import { fullSizes, measureAll, millionSizes } from './results.js';
import { measureSimulation } from './simulation.js';
import { short } from './table.js';

const has = (flag: string): boolean => process.argv.includes(flag);
const report = (part: string): void => console.error(`measuring ${part}`);
const document = new URL('../docs/benchmarks.md', import.meta.url);

/** Parts that are measured alone when they are asked for by their name. */
const parts: Readonly<Record<string, () => Promise<string>>> = {
  '--controller': async () => {
    const { effort, eventsPerRound } = fullSizes;
    return eventText(await measureEvents([1, 100], effort.rounds, 10 * eventsPerRound));
  },
  '--decode': async () => decodeText(measureDecode(fullSizes.effort)),
  '--engine': async () => engineText(await measureEngine(fullSizes.effort)),
  '--history': async () => {
    const { effort, history } = fullSizes;
    return historyText(await measureHistory(effort, history.crashes, history.entries));
  },
  '--imports': async () => importsText(measureImports(fullSizes.imports)),
  '--simulation': async () => {
    const { effort, simulation } = fullSizes;
    const cost = measureSimulation({ ...effort, rounds: 3 * effort.rounds }, simulation.crashes, simulation.instances);
    return `${simulationText(cost)}

This part was measured apart from the others (load ${short(describeMachine().load)}).`;
  },
  '--restarts': async () => restartsText(await measureSupervisors(fullSizes.restarts, report)),
};

const measureOnly = async (measure: () => Promise<string>): Promise<void> => {
  const text = await measure();
  console.log(text);
  if (has('--write')) writeFileSync(document, withPart(readFileSync(document, 'utf8'), text));
};

const measureThemAll = async (): Promise<void> => {
  const machine = describeMachine();
  const results = await measureAll(has('--million') ? millionSizes : fullSizes, report);
  const text = documentOf(results, machine);
  console.log(text);
  if (!has('--write')) return;
  writeFileSync(document, text);
  writeFileSync(new URL('../docs/benchmarks.svg', import.meta.url), plotOf(results.paths));
};

const asked = Object.entries(parts).filter(([flag]) => has(flag));
if (asked.length === 0) await measureThemAll();
for (const [, measure] of asked) await measureOnly(measure);
