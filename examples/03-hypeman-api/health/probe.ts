/** Asks a workload once. Answers when the signal aborts at the latest, and never rejects. */
import { spawn } from 'node:child_process';
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { connect } from 'node:net';
import type { Probe } from './check.js';
import type { ProbeResult } from './window.js';

export interface ProbeRequest {
  readonly probe: Probe;
  /** What an exec probe runs in: the instance's own environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Where child processes listen. */
const address = '127.0.0.1';

export const runProbe = ({ probe, env, signal }: ProbeRequest): Promise<ProbeResult> => {
  switch (probe._tag) {
    case 'Http':
      return probeHttp(probe, signal);
    case 'Tcp':
      return probeTcp(probe.port, signal);
    case 'Exec':
      return probeExec(probe, env, signal);
    default:
      return probe satisfies never;
  }
};

const passed: ProbeResult = { _tag: 'Passed' };
const failedWith = (error: string): ProbeResult => ({ _tag: 'Failed', error });

// Not fetch: it refuses the ports that browsers refuse, and it keeps connections, so that a probe could be answered on
// one that a run before it had accepted.
const probeHttp = (probe: Extract<Probe, { _tag: 'Http' }>, signal: AbortSignal): Promise<ProbeResult> =>
  new Promise((resolve) => {
    const get = probe.scheme === 'https' ? getHttps : getHttp;
    get({ host: address, port: probe.port, path: probe.path, agent: false, signal }, (response) => {
      const { statusCode } = response;
      response.destroy();
      resolve(
        statusCode === probe.expectedStatus
          ? passed
          : failedWith(`expected HTTP status ${probe.expectedStatus}, got ${statusCode}`),
      );
    }).on('error', (error) => resolve(failedWith(error.message)));
  });

const probeTcp = (port: number, signal: AbortSignal): Promise<ProbeResult> =>
  new Promise((resolve) => {
    const socket = connect({ host: address, port, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve(passed);
    });
    socket.on('error', (error) => resolve(failedWith(error.message)));
  });

const probeExec = (
  { command: [file = '', ...args], workingDir }: Extract<Probe, { _tag: 'Exec' }>,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<ProbeResult> =>
  new Promise((resolve) => {
    try {
      const child = spawn(file, args, { cwd: workingDir ?? undefined, env, stdio: 'ignore', detached: true });
      // The whole group: what a shell has begun ends with it.
      const end = (): void => {
        if (child.pid !== undefined) killGroup(child.pid);
      };
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
      child.once('error', (error) => resolve(failedWith(error.message)));
      child.once('exit', (code, by) => {
        signal.removeEventListener('abort', end);
        resolve(code === 0 ? passed : failedWith(code === null ? `ended by ${by}` : `exit code ${code}`));
      });
    } catch (error) {
      resolve(failedWith(error instanceof Error ? error.message : String(error)));
    }
  });

const killGroup = (pid: number): void => {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
};
