/** Whoever clones this gets packages from where their own npm gets them: nothing that is committed says from where. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { project } from './packed.js';

const committed = execFileSync('git', ['ls-files', '-z'], { cwd: project, encoding: 'utf8' })
  .split('\0')
  .filter(Boolean);

/** Hosts from which packages come, and those that only some network knows; a test's own, on loopback, is none. */
const isRegistry = (host: string): boolean =>
  /(^|[.-])(registry|npm|npmjs|yarnpkg|verdaccio|artifactory|jfrog|nexus|pkgs?|proxy|mirror)[.-]/.test(host) ||
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(host) ||
  /\.(internal|local|lan|corp|intranet)$/.test(host);

const registriesIn = (text: string): ReadonlyArray<string> => [
  ...[...text.matchAll(/\bhttps?:\/\/(?:[^\s/@"'`]*@)?([\w.-]+)/g)].flatMap(([address, host = '']) =>
    isRegistry(host) ? [address] : [],
  ),
  // What npm, Yarn and Go take from a file.
  ...[
    ...text.matchAll(
      /^\s*(?:@[\w-]+:)?(?:registry|proxy|https-proxy|npmRegistryServer|GOPROXY)\s*[=:]\s*["']?https?:\/\/(?!127\.0\.0\.1|localhost).*$/gm,
    ),
  ].map(([line]) => line.trim()),
  ...[...text.matchAll(/^\s*"resolved": "http.*$/gm)].map(([line]) => line.trim()),
];

describe('what is committed', () => {
  test('names no registry, in no file', () => {
    expect(committed).toContain('package-lock.json');
    expect(committed).toContain('.npmrc');
    const mine = 'test/package/addresses.test.ts';
    const named = committed
      .filter((path) => path !== mine)
      .flatMap((path) => registriesIn(readFileSync(join(project, path), 'latin1')).map((found) => `${path}: ${found}`));
    expect(named).toEqual([]);
  });

  test.each([
    'registry=https://packages.example.com/\n',
    '  @ours:registry = https://packages.example.com/',
    'https-proxy=http://cache.example.com:3128',
    'npmRegistryServer: "https://packages.example.com"',
    '      "resolved": "https://packages.example.com/a/-/a-1.0.0.tgz",',
    'npm install --registry https://npm.example.com',
    'see https://user:word@registry.example.com/restart-policy',
    'from https://artifactory.example.com/api/npm',
    'http://192.168.3.4:4873/',
    'https://packages.corp/a.tgz',
  ])('would be found: %s', (text) => {
    expect(registriesIn(text)).not.toEqual([]);
  });

  test.each(['https://github.com/npm/cli', 'http://127.0.0.1:4873/', '  "integrity": "sha512-abc="', '`npm publish`'])(
    'may say %s',
    (text) => {
      expect(registriesIn(text)).toEqual([]);
    },
  );
});
