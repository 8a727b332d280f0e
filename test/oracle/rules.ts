/** Which rule of a policy answers the end of a run. */
import type { EndCause, InstanceObservation, RestartPolicy, RestartRule } from './types.js';

/** Why the run ended. Where nobody said: an exit if there is an exit code, else unknown. */
export const causeOf = ({ cause, exitCode }: InstanceObservation): EndCause =>
  cause ?? (exitCode === null ? 'unknown' : 'exit');

const matches = ({ causes, exitCodes }: RestartRule, instance: InstanceObservation): boolean => {
  if (causes !== undefined && !causes.includes(causeOf(instance))) return false;
  if (exitCodes !== undefined) {
    const { exitCode } = instance;
    // An unknown exit code is none of those that a rule names.
    if (exitCode === null) return false;
    return exitCodes.some((codes) =>
      typeof codes === 'number' ? codes === exitCode : codes[0] <= exitCode && exitCode <= codes[1],
    );
  }
  return true;
};

/** What the first rule that matches says; null: none does. */
export const ruleFor = (policy: RestartPolicy, instance: InstanceObservation): RestartRule['action'] | null =>
  policy.rules?.find((rule) => matches(rule, instance))?.action ?? null;
