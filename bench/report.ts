/**
 * The document: what was measured, on what, and how to read it.
 */
import { cpus, loadavg } from 'node:os';
import { eventText, fleetText } from './report-controller.js';
import { decodeText } from './report-decode.js';
import { engineText } from './report-engine.js';
import { historyText } from './report-history.js';
import { importsText } from './report-imports.js';
import { restartsText } from './report-restarts.js';
import { simulationText } from './report-simulation.js';
import type { Results } from './results.js';
import { short, tableOf } from './table.js';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  /** Average number of processes that wanted a core over the last minute. */
  readonly load: number;
}

export const describeMachine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  node: process.version,
  load: loadavg()[0] ?? Number.NaN,
});

export const documentOf = (
  {
    paths,
    larger,
    wakeUps,
    pass,
    simulation,
    decoding,
    engines,
    history,
    supervision,
    events,
    fleets,
    stores,
    imports,
    restarts,
  }: Results,
  machine: Machine,
): string => {
  const smallest = events[0];
  return `# Benchmarks

Printed by \`npm run bench\` (written here by \`npm run bench -- --write\`). Look at the ratios: the sides of a row took
turns in one process, so what else the machine did fell on all of them. All figures are medians of the rounds.

Machine: ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}. Load average when the run began: ${short(machine.load)}; near the number of cores or above, other processes were slowing it down.

## One decision

${tableOf(
  ['ns per decision', 'decide', 'floor', 'XState', 'codec', 'decide / floor', 'XState / decide'],
  paths.map(({ path, decide, floor, chart, codec }) => [
    path,
    decide.nanos,
    floor.nanos,
    chart.nanos,
    codec.nanos,
    (decide.nanos / floor.nanos).toFixed(2),
    chart.nanos / decide.nanos,
  ]),
)}

${tableOf(
  ['bytes allocated per decision', 'decide', 'floor', 'XState', 'codec'],
  paths.map(({ path, decide, floor, chart, codec }) => [path, decide.bytes, floor.bytes, chart.bytes, codec.bytes]),
)}

![Nanoseconds per decision](benchmarks.svg)

- *quiet*: it runs, and there is nothing to do. *waiting*: it is stopped, and the backoff has not passed. *attempt*: it is
  stopped and due. *stable*: it has run long enough for the failure window to end.
- *floor*: the least code that answers these four paths alike, written by hand for them alone (\`bench/floor.ts\`).
- *XState*: the same four paths as a statechart, through XState's pure \`transition\`, with snapshots and events made
  beforehand (\`bench/statechart.ts\`). All three are checked to give equal answers before they are measured.
- The aim is at most twice the floor, and a three-hundredth of XState at most. What \`decide\` takes beyond the floor are
  the rows of the decision table that the floor leaves out (health, a clock that went back, a stable run that nobody
  saw), and times that V8 boxes, 16 bytes each, where it stops inlining; the floor is small enough to be inlined whole.
- *codec*: the status to JSON text and back, for scale: it is what a host does around a decision when it stores one.

### Under a larger policy

${tableOf(
  ['', 'decide, ns', 'floor, ns', 'decide / floor', 'decide, bytes', 'floor, bytes'],
  larger.map(({ path, decide, floor }) => [
    path,
    decide.nanos,
    floor.nanos,
    (decide.nanos / floor.nanos).toFixed(2),
    decide.bytes,
    floor.bytes,
  ]),
)}

- *waiting, growth and jitter*: it has just ended, under \`max_backoff\` and \`jitter\`; how long it waits is worked out. *exit
  with rules*: it ended and is due, under three rules, of which the last matches three ends of four.
- *floor*: here one function for each of the two, which knows nothing of the other, nor of a limit within an interval, a
  cooldown, waits from the exit or a factor other than 2.
- They are measured in isolates of their own, so the rows above are those of a host whose policies have the four fields
  of the reference.

## When to decide again

${tableOf(
  ['`nextWakeAt`', 'ns', 'bytes'],
  wakeUps.map(({ path, nanos, bytes }) => [path, nanos, bytes]),
)}

## One pass over ${pass.instances.toLocaleString('en-US')} instances

${tableOf(
  ['94 % quiet, 3 % waiting, 2 % due, 1 % stable', ''],
  [
    ['ms for the pass', pass.millis],
    ['ns per instance', (pass.millis * 1e6) / pass.instances],
    ['bytes per status', pass.bytesPerStatus],
  ],
)}

${simulationText(simulation)}

${decodeText(decoding)}

${engineText(engines)}

${historyText(history)}

${eventText(supervision)}

## The controller, by the number of instances

An event is an exit that is answered by a start: two reconciliations, one save, one start with its permit, and a wake-up armed
among those of all other instances; on the virtual clock, with store and hypervisor in memory. Growth by log n would be
the last column.

${tableOf(
  ['instances', 'µs per event', 'growth', 'log n'],
  events.map(({ instances, microsPerEvent }) => [
    instances.toLocaleString('en-US'),
    microsPerEvent,
    (microsPerEvent / (smallest?.microsPerEvent ?? Number.NaN)).toFixed(2),
    (Math.log(instances) / Math.log(smallest?.instances ?? Number.NaN)).toFixed(2),
  ]),
)}

${fleetText(fleets)}

## Saves per second, one after another

The bare driver does the same statement on the same row, with the texts made beforehand. Each save is synced to disk
before it is answered, which is most of its time.

${tableOf(
  ['store', 'saves per second', 'bare driver', 'share'],
  stores.map(({ store, savesPerSecond, bareSavesPerSecond }) => [
    store,
    savesPerSecond,
    bareSavesPerSecond,
    (savesPerSecond / bareSavesPerSecond).toFixed(2),
  ]),
)}

${importsText(imports)}

${restartsText(restarts)}
`;
};
