/** What people and Prometheus look at. Asked every second or so, these routes do not fill the log. */
import type { FastifyInstance } from 'fastify';
import type { ManualPage } from '../manual.js';
import { overviewOf } from '../overview.js';
import { contentSecurityPolicy, type Page } from '../page.js';
import type { Parts } from '../parts.js';

const logLevel = 'warn';

export const addObservationRoutes = (server: FastifyInstance, parts: Parts, page: Page, manual: ManualPage): void => {
  for (const [path, { type, content }] of [...page, ['/manual', { type: 'text/html', content: manual }] as const]) {
    server.get(path, { logLevel }, async (_request, reply) =>
      reply
        .header('content-type', `${type}; charset=utf-8`)
        .header('content-security-policy', contentSecurityPolicy)
        .header('x-content-type-options', 'nosniff')
        .header('referrer-policy', 'no-referrer')
        .header('cache-control', 'no-store')
        .send(content),
    );
  }

  server.get('/overview', { logLevel }, async (_request, reply) =>
    reply.header('cache-control', 'no-store').send(await overviewOf(parts)),
  );

  server.get('/metrics', { logLevel }, async (_request, reply) =>
    reply.header('content-type', parts.metrics.contentType).send(await parts.metrics.scrape()),
  );
};
