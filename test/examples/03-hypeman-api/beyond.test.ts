/** What its host lets the clients of the server know: the fields that hypeman's API has, or all of ours. */
import type { Hypeman } from '@onkernel/hypeman';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openServers, type Servers, shell } from './api-server.js';

let servers: Servers;
beforeAll(() => {
  servers = openServers();
});
afterAll(() => servers.end());

test('an instance with a policy beyond hypeman keeps it under a server whose clients do not know of it, and may ask for no other', async () => {
  const full = {
    policy: 'on_failure',
    backoff: '1s',
    max_attempts: 3,
    stable_after: '10m0s',
    max_backoff: '1m0s',
    jitter: 0.5,
    limit_interval: '1h0m0s',
    rules: [{ exit_codes: [[64, 78]], action: 'stop' }],
  } as const;
  // The client's types have no word for it; it sends what it is given.
  const policy = full as unknown as Hypeman.RestartPolicy;
  const body = { name: 'web-1', image: 'alpine', cmd: shell('exec sleep 3600'), restart_policy: policy };

  const open = await servers.begin({ BEYOND: '1' });
  const { id, restart_policy: shown } = await open.client.instances.create(body);
  expect(shown).toEqual(full);
  await open.kill('SIGTERM');

  const plain = await servers.begin();
  const reference = { policy: 'on_failure', backoff: '1s', max_attempts: 3, stable_after: '10m0s' } as const;
  expect((await plain.client.instances.get(id)).restart_policy).toEqual(reference);
  await expect(plain.client.instances.update(id, { restart_policy: policy })).rejects.toThrow(
    'restart_policy.jitter is known to this API only where its host allows fields beyond the reference',
  );
  // What it was shown and sends back is no update.
  await plain.client.instances.update(id, { restart_policy: reference });
  await plain.kill('SIGTERM');

  const again = await servers.begin({ BEYOND: '1' });
  expect((await again.client.instances.get(id)).restart_policy).toEqual(full);
  await again.client.instances.delete(id);
});
