/**
 * The part about the decision in other engines.
 */
import { type EngineCosts, measureEngine } from '../engine.js';
import { efforts } from '../measure.js';
import { partOf } from '../part.js';
import { short, tableOf } from '../table.js';

const textOf = ({ size, gzipped, perDecision }: EngineCosts): string => `${tableOf(
  ['µs per decision, from JSON to JSON', 'policy read before', 'policy read anew'],
  perDecision.map(({ engine, cached, decoded }) => [engine, cached, decoded]),
)}

- The script is ${short(size)} bytes, ${short(gzipped)} gzipped.
- One request of \`restart-policy/engine\`: a policy of the four fields, a status, an observation, and the answer that it waits.
  A host sends the same few policies again and again, and the script keeps what it has read of them.
- *QuickJS* is compiled to WebAssembly here (\`quickjs-emscripten\`); the loop runs inside it.`;

export const engine = partOf({
  title: 'The decision in other engines',
  flag: '--engine',
  sizes: efforts,
  measure: measureEngine,
  text: textOf,
});
