/**
 * The linters keep the rings apart (ARCHITECTURE.md, "Import rule"): each line below is written into a copy of the project,
 * under the name of a real file or of a new one, and linted there by this project's own rules.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { project, tool } from './packed.js';

const core = ['index', 'duration', 'policy', 'status', 'event', 'action', 'reason', 'decide'];

const forbidden: Readonly<Record<string, ReadonlyArray<string>>> = {
  'src/cli/commands/new.ts': ["console.log('checked');", 'Math.random();'],
  ...Object.fromEntries(core.map((name) => [`src/${name}.ts`, ["import * as t from 'io-ts';", 'Math.random();']])),
  'src/decide.ts': [
    "import * as t from 'io-ts';",
    "import type { Type } from 'io-ts';",
    "import type * as E from 'fp-ts/Either';",
    "import { pipe } from 'fp-ts/function';",
    "import { readFile } from 'node:fs';",
    "import { sep } from 'path';",
    "import { createHeap } from './controller/heap.js';",
    "import { decodeRestartPolicy } from './codec.js';",
    "import type { Controller } from './controller.js';",
    "import type { Clock } from './ports/clock.js';",
    "import { systemClock } from './adapters/system-clock.js';",
    "import { decide as itself } from './index.js';",
    "export { createController } from './controller.js';",
    "export * from 'node:os';",
    "export const dns = import('node:dns');",
    "import net = require('node:net');",
    "export type Duplex = import('node:stream').Duplex;",
    "require('node:tty');",
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
  'src/time.ts': [
    "import { readFile } from 'node:fs';",
    "import { reconcile } from './controller/reconcile.js';",
    'Date.now();',
  ],
  'src/controller.ts': [
    "import { AsyncLocalStorage } from 'node:async_hooks';",
    "import * as t from 'io-ts';",
    "import { createMemoryStore } from './adapters/memory.js';",
    "import { systemClock } from './adapters/system-clock.js';",
    "import { openProcessHypervisor } from './adapters/process.js';",
    "import { createVirtualClock } from './testing.js';",
    'Date.now();',
    'Math.random();',
    'setTimeout(createController, 1);',
    "console.log('reconciled');",
  ],
  'src/controller/reconcile.ts': [
    "import { setTimeout as sleep } from 'node:timers/promises';",
    "import { createMemoryStore } from '../adapters/memory.js';",
    "import { createSqliteStore } from '../adapters/sqlite.js';",
    "import { createController } from '../controller.js';",
    "import { createVirtualClock } from '../testing/virtual-clock.js';",
    'new Date();',
    'setTimeout(reconcile, 1);',
    "console.log('reconciled');",
  ],
  'src/describe/lint.ts': [
    "import { createController } from '../controller.js';",
    "import { readFile } from 'node:fs';",
    'Date.now();',
    'Math.random();',
    "console.log('linted');",
  ],
  'src/translate/docker.ts': [
    "import { createController } from '../controller.js';",
    "import { readFileSync } from 'node:fs';",
    'new Date();',
    'Math.random();',
    "console.log('translated');",
  ],
  'src/metrics.ts': [
    "import { metrics } from '@opentelemetry/api';",
    "import { reconcile } from './controller/reconcile.js';",
    "import { createMemoryStore } from './adapters/memory.js';",
    "import { hrtime } from 'node:process';",
    'performance.now();',
    'setInterval(createMetrics, 1);',
    'Date.now();',
  ],
  'src/ports/store.ts': [
    "import { createMemoryStore } from '../adapters/memory.js';",
    "import { createController } from '../controller.js';",
    "import { readFile } from 'node:fs';",
    'Date.now();',
  ],
  'src/adapters/memory.ts': [
    "import { randomUUID } from 'node:crypto';",
    "import { createController } from '../controller.js';",
    "import { reconcile } from '../controller/reconcile.js';",
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
  'src/cli/commands/new.ts': [
    "import { Command } from 'commander';",
    "import { parseDocument } from 'yaml';",
    "import { readFile } from 'node:fs/promises';",
    "import { simulate } from '../../simulate.js';",
    "import { openProcessHypervisor } from '../../adapters/process.js';",
    "import { grown } from '../../waits.js';",
    'process.env;',
    'performance.now();',
  ],
  'src/decide.ts': [
    "import type * as E from 'fp-ts/lib/Either.js';",
    "import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';",
    "import { left } from './either.js';",
    "import { initialStatus } from './status.js';",
    "import type { RestartEvent } from './event.js';",
    'Math.ceil(0.5);',
    'JSON.stringify({});',
  ],
  'src/codec.ts': [
    "import * as t from 'io-ts';",
    "import type { Either } from 'fp-ts/lib/Either.js';",
    "import { parseDuration } from './duration.js';",
    'new Date(0).toISOString();',
    'new Date(Date.UTC(2025, 0, 1));',
    'Date.UTC(2025, 0, 1);',
  ],
  'src/wire/status-wire.ts': ["import { describe } from '../policy.js';", "import { inDomain } from './fields.js';"],
  'src/time.ts': ["import type { Timestamp } from './status.js';", 'Date.parse(text);'],
  'src/controller.ts': [
    "import type { TaskEither } from 'fp-ts/lib/TaskEither.js';",
    "import { decide } from './decide.js';",
    "import { reconcile } from './controller/reconcile.js';",
    "import type { Clock } from './ports/clock.js';",
    "import { superseded } from './ports/hypervisor.js';",
    "import { conflict } from './ports/store.js';",
  ],
  'src/promises.ts': [
    "import { createController } from './controller.js';",
    "import { restartPolicy } from './policy.js';",
    "import type { TaskEither } from 'fp-ts/lib/TaskEither.js';",
  ],
  'src/controller/reconcile.ts': [
    "import { decide } from '../decide.js';",
    "import { createHeap } from './heap.js';",
    "import { conflict } from '../ports/store.js';",
    "import type { Context } from './context.js';",
  ],
  'src/ports/store.ts': [
    "import type { RestartStatus } from '../status.js';",
    "import type { Clock } from './clock.js';",
  ],
  'src/adapters/sqlite.ts': [
    "import { decodeRestartStatus } from '../wire.js';",
    "import { conflict } from '../ports/store.js';",
    "import * as E from '../either.js';",
  ],
  'src/adapters/process.ts': [
    "import { spawn } from 'node:child_process';",
    "import { mkdir } from 'node:fs/promises';",
    "import { spawnRun } from './process/hypervisor.js';",
    'process.env;',
    'Date.now();',
  ],
  'src/adapters/linux/processes.ts': [
    "import { readFile } from 'node:fs/promises';",
    "import type { Millis } from '../../duration.js';",
    "import { refused } from '../../ports/hypervisor.js';",
    'process.kill(1, 0);',
  ],
  'src/adapters/system-clock.ts': [
    "import type { Clock } from '../ports/clock.js';",
    'Date.now();',
    'setTimeout(sleep, 1);',
  ],
  'src/testing/arbitraries.ts': [
    "import * as fc from 'fast-check';",
    "import type { RestartStatus } from '../status.js';",
  ],
  'src/adapters/hypeman.ts': ["import { toObservation } from '../hypeman/observation.js';"],
  'src/testing/hold.ts': ["import { createMemoryStore } from '../adapters/memory.js';"],
  'src/testing/explore/steps.ts': [
    "import { AsyncLocalStorage } from 'node:async_hooks';",
    "import { createController } from '../../controller.js';",
  ],
  // New files and folders, which no rule knows of.
  'src/waits.ts': [
    "import type { Millis } from './duration.js';",
    "import { grown } from './waits/growth.js';",
    "import { pipe } from './function.js';",
  ],
  'src/waits/growth.ts': ["import type { RestartPolicy } from '../policy.js';"],
  'src/rules.ts': ["import { waitAfter } from './waits.js';"],
  'src/adapters/permitted.ts': ["import type { Permit } from '../ports/hypervisor.js';"],
  'src/adapters/etcd.ts': [
    "import type { Store } from '../ports/store.js';",
    "import { writeStatus } from '../wire.js';",
    "import { recordOf } from './common/record-text.js';",
    "import { permitted } from './permitted.js';",
    "import { watch } from './etcd/watch.js';",
  ],
  'src/adapters/etcd/watch.ts': ["import type { Clock } from '../../ports/clock.js';"],
  'src/adapters/firecracker.ts': [
    "import { mkdir } from 'node:fs/promises';",
    "import { machine } from './firecracker/machine.js';",
  ],
  'src/adapters/firecracker/machine.ts': [
    "import { connect } from 'node:net';",
    "import { endProcesses } from '../linux/end-processes.js';",
    "import { createSection } from '../common/section.js';",
  ],
  'examples/01.ts': ["import { readFile } from 'node:fs';", "console.log('hello');", 'Date.now();', 'Math.random();'],
};

/** By the name of the rule of lint/rings.mjs that refuses them; half of the files are new. */
const refusedBy: Readonly<Record<string, Readonly<Record<string, ReadonlyArray<string>>>>> = {
  core: {
    'src/waits.ts': [
      "import * as t from 'io-ts';",
      "import type { Type } from 'io-ts';",
      "import { readFile } from 'node:fs';",
      "import { decodeRestartPolicy } from './codec.js';",
      "import { neverPolicy } from './hypeman.js';",
      "import type { Clock } from './ports/clock.js';",
      "import { decide } from './index.js';",
      "import { nextWakeAt } from 'restart-policy';",
      "import { runs } from '../test/support/proof.js';",
      "import { missing } from './missing.js';",
    ],
    'src/waits/growth.ts': ["import { sep } from 'node:path';"],
    'src/wire/fields.ts': ["import * as t from 'io-ts';", "import { decodeRestartPolicy } from '../codec.js';"],
  },
  codec: {
    'src/codec.ts': ["import type { Store } from './ports/store.js';", "import { parseRequest } from './hypeman.js';"],
    'src/codec/new.ts': ["import { decodeText } from '../engine.js';"],
  },
  ports: {
    'src/ports/queue.ts': [
      "import { decodeRestartStatus } from '../codec.js';",
      "import { createSection } from '../adapters/common/section.js';",
    ],
  },
  controller: {
    'src/controller/admission.ts': [
      "import { systemClock } from '../adapters/system-clock.js';",
      "import { createSection } from '../adapters/common/section.js';",
      "import type { QemuExit } from '../adapters/qemu/exit.js';",
      "import { decodeRestartPolicy } from '../codec.js';",
      "import { readFile } from 'node:fs';",
    ],
  },
  promises: {
    'src/promises.ts': [
      "import { lanes } from './controller/lanes.js';",
      "import { decodeRestartPolicy } from './codec.js';",
      "import { systemClock } from './adapters/system-clock.js';",
    ],
  },
  metrics: {
    'src/metrics/states.ts': [
      "import type { Context } from '../controller/context.js';",
      "import { decodeRestartStatus } from '../codec.js';",
      "import { metrics } from '@opentelemetry/api';",
    ],
  },
  common: {
    'src/adapters/common/queue.ts': [
      "import { createMemoryStore } from '../memory.js';",
      "import { readProcess } from '../linux/processes.js';",
      "import { readFile } from 'node:fs';",
    ],
    'src/adapters/permitted.ts': ["import type { Controller } from '../controller.js';"],
    'src/adapters/common/record-text.ts': ["import { decodeRestartPolicy } from '../../codec.js';"],
  },
  linux: {
    'src/adapters/linux/cgroup.ts': [
      "import type { StandardSchema } from '../../codec.js';",
      "import { openProcessHypervisor } from '../process.js';",
      "import { guardian } from '../process/guardian.js';",
      "import type { Controller } from '../../controller.js';",
    ],
  },
  adapter: {
    'src/adapters/qemu/new.ts': [
      "import { openProcessHypervisor } from '../process.js';",
      "import type { Guardian } from '../process/guardian.js';",
      "import { systemClock } from '../system-clock.js';",
      "import { createMemoryStore } from '../memory.js';",
      "import { createController } from '../../controller.js';",
      "import { lanes } from '../../controller/lanes.js';",
    ],
    'src/adapters/etcd.ts': [
      "import { createPostgresStore } from './postgres.js';",
      "import { pool } from './postgres/pool.js';",
      "import { Etcd3 } from 'etcd3';",
      "import { encodeRestartStatus } from '../codec.js';",
      "import { responseFields } from '../hypeman.js';",
      "import { createFaultyStore } from '../testing.js';",
    ],
    'src/adapters/firecracker/api.ts': [
      "import { connectQmp } from '../qemu/qmp.js';",
      "import type { Acknowledged } from '../../controller/commands/answers.js';",
    ],
  },
  node: {
    'src/adapters/etcd.ts': ["import { connect } from 'node:net';"],
    'src/adapters/etcd/watch.ts': ["import { setTimeout as sleep } from 'node:timers/promises';"],
  },
  testing: {
    'src/testing/new.ts': [
      "import { test } from 'vitest';",
      "import * as fc from 'fast-check';",
      "import { readFile } from 'node:fs';",
      "import { openProcessHypervisor } from '../adapters/process.js';",
      "import { files } from '../adapters/linux/files.js';",
      "import { explore } from './explore.js';",
      "import { main } from '../cli/main.js';",
      "import { arbRestartPolicy } from './arbitraries.js';",
    ],
  },
  explore: {
    'src/testing/explore/new.ts': [
      "import { readFile } from 'node:fs';",
      "import { openQemuHypervisor } from '../../adapters/qemu.js';",
      "import { permitted } from '../../adapters/permitted.js';",
    ],
  },
  arbitraries: { 'src/testing/arbitraries.ts': ["import { test } from 'vitest';", "import { sep } from 'node:path';"] },
  history: {
    'src/history/new.ts': [
      "import { openSqliteHistory } from '../adapters/sqlite.js';",
      "import { decodeRestartPolicy } from '../codec.js';",
      "import { readFile } from 'node:fs';",
    ],
  },
  mappings: {
    'src/describe/lint.ts': [
      "import type { Clock } from '../ports/clock.js';",
      "import { main } from '../cli/main.js';",
    ],
    'src/translate/docker.ts': ["import { simulate } from '../simulate.js';"],
    'src/hypeman/new.ts': [
      "import type { Controller } from '../controller.js';",
      "import * as t from 'io-ts';",
      "import { decodeRestartPolicy } from '../codec.js';",
      "import { createHypemanHypervisor } from '../adapters/hypeman.js';",
    ],
  },
  cli: {
    'src/cli/commands/new.ts': [
      "import { createVirtualClock } from '../../testing.js';",
      "import Database from 'libsql';",
      "import { cac } from 'cac';",
    ],
  },
  'fp-ts': {
    'src/decide.ts': ["import { left } from 'fp-ts/lib/Either.js';", "export { right } from 'fp-ts/lib/Either.js';"],
    'src/codec.ts': ["import * as E from 'fp-ts/lib/Either.js';"],
    'src/either.ts': ["import { flatMap, type Either } from 'fp-ts/lib/Either.js';"],
    'src/controller/lanes.ts': ["import { pipe } from 'fp-ts/lib/function.js';"],
    'src/adapters/etcd/watch.ts': ["export const option = import('fp-ts/lib/Option.js');"],
    'src/testing/new.ts': ["import * as TE from 'fp-ts/lib/TaskEither.js';"],
    'src/cli/commands/new.ts': ["import * as A from 'fp-ts/lib/Array.js';"],
  },
  inside: {
    'src/cli/commands/new.ts': ["import { lanes } from '../../controller/lanes.js';"],
    'src/codec.ts': ["import { warningsOf } from './describe/lint.js';"],
    'src/simulate/one.ts': ["import { fromDocker } from '../translate/docker.js';"],
    'src/rules.ts': ["import { grown } from './waits/growth.js';"],
    'src/hypeman/new.ts': ["import { inDomain } from '../wire/fields.js';"],
    'src/testing/new.ts': ["import { createHeap } from '../controller/heap.js';"],
    'src/adapters/hypeman.ts': ["import { pool } from './postgres/pool.js';"],
  },
  circle: {
    'src/adapters/firecracker/api.ts': ["import type { Boot } from './boot.js';"],
    'src/adapters/firecracker/boot.ts': ["import type { Api } from './api.js';"],
  },
};

