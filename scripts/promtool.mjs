/**
 * Prometheus's own checker of rules. It comes with Debian's package of the whole server, which is fetched and taken apart, and
 * not installed: so no server is started.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../node_modules/.cache/promtool/', import.meta.url));

/**
 * Where it is; null: it is not there.
 *
 * @returns {string | null}
 */
export const findPromtool = () =>
  [...(process.env['PATH'] ?? '').split(delimiter), cache].map((place) => join(place, 'promtool')).find(existsSync) ??
  null;

/**
 * Fetches it from Debian's archive; needs no root.
 *
 * @returns {string | null} what went wrong; null: nothing
 */
export const fetchPromtool = () => {
  const directory = mkdtempSync(join(tmpdir(), 'promtool-'));
  /** @type {(program: string, ...args: ReadonlyArray<string>) => string | null} */
  const run = (program, ...args) => {
    const { status, stderr, error } = spawnSync(program, args, { cwd: directory, encoding: 'utf8' });
    return status === 0 ? null : `${program} ${args.join(' ')}: ${error ?? ''}${stderr ?? ''}`;
  };
  try {
    const problem = run('apt-get', 'download', 'prometheus');
    if (problem !== null) return problem;
    const archive = readdirSync(directory).find((name) => name.endsWith('.deb')) ?? '';
    const unpacking = run('dpkg-deb', '-x', archive, 'unpacked');
    if (unpacking !== null) return unpacking;
    mkdirSync(cache, { recursive: true });
    // Another file system has another name for it: a copy under its own, then the name at once.
    const copying = run('cp', join('unpacked/usr/bin/promtool'), join(cache, 'promtool.new'));
    if (copying !== null) return copying;
    renameSync(join(cache, 'promtool.new'), join(cache, 'promtool'));
    return null;
  } finally {
    rmSync(directory, { recursive: true });
  }
};
