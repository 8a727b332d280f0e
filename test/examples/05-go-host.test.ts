/**
 * The host in Go. Debian's goja is of 2017 and does not know what the script is written in; there the same script runs in Node,
 * and all of the Go but the call of goja is tried on it. What the script does in an engine that is not Node's is told by
 * test/engine, in QuickJS.
 */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineText } from '../../scripts/engine.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const example = join(root, 'examples/05-go-host');
/** Where Debian keeps what its packages of Go libraries hold. */
const libraries = '/usr/share/gocode';
const run = promisify(execFile);

const go = (process.env['PATH'] ?? '').split(':').some((place) => existsSync(join(place, 'go')));
/** Go compiles its own libraries first. */
const minutes = 600_000;
const isInstalled = go && existsSync(join(libraries, 'src/github.com/dop251/goja'));
const missing =
  'GO OR ITS GOJA IS NOT INSTALLED, so examples/05-go-host is not tried ' +
  '(Debian: apt-get install golang-go golang-github-dop251-goja-dev)';
if (!isInstalled) console.warn(missing);

test('the host in Go asks for a goja that knows BigInt', () => {
  const [, day] = /goja v0\.0\.0-(\d{8})/.exec(readFileSync(join(example, 'go.mod'), 'utf8')) ?? [];
  expect(Number(day)).toBeGreaterThanOrEqual(20_240_822);
});

describe.runIf(isInstalled)('the host in Go', () => {
  let directory = '';
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'go-host-'));
    cpSync(example, directory, { recursive: true });
    writeFileSync(join(directory, 'engine.js'), await engineText());
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const inGo = (command: string, ...args: ReadonlyArray<string>) =>
    run(command, args, {
      cwd: directory,
      env: {
        ...process.env,
        // Without modules: nothing is fetched.
        GO111MODULE: 'off',
        GOPATH: libraries,
        GOCACHE: join(directory, '.cache'),
        VECTORS: join(root, 'vectors/conformance'),
        // The Node that runs this.
        PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
      },
    });

  test(
    'is formatted and vetted',
    async () => {
      expect((await inGo('gofmt', '-l', '.')).stdout).toBe('');
      await inGo('go', 'vet', '.');
    },
    minutes,
  );

  test(
    'gives every vector, and does what a host has to do',
    async () => {
      const { stdout } = await inGo('go', 'test', '-v', '.');
      const passed = stdout.match(/^--- PASS: /gm) ?? [];
      const written = ['engine_test.go', 'host_test.go'].flatMap(
        (file) => readFileSync(join(example, file), 'utf8').match(/^func Test/gm) ?? [],
      );
      expect(passed).toHaveLength(written.length);
      expect(stdout).not.toContain('--- SKIP');
      console.log(/NOT IN GOJA[^\n]*|the script runs in goja/.exec(stdout)?.[0]);
    },
    minutes,
  );
});
