/**
 * The state as the part of an address after its #, and back. Readable, and as short as what is set; whatever else stands there
 * (junk, or what another version of this page wrote) is passed over and named.
 */
import { type EndCause, endCauses, type RuleAction, restartModes, ruleActions } from 'restart-policy';
import { firstState } from './presets.js';
import {
  type ActText,
  acts,
  backoffFroms,
  firstWorkload,
  kindsOfRuns,
  longestLog,
  mostActs,
  mostRules,
  noPolicy,
  type PolicyField,
  type PolicyText,
  policyFields,
  type RuleText,
  type Side,
  type State,
  type WorkloadText,
} from './state.js';

// ---------------------------------------------------------------------------
// writing
// ---------------------------------------------------------------------------

const workloadFields = Object.keys(firstWorkload) as ReadonlyArray<keyof WorkloadText>;

const ruleText = ({ action, causes, exit_codes }: RuleText): string => `${action}~${causes.join('.')}~${exit_codes}`;

const writePolicy = (side: Side, policy: PolicyText): ReadonlyArray<readonly [string, string]> => [
  ...policyFields
    // The mode says that there is this policy at all.
    .filter((field) => field === 'policy' || policy[field] !== '')
    .map((field) => [`${side}.${field}`, policy[field]] as const),
  ...policy.rules.map((rule) => [`${side}.rule`, ruleText(rule)] as const),
];

/** Without the #. */
export const writeLink = ({ a, b, workload, acts: said }: State): string => {
  const link = new URLSearchParams();
  for (const [key, value] of [
    ...writePolicy('a', a),
    ...(b === null ? [] : writePolicy('b', b)),
    ...workloadFields
      // What the page begins with is said too: another version of it may begin with something else.
      .filter((field) => `${workload[field]}${firstWorkload[field]}` !== '' && workload[field].length <= longestLog)
      .map((field) => [field, workload[field]] as const),
    ...said.map(({ at, act }) => ['act', `${act}~${at}`] as const),
  ]) {
    link.append(key, value);
  }
  return link.toString();
};

// ---------------------------------------------------------------------------
// reading
// ---------------------------------------------------------------------------

export interface LinkRead {
  readonly state: State;
  /** What of the link is not known here, and was passed over; empty: nothing. */
  readonly unknown: ReadonlyArray<string>;
}

/** What is longer is no field that anybody typed. */
const longestText = 500;

const memberOf = <T extends string>(set: ReadonlyArray<T>, text: string): T | undefined =>
  set.find((each) => each === text);

const readRule = (text: string): RuleText | undefined => {
  const [action = '', causes = '', ...rest] = text.split('~');
  const known = memberOf<RuleAction>(ruleActions, action);
  const each = causes === '' ? [] : causes.split('.').map((cause) => memberOf<EndCause>(endCauses, cause));
  const read = each.filter((cause) => cause !== undefined);
  // A rule that is not understood whole would be another rule.
  return known === undefined || read.length < each.length
    ? undefined
    : { action: known, causes: [...new Set(read)], exit_codes: rest.join('~') };
};

const readAct = (text: string): ActText | undefined => {
  const [name = '', ...at] = text.split('~');
  const act = memberOf(acts, name);
  return act === undefined ? undefined : { act, at: at.join('~') };
};

/** The sets from which some fields are chosen; the others are typed. */
const choices: ReadonlyMap<string, ReadonlyArray<string>> = new Map<string, ReadonlyArray<string>>([
  ['policy', restartModes],
  ['backoff_from', backoffFroms],
  ['cause', ['', ...endCauses]],
  ['runs', kindsOfRuns],
]);

type Fields = { -readonly [F in PolicyField]: string } & { rules: Array<RuleText> };

/** With or without the #. Never throws. */
export const readLink = (hash: string): LinkRead => {
  const unknown: Array<string> = [];
  const policies: { [S in Side]?: Fields } = {};
  const workload: Record<string, string> = {};
  const said: Array<ActText> = [];
  const policyOf = (side: Side): Fields => {
    policies[side] ??= { ...noPolicy, rules: [] };
    return policies[side];
  };

  /** Whether it is understood. */
  const take = (key: string, given: string): boolean => {
    const [, side = '', field = key] = /^([ab])\.(.+)$/.exec(key) ?? [];
    // Said or left out, it is the same.
    const value = field === 'backoff_from' && given === 'attempt' ? '' : given;
    const isPolicy = side === 'a' || side === 'b';
    if (value.length > (field === 'log' ? longestLog : longestText)) return false;
    if (choices.get(field)?.includes(value) === false) return false;
    if (isPolicy && field === 'rule') {
      const rule = readRule(value);
      return rule !== undefined && policyOf(side).rules.length < mostRules && policyOf(side).rules.push(rule) > 0;
    }
    if (isPolicy && (policyFields as ReadonlyArray<string>).includes(field)) {
      policyOf(side)[field as PolicyField] = value;
      return true;
    }
    if (key === 'act') {
      const act = readAct(value);
      return act !== undefined && said.length < mostActs && said.push(act) > 0;
    }
    if (!isPolicy && (workloadFields as ReadonlyArray<string>).includes(key)) {
      workload[key] = value;
      return true;
    }
    return false;
  };

  for (const [key, value] of new URLSearchParams(hash.replace(/^#/, ''))) {
    if (!take(key, value)) unknown.push(key.slice(0, 40));
  }
  return {
    state: {
      a: policies.a ?? firstState.a,
      b: policies.b ?? null,
      workload: { ...firstWorkload, ...workload },
      acts: said,
    },
    unknown: [...new Set(unknown)],
  };
};
