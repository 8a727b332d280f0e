/**
 * Processes as the benchmarks of restarts need them: what one has cost, and others that only are there.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** The kernel's tick in /proc, in milliseconds: USER_HZ, which is 100 on every architecture that Node runs on. */
const tick = 10;

export interface CpuMillis {
  /** Of the process itself, all threads. */
  readonly own: number;
  /** Of its children that it has waited for, and of theirs. */
  readonly children: number;
}

export const cpuOf = (pid: number): CpuMillis => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // From the third field on: the second, the name in brackets, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const sum = (...indexes: ReadonlyArray<number>): number =>
    indexes.reduce((total, index) => total + Number(fields[index]) * tick, 0);
  return { own: sum(11, 12), children: sum(13, 14) };
};

/** Resident, in KiB. */
export const residentOf = (pid: number): number => {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return Number(kib);
};

/** Lets so many sleep while the work is done. They end with this process, too. */
export const besideSleepers = async <A>(count: number, work: () => Promise<A>): Promise<A> => {
  const script = `n=0; while [ $n -lt ${count} ]; do sleep 86400 & n=$((n + 1)); done; echo ready; read -r _; kill -KILL 0`;
  const group = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const ended = once(group, 'exit');
  try {
    await once(group.stdout, 'data');
    return await work();
  } finally {
    group.stdin.end();
    await ended;
  }
};
