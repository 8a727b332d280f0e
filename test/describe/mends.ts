/**
 * What hints say to do, done: each of the ways that a hint names.
 */
import type { RestartPolicyInput, RestartRule } from '../../src/policy.js';
import { type RestartPolicy, restartPolicy } from '../../src/policy.js';
import { right } from '../support/either.js';

export interface Mend {
  readonly mended: RestartPolicy;
  /** The rule that was moved, by its new index. */
  readonly rule: string | null;
}

export const mendsOf = (policy: RestartPolicy, hint: string): ReadonlyArray<Mend> => {
  const { rules = [] } = policy;
  const [, removed] = /^Remove rules\[(\d+)\]/.exec(hint) ?? [];
  if (removed === undefined) {
    return hint
      .replace(/\.$/, '')
      .split(', or ')
      .map((way) => ({ mended: right(restartPolicy(doing(policy, way))), rule: null }));
  }
  const index = Number(removed);
  const others = rules.filter((_, other) => other !== index);
  const [, before] = /or move it before rules\[(\d+)\]\.$/.exec(hint) ?? [];
  const moved = [...others.slice(0, Number(before)), rules[index] as RestartRule, ...others.slice(Number(before))];
  return [
    { mended: withRules(policy, others), rule: null },
    ...(before === undefined ? [] : [{ mended: withRules(policy, moved), rule: `rules[${before}]` }]),
  ];
};

const doing = (policy: RestartPolicy, way: string): RestartPolicyInput => {
  if (way === 'the action of the rule to restart') {
    const counted = (policy.rules ?? []).map(
      (rule): RestartRule => (rule.action === 'restart_uncounted' ? { ...rule, action: 'restart' } : rule),
    );
    return { ...policy, rules: counted };
  }
  const [, left] = /^leave (.*?) out(?:,|$)/i.exec(way) ?? [];
  if (left !== undefined) {
    const names = left.split(/, | and /);
    return Object.fromEntries(
      Object.entries(policy).filter(([field]) => !names.includes(field)),
    ) as unknown as RestartPolicyInput;
  }
  const set = [...way.matchAll(/(\w+) to ([\wµ.]+)/g)].map(([, field = '', value = '']) => [
    field,
    /^\d+$/.test(value) ? Number(value) : value,
  ]);
  if (set.length === 0) throw new Error(`a hint that says nothing to do: ${way}`);
  return { ...policy, ...Object.fromEntries(set) };
};

const withRules = ({ rules: _, ...policy }: RestartPolicy, rules: ReadonlyArray<RestartRule>): RestartPolicy =>
  right(restartPolicy(rules.length === 0 ? policy : { ...policy, rules }));
