/** What lives of the tests' own when they are over: whatever bears their directory in its words or its environment. */
import { readdirSync, readFileSync } from 'node:fs';

/** @type {(path: string) => string} */
export const read = (path) => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // it has ended
  }
};

/** @type {(pid: number) => void} */
export const kill = (pid) => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended
  }
};

/** @type {(directory: string) => ReadonlyArray<{ pid: number, command: string }>} all but this process */
export const living = (directory) =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const command = read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim();
      return `${read(`/proc/${name}/environ`)}${command}`.includes(directory) ? [{ pid: Number(name), command }] : [];
    });

/** @type {(left: ReadonlyArray<{ pid: number }>) => void} */
export const endAll = (left) => {
  for (const { pid } of left) kill(pid);
};
