import { map } from 'fp-ts/lib/Either.js';
import type { InstanceId } from '../../../src/ports/store.js';
import { type Command, isAsked } from './command.js';

export const oldHealthIsReported = (id: InstanceId): Command =>
  isAsked(id, `a run of ${id} before the current one is said to be unhealthy`, {
    model: (model) => (model.of(id).isSeen ? 'StaleRun' : 'Failed'),
    system: async (system) => {
      const startedAt = 0;
      return map(() => ({}))(
        await system.ask(system.controller().reportHealth(id, { startedAt, health: 'unhealthy' })),
      );
    },
  });
