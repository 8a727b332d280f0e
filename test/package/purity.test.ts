/**
 * The linter keeps the rings apart (ARCHITECTURE.md, "Import rule"): each line below is written into a copy of the
 * project under the name of a real file, and linted there by this project's own rules.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const core = ['index', 'duration', 'policy', 'status', 'event', 'action', 'reason', 'decide'];

const forbidden: Readonly<Record<string, ReadonlyArray<string>>> = {
  ...Object.fromEntries(core.map((name) => [`src/${name}.ts`, ["import * as t from 'io-ts';", 'Math.random();']])),
  'src/decide.ts': [
    "import * as t from 'io-ts';",
    "import type { Type } from 'io-ts';",
    "import * as E from 'fp-ts/Either';",
    "import { pipe } from 'fp-ts/function';",
    "import { readFile } from 'node:fs';",
    "import { sep } from 'path';",
    "import { createHeap } from './heap.js';",
    "import { decodeRestartPolicy } from './codec.js';",
    "import type { Controller } from './controller.js';",
    "import type { Clock } from './adapters/clock.js';",
    "import { systemClock } from './adapters/system-clock.js';",
    "import { decide as itself } from './index.js';",
    "export { createController } from './controller.js';",
    "export * from 'node:os';",
    "export const os = import('node:os');",
    "import net = require('node:net');",
    "export type Stats = import('node:fs').Stats;",
    "require('node:os');",
    'Date.now();',
    'new Date();',
    'new Date(0);',
    'export const Calendar = Date;',
    'Math.random();',
    "Math['random']();",
    'export const { random } = Math;',
    'export const maths = Math;',
    'performance.now();',
    "console.log('decided');",
    'process.env;',
    'setTimeout(decide, 1);',
    'setInterval(decide, 1);',
    'setImmediate(decide);',
    'queueMicrotask(decide);',
    'crypto.randomUUID();',
    'globalThis.Date;',
    "fetch('http://localhost');",
    "new Intl.DateTimeFormat('en');",
    "eval('1');",
  ],
  'src/codec.ts': [
    "import { isRight } from 'fp-ts/Either';",
    "import { Database } from 'libsql';",
    "import { readFile } from 'node:fs';",
    "import { createController } from './controller.js';",
    'Date.now();',
    "Date['now']();",
    'Date();',
    'new Date();',
    'new Date;',
    'new Date(Date.now());',
    'export const Calendar = Date;',
    'Math.random();',
    "console.log('decoded');",
    'process.env;',
  ],
  'src/codec/time.ts': [
    "import { readFile } from 'node:fs';",
    "import { look } from '../controller/look.js';",
    'Date.now();',
  ],
  'src/controller.ts': [
    "import { AsyncLocalStorage } from 'node:async_hooks';",
    "import * as t from 'io-ts';",
    "import { createMemoryStore } from './adapters/memory.js';",
    "import { systemClock } from './adapters/system-clock.js';",
    "import { openProcessHypervisor } from './adapters/process.js';",
    "import { createVirtualClock } from './testing/index.js';",
    'Date.now();',
    'Math.random();',
    'setTimeout(createController, 1);',
    "console.log('looked');",
  ],
  'src/controller/reconcile.ts': [
    "import { setTimeout as sleep } from 'node:timers/promises';",
    "import { createMemoryStore } from '../adapters/memory.js';",
    "import { createSqliteStore } from '../adapters/sqlite.js';",
    "import { createController } from '../controller.js';",
    "import { createVirtualClock } from '../testing/virtual-clock.js';",
    'new Date();',
    'setTimeout(look, 1);',
    "console.log('looked');",
  ],
  'src/ports/store.ts': [
    "import { createMemoryStore } from './memory.js';",
    "import { createController } from '../controller.js';",
    "import { readFile } from 'node:fs';",
    'Date.now();',
  ],
  'src/adapters/memory.ts': [
    "import { randomUUID } from 'node:crypto';",
    "import { createController } from '../controller.js';",
    "import { look } from '../controller/look.js';",
    "import { createFaultyStore } from '../testing/faulty-store.js';",
    'Math.random();',
    'Date.now();',
  ],
  'src/adapters/sqlite.ts': [
    "import Database from 'libsql';",
    "import { DatabaseSync } from 'node:sqlite';",
    "import * as t from 'io-ts';",
    "console.log('saved');",
  ],
  'src/adapters/process.ts': [
    "import { createController } from '../controller.js';",
    "import Database from 'libsql';",
    "console.log('spawned');",
  ],
  'src/adapters/linux/processes.ts': [
    "import { createController } from '../../controller.js';",
    "console.log('spawned');",
  ],
  'src/adapters/system-clock.ts': [
    "import { hrtime } from 'node:process';",
    'Math.random();',
    "console.log('ticked');",
  ],
  'src/testing/virtual-clock.ts': [
    "import { test } from 'vitest';",
    "import * as fc from 'fast-check';",
    "import { setTimeout as sleep } from 'node:timers/promises';",
    'Date.now();',
    'Math.random();',
    "console.log('advanced');",
  ],
  'src/testing/arbitraries.ts': ["import { test } from 'vitest';", 'Math.random();'],
  'src/not-written-yet.ts': ["import { readFile } from 'node:fs';", 'Date.now();', "console.log('new');"],
};

const allowed: Readonly<Record<string, ReadonlyArray<string>>> = {
  'src/decide.ts': [
    "import * as E from 'fp-ts/lib/Either.js';",
    "import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';",
    "import { initialStatus } from './status.js';",
    "import type { RestartEvent } from './event.js';",
    'Math.ceil(0.5);',
    'JSON.stringify({});',
  ],
  'src/codec.ts': [
    "import * as t from 'io-ts';",
    "import * as E from 'fp-ts/lib/Either.js';",
    "import { parseDuration } from './duration.js';",
    'new Date(0).toISOString();',
    'new Date(Date.UTC(2025, 0, 1));',
    'Date.UTC(2025, 0, 1);',
  ],
  'src/codec/time.ts': [
    "import { describe } from '../policy.js';",
    "import { checkField } from './reading.js';",
    'Date.parse(text);',
  ],
  'src/controller.ts': [
    "import type { TaskEither } from 'fp-ts/lib/TaskEither.js';",
    "import { decide } from './decide.js';",
    "import { look } from './controller/look.js';",
    "import type { Clock } from './adapters/clock.js';",
    "import { superseded } from './adapters/hypervisor.js';",
    "import { conflict } from './adapters/store.js';",
  ],
  'src/controller/reconcile.ts': [
    "import { decide } from '../decide.js';",
    "import { createHeap } from '../heap.js';",
    "import { conflict } from '../adapters/store.js';",
    "import type { Context } from './context.js';",
  ],
  'src/ports/store.ts': [
    "import type { RestartStatus } from '../status.js';",
    "import type { Clock } from './clock.js';",
  ],
  'src/adapters/sqlite.ts': [
    "import { decodeRestartStatus } from '../codec.js';",
    "import { conflict } from './store.js';",
    "import * as E from 'fp-ts/lib/Either.js';",
  ],
  'src/adapters/process.ts': [
    "import { spawn } from 'node:child_process';",
    "import { mkdir } from 'node:fs/promises';",
    "import { spawnRun } from './process/spawning.js';",
    'process.env;',
    'Date.now();',
  ],
  'src/adapters/linux/processes.ts': [
    "import { readFile } from 'node:fs/promises';",
    "import type { Millis } from '../../duration.js';",
    "import { refused } from '../hypervisor.js';",
    'process.kill(1, 0);',
  ],
  'src/adapters/system-clock.ts': ["import type { Clock } from './clock.js';", 'Date.now();', 'setTimeout(sleep, 1);'],
  'src/testing/arbitraries.ts': [
    "import * as fc from 'fast-check';",
    "import type { RestartStatus } from '../status.js';",
  ],
  'examples/01.ts': ["import { readFile } from 'node:fs';", "console.log('hello');", 'Date.now();', 'Math.random();'],
};

interface Diagnostic {
  readonly severity: string;
  readonly category: string;
  readonly location: { readonly path: string; readonly start: { readonly line: number } };
}

const project = fileURLToPath(new URL('../../', import.meta.url));

const lintedLines = async (directory: string): Promise<ReadonlySet<string>> => {
  const rules = ['style/noRestrictedImports', 'style/noRestrictedGlobals', 'suspicious/noConsole', 'plugin'];
  const biome = join(project, 'node_modules/@biomejs/biome/bin/biome');
  const args = [biome, 'lint', '--reporter=json', '--max-diagnostics=none', ...rules.map((rule) => `--only=${rule}`)];
  const json = await promisify(execFile)(process.execPath, args, { cwd: directory }).then(
    ({ stdout }) => stdout,
    // Exit code 1: it found errors, which is what we are here for.
    (failure: { readonly stdout: string }) => failure.stdout,
  );
  const report: {
    readonly summary: { readonly diagnosticsNotPrinted: number };
    readonly diagnostics: ReadonlyArray<Diagnostic>;
  } = JSON.parse(json);
  expect(report.summary.diagnosticsNotPrinted).toBe(0);
  return new Set(
    report.diagnostics
      .filter(
        ({ severity, category }) => severity === 'error' && (category === 'plugin' || category.startsWith('lint/')),
      )
      .map(({ location }) => `${location.path}:${location.start.line}`),
  );
};

let directory = '';
let linted: ReadonlySet<string> = new Set();

const linesOf = (file: string): ReadonlyArray<string> => [...(allowed[file] ?? []), ...(forbidden[file] ?? [])];
const placeOf = (file: string, line: string): string => `${file}:${linesOf(file).indexOf(line) + 1}`;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'restart-policy-purity-'));
  for (const name of ['biome.json', 'lint', '.gitignore', 'package.json']) {
    await cp(join(project, name), join(directory, name), { recursive: true });
  }
  await symlink(join(project, 'node_modules'), join(directory, 'node_modules'));
  for (const file of new Set([...Object.keys(forbidden), ...Object.keys(allowed)])) {
    await mkdir(dirname(join(directory, file)), { recursive: true });
    await writeFile(join(directory, file), `${linesOf(file).join('\n')}\n`);
  }
  linted = await lintedLines(directory);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

const rows = (table: Readonly<Record<string, ReadonlyArray<string>>>): ReadonlyArray<readonly [string, string]> =>
  Object.entries(table).flatMap(([file, lines]) => lines.map((line) => [file, line] as const));

describe('the linter', () => {
  test.each(rows(forbidden))('refuses in %s: %s', (file, line) => {
    expect(linted).toContain(placeOf(file, line));
  });

  test.each(rows(allowed))('allows in %s: %s', (file, line) => {
    expect(linted).not.toContain(placeOf(file, line));
  });
});
