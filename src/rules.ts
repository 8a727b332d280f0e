/**
 * Which rule answers the end of a run: the first that matches, by why the run ended.
 */
import type { InstanceObservation } from './event.js';
import type { RestartPolicy, RestartRule, RuleAction } from './policy.js';

/** What the policy's rules say of the run that ended; undefined: no rule matches, and the mode decides. */
export const ruleFor = ({ rules }: RestartPolicy, instance: InstanceObservation): RuleAction | undefined =>
  rules?.find((rule) => matches(rule, instance))?.action;

/** Both must match where both stand; with neither it matches every end. An unknown exit code is none of any. */
const matches = ({ causes, exitCodes }: RestartRule, { cause, exitCode }: InstanceObservation): boolean =>
  // The cause is what the adapter says, else what the exit code tells.
  causes?.includes(cause ?? (exitCode === null ? 'unknown' : 'exit')) !== false &&
  exitCodes?.some((codes) => exitCode !== null && isAmong(codes, exitCode)) !== false;

const isAmong = (codes: number | readonly [number, number], exitCode: number): boolean =>
  typeof codes === 'number' ? codes === exitCode : codes[0] <= exitCode && exitCode <= codes[1];
