/**
 * Whether runs can be control groups here, and where: asked of the system itself when a hypervisor is opened, for what is
 * mounted, allowed and delegated differs from one host to the next.
 */
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../../either.js';
import { tryCatch } from '../../option.js';
import { oneOf, optional } from '../../options.js';
import type { Check } from '../../validation.js';
import { messageOf } from '../common/answers.js';
import { type ControlGroup, controlGroup, enterGroup, groupPrefix } from './control-group.js';

export interface ControlGroups {
  /** The group of a run, which is not made yet. Its name is its own, without a slash. */
  readonly of: (run: string) => ControlGroup;
  /** The group in which those of all runs are. */
  readonly all: ControlGroup;
  /** Removes the group of all, where there is no other in it. It is made again with the next. */
  readonly tidy: () => void;
}

/**
 * What to do with control groups: use them where they can be had, not open without them, or never make one.
 *
 * @since 0.2.0
 */
export type ControlGroupsUse = 'auto' | 'required' | 'off';

/** Default `auto`. */
export const controlGroupsOption: Check<ControlGroupsUse> = optional<ControlGroupsUse>(
  'auto',
  oneOf('auto', 'required', 'off'),
);

/** null: there are none, or they are not wanted. Left: they are required, and cannot be had. */
export const openControlGroups = async (
  use: ControlGroupsUse,
  key: string,
): Promise<Either<Error, ControlGroups | null>> => {
  if (use === 'off') return right(null);
  const found = await findControlGroups(key);
  if (found._tag === 'Right' || use === 'required') return found;
  return right(null);
};

/**
 * Left: there are none here, and why not. `key`: of all hypervisors that share a directory, so that each directory has its
 * groups in one place.
 */
const findControlGroups = async (key: string): Promise<Either<Error, ControlGroups>> => {
  try {
    const own = readOwnGroup();
    const name = groupPrefix + createHash('sha256').update(key).digest('hex').slice(0, 16);
    await probe(own, name);
    const at = (...below: ReadonlyArray<string>): ControlGroup =>
      controlGroup(join(own.path, name, ...below), posix.join(own.name, name, ...below));
    const all = at();
    const tidy = (): void => void tryCatch(() => rmdirSync(all.path));
    tidy();
    return right({ of: (run) => at(run), all, tidy });
  } catch (cause) {
    return left(new Error(`a run cannot be a control group here: ${messageOf(cause)}`, { cause }));
  }
};

/** The group that this process is in. */
interface OwnGroup {
  /** Where it is mounted. */
  readonly path: string;
  /** As the kernel names it to those in it. */
  readonly name: string;
}

const readOwnGroup = (): OwnGroup => {
  const name = /^0::(\/.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
  if (name === undefined) throw new Error('this process is in no group of version 2');
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const path = pathIn(line, name);
    if (path !== null) return { path, name };
  }
  throw new Error(`the group ${name} of this process is not mounted`);
};

/** What a line of proc(5)'s mountinfo makes of a group; null: it mounts something else. */
const pathIn = (line: string, name: string): string | null => {
  const [mount = '', fileSystem = ''] = line.split(' - ');
  const [, , , root = '', point = ''] = mount.split(' ').map(unescapeOctal);
  if (!fileSystem.startsWith('cgroup2 ')) return null;
  const below = posix.relative(root, name);
  return below.startsWith('..') ? null : join(point, below);
};

const unescapeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));

/** Throws where a group cannot be made, entered, seen into, or ended. A mount of another namespace passes all but the last. */
const probe = async (own: OwnGroup, name: string): Promise<void> => {
  const below = `${name}/probe-${randomUUID()}`;
  const group = controlGroup(join(own.path, below));
  group.make();
  try {
    if (!existsSync(join(group.path, 'cgroup.kill'))) throw new Error('the kernel has no cgroup.kill (5.14)');
    const script = `${enterGroup('$1')} && while read -r line; do echo "$line"; done </proc/self/cgroup`;
    const { stdout } = await run('/bin/sh', ['-c', script, 'restart-policy-probe', group.path], { cwd: '/' });
    const entered = /^0::(.*)$/m.exec(stdout)?.[1];
    const expected = posix.join(own.name, below);
    if (entered !== expected) throw new Error(`what entered ${expected} was in ${entered}`);
    if (group.isPopulated()) throw new Error('what has ended still counts as living');
  } finally {
    group.remove();
  }
};

const run = promisify(execFile);
