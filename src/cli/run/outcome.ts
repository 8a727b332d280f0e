/**
 * When there is nothing left to supervise, and which exit code says how it ended.
 */
import type { DecisionRecord } from '../../controller.js';

/** null: it goes on. */
export const outcomeOf = ({ event, after, reason }: DecisionRecord): number | null => {
  if (event._tag !== 'Observed' || event.instance.state !== 'stopped') return null;
  switch (reason) {
    // Done for good: how the command ended is how this ends. What a signal ended has no code.
    case 'clean_exit':
    case 'stopped_by_rule':
    case 'policy_never':
      return event.instance.exitCode ?? 1;
    // Nothing happens any more until a person acts, unless a cooldown ends it.
    case 'max_attempts_exceeded':
      return after.nextAttemptAt === null ? 1 : null;
    case 'manual_stop':
    case 'paused':
    case 'never_started':
      return 1;
    default:
      return null;
  }
};
