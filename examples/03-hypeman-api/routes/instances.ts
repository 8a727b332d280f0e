/** hypeman's instances API. */
import type { Hypeman } from '@onkernel/hypeman';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Either } from 'fp-ts/lib/Either.js';
import { type Millis, parseDuration } from 'restart-policy';
import type { HypemanState } from 'restart-policy/hypeman';
import { notFound, type Refusal, refusalOf, refuse, sendRefusal } from '../answers.js';
import { create, fork } from '../instances/create.js';
import type { Definition } from '../instances/definition.js';
import { inTurn } from '../instances/in-turn.js';
import { killAndRemove, remove } from '../instances/remove.js';
import { update } from '../instances/update.js';
import { viewOf } from '../instances/view.js';
import { waitForState } from '../instances/wait.js';
import type { Parts } from '../parts.js';
import * as schemas from './schemas.js';

interface OfInstance {
  Params: { id: string };
}

const longestWait: Millis = 300_000;
const usualWait = '60s';

export const addInstanceRoutes = (server: FastifyInstance, parts: Parts): void => {
  const { definitions, controller, closing } = parts;

  const sendInstance = async (reply: FastifyReply, status: number, result: Either<Refusal, Definition>) =>
    result._tag === 'Left'
      ? sendRefusal(reply, result.left)
      : reply.code(status).send(await viewOf(parts, result.right));

  server.get<{ Querystring: { state?: HypemanState } }>(
    '/instances',
    { schema: { querystring: schemas.listQuery } },
    async ({ query: { state } }) => {
      const views = await Promise.all(definitions.all().map((definition) => viewOf(parts, definition)));
      return views.filter((view) => state === undefined || view.state === state);
    },
  );

  server.post<{ Body: Hypeman.InstanceCreateParams }>(
    '/instances',
    { schema: { body: schemas.createBody } },
    async ({ body }, reply) => sendInstance(reply, 201, await create(parts, body)),
  );

  server.get<OfInstance>('/instances/:id', async ({ params: { id } }, reply) => {
    const definition = definitions.find(id);
    return definition === null ? sendRefusal(reply, notFound) : viewOf(parts, definition);
  });

  server.patch<OfInstance & { Body: schemas.UpdateBody }>(
    '/instances/:id',
    { schema: { body: schemas.updateBody } },
    async ({ params: { id }, body }, reply) => {
      return sendInstance(reply, 200, await inTurn(parts, id, (definition) => update(parts, definition, body)));
    },
  );

  // A person's stop and start wait for no turn: a stop must reach the very start that is under way.
  for (const verb of ['start', 'stop'] as const) {
    server.post<OfInstance>(
      `/instances/:id/${verb}`,
      { schema: { body: schemas.startBody } },
      async ({ params: { id } }, reply) => {
        const definition = definitions.find(id);
        if (definition === null) return sendRefusal(reply, notFound);
        const command = verb === 'start' ? controller.manualStart(definition.id) : controller.manualStop(definition.id);
        const done = await command();
        return done._tag === 'Left' ? sendRefusal(reply, refusalOf(done.left)) : viewOf(parts, definition);
      },
    );
  }

  server.delete<OfInstance & { Querystring: { graceful_shutdown?: 'true' | 'false' } }>(
    '/instances/:id',
    { schema: { querystring: schemas.deleteQuery } },
    async ({ params: { id }, query }, reply) => {
      // Absent is graceful, as in hypeman.
      const how = query.graceful_shutdown === 'false' ? killAndRemove : remove;
      const removed = await inTurn(parts, id, (definition) => how(parts, definition));
      return removed._tag === 'Left' ? sendRefusal(reply, removed.left) : reply.code(204).send();
    },
  );

  server.post<OfInstance & { Body: Hypeman.InstanceForkParams }>(
    '/instances/:id/fork',
    { schema: { body: schemas.forkBody } },
    async ({ params: { id }, body }, reply) => {
      return sendInstance(reply, 201, await inTurn(parts, id, (source) => fork(parts, source, body)));
    },
  );

  server.get<OfInstance & { Querystring: { state: HypemanState; timeout?: string } }>(
    '/instances/:id/wait',
    { schema: { querystring: schemas.waitQuery } },
    async ({ params: { id }, query: { state, timeout = usualWait } }, reply) => {
      const definition = definitions.find(id);
      if (definition === null) return sendRefusal(reply, notFound);
      const span = parseDuration(timeout);
      if (span._tag === 'Left' || span.right === 0) {
        return sendRefusal(
          reply,
          refuse(400, 'invalid_timeout', `timeout must be a duration above zero, not "${timeout}"`),
        );
      }
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const waited = await waitForState(parts, definition, {
        target: state,
        timeout: Math.min(span.right, longestWait),
        signals: [gone.signal, closing],
      });
      return waited._tag === 'Left' ? sendRefusal(reply, waited.left) : waited.right;
    },
  );
};
