import { describe, expect, test } from 'vitest';
import { troublesIn } from '../../../scripts/rehearse/npm-output.js';

const quiet = `
added 12 packages, and audited 13 packages in 3s

2 packages are looking for funding
  run \`npm fund\` for details

found 0 vulnerabilities
npm notice
npm notice New major version of npm available! 10.8.2 -> 11.19.1
`;

describe('what npm says of an installation', () => {
  test('is no trouble where all went well', () => {
    expect(troublesIn(quiet)).toEqual([]);
  });

  test.each([
    ['npm warn deprecated inflight@1.0.6: This module is not supported', 'something deprecated'],
    ['npm WARN deprecated request@2.88.2: request has been deprecated', 'something deprecated'],
    ['npm error code ERESOLVE', 'a conflict of peers'],
    ['npm warn Conflicting peer dependency: fp-ts@2.16.11', 'a conflict of peers'],
    ['npm warn EBADENGINE Unsupported engine {', 'a version of Node that is not supported'],
    ['npm warn allow-scripts esbuild@0.28.2 (postinstall)', 'a script at installation'],
    ['3 high severity vulnerabilities', 'a vulnerability'],
    ['1 moderate severity vulnerability', 'a vulnerability'],
    ['npm warn using --force', 'a warning'],
    ['npm ERR! code E404', 'a warning'],
  ])('is trouble where it is "%s"', (line, kind) => {
    expect(troublesIn(`${quiet}${line}\n`)).toEqual([{ kind, line }]);
  });
});
