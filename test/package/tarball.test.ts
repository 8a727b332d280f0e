/**
 * The packed tarball, installed into empty projects and used through every entry from ESM, CommonJS and TypeScript.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundled, notices } from '../../scripts/bin.mjs';
import { entries, specifier } from '../../scripts/entries.mjs';
import { fileOf, linksOf, problemOf } from '../docs/documents.js';
import { installInto, type Packed, packDependencies, packLibrary, project, run, tool } from './packed.js';

let directory = '';
let packed: Packed = { tarball: '', size: 0, files: [] };

/** With every peer; and without the optional one. */
const whole = (): string => join(directory, 'whole');
const bare = (): string => join(directory, 'bare');

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'restart-policy-package-'));
  const [library, peers, optional] = await Promise.all([
    packLibrary(directory),
    packDependencies(directory, ['fp-ts', 'io-ts']),
    packDependencies(directory, ['fast-check', 'pure-rand']),
  ]);
  packed = library;
  await installInto(whole(), [packed.tarball, ...peers, ...optional]);
  await installInto(bare(), [packed.tarball, ...peers]);
}, 300_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

const everyName = Object.keys(entries);
/** A script, which offers no names: it has a test of its own. */
const needsNoImport = 'engine';
const names = everyName.filter((name) => name !== needsNoImport);
const needsFastCheck = 'testing/arbitraries';

/** Writes a program into a consumer's project, runs it with plain node, and reads the JSON that it prints. */
const runProgram = async (consumer: string, file: string, text: string): Promise<unknown> => {
  await writeFile(join(consumer, file), text);
  return JSON.parse(await run(consumer, process.execPath, file));
};

/** The same program in both module systems, with each of the entries as a property of `all`. */
const inEsm = (using: ReadonlyArray<string>, body: string): string =>
  `${using.map((name, n) => `import * as e${n} from '${specifier(name)}';`).join('\n')}
const all = { ${using.map((name, n) => `'${name}': e${n}`).join(', ')} };
const main = async () => { ${body} };
await main();
`;
const inCommonJs = (using: ReadonlyArray<string>, body: string): string =>
  `const all = { ${using.map((name) => `'${name}': require('${specifier(name)}')`).join(', ')} };
const main = async () => { ${body} };
void main();
`;

const listNames = `
  const namesOf = (entry) => Object.keys(entry).filter((name) => name !== 'default' && !name.startsWith('__')).sort();
  console.log(JSON.stringify(Object.fromEntries(Object.entries(all).map(([name, entry]) => [name, namesOf(entry)]))));
`;

const decideOnce = `
  const { decide, initialStatus, observed, restartPolicy } = all.index;
  const policy = restartPolicy({ mode: 'on_failure', backoff: '2s' }).right;
  const crashed = { state: 'stopped', startedAt: 1000, stoppedAt: 2000, exitCode: 1, health: 'unknown' };
  const { actions, reason } = decide(policy, initialStatus, observed(crashed), 3000);
  console.log(JSON.stringify({ actions, reason }));
`;

/** What entries hand each other is compared by identity, so it must not exist twice. */
const shareObjects = `
  const { initialStatus } = all.index;
  const clock = all.testing.createVirtualClock();
  const hypervisor = all.testing.createScriptedHypervisor({ clock }).right;
  const statuses = [];
  const { right: controller } = all.controller.createController({
    store: all['adapters/memory'].createMemoryStore(),
    hypervisor,
    clock,
    onDecision: (decision) => statuses.push(decision.after),
  });
  await controller.manualStart('web-1')();
  await controller.close()();
  console.log(JSON.stringify({
    controller: statuses[0] === initialStatus,
    codec: all.codec.decodeRestartStatus(null).right === initialStatus,
    testing: all.testing.createMemoryStore === all['adapters/memory'].createMemoryStore,
  }));
`;

const superviseProcess = `
  const { mkdtempSync } = await import('node:fs');
  const opened = await all['adapters/process'].openProcessHypervisor({
    directory: mkdtempSync('runs-'),
    commandOf: () => ({ command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'] }),
  })();
  const permit = { revision: 1, check: async () => ({ _tag: 'Right', right: undefined }) };
  const started = await opened.right.start('web-1', permit)();
  const seen = await opened.right.inspect('web-1')();
  const stopped = await opened.right.stop('web-1', permit)();
  await opened.right.close();
  console.log(JSON.stringify([opened._tag, started._tag, seen.right.state, stopped._tag]));
`;

