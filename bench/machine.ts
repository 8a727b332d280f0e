/**
 * What a part is measured on.
 */
import { cpus, loadavg } from 'node:os';
import { short } from './table.js';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  /** Average number of processes that wanted a core over the last minute. */
  readonly load: number;
}

export const describeMachine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  node: process.version,
  load: loadavg()[0] ?? Number.NaN,
});

export const machineText = ({ cpu, cores, node }: Machine): string => `${cpu}, ${cores} cores, Node ${node}`;

export const loadText = ({ load }: Machine): string => short(load);
