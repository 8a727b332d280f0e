import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Probe } from '../../../examples/03-hypeman-api/health/check.js';
import { runProbe } from '../../../examples/03-hypeman-api/health/probe.js';
import type { ProbeResult } from '../../../examples/03-hypeman-api/health/window.js';

const env = { PATH: process.env['PATH'] ?? '', MOOD: 'well' };
const never = new AbortController().signal;
const probe = (asked: Probe, signal = never): Promise<ProbeResult> => runProbe({ probe: asked, env, signal });
const http = (port: number, path: string, expectedStatus: number): Probe => ({
  _tag: 'Http',
  scheme: 'http',
  port,
  path,
  expectedStatus,
});
const exec = (script: string, workingDir: string | null = null): Probe => ({
  _tag: 'Exec',
  command: ['/bin/sh', '-c', script],
  workingDir,
});
const passed = { _tag: 'Passed' };

describe('a probe', () => {
  const servers: Array<Server> = [];
  const listen = async (): Promise<number> => {
    const server = createHttpServer((request, response) => {
      response.writeHead(request.url === '/well?yes' ? 204 : 503).end('x'.repeat(100_000));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  afterEach(async () => {
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  });

  test('over HTTP passes with the very status that is expected', async () => {
    const port = await listen();
    expect(await probe(http(port, '/well?yes', 204))).toEqual(passed);
    expect(await probe(http(port, '/ill', 503))).toEqual(passed);
    expect(await probe(http(port, '/ill', 200))).toEqual({
      _tag: 'Failed',
      error: 'expected HTTP status 200, got 503',
    });
  });

  test('over TCP passes when somebody listens', async () => {
    const port = await listen();
    expect(await probe({ _tag: 'Tcp', port })).toEqual(passed);
    await new Promise((resolve) => servers.splice(0)[0]?.close(resolve));
    expect(await probe({ _tag: 'Tcp', port })).toMatchObject({ _tag: 'Failed', error: /ECONNREFUSED/ });
    expect(await probe(http(port, '/', 200))).toMatchObject({ _tag: 'Failed', error: /ECONNREFUSED/ });
  });

  test("by a command passes with exit code 0, in the instance's environment and the directory asked for", async () => {
    expect(await probe(exec('test "$MOOD" = well && test "$PWD" = /usr', '/usr'))).toEqual(passed);
    expect(await probe(exec('exit 3'))).toEqual({ _tag: 'Failed', error: 'exit code 3' });
    expect(await probe({ _tag: 'Exec', command: ['/no/such'], workingDir: null })).toMatchObject({ _tag: 'Failed' });
    expect(await probe({ _tag: 'Exec', command: ['\0'], workingDir: null })).toMatchObject({ _tag: 'Failed' });
  });

  test('that is broken off ends all that it began', async () => {
    const abort = new AbortController();
    const probing = probe(exec('sleep 3600 & sleep 3600'), abort.signal);
    abort.abort();
    expect(await probing).toEqual({ _tag: 'Failed', error: 'ended by SIGKILL' });
    const hung = new AbortController();
    const waiting = probe(http(await listen(), '/', 200), hung.signal);
    hung.abort();
    expect(await waiting).toMatchObject({ _tag: 'Failed' });
  });
});
