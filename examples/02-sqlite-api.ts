/**
 * An API server whose state survives its restart: SQLite for records, child processes for instances.
 *
 *   node --import ./scripts/typescript.mjs examples/02-sqlite-api.ts [DIRECTORY] [PORT]
 *
 * Elsewhere Node 22.18 and later runs a copy of it, in a project with `"type": "module"`, restart-policy, fastify and libsql.
 *
 *   PUT          /instances/:id   {"command": ["sleep", "60"], "restart_policy": {"policy": "always"}}
 *   GET, DELETE  /instances/:id   POST /instances/:id/start         POST /instances/:id/stop
 *
 * Stop an instance, end or kill the server, and start it again: that instance stays stopped, and the others run again.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Fastify, { type FastifyReply } from 'fastify';
import Database from 'libsql';
import { explainReason } from 'restart-policy';
import { openProcessHypervisor } from 'restart-policy/adapters/process';
import { openSqliteStore } from 'restart-policy/adapters/sqlite';
import { systemClock } from 'restart-policy/adapters/system-clock';
import { decodeRestartPolicy, RestartPolicyCodec, RestartStatusCodec } from 'restart-policy/codec';
import { createController } from 'restart-policy/controller';

const [directory = 'restart-policy-data', port = '8080'] = process.argv.slice(2);

/** The value; on an error, prints its message and ends the program. */
const orExit = <A>(result: { _tag: 'Left'; left: { message: string } } | { _tag: 'Right'; right: A }): A => {
  if (result._tag === 'Right') return result.right;
  console.error(result.left.message);
  process.exit(1);
};

mkdirSync(directory, { recursive: true });
const db = new Database(join(directory, 'state.db'));
db.exec('CREATE TABLE IF NOT EXISTS commands (id TEXT PRIMARY KEY, command TEXT NOT NULL)');

const commandOf = (id: string) => {
  const row = db.prepare('SELECT command FROM commands WHERE id = ?').get(id) as { command: string } | undefined;
  const [command = '', ...args]: ReadonlyArray<string> = JSON.parse(row?.command ?? '[]');
  return row === undefined ? null : { command, args };
};

const store = orExit(openSqliteStore(db));
const hypervisor = orExit(await openProcessHypervisor({ directory: join(directory, 'runs'), commandOf })());
const server = Fastify();
const controller = orExit(
  createController({
    store,
    hypervisor,
    clock: systemClock,
    onDecision: ({ id, reason, before, after }) => before === after || console.log(`${id}: ${explainReason(reason)}`),
    onFault: ({ id, during, error }) => console.error(`${id ?? 'all'}: ${during} failed`, error),
  }),
);

type Params = { Params: { id: string } };
const notFound = (reply: FastifyReply) => reply.code(404).send({ message: 'no such instance' });

/** Superseded and Refused conflict with the request (409); everything else is a failure of the server (500). */
const answer = (reply: FastifyReply, result: { _tag: 'Left'; left: { _tag: string } } | { _tag: 'Right' }) => {
  if (result._tag === 'Right') return reply.code(204).send();
  const { _tag } = result.left;
  return reply.code(_tag === 'Superseded' || _tag === 'Refused' ? 409 : 500).send(result.left);
};

server.put<Params & { Body: { command: ReadonlyArray<string>; restart_policy?: unknown } }>(
  '/instances/:id',
  {
    schema: {
      body: {
        type: 'object',
        required: ['command'],
        properties: { command: { type: 'array', minItems: 1, items: { type: 'string' } }, restart_policy: {} },
      },
    },
  },
  async ({ params: { id }, body }, reply) => {
    const policy = decodeRestartPolicy(body.restart_policy ?? {});
    if (policy._tag === 'Left') return reply.code(400).send({ code: 'invalid_restart_policy', errors: policy.left });
    db.prepare('INSERT OR REPLACE INTO commands (id, command) VALUES (?, ?)').run(id, JSON.stringify(body.command));
    return answer(reply, await controller.updatePolicy(id, policy.right)());
  },
);

server.get<Params>('/instances/:id', async ({ params: { id } }, reply) => {
  const report = await controller.status(id)();
  if (report._tag === 'Left') return reply.code(500).send(report.left);
  if (report.right === null) return notFound(reply);
  const { policy, status, instance } = report.right;
  return {
    id,
    state: instance?.state ?? 'unknown',
    restart_policy: RestartPolicyCodec.encode(policy),
    restart_status: RestartStatusCodec.encode(status),
  };
});

for (const verb of ['start', 'stop'] as const) {
  server.post<Params>(`/instances/:id/${verb}`, async ({ params: { id } }, reply) => {
    if (commandOf(id) === null) return notFound(reply);
    return answer(reply, await (verb === 'start' ? controller.manualStart(id) : controller.manualStop(id))());
  });
}

server.delete<Params>('/instances/:id', async ({ params: { id } }, reply) => {
  const deleted = await controller.requestDelete(id)();
  if (deleted._tag === 'Right') {
    await hypervisor.forget(id)();
    db.prepare('DELETE FROM commands WHERE id = ?').run(id);
  }
  return answer(reply, deleted);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await server.close();
    await controller.close()(); // first, so that it restarts nothing: a drain is not a manual stop
    await hypervisor.close();
    db.close();
  });
}

console.log(`listening on ${await server.listen({ host: '127.0.0.1', port: Number(port) })}`);