const exploreOnce = `
  const { exploreSchedules } = all['testing/explore'];
  const { complete, schedules, violation } = await exploreSchedules({
    name: 'a person stops what runs',
    exclusion: 'section',
    policy: all.index.restartPolicy({ mode: 'always' }).right,
    instance: 'running',
    controllers: 1,
    people: [{ via: 0, says: ['stop'] }],
    budgets: { exits: 1 },
  });
  console.log(JSON.stringify({ complete, several: schedules > 1, violation }));
`;

/** Prints what is loaded with an entry: pairs of a file and one that it asks for; the peers' own files are CommonJS. */
const listLoads = `
  const askedFor = () => Object.values(require.cache).flatMap(({ filename, children }) =>
    children.map((child) => [filename, child.filename]));`;
const loadsInEsm = (entry: string): string => `
  import { readFileSync, writeFileSync } from 'node:fs';
  import { createRequire, register } from 'node:module';
  import { fileURLToPath } from 'node:url';
  const require = createRequire(import.meta.url);
  ${listLoads}
  const file = fileURLToPath(new URL('loads.txt', import.meta.url));
  writeFileSync(file, '');
  register('./loads-hook.mjs', import.meta.url, { data: file });
  await import('${specifier(entry)}');
  const pathOf = (url) => (url.startsWith('file:') ? fileURLToPath(url) : url);
  const imports = readFileSync(file, 'utf8').trim().split('\\n').map((line) => JSON.parse(line).map(pathOf));
  console.log(JSON.stringify([...imports, ...askedFor()]));
`;
const loadsInCommonJs = (entry: string): string => `
  require('${specifier(entry)}');
  ${listLoads}
  console.log(JSON.stringify(askedFor()));
`;
const loadsHook = `
  import { appendFileSync } from 'node:fs';
  let file;
  export const initialize = (data) => { file = data; };
  export const resolve = async (specifier, context, next) => {
    const resolved = await next(specifier, context);
    appendFileSync(file, JSON.stringify([context.parentURL, resolved.url]) + '\\n');
    return resolved;
  };
`;

const ours = 'restart-policy';
/** The package that a file is of; undefined: of none, as the program itself and the modules of Node are. */
const packageOf = (file: string): string | undefined => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];

/** The packages that an entry asks for, and what comes with them. What is not named asks for none, and loads none. */
const loadedBy: Readonly<
  Record<string, { readonly packages: ReadonlyArray<string>; readonly asks: ReadonlyArray<string> }>
> = {
  codec: { packages: ['fp-ts', 'io-ts'], asks: ['io-ts'] },
  'testing/arbitraries': { packages: ['fast-check', 'pure-rand'], asks: ['fast-check'] },
};

/** A file costs an import half a millisecond: see scripts/chunks.mjs. */
const mostFiles = (entry: string): number => (entry === 'index' || entry === 'controller' ? 10 : 20);

describe.each([
  ['ESM', 'mjs', loadsInEsm],
  ['CommonJS', 'cjs', loadsInCommonJs],
] as const)('what is loaded with an entry, from %s', (_, extension, program) => {
  beforeAll(() => writeFile(join(whole(), 'loads-hook.mjs'), loadsHook));

  test.each(names)('%s: no package but those that it is for', async (entry) => {
    const loads = (await runProgram(whole(), `loads.${extension}`, program(entry))) as ReadonlyArray<
      readonly [by: string, file: string]
    >;
    const packages = new Set(loads.flatMap(([, file]) => packageOf(file) ?? []));
    const asks = new Set(loads.flatMap(([by, file]) => (packageOf(by) === ours ? (packageOf(file) ?? []) : [])));
    const expected = loadedBy[entry] ?? { packages: [], asks: [] };
    expect([...packages].sort()).toEqual([...expected.packages, ours].sort());
    expect([...asks].filter((name) => name !== ours).sort()).toEqual(expected.asks);

    const files = new Set(loads.flatMap(([, file]) => (packageOf(file) === ours ? [file] : [])));
    expect(files.size).toBeLessThanOrEqual(mostFiles(entry));
  });
});

