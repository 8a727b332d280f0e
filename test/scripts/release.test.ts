/** What npm does with what is here: the real package.json and scripts in a git checkout, published to a registry on loopback. */
import { execFile } from 'node:child_process';
import { appendFile, cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const address = 'https://github.com/somebody/restart-policy';
const owner = {
  repository: { type: 'git', url: `git+${address}.git` },
  homepage: `${address}#readme`,
  bugs: { url: `${address}/issues` },
};

interface Manifest {
  readonly [field: string]: unknown;
  readonly scripts: Readonly<Record<string, string>>;
}

/** Owned, some day. */
const realManifest = async (): Promise<Manifest> => JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

let directory = '';
let checkout = '';
let loopback = '';
let registry: Server;
/** What was published. */
let versions: Array<Readonly<Record<string, unknown>>> = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'release-'));
  registry = createServer(async (request, response) => {
    if (request.method === 'PUT') {
      const published = (await json(request)) as { readonly versions: typeof versions };
      versions = [...versions, ...Object.values(published.versions)];
    }
    response.writeHead(request.method === 'PUT' ? 201 : 404, { 'content-type': 'application/json' });
    response.end('{}');
  });
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  const { port } = registry.address() as AddressInfo;
  await writeFile(join(directory, 'npmrc'), `//127.0.0.1:${port}/:_authToken=nobody\nupdate-notifier=false\n`);
  loopback = `http://127.0.0.1:${port}/`;
});

afterAll(async () => {
  registry.closeAllConnections();
  await new Promise((resolve) => registry.close(resolve));
  await rm(directory, { recursive: true, force: true });
});

interface Answer {
  readonly code: number;
  readonly said: string;
}

/** Not what npm or GitHub said to the tests themselves. */
const environment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm|github|actions)_/i.test(name))),
  // The name by which changesets too learns of it: nothing here may reach a real one.
  npm_config_registry: loopback,
  NPM_CONFIG_USERCONFIG: join(directory, 'npmrc'),
  NPM_CONFIG_CACHE: join(directory, 'cache'),
});

const run = (command: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = {}): Promise<Answer> =>
  new Promise((resolve) => {
    execFile(command, args, { cwd: checkout, env: { ...environment(), ...env } }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : Number(error !== null), said: stdout + stderr });
    });
  });
const git = (...args: ReadonlyArray<string>) =>
  run('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args]);
const npm = (...args: ReadonlyArray<string>) => run('npm', args);
const ready = (env: NodeJS.ProcessEnv = {}) => run(process.execPath, ['scripts/ready-to-publish.mjs'], env);
const commit = async () => {
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'all there is');
};
const manifest = async (): Promise<Manifest> => JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8'));
const isBuilt = () =>
  readFile(join(checkout, 'dist/built')).then(
    () => true,
    () => false,
  );

/** A checkout of all that a release asks for, but for the owner; its build is a moment's. */
beforeEach(async () => {
  versions = [];
  checkout = await mkdtemp(join(directory, 'checkout-'));
  const { repository: _r, homepage: _h, bugs: _b, ...real } = await realManifest();
  const build = `node -e "require('fs').mkdirSync('dist'); require('fs').writeFileSync('dist/built', '')"`;
  await writeFile(
    join(checkout, 'package.json'),
    JSON.stringify({ ...real, version: '0.9.0', private: true, scripts: { ...real.scripts, build } }, null, 2),
  );
  for (const name of [
    'scripts/owner.mjs',
    'scripts/ready-to-publish.mjs',
    '.changeset/config.json',
    '.changeset/changelog.cjs',
    '.gitignore',
  ]) {
    await cp(join(root, name), join(checkout, name));
  }
  await writeFile(join(checkout, 'CHANGELOG.md'), '# restart-policy\n\n## 0.9.0\n\n- All is new.\n');
  await mkdir(join(checkout, 'vectors/conformance'), { recursive: true });
  await git('init', '--quiet');
  await commit();
});

const own = async (): Promise<void> => {
  await run(process.execPath, ['scripts/owner.mjs', address]);
  await commit();
};

