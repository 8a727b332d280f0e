import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { APIError, type Hypeman } from '@onkernel/hypeman';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Overview } from '../../../examples/03-hypeman-api/overview.js';
import { type ApiServer, decided, openServers, type Servers, shell } from './api-server.js';

const image = 'docker.io/library/alpine';
const forever = shell('exec sleep 3600');
/** Runs until the file that is named in its environment is there, and crashes then. */
const untilTold = shell('while [ ! -e "$FILE" ]; do sleep 0.05; done; exit 7');

/** What the client throws, with the body that the server sent. */
const refusal = async (
  call: Promise<unknown>,
): Promise<{ readonly status: number; readonly error: unknown; readonly shouldRetry: string | null | undefined }> => {
  const thrown = await call.then(
    (value) => new Error(`it was not refused: ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  if (!(thrown instanceof APIError) || thrown.status === undefined) throw thrown;
  return { status: thrown.status, error: thrown.error, shouldRetry: thrown.headers?.get('x-should-retry') };
};

const messageOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { readonly message: unknown }).message;

describe("the server, driven by hypeman's own client", () => {
  let servers: Servers;
  let server: ApiServer;
  beforeAll(async () => {
    servers = openServers();
    server = await servers.begin();
  });
  afterEach(async () => {
    for (const { id } of await server.client.instances.list()) await server.client.instances.delete(id);
  });
  afterAll(() => servers.end());

  test('restarts an instance that crashes, shows its attempts and the next one, and stops at the limit until a person starts it', async () => {
    const { client, logs } = server;
    const file = join(servers.directory, 'crash');
    const created = await client.instances.create({
      name: 'web-1',
      image,
      cmd: untilTold,
      env: { FILE: file },
      restart_policy: { policy: 'on_failure', backoff: '4s', max_attempts: 2 },
    });
    expect(created).toMatchObject({ name: 'web-1', image, state: 'Running', expires_at: null, exit_code: null });
    expect(created.restart_policy).toEqual({
      policy: 'on_failure',
      backoff: '4s',
      max_attempts: 2,
      stable_after: '10m0s',
    });
    expect(created.restart_status).toBeUndefined();

    writeFileSync(file, '');
    const waiting = await logs(decided(created.id, 'waiting_for_backoff', 1));
    const { restart_status: status } = await client.instances.get('web-1');
    expect(status?.attempts).toBe(1);
    expect(Date.parse(status?.next_attempt_at ?? '')).toBe(waiting.nextAttemptAt);
    expect(Date.parse(status?.next_attempt_at ?? '') - Date.parse(status?.last_attempt_at ?? '')).toBe(4_000);

    await logs(decided(created.id, 'max_attempts_exceeded'));
    const blocked = await client.instances.get(created.id);
    expect(blocked).toMatchObject({
      state: 'Stopped',
      exit_code: 7,
      restart_status: { attempts: 2, blocked_reason: 'max_attempts_exceeded' },
    });
    expect(blocked.restart_status).not.toHaveProperty('next_attempt_at');

    rmSync(file);
    // With no body at all, as the client sends it when it is called with the id alone.
    const started = await client.instances.start(created.id, undefined as never);
    expect(started.state).toBe('Running');
    expect(started.restart_status).toBeUndefined();
  });

  test('keeps a manual stop over a new policy, and counts anew for an instance that nobody stopped', async () => {
    const { client, logs, log } = server;
    const { id } = await client.instances.create({ name: 'web-1', image, cmd: shell('exit 3') });
    await client.instances.stop(id);
    const always = { policy: 'always', backoff: '50ms' } as const;
    expect(await client.instances.update(id, { restart_policy: always })).toMatchObject({
      state: 'Stopped',
      restart_policy: { policy: 'always', backoff: '50ms', stable_after: '10m0s' },
      restart_status: { attempts: 0, blocked_reason: 'manual_stop' },
    });
    // An update that leaves the policy out keeps it, and one that says the same is none.
    await logs(decided(id, 'manual_stop_recorded'));
    const from = log.findIndex(decided(id, 'manual_stop_recorded'));
    expect(await client.instances.update(id, { health_check: { type: 'none' } })).toMatchObject({
      restart_policy: { policy: 'always' },
    });
    expect(await client.instances.update(id, { restart_policy: { ...always, backoff: '0.05s' } })).toMatchObject({
      restart_status: { blocked_reason: 'manual_stop' },
    });
    await client.instances.start(id, {});
    await logs(decided(id, 'manual_start'), from);
    const updates = log.slice(from).filter(({ instance, event }) => instance === id && event === 'PolicyUpdated');
    expect(updates).toHaveLength(1);
    await logs(decided(id, 'restart_after_exit', 2));
    const limited = { policy: 'always', backoff: '50ms', max_attempts: 1 } as const;
    await client.instances.update(id, { restart_policy: limited });
    await logs(decided(id, 'max_attempts_exceeded', 1));
    // {} clears: nothing is left but an instance that stopped.
    expect(await client.instances.update(id, { restart_policy: {} })).not.toHaveProperty('restart_policy');
  });

  test('restarts an instance that turns unhealthy, and lets it be when it is healthy again', async () => {
    const { client, logs } = server;
    // The first two probes fail, and those after them pass.
    const { id, started_at } = await client.instances.create({
      name: 'web-1',
      image,
      env: { FILE: join(servers.directory, 'probed') },
      cmd: forever,
      restart_policy: { policy: 'on_failure', backoff: '100ms' },
      health_check: {
        exec: { command: shell('echo >> "$FILE"; test "$(wc -l < "$FILE")" -gt 2') },
        interval: '2s',
        timeout: '2s',
        start_period: '0s',
        failure_threshold: 2,
      },
    });
    const restarted = await logs(decided(id, 'restart_after_unhealthy', 1));
    expect(restarted.action).toBe('Restart');
    await logs(({ instance, verdict }) => instance === id && verdict === 'healthy');
    const well = await client.instances.get(id);
    expect(well).toMatchObject({
      state: 'Running',
      health_check: { type: 'exec', interval: '2s', failure_threshold: 2, success_threshold: 1 },
      health_status: { status: 'healthy', consecutive_failures: 0 },
      restart_status: { attempts: 1, last_reason: 'health_check_failed' },
    });
    expect(Date.parse(well.started_at ?? '')).toBeGreaterThan(Date.parse(started_at ?? ''));
    // Without the check, nobody says that it is well.
    expect(await client.instances.update(id, { health_check: { type: 'none' } })).toMatchObject({
      health_status: { status: 'disabled' },
    });
  });

  test('leaves a fork and a restored instance without a past, and stopped, until a person starts them', async () => {
    const { client, logs, log } = server;
    const restart_policy = { policy: 'always', backoff: '50ms', max_attempts: 1 } as const;
    const source = await client.instances.create({ name: 'source', image, cmd: shell('exit 5'), restart_policy });
    await logs(decided(source.id, 'max_attempts_exceeded'));

    const fork = await client.instances.fork('source', { name: 'fork' });
    expect(fork).toMatchObject({
      name: 'fork',
      state: 'Stopped',
      started_at: null,
      restart_policy: source.restart_policy,
    });
    expect(fork.restart_status).toBeUndefined();
    // The client would ask again by itself after a 409, were it not told otherwise.
    expect(await refusal(client.instances.fork('source', { name: 'fork' }))).toMatchObject({
      status: 409,
      error: { code: 'name_conflict' },
      shouldRetry: 'false',
    });

    const snapshot = await client.instances.snapshots.create(source.id, { kind: 'Stopped', name: 'before' });
    expect(snapshot).toMatchObject({ kind: 'Stopped', name: 'before', source_instance_name: 'source' });
    await client.instances.update(source.id, { restart_policy: {} });
    const restored = await client.instances.snapshots.restore(snapshot.id, { id: source.id });
    expect(restored).toMatchObject({ state: 'Stopped', started_at: null, restart_policy: source.restart_policy });
    expect(restored.restart_status).toBeUndefined();

    // Time has passed for both: another instance, begun after them, went through its backoff twice.
    const later = await client.instances.create({ name: 'later', image, cmd: shell('exit 5'), restart_policy });
    await logs(decided(later.id, 'max_attempts_exceeded'));
    const from = log.findIndex(({ event, instance }) => event === 'Reset' && instance === fork.id);
    expect(log.slice(from).filter(({ instance, action }) => instance !== later.id && action !== undefined)).toEqual([]);

    const runs = await client.instances.fork('fork', { name: 'runs', target_state: 'Running' });
    expect(runs.started_at).not.toBeNull();
    await client.instances.snapshots.restore(snapshot.id, { id: source.id, target_state: 'Running' });
    await logs(decided(source.id, 'restart_after_exit', 1), from);
  });

  test('stops and forgets an instance that is deleted during its backoff, and tells whoever waits for it', async () => {
    const { client, logs, log } = server;
    const restart_policy = { policy: 'always', backoff: '4s' } as const;
    const { id } = await client.instances.create({ name: 'web-1', image, cmd: shell('exit 1'), restart_policy });
    await logs(decided(id, 'waiting_for_backoff'));
    const waiting = client.instances.wait(id, { state: 'Paused' }).catch((error: unknown) => error);
    await logs(({ req }) => req?.url.endsWith('/wait?state=Paused') === true);
    await client.instances.delete('web-1');
    // The stop that a delete begins with, or that it is gone: whichever is seen first.
    const answer = await waiting;
    if (answer instanceof APIError) expect(answer.error).toMatchObject({ code: 'not_found' });
    else expect(answer).toEqual({ state: 'Stopped', timed_out: false });
    expect(await refusal(client.instances.get(id))).toMatchObject({ status: 404, error: { code: 'not_found' } });
    expect(await client.instances.list()).toEqual([]);

    // The name is free, and what comes under it has no past: the backoff of the first one passes without a start.
    await logs(decided(id, 'delete_requested'));
    const deletedAt = log.length;
    const second = await client.instances.create({ name: 'web-1', image, cmd: shell('exit 1'), restart_policy });
    await logs(decided(second.id, 'restart_after_exit', 2));
    expect(log.slice(deletedAt).filter(({ instance }) => instance === id)).toEqual([]);
  });

  test('answers a wait when the state is reached, when it cannot be reached any more, and when the time is over', async () => {
    const { client, logs } = server;
    const file = join(servers.directory, 'crash-too');
    const { id } = await client.instances.create({
      name: 'web-1',
      image,
      cmd: untilTold,
      env: { FILE: file },
      restart_policy: { policy: 'on_failure', backoff: '1h' },
    });
    expect(await client.instances.wait(id, { state: 'Running' })).toEqual({ state: 'Running', timed_out: false });
    const waiting = client.instances.wait(id, { state: 'Stopped' });
    await logs(({ req }) => req?.url.endsWith('/wait?state=Stopped') === true);
    writeFileSync(file, '');
    expect(await waiting).toEqual({ state: 'Stopped', timed_out: false });

    await logs(decided(id, 'waiting_for_backoff'));
    // While an attempt is due, a stopped instance is on its way, so a wait goes on until its time is over.
    expect(await client.instances.wait(id, { state: 'Running', timeout: '1ms' })).toEqual({
      state: 'Stopped',
      timed_out: true,
    });
    const hopeless = client.instances.wait(id, { state: 'Running', timeout: '5m' });
    await logs(({ req }) => req?.url.endsWith('timeout=5m') === true);
    await client.instances.stop(id);
    expect(await hopeless).toEqual({ state: 'Stopped', timed_out: false });
  });

  test('lists instances by state, and finds them by name', async () => {
    const { client } = server;
    const runs = await client.instances.create({ name: 'runs', image, cmd: forever, env: { A: 'b' } });
    await client.instances.create({ name: 'stopped', image, entrypoint: ['/bin/sleep'], cmd: ['3600'] });
    await client.instances.stop('stopped');
    expect((await client.instances.list()).map(({ name }) => name)).toEqual(['runs', 'stopped']);
    expect((await client.instances.list({ state: 'Stopped' })).map(({ name }) => name)).toEqual(['stopped']);
    expect(await client.instances.get('runs')).toMatchObject({ id: runs.id, env: { A: 'b' } });
  });

  test('refuses what it cannot do, names the field, and changes nothing', async () => {
    const { client } = server;
    const good = { name: 'web-1', image, cmd: forever };
    const bad: ReadonlyArray<readonly [body: unknown, code: string, message: string]> = [
      [{ name: 'web-1', cmd: forever }, 'invalid_request', 'image is required'],
      [{ ...good, name: '-web' }, 'invalid_request', 'name must match pattern'],
      [{ ...good, cmd: 'sleep' }, 'invalid_request', 'cmd must be array'],
      [{ ...good, cmd: [] }, 'invalid_request', 'cmd or entrypoint is required'],
      [{ ...good, ttl: '1h' }, 'invalid_request', 'ttl is not supported by this server'],
      [{ ...good, restart_policy: null }, 'invalid_restart_policy', 'restart_policy must be an object'],
      [{ ...good, restart_policy: { max_attempts: 5 } }, 'invalid_restart_policy', 'restart_policy.policy'],
      [
        { ...good, restart_policy: { policy: 'always', backoff: '0s' } },
        'invalid_restart_policy',
        'restart_policy.backoff must be positive',
      ],
      [{ ...good, health_check: { http: {} } }, 'invalid_health_check', 'health_check.http.port is required'],
      [{ ...good, health_check: { tcp: { port: 0 } } }, 'invalid_health_check', 'health_check.tcp.port must be >= 1'],
      [
        { ...good, health_check: { tcp: { port: 80 }, timeout: '1m' } },
        'invalid_health_check',
        'health_check.timeout must not be longer',
      ],
      [{ ...good, health_check: { type: 'http' } }, 'invalid_health_check', 'health_check.http is required'],
    ];
    for (const [body, code, message] of bad) {
      expect(await refusal(client.instances.create(body as Hypeman.InstanceCreateParams))).toMatchObject({
        status: 400,
        error: { code, message: expect.stringContaining(message) },
      });
    }
    expect(await client.instances.list()).toEqual([]);

    const missing = { ...good, cmd: ['/no/such/command'] };
    expect(await refusal(client.instances.create(missing))).toMatchObject({ status: 422, error: { code: 'refused' } });
    expect(await client.instances.list()).toEqual([]);

    const { id } = await client.instances.create({ ...good, restart_policy: { policy: 'always' } });
    const patches: ReadonlyArray<readonly [body: unknown, code: string, message: string]> = [
      [{ restart_policy: { policy: 'sometimes' } }, 'invalid_restart_policy', 'never, always, on_failure'],
      [
        { restart_policy: { policy: 'never' }, health_check: { interval: 'soon', tcp: { port: 80 } } },
        'invalid_health_check',
        'health_check.interval',
      ],
      [{ env: { A: 'b' } }, 'invalid_request', 'env is not supported by this server'],
      [{}, 'invalid_request', 'at least one of restart_policy and health_check is required'],
    ];
    for (const [body, code, message] of patches) {
      expect(await refusal(client.instances.update(id, body as Hypeman.InstanceUpdateParams))).toMatchObject({
        status: 400,
        error: { code, message: expect.stringContaining(message) },
      });
    }
    expect((await client.instances.get(id)).restart_policy?.policy).toBe('always');

    expect(await refusal(client.instances.create(good))).toMatchObject({
      status: 400,
      error: { code: 'name_conflict' },
    });
    expect(await refusal(client.instances.fork(id, { name: 'b' }))).toMatchObject({ error: { code: 'invalid_state' } });
    expect(await refusal(client.instances.fork(id, { name: 'b', target_state: 'Standby' }))).toMatchObject({
      status: 501,
    });
    expect(await refusal(client.instances.snapshots.create(id, { kind: 'Stopped' }))).toMatchObject({ status: 409 });
    expect(await refusal(client.instances.snapshots.restore('none', { id }))).toMatchObject({ status: 404 });
    expect(await refusal(client.instances.wait(id, { state: 'Stopped', timeout: 'soon' }))).toMatchObject({
      status: 400,
      error: { code: 'invalid_timeout' },
    });
    expect(await refusal(client.instances.stats(id))).toMatchObject({ status: 404 });
  });

  test('refuses a query that it does not heed, whichever route it is asked of', async () => {
    const { client, address } = server;
    const { id } = await client.instances.create({ name: 'web-1', image, cmd: forever });
    expect(await refusal(client.instances.list({ tags: { team: 'a' } }))).toMatchObject({
      status: 400,
      error: { code: 'invalid_request', message: 'tags[team] is not supported by this server' },
    });
    const asked: ReadonlyArray<readonly [method: string, path: string, field: string]> = [
      ['GET', '/instances?stat=Running', 'stat'],
      ['GET', `/instances/${id}?verbose=1`, 'verbose'],
      ['GET', '/overview?page=2', 'page'],
      ['GET', '/metrics?name=x', 'name'],
      ['POST', `/instances/${id}/stop?force=true`, 'force'],
      ['POST', `/supervision/${id}/pause?for=1h`, 'for'],
      ['DELETE', `/instances/${id}?force=true`, 'force'],
    ];
    for (const [method, path, field] of asked) {
      const response = await fetch(`${address}${path}`, { method });
      expect([path, response.status, await messageOf(response)]).toEqual([
        path,
        400,
        `${field} is not supported by this server`,
      ]);
    }
    expect((await client.instances.get(id)).state).toBe('Running');
  });

  test('deletes an instance gracefully, asked or not, or kills it at once', async () => {
    const { client, logs } = server;
    for (const [query, isGraceful] of [
      [{}, true],
      [{ graceful_shutdown: true }, true],
      [{ graceful_shutdown: false }, false],
    ] as const) {
      const ended = join(servers.directory, `ended-${JSON.stringify(query).replace(/\W/g, '')}`);
      const { id } = await client.instances.create({
        name: 'web-1',
        image,
        env: { FILE: ended, READY: `${ended}-ready` },
        cmd: shell('trap "echo > \\"$FILE\\"; exit 0" TERM; echo > "$READY"; while :; do sleep 0.05; done'),
        health_check: {
          exec: { command: shell('test -e "$READY"') },
          interval: '1s',
          timeout: '1s',
          start_period: '1m',
        },
      });
      await logs(({ instance, verdict }) => instance === id && verdict === 'healthy');
      await client.instances.delete(id, query);
      expect(await refusal(client.instances.get(id))).toMatchObject({ status: 404 });
      expect(existsSync(ended)).toBe(isGraceful);
    }
    const malformed = await fetch(`${server.address}/instances/none?graceful_shutdown=perhaps`, { method: 'DELETE' });
    expect([malformed.status, await messageOf(malformed)]).toEqual([
      400,
      'graceful_shutdown must be one of true, false',
    ]);
  });

  test('tells what happened to an instance, a page at a time, and which instances were restarted most', async () => {
    const { client, logs, address } = server;
    const restart_policy = { policy: 'always', backoff: '10ms', max_attempts: 3 } as const;
    const { id } = await client.instances.create({ name: 'crasher', image, cmd: shell('exit 7'), restart_policy });
    const once = { ...restart_policy, max_attempts: 1 };
    const other = await client.instances.create({ name: 'other', image, cmd: shell('exit 1'), restart_policy: once });
    await logs(decided(id, 'max_attempts_exceeded'));
    await logs(decided(other.id, 'max_attempts_exceeded'));
    await client.instances.stop(id);
    // As hypeman's API says it, so does the page: nothing is known of the health of what does not run.
    const check = { type: 'tcp', tcp: { port: 1 }, interval: '1h' } as const;
    await client.instances.update(id, { health_check: check });
    const shown = (await (await fetch(`${address}/overview`)).json()) as Overview;
    expect(shown.instances.find((instance) => instance.id === id)?.health).toBe('unknown');

    interface Told {
      readonly entries: ReadonlyArray<{ readonly _tag: string; readonly text: string }>;
      readonly next: string | null;
      readonly instances: unknown;
    }
    const read = async (path: string): Promise<Told> => (await (await fetch(`${address}${path}`)).json()) as Told;
    const { entries, next } = await read('/supervision/crasher/history');
    expect(next).toBeNull();
    const tags = entries.map(({ _tag }) => _tag);
    expect(tags.filter((tag) => tag === 'Attempt')).toHaveLength(3);
    expect(tags.filter((tag) => tag === 'RunEnded')).toHaveLength(4);
    expect(entries[0]).toMatchObject({ _tag: 'Command', command: 'stop', text: 'a person stopped it' });
    expect(entries.find(({ _tag }) => _tag === 'RunEnded')).toMatchObject({
      id,
      exitCode: 7,
      by: 'itself',
    });

    const first = await read(`/supervision/${id}/history?limit=4`);
    const second = await read(`/supervision/${id}/history?limit=100&before=${encodeURIComponent(first.next ?? '')}`);
    expect([...first.entries, ...second.entries]).toEqual(entries);
    const busiest = await read('/supervision/busiest?within=1h&limit=2');
    expect(busiest.instances).toMatchObject([
      { id, attempts: 3, ends: 4, blocks: 1 },
      { id: other.id, attempts: 1 },
    ]);
    for (const [path, status] of [
      ['/supervision/none/history', 404],
      [`/supervision/${id}/history?limit=0`, 400],
      [`/supervision/${id}/history?limit=many`, 400],
      ['/supervision/busiest?within=long', 400],
      ['/supervision/busiest?limit=0', 400],
      ['/supervision/busiest?limit=1001', 400],
    ] as const) {
      expect([path, (await fetch(`${address}${path}`)).status]).toEqual([path, status]);
    }
  });

  test('says in its log what it decided, and no secret', async () => {
    const { client, logs, log } = server;
    const secret = 'secret-of-the-workload';
    const { id } = await client.instances.create({
      name: 'web-1',
      image,
      cmd: shell(`exit 1 # ${secret}`),
      env: { TOKEN: secret },
      restart_policy: { policy: 'always', backoff: '10ms', max_attempts: 2 },
    });
    await logs(decided(id, 'max_attempts_exceeded'));
    const text = JSON.stringify(log);
    expect(text).not.toContain(secret);
    expect(text).not.toContain('key-that-nobody-may-see');
  });

  test('lets no page of another origin in, nor one whose name was made to point here', async () => {
    const { address } = server;
    const from = (headers: Readonly<Record<string, string>>): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        get(`${address}/instances`, { headers }, (response) => resolve(response.resume().statusCode)).on(
          'error',
          reject,
        );
      });
    expect(await from({})).toBe(200);
    expect(await from({ origin: address })).toBe(200);
    expect(await from({ origin: 'http://elsewhere.example' })).toBe(403);
    expect(await from({ origin: 'null' })).toBe(403);
    expect(await from({ host: 'rebound.example' })).toBe(403);
    expect(await from({ host: 'localhost:80' })).toBe(200);
  });
});

