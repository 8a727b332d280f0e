/** An instance as its owner defined it. What becomes of it (policy, status, runs) is kept elsewhere. */
import { randomUUID } from 'node:crypto';
import type { Hypeman } from '@onkernel/hypeman';
import type { Timestamp } from 'restart-policy';
import type { ProcessCommand } from 'restart-policy/adapters/process';
import type { InstanceId } from 'restart-policy/controller';
import type { HealthCheck } from '../health/check.js';

/** Plain data that survives JSON: it is stored as such. */
export interface Definition extends Workload {
  /** Never given twice, so that a new instance has no past. */
  readonly id: InstanceId;
  /** Unique among the instances that there are. */
  readonly name: string;
  readonly createdAt: Timestamp;
}

/** What an instance runs: what a fork copies, and what a snapshot keeps. */
export interface Workload {
  /** Kept and shown, and that is all: nothing is pulled, for a child process has no image. */
  readonly image: string;
  readonly command: ReadonlyArray<string>;
  readonly env: Readonly<Record<string, string>>;
  /** null: it is not checked. */
  readonly healthCheck: HealthCheck | null;
}

export const define = (name: string, workload: Workload, createdAt: Timestamp): Definition => {
  const { image, command, env, healthCheck } = workload;
  return { id: randomUUID(), name, createdAt, image, command, env, healthCheck };
};

/** The body's command line, as Docker and hypeman build it. */
export const commandLine = ({ entrypoint = [], cmd = [] }: Hypeman.InstanceCreateParams): ReadonlyArray<string> => [
  ...entrypoint,
  ...cmd,
];

/** The server's own environment may hold secrets: of it, a workload gets nothing but the search path. */
export const environmentOf = ({ env }: Workload): Readonly<Record<string, string>> => ({
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  ...env,
});

export const processOf = (workload: Workload): ProcessCommand => {
  const [command = '', ...args] = workload.command;
  return { command, args, env: environmentOf(workload) };
};
