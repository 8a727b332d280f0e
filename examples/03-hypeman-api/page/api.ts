/** Requests to the server that the page came from. */
import type { Overview } from '../overview.js';
import type { HistoryInWords } from '../routes/history.js';

/** null: it is done. Otherwise why it is not, in words. */
export type Refused = string | null;

const noAnswer = 'The server did not answer.';

const send = async (method: string, path: string, body?: unknown): Promise<Refused> => {
  try {
    const response = await fetch(path, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (response.ok) return null;
    const { message }: { readonly message: string } = await response.json();
    return `${message.slice(0, 1).toUpperCase()}${message.slice(1)}.`;
  } catch {
    return noAnswer;
  }
};

/** In milliseconds. A server that takes longer hangs, and what is shown is out of date: that has to be said. */
const patience = 5_000;

const read = async <A>(path: string): Promise<A> => {
  const response = await fetch(path, { signal: AbortSignal.timeout(patience) });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.json();
};

const of = (id: string): string => encodeURIComponent(id);

export const overview = (): Promise<Overview> => read('/overview');

export const historyOf = (id: string, limit: number, before: string | null): Promise<HistoryInWords> =>
  read(`/supervision/${of(id)}/history?limit=${limit}${before === null ? '' : `&before=${of(before)}`}`);

export const act = (id: string, verb: 'start' | 'stop' | 'pause' | 'resume'): Promise<Refused> =>
  send('POST', `/${verb === 'start' || verb === 'stop' ? 'instances' : 'supervision'}/${of(id)}/${verb}`);

export const remove = (id: string): Promise<Refused> => send('DELETE', `/instances/${of(id)}`);

export const updatePolicy = (id: string, policy: unknown): Promise<Refused> =>
  send('PATCH', `/instances/${of(id)}`, { restart_policy: policy });

export const create = (name: string, script: string, policy: unknown): Promise<Refused> =>
  send('POST', '/instances', { name, image: 'none', cmd: ['/bin/sh', '-c', script], restart_policy: policy });
