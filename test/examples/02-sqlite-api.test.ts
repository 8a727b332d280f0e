import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Program, runExample } from './program.js';

interface View {
  readonly state: string;
  readonly restart_policy: { readonly policy: string };
  readonly restart_status: { readonly attempts?: number; readonly blocked_reason?: string };
}

describe('the second example', () => {
  let directory: string;
  let server: Program;
  let address: string;

  const begin = async (): Promise<void> => {
    server = runExample('02-sqlite-api.ts', directory, '0');
    address = (await server.prints(/listening on (\S+)/))[1] ?? '';
  };
  const call = async (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(`${address}/instances/${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  const view = async (id: string): Promise<View> => (await (await call('GET', id)).json()) as View;
  const until = async (id: string, holds: (view: View) => boolean): Promise<View> => {
    for (let waited = 0; waited < 20_000; waited += 50) {
      const seen = await view(id);
      if (holds(seen)) return seen;
      await sleep(50);
    }
    throw new Error(`it never came: ${JSON.stringify(await view(id))}\n${server.output()}`);
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'restart-policy-api-'));
  });
  afterEach(async () => {
    server.process.kill('SIGTERM');
    await server.ended;
    rmSync(directory, { recursive: true });
  });

  test('keeps its state over a kill and a restart: what ran is back, what was stopped stays stopped', async () => {
    await begin();
    const restart_policy = { policy: 'always', backoff: '100ms' };
    for (const id of ['kept', 'stopped']) {
      expect((await call('PUT', id, { command: ['sleep', '3600'], restart_policy })).status).toBe(204);
      expect((await call('POST', `${id}/start`)).status).toBe(204);
    }
    expect((await call('POST', 'stopped/stop')).status).toBe(204);

    server.process.kill('SIGKILL');
    await server.ended;
    await begin();
    await until('kept', ({ state }) => state === 'running');
    expect(await view('stopped')).toMatchObject({
      state: 'stopped',
      restart_policy: { policy: 'always' },
      restart_status: { blocked_reason: 'manual_stop' },
    });

    server.process.kill('SIGTERM'); // a drain is no manual stop
    expect(await server.ended).toBe(0);
    await begin();
    await until('kept', ({ state }) => state === 'running');
    expect((await call('POST', 'stopped/start')).status).toBe(204);
    expect(await view('stopped')).toMatchObject({ state: 'running', restart_status: {} });
  });

  test('answers a wrong policy, an instance that it does not know, and a delete', async () => {
    await begin();
    const wrong = await call('PUT', 'web', { command: ['true'], restart_policy: { policy: 'always', backoff: 5 } });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({
      code: 'invalid_restart_policy',
      errors: [{ path: 'restart_policy.backoff' }],
    });
    expect((await call('GET', 'web')).status).toBe(404);
    expect((await call('POST', 'web/start')).status).toBe(404);

    const restart_policy = { policy: 'on_failure', backoff: '1ms', max_attempts: 2 };
    await call('PUT', 'web', { command: ['false'], restart_policy });
    await call('POST', 'web/start');
    await until('web', ({ restart_status }) => restart_status.blocked_reason === 'max_attempts_exceeded');
    expect((await call('DELETE', 'web')).status).toBe(204);
    expect((await call('GET', 'web')).status).toBe(404);
  });
});
