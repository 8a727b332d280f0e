/**
 * Keeps web pages out. Whoever may reach the port may run commands, so the server listens on the loopback address; but a
 * browser on the same machine reaches that too, for any page that it shows. A page of another origin says so itself, and
 * one whose name was made to point here (DNS rebinding) comes under that name.
 */
import type { FastifyRequest } from 'fastify';

const loopback: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

export const isLoopback = (host: string): boolean => loopback.has(host) || host === '::1';

/** null: let it pass. Otherwise what is wrong with it. */
export const objectionTo = ({ headers }: FastifyRequest, listensOnLoopback: boolean): string | null => {
  const { host = '', origin } = headers;
  if (listensOnLoopback && !loopback.has(host.replace(/:\d+$/, '')))
    return 'this server is asked under its own address only';
  if (origin !== undefined && origin !== `http://${host}`) return 'pages of other origins have no say here';
  return null;
};