interface Diagnostic {
  readonly severity: string;
  readonly category: string;
  readonly location: { readonly path: string; readonly start: { readonly line: number } };
}

interface Cruise {
  readonly modules: ReadonlyArray<{
    readonly source: string;
    readonly dependencies: ReadonlyArray<{
      readonly module: string;
      readonly dependencyTypes: ReadonlyArray<string>;
      readonly rules?: ReadonlyArray<{ readonly name: string; readonly severity: string }>;
    }>;
  }>;
}

type Lines = Readonly<Record<string, ReadonlyArray<string>>>;

/** Standard output as JSON, whatever the exit code: it says whether errors were found. */
const jsonOf = async (cwd: string, program: string, ...args: ReadonlyArray<string>): Promise<unknown> => {
  const options = { cwd, maxBuffer: 2 ** 26 };
  const { stdout } = await promisify(execFile)(process.execPath, [tool(program), ...args], options).catch(
    (failure: { readonly stdout: string }) => failure,
  );
  return JSON.parse(stdout);
};

/** Places of lines that Biome refuses. */
const refusedLines = async (directory: string): Promise<ReadonlyArray<string>> => {
  const rules = ['style/noRestrictedImports', 'style/noRestrictedGlobals', 'suspicious/noConsole', 'plugin'];
  const options = ['--reporter=json', '--max-diagnostics=none', ...rules.map((rule) => `--only=${rule}`)];
  const { summary, diagnostics } = (await jsonOf(directory, '@biomejs/biome/bin/biome', 'lint', ...options)) as {
    readonly summary: { readonly diagnosticsNotPrinted: number };
    readonly diagnostics: ReadonlyArray<Diagnostic>;
  };
  expect(summary.diagnosticsNotPrinted).toBe(0);
  return diagnostics
    .filter(({ severity, category }) => severity === 'error' && (category === 'plugin' || category.startsWith('lint/')))
    .map(({ location }) => `${location.path}:${location.start.line}`);
};