describe('a server that ends', () => {
  let servers: Servers;
  beforeEach(() => {
    servers = openServers();
  });
  afterEach(() => servers.end());

  test('keeps an instance stopped that a person stopped during the backoff, over a kill and an orderly restart', async () => {
    let server = await servers.begin();
    const restart_policy = { policy: 'always', backoff: '4s' } as const;
    const { id } = await server.client.instances.create({ name: 'web-1', image, cmd: ['false'], restart_policy });
    const other = await server.client.instances.create({ name: 'web-2', image, cmd: forever, restart_policy });
    await server.logs(decided(id, 'waiting_for_backoff'));
    const marker = { state: 'Stopped', restart_status: { attempts: 0, blocked_reason: 'manual_stop' } };
    expect(await server.client.instances.stop(id)).toMatchObject(marker);

    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      expect(await server.kill(signal)).toBe(signal === 'SIGTERM' ? 0 : 'SIGKILL');
      server = await servers.begin();
      // What nobody stopped is back, at once or after its backoff: by then the stopped one would be back too.
      expect(await server.client.instances.wait(other.id, { state: 'Running' })).toMatchObject({ state: 'Running' });
      expect(await server.client.instances.get(id)).toMatchObject(marker);
    }
    // And another one goes through a backoff as long as the one that the stop fell into.
    const third = await server.client.instances.create({ name: 'web-3', image, cmd: ['false'], restart_policy });
    await server.logs(decided(third.id, 'restart_after_exit', 2));
    expect(server.log.filter(({ instance, action }) => instance === id && action !== undefined)).toEqual([]);
    expect(await server.client.instances.get(id)).toMatchObject(marker);
    // Somebody who waits for it is told at once that waiting is of no use.
    expect(await server.client.instances.wait(id, { state: 'Running' })).toEqual({
      state: 'Stopped',
      timed_out: false,
    });
    const started = await server.client.instances.start(id, {});
    expect(started.restart_status?.blocked_reason).toBeUndefined();
  }, 180_000);

  test('is told apart from another one on the same directory, which does not begin', async () => {
    await servers.begin();
    await expect(servers.begin()).rejects.toThrow(/ is in use by another hypervisor/);
  });

  test('sends those home who wait, ends well, and takes what it ends with it for no crash', async () => {
    const { client, logs, log, kill } = await servers.begin();
    const restart_policy = { policy: 'always', backoff: '10ms' } as const;
    const { id } = await client.instances.create({ name: 'web-1', image, cmd: forever, restart_policy });
    const waiting = client.instances.wait(id, { state: 'Stopped', timeout: '5m' });
    await logs(({ req }) => req?.url.endsWith('timeout=5m') === true);
    expect(await kill('SIGTERM')).toBe(0);
    expect(await waiting).toMatchObject({ timed_out: true });
    expect(log.filter(({ msg, action }) => msg === 'fault' || action !== undefined)).toEqual([]);
  });
});