describe('the owner', () => {
  test('is said by one command, which changes nothing else and is no different a second time', async () => {
    const before = await manifest();
    expect(await npm('run', 'owner', '--', address)).toMatchObject({ code: 0 });
    const after = await manifest();
    const { private: _, ...others } = before;
    expect(after).toEqual({ ...others, ...owner });
    expect(Object.keys(after).filter((field) => field in others)).toEqual(Object.keys(others));
    await run(process.execPath, ['scripts/owner.mjs', `${address}.git`]);
    expect(await manifest()).toEqual(after);
  });

  test.each([
    '',
    'restart-policy',
    'git@github.com:somebody/restart-policy.git',
    'https://github.com/somebody',
    'https://github.com/somebody/restart-policy/tree/main',
    'https://:secret@github.com/somebody/restart-policy',
    // As the documents and this very message have it.
    'https://github.com/OWNER/NAME',
  ])('is not "%s": nothing is changed, and the command is shown', async (wrong) => {
    const before = await manifest();
    const { code, said } = await run(process.execPath, ['scripts/owner.mjs', wrong]);
    expect(code).toBe(1);
    expect(said).toBe(
      `"${wrong}" is not the address of a repository: npm run owner -- https://github.com/OWNER/NAME\n`,
    );
    expect(await manifest()).toEqual(before);
  });

  test('on GitLab has another page of issues', async () => {
    await run(process.execPath, ['scripts/owner.mjs', 'https://gitlab.com/a/b/c/']);
    expect(await manifest()).toMatchObject({ bugs: { url: 'https://gitlab.com/a/b/c/-/issues' } });
  });
});

test('this package is private, or has an owner', async () => {
  const real = await realManifest();
  const said = Object.keys(owner).filter((field) => field in real);
  expect([[], Object.keys(owner)]).toContainEqual(said);
  expect(real['private'] === true).toBe(said.length === 0);
});

describe('while nobody owns it, npm publishes nothing', () => {
  const missing =
    '- package.json has no repository, homepage, bugs and is private: npm run owner -- https://github.com/OWNER/NAME, then commit it';

  test.each([
    ['publish', ['publish']],
    ['publish for show', ['publish', '--dry-run']],
    ['release', ['run', 'release']],
  ])('by npm %s, and says which fields are missing and what to do', async (_, args) => {
    const { code, said } = await npm(...args);
    expect(said).toContain(missing);
    expect(code).not.toBe(0);
    expect({ versions, isBuilt: await isBuilt() }).toEqual({ versions: [], isBuilt: false });
  });

  test('without its scripts, and from a tarball, which runs none', async () => {
    await npm('pack');
    for (const args of [['--ignore-scripts'], ['./restart-policy-0.9.0.tgz']]) {
      const { code, said } = await npm('publish', ...args);
      expect(said).toContain('EPRIVATE');
      expect(code).not.toBe(0);
    }
    expect(versions).toEqual([]);
  });
});

const changeset = async (command: string): Promise<Answer> => {
  await symlink(join(root, 'node_modules'), join(checkout, 'node_modules'));
  await appendFile(join(checkout, '.git/info/exclude'), '\nnode_modules\n');
  return run(process.execPath, ['node_modules/@changesets/cli/bin.js', command]);
};