/** An import as the cruise tells it apart from the file's others. */
const importOf = (line: string): string | undefined => {
  const specifier = /(?: from |\bimport\(|\brequire\()'(?:node:)?([^']+)'/.exec(line)?.[1];
  return specifier && `${line.startsWith('import type ') ? 'type ' : ''}${specifier}`;
};

/** The rules that each import of each file breaks. */
const brokenRules = async (directory: string): Promise<ReadonlyMap<string, ReadonlyArray<string>>> => {
  const options = ['--config', 'lint/rings.mjs', '--output-type', 'json'];
  const { modules } = (await jsonOf(
    directory,
    'dependency-cruiser/bin/dependency-cruise.mjs',
    ...options,
    'src',
  )) as Cruise;
  return new Map(
    modules.flatMap(({ source, dependencies }) =>
      dependencies.map(({ module, dependencyTypes, rules = [] }) => [
        `${source} ${dependencyTypes.includes('type-only') ? 'type ' : ''}${module.replace(/^node:/, '')}`,
        rules.filter(({ severity }) => severity === 'error').map(({ name }) => name),
      ]),
    ),
  );
};

interface Verdict {
  /** The names of the broken rules; `biome` when that one refuses it. */
  readonly on: (file: string, line: string) => ReadonlyArray<string>;
}

