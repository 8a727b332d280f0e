/**
 * Which ends of a run there are, and which rule answers which of them: what `ruleFor` says of one end, said of all at once.
 *
 * An end is a cause and an exit code. Exit codes are whole numbers within ±2^53, or unknown; any cause may come with any
 * code, for what an adapter can tell is not ours to say.
 */
import { type EndCause, endCauses } from '../event.js';
import type { RestartPolicy, RestartRule, RuleAction } from '../policy.js';

/** Ranges [low, high] that ascend and do not overlap. */
type Codes = ReadonlyArray<readonly [number, number]>;

/** The exit codes of each cause. */
type Ends = Readonly<Record<EndCause, Codes>>;

/** An unknown exit code: next to the lowest, and in no rule's range. */
const unknownCode = -(2 ** 53);

const everyCode: Codes = [[unknownCode, 2 ** 53 - 1]];

const codesOf = ({ exitCodes }: RestartRule): Codes =>
  exitCodes === undefined
    ? everyCode
    : merged(exitCodes.map((codes) => (typeof codes === 'number' ? ([codes, codes] as const) : codes)));

const merged = (ranges: Codes): Codes => {
  const apart: Array<readonly [number, number]> = [];
  for (const [low, high] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = apart.at(-1);
    if (last !== undefined && low <= last[1]) apart[apart.length - 1] = [last[0], Math.max(last[1], high)];
    else apart.push([low, high]);
  }
  return apart;
};

/** The codes that are not among others. Both ascend, so each is gone through once. */
const codesWithout = (codes: Codes, others: Codes): Codes => {
  const left: Array<readonly [number, number]> = [];
  let next = 0;
  for (const [low, high] of codes) {
    let from = low;
    for (; next < others.length; next++) {
      const [otherLow, otherHigh] = others[next] as readonly [number, number];
      if (otherLow > high) break;
      if (otherLow > from) left.push([from, otherLow - 1]);
      from = Math.max(from, otherHigh + 1);
      // It may reach into the next range of codes.
      if (otherHigh > high) break;
    }
    if (from <= high) left.push([from, high]);
  }
  return left;
};

const endsOf = (codesFor: (cause: EndCause) => Codes): Ends =>
  Object.fromEntries(endCauses.map((cause) => [cause, codesFor(cause)])) as Ends;

const matchedBy = (rule: RestartRule): Ends => {
  const codes = codesOf(rule);
  return endsOf((cause) => (rule.causes?.includes(cause) === false ? [] : codes));
};

const without = (ends: Ends, others: Ends): Ends => endsOf((cause) => codesWithout(ends[cause], others[cause]));

const common = (ends: Ends, others: Ends): Ends => without(ends, without(ends, others));

const isNone = (ends: Ends): boolean => endCauses.every((cause) => ends[cause].length === 0);

const everyEnd: Ends = endsOf(() => everyCode);
const cleanEnds: Ends = endsOf(() => [[0, 0]]);

/** Ends that are answered alike, by one rule or, where `rule` is null, by the mode. */
interface Answered {
  readonly rule: number | null;
  readonly action: RuleAction;
  readonly ends: Ends;
}

/** How ends are answered from one rule on. The ends of all answers together are those given, and no two share one. */
const answersFrom = (policy: RestartPolicy, first: number, ends: Ends): ReadonlyArray<Answered> => {
  const answers: Array<Answered> = [];
  let left = ends;
  for (const [index, rule] of (policy.rules ?? []).entries()) {
    if (index < first) continue;
    const matched = matchedBy(rule);
    answers.push({ rule: index, action: rule.action, ends: common(left, matched) });
    left = without(left, matched);
  }
  const clean: Ends = policy.mode === 'on_failure' ? common(left, cleanEnds) : endsOf(() => []);
  answers.push({ rule: null, action: 'stop', ends: clean });
  answers.push({ rule: null, action: 'restart', ends: without(left, clean) });
  return answers;
};

const answersOf = (policy: RestartPolicy): ReadonlyArray<Answered> => answersFrom(policy, 0, everyEnd);

/** Whether there are ends that are answered so. */
export const isAnySoAnswered = (policy: RestartPolicy, action: RuleAction): boolean =>
  answersOf(policy).some((answer) => answer.action === action && !isNone(answer.ends));

/** A rule that decides about no end, and the earlier ones that decide about all that it matches. */
export interface Shadowed {
  readonly rule: number;
  readonly by: ReadonlyArray<number>;
}

export const shadowedRules = (policy: RestartPolicy): ReadonlyArray<Shadowed> => {
  const answers = answersOf(policy);
  return (policy.rules ?? []).flatMap((rule, index) =>
    answers.some((answer) => answer.rule === index && isNone(answer.ends))
      ? [{ rule: index, by: decidersOf(answers, matchedBy(rule)) }]
      : [],
  );
};

const decidersOf = (answers: ReadonlyArray<Answered>, ends: Ends): ReadonlyArray<number> =>
  answers.flatMap(({ rule, ends: decided }) => (rule === null || isNone(common(decided, ends)) ? [] : [rule]));

/**
 * The rules that decide about some end, and answer each of them as it would be answered without the rule. `isSame` says
 * which answers come to the same.
 */
export const idleRules = (
  policy: RestartPolicy,
  isSame: (a: RuleAction, b: RuleAction) => boolean,
): ReadonlyArray<number> =>
  answersOf(policy).flatMap(({ rule, action, ends }) =>
    rule !== null &&
    !isNone(ends) &&
    answersFrom(policy, rule + 1, ends).every((other) => isNone(other.ends) || isSame(action, other.action))
      ? [rule]
      : [],
  );