describe('what is owned', () => {
  beforeEach(own);

  test('is built and published by npm, with the address that provenance needs', async () => {
    const { code, said } = await npm('publish');
    expect(said).toContain('+ restart-policy@0.9.0');
    expect(code).toBe(0);
    expect(versions).toMatchObject([{ name: 'restart-policy', version: '0.9.0', ...owner }]);
    expect(await isBuilt()).toBe(true);
  });

  test('is published by changesets, as npm run release does last, and tagged', async () => {
    await git('config', 'user.name', 't');
    await git('config', 'user.email', 't@example.org');
    const { code, said } = await changeset('publish');
    expect(said).toContain('packages published successfully');
    expect(code).toBe(0);
    expect(versions).toMatchObject([{ name: 'restart-policy', version: '0.9.0', ...owner }]);
    expect((await git('tag')).said).toBe('v0.9.0\n');
    expect((await manifest()).scripts['release']).toMatch(/&& changeset publish$/);
  });

  test('is not published by changesets either with a file that is not committed', async () => {
    await writeFile(join(checkout, 'src.ts'), '');
    const { code, said } = await changeset('publish');
    expect(said).toContain('what is here is not what is committed');
    expect(code).not.toBe(0);
    expect(versions).toEqual([]);
  });

  test('is not published with a file that is not committed', async () => {
    await writeFile(join(checkout, 'src.ts'), '');
    const { code, said } = await npm('publish');
    expect(said).toContain('- what is here is not what is committed:\n?? src.ts');
    expect(code).not.toBe(0);
    expect(versions).toEqual([]);
  });

  test('is not published while change notes wait for a version, whatever else is wrong', async () => {
    await writeFile(join(checkout, '.changeset/one.md'), '---\n"restart-policy": minor\n---\n\nOne.\n');
    const { code, said } = await ready();
    expect(code).toBe(1);
    expect(said).toContain('- 1 change note waits for a version (.changeset): npm run next-version');
    expect(said).toContain('?? .changeset/one.md');
  });

  test('is ready when its change notes have a version, whose changes are told without what only we know', async () => {
    const [first, second] = ['**A headline.** What it means:\n\n- this\n- and that', 'A bug is mended.'];
    await writeFile(join(checkout, '.changeset/one.md'), `---\n"restart-policy": minor\n---\n\n${first}\n`);
    await writeFile(join(checkout, '.changeset/two.md'), `---\n"restart-policy": patch\n---\n\n${second}\n`);
    await commit();
    await changeset('version');
    await commit();
    expect(await readFile(join(checkout, 'CHANGELOG.md'), 'utf8')).toBe(
      [
        '# restart-policy',
        '## 0.10.0',
        '### Minor Changes',
        '- **A headline.** What it means:',
        '  - this\n  - and that',
        '### Patch Changes',
        '- A bug is mended.',
        '## 0.9.0',
        '- All is new.\n',
      ].join('\n\n'),
    );
    expect(await ready()).toEqual({ code: 0, said: '' });
  });

  test('is not published under a version of which the changelog says nothing', async () => {
    await npm('version', '0.9.1', '--no-git-tag-version');
    await commit();
    expect(await ready()).toMatchObject({
      code: 1,
      said: expect.stringContaining('CHANGELOG.md says nothing of 0.9.1'),
    });
  });

  test('is not published from another repository than the one that it names', async () => {
    const at = (repository: string) =>
      ready({ GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: repository });
    expect(await at('Somebody/restart-policy')).toEqual({ code: 0, said: '' });
    const fork = await at('fork/restart-policy');
    expect(fork.code).toBe(1);
    expect(fork.said).toContain(
      'provenance needs it to be the same: npm run owner -- https://github.com/fork/restart-policy',
    );
  });

  test('is not published from where git knows of nothing', async () => {
    await rm(join(checkout, '.git'), { recursive: true });
    const { code, said } = await ready({ GIT_CEILING_DIRECTORIES: directory });
    expect(code).toBe(1);
    expect(said).toContain('- this is no git checkout');
  });

  test('is not published from a copy within another checkout that ignores it', async () => {
    await rm(join(checkout, '.git'), { recursive: true });
    const around = join(directory, 'around');
    await mkdir(around);
    await rename(checkout, join(around, 'copy'));
    checkout = around;
    await writeFile(join(around, '.gitignore'), 'copy\n');
    await git('init', '--quiet');
    await commit();
    checkout = join(around, 'copy');
    expect(await ready()).toMatchObject({ code: 1, said: expect.stringContaining('- this is no git checkout') });
  });

  test('is not published with a file that is not committed where git is told to show none', async () => {
    await git('config', 'status.showUntrackedFiles', 'no');
    await writeFile(join(checkout, 'src.ts'), '');
    expect(await ready()).toMatchObject({ code: 1, said: expect.stringContaining('?? src.ts') });
  });
});