const directories: Array<string> = [];

/** Writes the lines into a copy of the project, each file's in the place of what it holds, and lints that. */
const lint = async (planted: Lines): Promise<Verdict> => {
  const directory = await mkdtemp(join(tmpdir(), 'restart-policy-purity-'));
  directories.push(directory);
  for (const name of [
    'biome.json',
    'docs/unrun-effect.grit',
    'lint',
    '.gitignore',
    'package.json',
    'scripts/bin.mjs',
    'scripts/entries.mjs',
    'src',
  ]) {
    await cp(join(project, name), join(directory, name), { recursive: true });
  }
  await symlink(join(project, 'node_modules'), join(directory, 'node_modules'));
  for (const [file, lines] of Object.entries(planted)) {
    await mkdir(dirname(join(directory, file)), { recursive: true });
    await writeFile(join(directory, file), `${lines.join('\n')}\n`);
  }
  const [refused, broken] = await Promise.all([refusedLines(directory), brokenRules(directory)]);
  return {
    on: (file, line) => {
      const number = (planted[file] ?? []).indexOf(line) + 1;
      if (number === 0) throw new Error(`not planted in ${file}: ${line}`);
      const rules = broken.get(`${file} ${importOf(line)}`);
      if (rules === undefined && importOf(line) !== undefined && file.startsWith('src/')) {
        throw new Error(`the import was not seen in ${file}: ${line}`);
      }
      return [...(rules ?? []), ...(refused.includes(`${file}:${number}`) ? ['biome'] : [])];
    },
  };
};

