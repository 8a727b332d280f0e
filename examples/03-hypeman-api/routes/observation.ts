/** What people and Prometheus look at. Asked every second or so, these routes do not fill the log. */
import type { FastifyInstance } from 'fastify';
import { overviewOf } from '../overview.js';
import type { Page } from '../page.js';
import type { Parts } from '../parts.js';

const logLevel = 'warn';

export const addObservationRoutes = (server: FastifyInstance, parts: Parts, page: Page): void => {
  server.get('/', { logLevel }, async (_request, reply) =>
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', page.contentSecurityPolicy)
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .header('cache-control', 'no-store')
      .send(page.html),
  );

  server.get('/overview', { logLevel }, async (_request, reply) =>
    reply.header('cache-control', 'no-store').send(await overviewOf(parts)),
  );

  server.get('/metrics', { logLevel }, async (_request, reply) =>
    reply.header('content-type', parts.metrics.contentType).send(await parts.metrics.scrape()),
  );
};