describe.each([
  ['ESM', 'mjs', inEsm],
  ['CommonJS', 'cjs', inCommonJs],
] as const)('from %s', (_, extension, program) => {
  test('every entry loads, and the two module systems offer the same names', async () => {
    const offered = await runProgram(whole(), `names.${extension}`, program(names, listNames));
    expect(offered).toEqual(await runProgram(whole(), 'names-in-esm.mjs', inEsm(names, listNames)));
    for (const name of names) expect(offered).toHaveProperty([name, 0]);
  });

  test('a crashed instance is restarted by one decide', async () => {
    const decision = await runProgram(whole(), `decide.${extension}`, program(['index'], decideOnce));
    expect(decision).toEqual({ actions: [{ _tag: 'Start', attempt: 1 }], reason: 'restart_after_exit' });
  });

  test('all entries share one initialStatus', async () => {
    const shared = await runProgram(whole(), `shared.${extension}`, program(names, shareObjects));
    expect(shared).toEqual({ controller: true, codec: true, testing: true });
  });

  test('the codecs are types of the io-ts that the program has', async () => {
    const isType = `
      const { Type } = ${extension === 'mjs' ? "await import('io-ts')" : "require('io-ts')"};
      console.log(JSON.stringify([all.codec.RestartPolicyCodec instanceof Type, all.codec.RestartStatusCodec instanceof Type]));
    `;
    expect(await runProgram(whole(), `io-ts.${extension}`, program(['codec'], isType))).toEqual([true, true]);
  });

  test('the script for other engines sets RestartPolicy, which decides', async () => {
    const load = extension === 'mjs' ? "import 'restart-policy/engine'" : "require('restart-policy/engine')";
    const text = JSON.stringify({ policy: {}, event: { _tag: 'ManualStop' }, now: '2026-01-05T12:00:00Z' });
    const decideInJson = `${load};\nconsole.log(RestartPolicy.decideJson(${JSON.stringify(text)}));`;
    expect(await runProgram(bare(), `engine.${extension}`, decideInJson)).toMatchObject({
      status: { attempts: 0, blocked_reason: 'manual_stop' },
      reason: 'manual_stop_recorded',
    });
  });

  test('a real process is started and stopped', async () => {
    const steps = await runProgram(whole(), `process.${extension}`, program(['adapters/process'], superviseProcess));
    expect(steps).toEqual(['Right', 'Right', 'running', 'Right']);
  });

  test('every schedule of a stop is explored', async () => {
    const explored = await runProgram(
      whole(),
      `explore.${extension}`,
      program(['index', 'testing/explore'], exploreOnce),
    );
    expect(explored).toEqual({ complete: true, several: true, violation: null });
  });

  test('without fast-check everything but the arbitraries loads', async () => {
    const without = names.filter((name) => name !== needsFastCheck);
    const offered = await runProgram(bare(), `names.${extension}`, program(without, listNames));
    expect(Object.keys(offered as object)).toEqual(without);
    await expect(runProgram(bare(), `all.${extension}`, program(names, listNames))).rejects.toThrow(/fast-check/);
  });
});

