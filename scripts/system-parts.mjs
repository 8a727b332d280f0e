/**
 * Installs what the tests need of the system and do not find: QEMU, PostgreSQL, Chromium, Perl, Python, Go, and supervisors that
 * they hold policies against. Debian's packages, as root; otherwise it says what to install, and the tests that need it say
 * loudly that they were skipped. promtool is taken out of its package without root.
 *
 *   node scripts/system-parts.mjs [peers]     with every supervisor that `npm run test:peers` needs
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findPostgres } from './postgres.mjs';
import { fetchPromtool, findPromtool } from './promtool.mjs';

/** @type {(program: string) => boolean} */
const isThere = (program) =>
  [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/lib/systemd'].some((place) => {
    try {
      accessSync(join(place, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

const forAllPeers = [
  { name: 'systemd', found: isThere('systemd') },
  { name: 'monit', found: isThere('monit') },
  { name: 'docker.io', found: isThere('dockerd') },
  { name: 'podman', found: isThere('podman') },
  { name: 'runc', found: isThere('runc') },
  { name: 'busybox-static', found: isThere('busybox') },
];

const missing = [
  { name: 'qemu-system-x86', found: isThere('qemu-system-x86_64') },
  { name: 'postgresql', found: (await findPostgres()) !== null },
  { name: 'chromium', found: isThere('chromium') },
  { name: 'perl', found: isThere('perl') },
  { name: 'python3', found: isThere('python3') },
  { name: 'supervisor', found: isThere('supervisord') },
  { name: 'runit', found: isThere('runsvdir') },
  { name: 's6', found: isThere('s6-svscan') },
  { name: 'golang-go', found: isThere('go') },
  { name: 'golang-github-dop251-goja-dev', found: existsSync('/usr/share/gocode/src/github.com/dop251/goja') },
  ...(process.argv.includes('peers') ? forAllPeers : []),
]
  .filter(({ found }) => !found)
  .map(({ name }) => name);

/** @type {(...args: ReadonlyArray<string>) => boolean} whether it went well; it prints only what went wrong */
const aptGet = (...args) => {
  const { status, stdout, stderr, error } = spawnSync('apt-get', args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status !== 0) console.error(`apt-get ${args.join(' ')}: ${error ?? ''}${stdout ?? ''}${stderr ?? ''}`);
  return status === 0;
};

if (missing.length > 0) {
  const packages = missing.join(' ');
  if (process.getuid?.() === 0 && isThere('apt-get')) {
    console.log(`Installing what the tests need of the system: ${packages}`);
    const install = ['install', '--yes', '--no-install-recommends', ...missing];
    // What is known of the packages may be too old, or nothing.
    if (!aptGet(...install)) process.exitCode = aptGet('update') && aptGet(...install) ? 0 : 1;
  } else {
    console.warn(
      `Some tests will be skipped. What they need: sudo apt-get install --no-install-recommends ${packages}`,
    );
  }
}

if (findPromtool() === null && isThere('apt-get')) {
  console.log('Fetching what the tests of the alerts need: promtool');
  let problem = fetchPromtool();
  // What is known of the packages may be too old, or nothing.
  if (problem !== null && process.getuid?.() === 0 && aptGet('update')) problem = fetchPromtool();
  if (problem !== null) console.warn(`The alerts will not be tested: ${problem}`);
}
