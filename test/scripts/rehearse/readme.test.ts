import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isKnown } from '../../../scripts/rehearse/command-line.js';
import { inCommonJs, installLinesIn, programsIn, promisedOutputOf, usesIn } from '../../../scripts/rehearse/readme.js';

const document = `
Say \`npm install restart-policy libsql\`, or \`npm install\` in a clone; \`npx restart-policy\` has commands.

\`\`\`sh
npm install restart-policy   # with its peers
\`\`\`

\`\`\`sh
# once

echo '{}' > policy.json
npx restart-policy check policy.json # in words: #1
npx restart-policy compare '{"policy": "never"}' new.yaml
\`\`\`

\`\`\`sh
npm ci && npm start
\`\`\`

\`\`\`ts
import assert from 'node:assert/strict';
console.log(explainReason(reason)); // it is down
console.log(stopped); // what went wrong
\`\`\`

Without a program, \`npx restart-policy run -- node server.js\`. Again: \`npm install restart-policy libsql\`.

\`\`\`json
{}
\`\`\`

\`\`\`ts
import {
  decide,
} from 'restart-policy';
import 'restart-policy/engine';

await decide();
\`\`\`
`;

describe('what a document asks its reader to run', () => {
  test('are its programs in TypeScript, as they stand', () => {
    expect(programsIn(document)).toEqual([
      "import assert from 'node:assert/strict';\nconsole.log(explainReason(reason)); // it is down\nconsole.log(stopped); // what went wrong\n",
      "import {\n  decide,\n} from 'restart-policy';\nimport 'restart-policy/engine';\n\nawait decide();\n",
    ]);
  });

  test('are its installations, each once, in its order, without what is said of them', () => {
    expect(installLinesIn(document)).toEqual(['npm install restart-policy libsql', 'npm install restart-policy']);
  });

  test('are its uses of the command line, in blocks, with what prepares them there, and in sentences', () => {
    expect(usesIn(document)).toEqual([
      "echo '{}' > policy.json",
      'npx restart-policy check policy.json',
      `npx restart-policy compare '{"policy": "never"}' new.yaml`,
      'npx restart-policy run -- node server.js',
    ]);
  });
});

describe('a program', () => {
  test('promises the reasons that it says behind a console.log', () => {
    expect(programsIn(document).map(promisedOutputOf)).toEqual([['it is down'], []]);
  });

  test('waits inside of a function in CommonJS, behind all of its imports', () => {
    expect(inCommonJs(programsIn(document)[1] ?? '')).toBe(`import {
  decide,
} from 'restart-policy';
import 'restart-policy/engine';
const main = async (): Promise<void> => {

await decide();

};
void main();
`);
  });
});

describe('the README', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

  test('says how to install the package', () => {
    expect(installLinesIn(readme)[0]).toMatch(/^npm install restart-policy/);
  });

  test('has no use of the command line whose outcome a rehearsal does not know', () => {
    expect(usesIn(readme).length).toBeGreaterThanOrEqual(3);
    expect(usesIn(readme).filter((line) => !isKnown(line))).toEqual([]);
  });
});
