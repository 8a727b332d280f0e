/**
 * Removes the control groups of a name, with all that is in them, from every hierarchy: the kernel keeps them when their processes
 * have long ended, and the supervisors of test/peers make some.
 */
import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

const mount = '/sys/fs/cgroup';

/** @type {(directory: string) => ReadonlyArray<string>} */
const foldersIn = (directory) => {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(directory, name));
  } catch {
    return []; // it has been removed
  }
};

/** @type {(directory: string) => void} */
const removeTree = (directory) => {
  for (const folder of foldersIn(directory)) removeTree(folder);
  try {
    rmdirSync(directory);
  } catch {
    // Its processes have not ended yet: whoever asks again finds it.
  }
};

/** @type {(isMeant: (name: string) => boolean) => ReadonlyArray<string>} right in a hierarchy, of v1 or v2 */
export const controlGroupsOf = (isMeant) =>
  [mount, ...foldersIn(mount)]
    .flatMap(foldersIn)
    .filter((path) => isMeant(path.slice(path.lastIndexOf('/') + 1)))
    .filter((path, index, all) => all.indexOf(path) === index);

/** @type {(name: string) => boolean} whether none is left */
export const removeControlGroups = (name) => {
  const groups = controlGroupsOf((other) => other === name);
  for (const group of groups) removeTree(group);
  return groups.every((group) => !existsSync(group));
};
