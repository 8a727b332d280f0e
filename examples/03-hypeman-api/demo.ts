/** Instances to look at: one that stays, one that crashes until its attempts are used up, one that falls ill. */
import type { Hypeman } from '@onkernel/hypeman';
import type { FastifyInstance } from 'fastify';

const shell = (script: string): Array<string> => ['/bin/sh', '-c', script];

const demo: ReadonlyArray<Hypeman.InstanceCreateParams> = [
  {
    name: 'web',
    image: 'none',
    cmd: shell('sleep 86400'),
    restart_policy: { policy: 'always', backoff: '5s' },
  },
  {
    name: 'crasher',
    image: 'none',
    cmd: shell('sleep 3; exit 7'),
    restart_policy: { policy: 'on_failure', backoff: '10s', max_attempts: 5 },
  },
  {
    name: 'ailing',
    image: 'none',
    cmd: shell('sleep 86400'),
    restart_policy: { policy: 'always', backoff: '20s' },
    // Well for the first 15 seconds of each minute.
    health_check: {
      exec: { command: shell('test "$(date +%S)" -lt 15') },
      interval: '2s',
      timeout: '1s',
      start_period: '5s',
    },
  },
];

/** Through the front door, as any client. Those that a former run has left are there already. */
export const createDemo = async (server: FastifyInstance): Promise<void> => {
  for (const instance of demo) {
    await server.inject({ method: 'POST', url: '/instances', headers: { host: 'localhost' }, payload: instance });
  }
};
