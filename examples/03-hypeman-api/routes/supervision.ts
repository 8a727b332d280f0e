/**
 * A person suspends the supervision of an instance, and takes it up again. hypeman's API has no such thing (its `Paused` is
 * of the machine itself), so this stands beside it and not below /instances.
 */
import type { FastifyInstance } from 'fastify';
import { notFound, refusalOf, sendRefusal } from '../answers.js';
import { viewOf } from '../instances/view.js';
import type { Parts } from '../parts.js';
import * as schemas from './schemas.js';

export const addSupervisionRoutes = (server: FastifyInstance, parts: Parts): void => {
  const { definitions, controller } = parts;
  for (const verb of ['pause', 'resume'] as const) {
    server.post<{ Params: { id: string } }>(
      `/supervision/:id/${verb}`,
      { schema: { body: schemas.startBody } },
      async ({ params: { id } }, reply) => {
        const definition = definitions.find(id);
        if (definition === null) return sendRefusal(reply, notFound);
        const done = await controller[verb](definition.id)();
        return done._tag === 'Left' ? sendRefusal(reply, refusalOf(done.left)) : viewOf(parts, definition);
      },
    );
  }
};
