/**
 * The log: one JSON object per line, on standard error. It names instances and says what was decided; arguments,
 * environments, headers and bodies, where secrets are, never get into it.
 */
import pino, { type Logger } from 'pino';
import type { DecisionRecord, Fault, InstanceId } from 'restart-policy/controller';
import type { HistoryFault } from 'restart-policy/history';
import type { HealthWindow } from './health/window.js';

export interface Log {
  readonly logger: Logger;
  readonly decision: (decision: DecisionRecord) => void;
  readonly fault: (fault: Fault) => void;
  readonly verdict: (id: InstanceId, verdict: 'healthy' | 'unhealthy', window: HealthWindow) => void;
  readonly healthFault: (id: InstanceId, error: unknown) => void;
  readonly historyFault: (fault: HistoryFault) => void;
}

export const createLog = (): Log => {
  const logger = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
  return {
    logger,
    decision: (decision) => {
      if (isQuiet(decision)) return;
      const { id, event, reason, after, actions, revision } = decision;
      const { attempts, nextAttemptAt, blockedReason } = after;
      logger.info(
        {
          instance: id,
          event: event._tag,
          reason,
          action: actions[0]?._tag,
          attempts,
          nextAttemptAt,
          blockedReason,
          revision,
        },
        'decision',
      );
    },
    fault: ({ id, during, error }) => {
      const problem = 'message' in error ? error.message : error._tag;
      logger.error({ instance: id, during, error: error._tag, problem }, 'fault');
    },
    verdict: (id, verdict, { consecutiveFailures, consecutiveSuccesses, recent }) => {
      const failed = recent.filter((tag) => tag === 'Failed').length;
      logger.info(
        { instance: id, verdict, consecutiveFailures, consecutiveSuccesses, recent: recent.length, failed },
        'health',
      );
    },
    historyFault: ({ error, queued, lost }) => logger.error({ problem: error.message, queued, lost }, 'history fault'),
    healthFault: (id, error) => logger.error({ instance: id, problem: String(error) }, 'health check fault'),
  };
};

/** An observation that found everything as it was. */
const isQuiet = ({ event, before, after, actions }: DecisionRecord): boolean =>
  event._tag === 'Observed' && before === after && actions.length === 0;