describe('the command line', () => {
  const policy = 'policy: on_failure\nbackoff: 30s\nmax_attempts: 5\n';
  let empty = '';
  beforeAll(async () => {
    // As npx fetches it: into a folder that has nothing else.
    empty = join(directory, 'empty');
    await mkdir(empty);
    await writeFile(join(empty, 'policy.yaml'), policy);
    await writeFile(join(empty, 'fly.toml'), '[[restart]]\npolicy = "on-failure"\nretries = 4\n');
    await writeFile(join(empty, 'runs.csv'), 'started_at,stopped_at,exit_code\n0,20000,1\n60000,80000,1\n');
  });
  // With a cache of its own, which has none of the peers; the bin needs none.
  const npx = (...given: ReadonlyArray<string>): Promise<string> => {
    const apart = ['--offline', '--legacy-peer-deps', '--cache', join(directory, 'npx')];
    return run(empty, 'npx', ...apart, '--yes', '--package', packed.tarball, '--', 'restart-policy', ...given);
  };

  const uses: ReadonlyArray<readonly [ReadonlyArray<string>, RegExp]> = [
    [['--version'], /^\d+\.\d+\.\d+\n$/],
    [['check', 'policy.yaml'], /^It is restarted when a run fails/],
    [['simulate', 'policy.yaml', '--crash-after', '20s', '--svg', 'out.svg'], /limit reached +at 2m 40s/],
    [['simulate', 'policy.yaml', '--log', 'runs.csv', '--fleet', '3', '--json'], /"outage_p99_ms": 10000/],
    [['compare', 'policy.yaml', '{"policy": "never"}', '--log', 'runs.csv'], /^attempts +2 +0$/m],
    [['translate', 'fly', 'fly.toml', '--json'], /"max_attempts": 4/],
    [['run', '--mode', 'never', '--', 'echo', 'out'], /^out\n$/],
  ];

  test.each(uses)('in an empty directory, by npx: %j', async (given, expected) => {
    expect(await npx(...given)).toMatch(expected);
    if (given.includes('--svg')) expect(await readFile(join(empty, 'out.svg'), 'utf8')).toMatch(/^<svg /);
  });

  test('runs the commands of the README, one after another', async () => {
    const readme = await readFile(join(project, 'README.md'), 'utf8');
    const [, commands = ''] = /^## What will a policy do\?\n\n```sh\n([^`]*)```/m.exec(readme) ?? [];
    const bin = join(whole(), 'node_modules/.bin/restart-policy');
    expect(commands.match(/^npx restart-policy/gm)).toHaveLength(3);
    const printed = await run(empty, 'sh', '-e', '-c', commands.replaceAll('npx restart-policy', bin));
    expect(printed).toMatch(/^It is restarted when a run fails/);
    expect(printed.match(/limit reached +at 2m 40s/g)).toHaveLength(2);
    expect(printed).toMatch(/^attempts +5 +\d+$/m);
  });

  test('of every command something is run above', async () => {
    const help = await npx('--help');
    const names = [...help.matchAll(/^ {2}(\w+) {2,}\S/gm)].map(([, name]) => name);
    expect(names).toContain('check');
    expect(names.filter((name) => !uses.some(([[used]]) => used === name))).toEqual([]);
  });

  test('needs none of the peers, and nothing else', async () => {
    const alone = join(directory, 'alone');
    await installInto(alone, [packed.tarball], '--legacy-peer-deps');
    expect(await readdir(join(alone, 'node_modules'))).toEqual(['.bin', '.package-lock.json', 'restart-policy']);
    const checked = await run(alone, join(alone, 'node_modules/.bin/restart-policy'), 'check', '{"policy": "never"}');
    expect(checked).toMatch(/^It is never restarted/);
    const ended = await run(
      alone,
      join(alone, 'node_modules/.bin/restart-policy'),
      'run',
      '--mode',
      'never',
      'echo',
      'out',
    );
    expect(ended).toBe('out\n');
  });

  test('says whose code is in it, with their licences', async () => {
    const text = await readFile(join(whole(), 'node_modules/restart-policy/dist', notices), 'utf8');
    for (const name of bundled) {
      const { version } = JSON.parse(await readFile(tool(`${name}/package.json`), 'utf8'));
      expect(text).toContain(`## ${name} ${version} (`);
      expect(text).toContain((await readFile(tool(`${name}/LICENSE`), 'utf8')).trim());
    }
  });
});

