/** What happened to an instance, and to which the most: beside hypeman's API, as `supervision.ts` is. */
import type { FastifyInstance } from 'fastify';
import { parseDuration } from 'restart-policy';
import { explainEntry, type HistoryPage } from 'restart-policy/history';
import { notFound, refuse, sendRefusal } from '../answers.js';
import type { Parts } from '../parts.js';
import * as schemas from './schemas.js';

interface PageQuery {
  readonly limit?: string;
  readonly before?: string;
}

const usualLimit = 20;
/** The most that a history answers with. */
const mostAtOnce = 1_000;

const unreadable = refuse(503, 'history_unavailable', 'the history cannot be read just now');

export const addHistoryRoutes = (server: FastifyInstance, { definitions, history, clock }: Parts): void => {
  server.get<{ Params: { id: string }; Querystring: PageQuery }>(
    '/supervision/:id/history',
    { schema: { querystring: schemas.historyQuery }, logLevel: 'warn' },
    async ({ params: { id }, query: { limit, before } }, reply) => {
      const definition = definitions.find(id);
      if (definition === null) return sendRefusal(reply, notFound);
      const page = await history.ofInstance(definition.id, {
        limit: limit === undefined ? undefined : Number(limit),
        before,
      })();
      if (page._tag === 'Right') return inWords(page.right);
      if (page.left._tag === 'InvalidOptions')
        return sendRefusal(reply, refuse(400, 'invalid_request', page.left.message));
      return sendRefusal(reply, unreadable);
    },
  );

  server.get<{ Querystring: { within?: string; limit?: string } }>(
    '/supervision/busiest',
    { schema: { querystring: schemas.busiestQuery } },
    async ({ query: { within = '1h', limit } }, reply) => {
      const span = parseDuration(within);
      if (span._tag === 'Left') {
        return sendRefusal(reply, refuse(400, 'invalid_request', `within must be a duration, not "${within}"`));
      }
      const most = limit === undefined ? usualLimit : Number(limit);
      if (most < 1 || most > mostAtOnce) {
        const message = `limit must be a whole number from 1 to ${mostAtOnce}, not ${limit}`;
        return sendRefusal(reply, refuse(400, 'invalid_request', message));
      }
      const from = clock.now() - span.right;
      // What was deleted has a history, too, and is nobody's to look after any more.
      const busiest = await history.busiest({ from, limit: mostAtOnce })();
      if (busiest._tag === 'Right') {
        const there = busiest.right.filter(({ id }) => definitions.get(id) !== null);
        return { instances: there.slice(0, most) };
      }
      if (busiest.left._tag === 'InvalidOptions')
        return sendRefusal(reply, refuse(400, 'invalid_request', busiest.left.message));
      return sendRefusal(reply, unreadable);
    },
  );
};

const inWords = ({ entries, ...page }: HistoryPage) => ({
  ...page,
  entries: entries.map((entry) => ({ ...entry, text: explainEntry(entry) })),
});

export type HistoryInWords = ReturnType<typeof inWords>;
