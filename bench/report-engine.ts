/**
 * The part of the document about the decision in other engines.
 */
import type { EngineCosts } from './engine.js';
import { short, tableOf } from './table.js';

export const engineText = ({ size, gzipped, perDecision }: EngineCosts): string => `## The decision in other engines

${tableOf(
  ['µs per decision, from JSON to JSON', 'policy read before', 'policy read anew'],
  perDecision.map(({ engine, cached, decoded }) => [engine, cached, decoded]),
)}

- The script is ${short(size)} bytes, ${short(gzipped)} gzipped.
- One request of \`restart-policy/engine\`: a policy of the four fields, a status, an observation, and the answer that it waits.
  A host sends the same few policies again and again, and the script keeps what it has read of them.
- *QuickJS* is compiled to WebAssembly here (\`quickjs-emscripten\`); the loop runs inside it.`;
