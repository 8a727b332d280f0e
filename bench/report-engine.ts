/**
 * The part of the document about the decision in other engines.
 */
import type { EngineCost } from './engine.js';
import { tableOf } from './table.js';

export const engineText = (costs: ReadonlyArray<EngineCost>): string => `## The decision in other engines

${tableOf(
  ['µs per decision, from JSON to JSON', 'policy read before', 'policy read anew'],
  costs.map(({ engine, cached, decoded }) => [engine, cached, decoded]),
)}

- One request of \`restart-policy/engine\`: a policy of the four fields, a status, an observation, and the answer that it waits.
  A host sends the same few policies again and again, and the script keeps what it has read of them.
- *QuickJS* is compiled to WebAssembly here (\`quickjs-emscripten\`); the loop runs inside it.`;
