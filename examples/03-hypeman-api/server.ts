/** The HTTP server: what holds for every route. */
import Fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance } from 'fastify';
import { notFound, refuse, sendRefusal } from './answers.js';
import { isLoopback, objectionTo } from './guard.js';
import type { ManualPage } from './manual.js';
import type { Page } from './page.js';
import type { Parts } from './parts.js';
import { addHistoryRoutes } from './routes/history.js';
import { addInstanceRoutes } from './routes/instances.js';
import { addObservationRoutes } from './routes/observation.js';
import * as schemas from './routes/schemas.js';
import { addSnapshotRoutes } from './routes/snapshots.js';
import { addSupervisionRoutes } from './routes/supervision.js';

export interface ServerOptions {
  readonly host: string;
  readonly logger: FastifyBaseLogger;
  readonly page: Page;
  readonly manual: ManualPage;
}

/** More than any command line and environment that a process could be given comfortably. */
const largestBody = 256 * 1024;

export const createServer = (parts: Parts, { host, logger, page, manual }: ServerOptions): FastifyInstance => {
  const server = Fastify({
    loggerInstance: logger,
    bodyLimit: largestBody,
    // What a client sends is judged as it is: no text becomes a number, and nothing is dropped in silence.
    ajv: { customOptions: { allErrors: true, coerceTypes: false, removeAdditional: false, useDefaults: false } },
  });

  // hypeman's client says JSON also where it sends nothing.
  const parseJson = server.getDefaultJsonParser('error', 'error');
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parseJson(request, String(body), done);
  });
  server.addHook('onRequest', async (request, reply) => {
    const objection = objectionTo(request, isLoopback(host));
    if (objection !== null) return sendRefusal(reply, refuse(403, 'forbidden', objection));
  });
  // A field of a query that nothing heeds would be ignored in silence: `?stat=Running` would list everything.
  server.addHook('onRoute', (route) => {
    route.schema = { querystring: schemas.noQuery, ...route.schema };
  });
  server.setNotFoundHandler((_request, reply) => sendRefusal(reply, notFound));
  server.setErrorHandler((error: FastifyError, request, reply) => {
    if (error.validation !== undefined) {
      const problems = error.validation.map(problemOf);
      const code = problems.every((problem) => problem.startsWith('health_check'))
        ? 'invalid_health_check'
        : 'invalid_request';
      return sendRefusal(reply, refuse(400, code, problems.join('; ')));
    }
    const { statusCode = 500, message } = error;
    if (statusCode < 500) return sendRefusal(reply, refuse(statusCode, 'invalid_request', message));
    // Whatever it is, it is ours, and not the client's to know.
    request.log.error(error);
    return sendRefusal(reply, refuse(500, 'internal_error', 'internal error'));
  });

  addInstanceRoutes(server, parts);
  addSnapshotRoutes(server, parts);
  addSupervisionRoutes(server, parts);
  addHistoryRoutes(server, parts);
  addObservationRoutes(server, parts, page, manual);
  return server;
};

type SchemaError = NonNullable<FastifyError['validation']>[number];

/** One sentence that begins with the field: "health_check.http.port must be <= 65535". */
const problemOf = ({ instancePath, keyword, params, message }: SchemaError): string => {
  const path = instancePath.split('/').slice(1);
  switch (keyword) {
    case 'additionalProperties':
      return `${[...path, params['additionalProperty']].join('.')} is not supported by this server`;
    case 'minProperties':
      return 'the request body says nothing: at least one of restart_policy and health_check is required';
    case 'required':
      return `${[...path, params['missingProperty']].join('.')} is required`;
    case 'enum': {
      const allowed: unknown = params['allowedValues'];
      return `${path.join('.')} must be one of ${Array.isArray(allowed) ? allowed.join(', ') : String(allowed)}`;
    }
    default:
      return `${path.length === 0 ? 'the request body' : path.join('.')} ${message}`;
  }
};