const typed = `
import { decide, type Decision, initialStatus, observed, restartPolicy, type RestartPolicy } from 'restart-policy';
import { createHypemanHypervisor } from 'restart-policy/adapters/hypeman';
import { createMemoryStore } from 'restart-policy/adapters/memory';
import { permitted } from 'restart-policy/adapters/permitted';
import { createPostgresStore, type PostgresPool } from 'restart-policy/adapters/postgres';
import { openProcessHypervisor } from 'restart-policy/adapters/process';
import { openQemuHypervisor, type QemuExit } from 'restart-policy/adapters/qemu';
import { openSharedProcessHypervisor } from 'restart-policy/adapters/shared-process';
import { openSqliteStore } from 'restart-policy/adapters/sqlite';
import { systemClock } from 'restart-policy/adapters/system-clock';
import { decodeRestartPolicy, RestartPolicyCodec } from 'restart-policy/codec';
import { type Controller, createController, type Hypervisor, type Store } from 'restart-policy/controller';
import { describePolicy, type LintWarning, lintPolicy } from 'restart-policy/describe';
import { createMemoryHistory, type History, type HistoryEntry, recordHistory } from 'restart-policy/history';
import type { RestartPolicyJson } from 'restart-policy/engine';
import { type HypemanState, neverPolicy, responseFields } from 'restart-policy/hypeman';
import { createMetrics, type Meter, type Metrics } from 'restart-policy/metrics';
import { createController as createPromised, orThrow, restartPolicyOrThrow } from 'restart-policy/promises';
import { crashLoop, drawTimeline, simulate, type Timeline } from 'restart-policy/simulate';
import { createScriptedHypervisor, createVirtualClock } from 'restart-policy/testing';
import { arbRestartPolicy } from 'restart-policy/testing/arbitraries';
import { exploreSchedules, type Scenario } from 'restart-policy/testing/explore';
import { fromDocker, type Loss } from 'restart-policy/translate';

const forOthers = (globalThis as unknown as { readonly RestartPolicy?: RestartPolicyJson }).RestartPolicy;
void forOthers?.decideJson('');
const policy = restartPolicy({ mode: 'on_failure', backoff: '2s' });
if (policy._tag === 'Right') {
  const checked: RestartPolicy = policy.right;
  const decision: Decision = decide(checked, initialStatus, observed({
    state: 'stopped', startedAt: 1000, stoppedAt: 2000, exitCode: 1, health: 'unknown',
  }), 3000);
  const attempt: number | undefined = decision.actions[0]?.attempt;
  void [attempt, decodeRestartPolicy(RestartPolicyCodec.encode(checked))];
  const warnings: ReadonlyArray<LintWarning> = lintPolicy(checked);
  const description: string = describePolicy(checked);
  void [warnings, description];
  const simulated = simulate({ policy: checked, workload: crashLoop({ runsFor: 1000 }), for: 60_000 });
  const timeline: Timeline | null = simulated._tag === 'Right' ? simulated.right : null;
  const picture: string = timeline === null ? '' : drawTimeline([timeline]);
  void picture;
}
const translated = fromDocker('on-failure:3');
const losses: ReadonlyArray<Loss> = translated._tag === 'Right' ? translated.right.losses : [];
void losses;
const store: Store = createMemoryStore();
const scripted = createScriptedHypervisor({ clock: createVirtualClock() });
if (scripted._tag === 'Left') throw new Error(scripted.left.message);
const hypervisor: Hypervisor = scripted.right;
declare const meter: Meter;
const measured = createMetrics({ meter, store, now: () => 0 });
const metrics: Metrics | null = measured._tag === 'Right' ? measured.right : null;
const watched: Hypervisor = metrics?.watch(hypervisor) ?? hypervisor;
const created = createController({ store, hypervisor: watched, clock: systemClock });
const controller: Controller | null = created._tag === 'Right' ? created.right : null;
const promised = createPromised({ store: orThrow(openSqliteStore({} as never)), hypervisor, clock: systemClock });
const started: Promise<{ readonly revision: number }> = promised.manualStart('web-1');
void [started, promised.updatePolicy('web-1', restartPolicyOrThrow({ mode: 'always' })), promised.close()];
const state: HypemanState = 'Running';
const remembered = createMemoryHistory();
const history: History | null = remembered._tag === 'Right' ? remembered.right : null;
const told: ReadonlyArray<HistoryEntry> = [];
if (history !== null) createController({ store, hypervisor, clock: systemClock, ...recordHistory(history) });
history?.add(told);
void [state, responseFields(neverPolicy, initialStatus), createHypemanHypervisor];
declare const pool: PostgresPool;
const opened = createPostgresStore(pool);
const shared: Store | null = opened._tag === 'Right' ? opened.right : null;
const exit: QemuExit = { _tag: 'GuestReset' };
void [exit, openQemuHypervisor, permitted];
void [controller, shared, openProcessHypervisor, openSharedProcessHypervisor, openSqliteStore, arbRestartPolicy];

declare const scenario: Scenario;
const isComplete: Promise<boolean> = exploreSchedules(scenario).then(({ complete }) => complete);
void isComplete;

// None of the above is \`any\`:
// @ts-expect-error there is no such mode
restartPolicy({ mode: 'sometimes' });
// @ts-expect-error nor such a field
void initialStatus.attempt;
// @ts-expect-error a store is not a clock
createController({ store, hypervisor, clock: store });
// @ts-expect-error a Promise is not called
void promised.manualStop('web-1')();
// @ts-expect-error nor an entry without its instance
history?.add([{ _tag: 'Recovered', at: 1 }]);
// @ts-expect-error nor a policy a record of strings
RestartPolicyCodec.encode({ mode: 'always' });
`;

