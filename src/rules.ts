/**
 * Which rule answers the end of a run: the first that matches, by why the run ended.
 */
import type { InstanceObservation } from './event.js';
import type { RestartPolicy, RestartRule, RuleAction } from './policy.js';

/** What the policy's rules say of the run that ended; undefined: no rule matches, and the mode decides. */
export const ruleFor = ({ rules }: RestartPolicy, instance: InstanceObservation): RuleAction | undefined =>
  rules === undefined ? undefined : firstMatch(rules, instance);

// Apart, so that the question whether there are rules is small enough to be inlined: it is on every path of an exit.
const firstMatch = (rules: ReadonlyArray<RestartRule>, instance: InstanceObservation): RuleAction | undefined => {
  for (const rule of rules) if (matches(rule, instance)) return rule.action;
  return undefined;
};

/** Both must match where both stand; with neither it matches every end. An unknown exit code is none of any. */
const matches = ({ causes, exitCodes }: RestartRule, { cause, exitCode }: InstanceObservation): boolean => {
  // The cause is what the adapter says, else what the exit code tells.
  if (causes?.includes(cause ?? (exitCode === null ? 'unknown' : 'exit')) === false) return false;
  if (exitCodes === undefined) return true;
  for (const codes of exitCodes) if (exitCode !== null && isAmong(codes, exitCode)) return true;
  return false;
};

const isAmong = (codes: number | readonly [number, number], exitCode: number): boolean =>
  typeof codes === 'number' ? codes === exitCode : codes[0] <= exitCode && exitCode <= codes[1];
