/**
 * Whether what is here may be published. npm asks before each `npm publish` (prepublishOnly), `npm run release` before it
 * builds; each problem is named with what to do, and the exit code is 1 where there is one.
 *
 *   node scripts/ready-to-publish.mjs
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

/** @type {(...args: ReadonlyArray<string>) => string | null} null: git could not say */
const git = (...args) => {
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
};

/** Without them a page on the registry leads nowhere. With `private`, npm refuses by itself, tarballs too. */
const ownerProblem = () => {
  const missing = ['repository', 'homepage', 'bugs'].filter((field) => manifest[field] === undefined);
  const wrong = [
    ...(missing.length > 0 ? [`has no ${missing.join(', ')}`] : []),
    ...(manifest.private === true ? ['is private'] : []),
  ];
  if (wrong.length === 0) return null;
  return `package.json ${wrong.join(' and ')}: npm run owner -- https://github.com/OWNER/NAME, then commit it`;
};

/** npm refuses provenance from another repository, after all the work is done. */
const provenanceProblem = () => {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: here } = process.env;
  const url = manifest.repository?.url;
  if (server === undefined || here === undefined || url === undefined) return null;
  const wanted = `git+${server}/${here}.git`;
  if (url.toLowerCase() === wanted.toLowerCase()) return null;
  return `repository in package.json is ${url}, but this is ${wanted}, and provenance needs it to be the same: npm run owner -- ${server}/${here}`;
};

const treeProblem = () => {
  // A checkout around this folder that ignores it would say that nothing has changed.
  const isKept = git('ls-files', '--error-unmatch', 'package.json') !== null;
  const changed = isKept ? git('status', '--porcelain', '--untracked-files=normal') : null;
  if (changed === null) return 'this is no git checkout, so nobody could tell what was published';
  return changed === '' ? null : `what is here is not what is committed:\n${changed}`;
};

const versionProblem = () => {
  const notes = readdirSync('.changeset').filter((name) => name.endsWith('.md') && name !== 'README.md');
  const waiting = `${notes.length} change note${notes.length === 1 ? ' waits' : 's wait'} for a version`;
  if (notes.length > 0) return `${waiting} (.changeset): npm run next-version, read CHANGELOG.md, then commit`;
  const changes = existsSync('CHANGELOG.md') ? readFileSync('CHANGELOG.md', 'utf8') : '';
  return changes.split('\n').includes(`## ${manifest.version}`)
    ? null
    : `CHANGELOG.md says nothing of ${manifest.version}`;
};

const problems = [ownerProblem(), provenanceProblem(), treeProblem(), versionProblem()].filter((one) => one !== null);
if (problems.length > 0) {
  console.error(`Not published:\n${problems.map((problem) => `- ${problem}`).join('\n')}`);
  console.error('CONTRIBUTING.md, Releasing, says what a release takes.');
  process.exitCode = 1;
}
