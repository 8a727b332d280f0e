/**
 * Lints of the rules.
 */
import type { RestartPolicy, RuleAction } from '../policy.js';
import { listed } from '../words.js';
import { idleRules, shadowedRules } from './ends.js';
import type { Lint, LintField } from './warning.js';

const ruleAt = (index: number): LintField => `rules[${index}]`;

export const ruleUnreachable: Lint = (policy) =>
  shadowedRules(policy).map(({ rule, by }) => {
    const [first = 0] = by;
    return {
      fields: [rule, ...by].map(ruleAt),
      message: `${ruleAt(rule)} never decides: ${listed(by.map(ruleAt), 'and')} ${by.length === 1 ? 'decides' : 'decide'} about every end that it matches.`,
      hint: `Remove ${ruleAt(rule)}, or move it before ${ruleAt(first)}.`,
    };
  });

export const ruleWithoutEffect: Lint = (policy) =>
  idleRules(policy, (a, b) => comesTo(policy, a) === comesTo(policy, b)).map((rule) => {
    const isLeft = policy.rules?.[rule]?.action === 'stop';
    return {
      fields: [ruleAt(rule)],
      message: `${ruleAt(rule)} changes nothing: whatever it decides about ${isLeft ? 'stays down' : 'is restarted in the same way'} without it, too.`,
      hint: `Remove ${ruleAt(rule)}.`,
    };
  });

/** Where nothing asks how many attempts were made, it is the same whether one is counted. */
const comesTo = (
  { maxAttempts, backoff, maxBackoff = backoff, jitter }: RestartPolicy,
  action: RuleAction,
): RuleAction =>
  action === 'restart_uncounted' &&
  maxAttempts === 0 &&
  Math.ceil(maxBackoff) <= Math.ceil(backoff) &&
  jitter === undefined
    ? 'restart'
    : action;