const merged = (...tables: ReadonlyArray<Lines>): Lines => {
  const files = new Set(tables.flatMap((table) => Object.keys(table)));
  return Object.fromEntries(
    [...files].map((file) => [file, [...new Set(tables.flatMap((table) => table[file] ?? []))]]),
  );
};

let [ofForbidden, ofAllowed]: ReadonlyArray<Verdict> = [];

beforeAll(async () => {
  [ofForbidden, ofAllowed] = await Promise.all([lint(merged(forbidden, ...Object.values(refusedBy))), lint(allowed)]);
});

afterAll(() => Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true }))));

const rows = (table: Lines): ReadonlyArray<readonly [string, string]> =>
  Object.entries(table).flatMap(([file, lines]) => lines.map((line) => [file, line] as const));

describe('the linters', () => {
  test.each(rows(forbidden))('refuse in %s: %s', (file, line) => {
    expect(ofForbidden?.on(file, line)).not.toEqual([]);
  });

  test.each(rows(allowed))('allow in %s: %s', (file, line) => {
    expect(ofAllowed?.on(file, line)).toEqual([]);
  });

  describe.each(Object.entries(refusedBy))('refuse by the rule %s', (rule, table) => {
    test.each(rows(table))('in %s: %s', (file, line) => {
      expect(ofForbidden?.on(file, line)).toContain(rule);
    });
  });

  test('have no other rules than these', async () => {
    const { default: rings } = await import('../../lint/rings.mjs');
    expect(new Set(rings.forbidden?.map(({ name }) => name))).toEqual(new Set(Object.keys(refusedBy)));
  });
});
