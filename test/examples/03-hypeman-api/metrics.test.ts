import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Series, seriesOf } from '../../metrics/scraped.js';
import { type ApiServer, decided, openServers, type Servers, shell } from './api-server.js';

const image = 'none';

const state = (name: string): string => `restart_policy_instance_state{restart_policy_instance_state="${name}"}`;

describe('the metrics', () => {
  let servers: Servers;
  let server: ApiServer;
  beforeAll(async () => {
    servers = openServers();
    server = await servers.begin();
  });
  afterAll(() => servers.end());

  /** What is scraped, by series. */
  const scrape = async (): Promise<{ readonly text: string; readonly values: Series }> => {
    const response = await fetch(`${server.address}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    const text = await response.text();
    return { text, values: seriesOf(text) };
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
      'restart_policy_attempts_total{restart_policy_cause="exit",restart_policy_outcome="started"}': 3,
      'restart_policy_attempts_total{restart_policy_cause="exit",restart_policy_outcome="refused"}': 1,
      'restart_policy_attempts_total{restart_policy_cause="unhealthy",restart_policy_outcome="started"}': 1,
      [state('manual_stop')]: 1,
      [state('max_attempts_exceeded')]: 2,
      [state('waiting_for_backoff')]: 1,
      'restart_policy_faults_total{restart_policy_during="start"}': 1,
      'restart_policy_start_duration_count{restart_policy_outcome="started"}': 5 + 3 + 1,
      'restart_policy_start_duration_count{restart_policy_outcome="refused",error_type="Refused"}': 1,
    });
    // Decisions that are told in the log are told in the counter, one by one.
    for (const reason of ['restart_after_exit', 'restart_after_unhealthy', 'manual_start', 'manual_stop_recorded']) {
      expect(values[`restart_policy_decisions_total{restart_policy_reason="${reason}"}`]).toBe(
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
      [state('manual_stop')]: 0,
      [state('max_attempts_exceeded')]: 0,
      [state('waiting_for_backoff')]: 0,
    });
  });
});
