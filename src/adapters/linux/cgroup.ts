/**
 * Whether the system ended a process for want of memory, as the kernel counts it in the control group of an instance.
 *
 * Nothing else tells: to its parent such a process was ended by SIGKILL like any other. The kernel's log names processes,
 * but by numbers that are not those of a container, and not to everybody.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the count stands: in version 2, and in version 1. */
export const oomCounters = ['memory.events', 'memory.oom_control'] as const;

/** What the line of the count begins with. */
export const oomCount = 'oom_kill';

/** How many processes of the group it has ended so; null: there is no such group, or it does not count. */
export const readOomKills = (cgroup: string): number | null => {
  for (const counter of oomCounters) {
    const count = new RegExp(`^${oomCount} (\\d+)$`, 'm').exec(textOf(join(cgroup, counter)))?.[1];
    if (count !== undefined) return Number(count);
  }
  return null;
};

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};