describe('from TypeScript', () => {
  test.each([
    ['NodeNext', ['use.mts', 'use.cts'], { module: 'NodeNext', moduleResolution: 'NodeNext' }],
    ['Bundler', ['use.ts'], { module: 'ESNext', moduleResolution: 'Bundler' }],
  ])('every entry has its types: %s', async (resolution, files, options) => {
    const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };
    // No skipLibCheck and no other types: what we declare must stand by itself.
    const compilerOptions = { ...options, ...strict, target: 'ES2022', lib: ['ES2022'], types: [], noEmit: true };
    for (const file of files) await writeFile(join(whole(), file), typed);
    await writeFile(join(whole(), `${resolution}.json`), JSON.stringify({ compilerOptions, files }));
    await run(whole(), process.execPath, tool('typescript/bin/tsc'), '--project', `${resolution}.json`);
  });

  test('the program above uses every entry', () => {
    for (const name of everyName) expect(typed).toContain(`from '${specifier(name)}';`);
  });
});

describe('the package', () => {
  /** As it is installed. */
  const inside = (): string => join(whole(), 'node_modules/restart-policy');
  const pages = (): ReadonlyArray<string> => packed.files.filter((path) => path.endsWith('.md'));
  const linksIn = async (page: string): Promise<ReadonlyArray<string>> =>
    linksOf(await readFile(join(inside(), page), 'utf8')).targets;

  const built: ReadonlyArray<RegExp> = [
    ...everyName.map((name) => new RegExp(`^dist/${name}\\.(?:js|cjs|d\\.ts|d\\.cts)$`)),
    // What several entries share; named after its content.
    /^dist\/chunk-[A-Z0-9]{8}\.(?:js|cjs)$/,
    /^dist\/[a-z-]+-[\w-]{8}\.d\.c?ts$/,
    /^dist\/cli\/(?:bin\.js|THIRD_PARTY\.md)$/,
  ];
  /** A program of several files is led to by one of them. */
  const programs: ReadonlyArray<string> = ['examples/05-go-host/'];

  test('holds what is built, what its documents lead to from the README, and nothing else', async () => {
    const reached = new Set(['package.json', 'LICENSE', 'README.md']);
    // It grows while it is read.
    for (const page of reached) {
      if (pages().includes(page)) for (const link of await linksIn(page)) reached.add(fileOf(page, link));
    }
    for (const program of programs) {
      if ([...reached].some((path) => path.startsWith(program)))
        for (const path of packed.files) if (path.startsWith(program)) reached.add(path);
    }
    expect(packed.files.filter((path) => !reached.has(path) && !built.some((kind) => kind.test(path)))).toEqual([]);
    expect(built.filter((kind) => !packed.files.some((path) => kind.test(path)))).toEqual([]);
    expect(packed.files.filter((path) => /^(?:docs|examples|vectors)\//.test(path)).length).toBeGreaterThan(40);
  });

  test('has no document with a link that leads out of it, or to a heading that is not there', async () => {
    expect(pages().length).toBeGreaterThan(20);
    const problems = pages().map(async (page) =>
      (await linksIn(page)).flatMap((link) => problemOf(inside(), page, link) ?? []).map((why) => `${page}: ${why}`),
    );
    expect((await Promise.all(problems)).flat()).toEqual([]);
  });

  test('has no source maps, and does not ask for any: what is built is readable as it is', async () => {
    const scripts = packed.files.filter((path) => /\.(?:js|cjs)$/.test(path));
    const asking = scripts.map(async (path) =>
      (await readFile(join(inside(), path), 'utf8')).includes('sourceMappingURL') ? [path] : [],
    );
    expect((await Promise.all(asking)).flat()).toEqual([]);
  });

  test('takes at most 1.2 MB to download', () => {
    expect(packed.size).toBeLessThan(1_200_000);
  });

  test('exports each entry for both module systems, with its own types', async () => {
    const { exports } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8'));
    const expected = Object.fromEntries(
      everyName.map((name) => [
        specifier(name).replace('restart-policy', '.'),
        {
          import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
          require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
        },
      ]),
    );
    expect(exports).toEqual({ ...expected, './package.json': './package.json' });
  });
});
