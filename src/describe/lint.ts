/**
 * Which lint is asked for each code, and about which policies.
 */
import { policyDefaults, type RestartPolicy } from '../policy.js';
import { listed } from '../words.js';
import { type LintCode, lintCodes } from './codes.js';
import { cooldownBelowWait, limitUnreachable } from './limit-lints.js';
import { loopOf } from './loops.js';
import { ruleUnreachable, ruleWithoutEffect } from './rule-lints.js';
import { growthUnreachable, startTimeoutWithoutEffect, tightLoop } from './wait-lints.js';
import { type Lint, type LintField, type LintWarning, nothing } from './warning.js';

/** A policy of never has this warning or none. */
const neverWithFields: Lint = (policy) => {
  const isSaid = (field: keyof RestartPolicy): boolean => field !== 'mode' && policy[field] !== policyDefaults[field];
  const fields: ReadonlyArray<LintField> = (Object.keys(fieldsOfPolicy) as ReadonlyArray<keyof RestartPolicy>).filter(
    isSaid,
  );
  return fields.length === 0
    ? nothing
    : [
        {
          fields: ['mode', ...fields],
          message: `Nothing is ever restarted: ${listed(fields, 'and')} ${fields.length === 1 ? 'has' : 'have'} no effect.`,
          hint: `Set mode to always or on_failure, or leave ${listed(fields, 'and')} out.`,
        },
      ];
};

/** In the order in which they are named. */
const fieldsOfPolicy: Readonly<Record<keyof RestartPolicy, true>> = {
  mode: true,
  backoff: true,
  maxBackoff: true,
  backoffFactor: true,
  backoffFrom: true,
  jitter: true,
  maxAttempts: true,
  limitInterval: true,
  cooldown: true,
  stableAfter: true,
  startTimeout: true,
  rules: true,
};

const lints: Readonly<Record<LintCode, Lint>> = {
  limit_unreachable: limitUnreachable,
  tight_loop: tightLoop,
  growth_unreachable: growthUnreachable,
  cooldown_below_wait: cooldownBelowWait,
  rule_unreachable: ruleUnreachable,
  rule_without_effect: ruleWithoutEffect,
  start_timeout_without_effect: startTimeoutWithoutEffect,
  never_with_fields: neverWithFields,
};

/** Codes whose messages tell of waits, which jitter lengthens. */
const tellsOfWaits: Readonly<Record<LintCode, boolean>> = {
  limit_unreachable: true,
  tight_loop: true,
  growth_unreachable: true,
  cooldown_below_wait: true,
  rule_unreachable: false,
  rule_without_effect: false,
  start_timeout_without_effect: true,
  never_with_fields: false,
};

export const warningsOf = (policy: RestartPolicy): ReadonlyArray<LintWarning> => {
  const loop = loopOf(policy);
  return lintCodes
    .filter((code) => (policy.mode === 'never') === (code === 'never_with_fields'))
    .flatMap((code) => {
      const aside = policy.jitter !== undefined && tellsOfWaits[code] ? ' Jitter lengthens these waits.' : '';
      return lints[code](policy, loop).map(({ fields, message, hint }) => ({
        code,
        fields,
        message: `${message}${aside}`,
        hint,
      }));
    });
};
