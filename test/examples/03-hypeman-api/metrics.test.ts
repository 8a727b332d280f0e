import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiServer, decided, openServers, type Servers, shell } from './api-server.js';

const image = 'none';

describe('the metrics', () => {
  let servers: Servers;
  let server: ApiServer;
  beforeAll(async () => {
    servers = openServers();
    server = await servers.begin();
  });
  afterAll(() => servers.end());

  /** What is scraped, by series. */
  const scrape = async (): Promise<{ readonly text: string; readonly values: Readonly<Record<string, number>> }> => {
    const response = await fetch(`${server.address}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    const text = await response.text();
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const values = lines.map((line): [string, number] => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    });
    return { text, values: Object.fromEntries(values) };
  };

  test('agree with what happened', async () => {
    const { client, logs, log } = server;
    const create = (name: string, cmd: Array<string>, max_attempts: number, backoff = '10ms') =>
      client.instances.create({
        name: `the-${name}-one`,
        image,
        cmd,
        restart_policy: { policy: 'always', backoff, max_attempts },
      });

    // Two attempts after crashes, and the limit.
    const crasher = await create('crasher', shell('exit 1'), 2);
    await logs(decided(crasher.id, 'max_attempts_exceeded'));
    // One attempt that is refused, for its command is gone, and the limit.
    const script = join(servers.directory, 'once');
    writeFileSync(script, '#!/bin/sh\nrm "$0"\n', { mode: 0o755 });
    const vanishing = await create('vanishing', [script], 1);
    await logs(decided(vanishing.id, 'max_attempts_exceeded'));
    // One attempt for health: the first probe fails, and those after it pass.
    const ailing = await client.instances.create({
      name: 'the-ailing-one',
      image,
      env: { FILE: join(servers.directory, 'probed') },
      cmd: shell('exec sleep 3600'),
      restart_policy: { policy: 'always', backoff: '10ms' },
      health_check: {
        exec: { command: shell('test -e "$FILE" && exit 0; touch "$FILE"; exit 1') },
        interval: '1m',
        timeout: '1m',
        start_period: '0s',
        failure_threshold: 1,
      },
    });
    await logs(({ instance, verdict }) => instance === ailing.id && verdict === 'healthy');
    // One that waits, after one attempt, and one that a person stopped.
    const waiting = await create('waiting', shell('exit 1'), 0, '1h');
    await logs(decided(waiting.id, 'waiting_for_backoff'));
    const stopped = await create('stopped', shell('exec sleep 3600'), 0);
    await client.instances.stop(stopped.id);
    await logs(decided(stopped.id, 'manual_stop_recorded'));

    const { text, values } = await scrape();
    expect(values).toMatchObject({
      'restart_policy_attempts_total{cause="exit",outcome="started"}': 3,
      'restart_policy_attempts_total{cause="exit",outcome="refused"}': 1,
      'restart_policy_attempts_total{cause="unhealthy",outcome="started"}': 1,
      'restart_policy_blocked_instances{reason="manual_stop"}': 1,
      'restart_policy_blocked_instances{reason="max_attempts_exceeded"}': 2,
      restart_policy_waiting_instances: 1,
      'restart_policy_faults_total{during="start"}': 1,
      'restart_policy_start_duration_seconds_count{outcome="started"}': 5 + 3 + 1,
      'restart_policy_start_duration_seconds_count{outcome="refused"}': 1,
    });
    // Decisions that are told in the log are told in the counter, one by one.
    for (const reason of ['restart_after_exit', 'restart_after_unhealthy', 'manual_start', 'manual_stop_recorded']) {
      expect(values[`restart_policy_decisions_total{reason="${reason}"}`]).toBe(
        log.filter((line) => line.reason === reason).length,
      );
    }
    for (const { id, name } of await client.instances.list()) {
      expect(text).not.toContain(id);
      expect(text).not.toContain(name);
    }
  });

  test('forget an instance that is deleted, and a wait that is over', async () => {
    const { client, logs } = server;
    for (const { id } of await client.instances.list()) {
      await client.instances.delete(id);
      await logs(decided(id, 'delete_requested'));
    }
    expect((await scrape()).values).toMatchObject({
      'restart_policy_blocked_instances{reason="manual_stop"}': 0,
      'restart_policy_blocked_instances{reason="max_attempts_exceeded"}': 0,
      restart_policy_waiting_instances: 0,
    });
  });
});
