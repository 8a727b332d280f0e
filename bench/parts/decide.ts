/**
 * The part about one decision, and its plot.
 */
import type { LargerPathCost, PathCost } from '../decide.js';
import { measureInIsolates, measureLargerInIsolates } from '../isolates.js';
import { efforts } from '../measure.js';
import { partOf } from '../part.js';
import { plotOf } from '../plot.js';
import { tableOf } from '../table.js';

interface Costs {
  readonly paths: ReadonlyArray<PathCost>;
  readonly larger: ReadonlyArray<LargerPathCost>;
}

const textOf = ({ paths, larger }: Costs): string => `${tableOf(
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
  of the reference.`;

export const decide = partOf({
  title: 'One decision',
  flag: '--decide',
  sizes: {
    full: { isolates: 5, effort: efforts.full },
    tiny: { isolates: 2, effort: efforts.tiny },
  },
  measure: async ({ isolates, effort }): Promise<Costs> => ({
    paths: await measureInIsolates(isolates, effort),
    larger: await measureLargerInIsolates(isolates, effort),
  }),
  text: textOf,
  pictures: ({ paths }) => [{ file: 'benchmarks.svg', text: plotOf(paths) }],
});
