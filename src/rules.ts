/**
 * Which rule answers the end of a run: the first that matches, by why the run ended.
 */
import type { EndCause, InstanceObservation } from './event.js';
import type { RestartPolicy, RestartRule, RuleAction } from './policy.js';

/** What the policy's rules say of the run that ended; undefined: no rule matches, and the mode decides. */
export const ruleFor = ({ rules }: RestartPolicy, instance: InstanceObservation): RuleAction | undefined =>
  rules?.find((rule) => matches(rule, instance))?.action;

/** Both must match where both stand; with neither it matches every end. */
const matches = ({ causes, exitCodes }: RestartRule, instance: InstanceObservation): boolean =>
  (causes === undefined || causes.includes(causeOf(instance))) &&
  (exitCodes === undefined || exitCodes.some((codes) => isAmong(codes, instance.exitCode)));

/** What the adapter says, else what the exit code tells. */
const causeOf = ({ cause, exitCode }: InstanceObservation): EndCause =>
  cause ?? (exitCode === null ? 'unknown' : 'exit');

/** An unknown exit code is none of any. */
const isAmong = (codes: number | readonly [number, number], exitCode: number | null): boolean =>
  exitCode !== null && (typeof codes === 'number' ? codes === exitCode : codes[0] <= exitCode && exitCode <= codes[1]);
