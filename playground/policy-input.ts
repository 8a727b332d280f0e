/**
 * From the fields of the form to a policy: what is right and what is wrong is the codec's to say.
 */
import type { RestartPolicy } from 'restart-policy';
import { decodeRestartPolicy, RestartPolicyCodec } from 'restart-policy/codec';
import { noPolicy, type PolicyText, policyFields, type RuleText } from './state.js';

/** By the place to which an error belongs, such as "backoff" or "rules[0].exit_codes". */
export type Errors = ReadonlyMap<string, string>;

export interface PolicyRead {
  /** null: something is wrong with it. */
  readonly policy: RestartPolicy | null;
  readonly errors: Errors;
}

const numbers: ReadonlyArray<string> = ['backoff_factor', 'jitter', 'max_attempts'];

/** A number where it is written as JSON writes numbers; else the text itself, of which the codec says what is wrong. */
const numberOr = (text: string): number | string =>
  /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : text;

/** "78, 2-5" as [78, [2, 5]]. */
export const codesIn = (text: string): ReadonlyArray<unknown> =>
  text
    .replace(/(\d)\s*(?:-|–|\.\.)\s*(-?\d)/g, '$1..$2')
    .split(/[\s,;]+/)
    .filter((part) => part !== '')
    .map((part) => {
      const [, low, high] = /^(-?\d+)\.\.(-?\d+)$/.exec(part) ?? [];
      return low === undefined ? numberOr(part) : [Number(low), Number(high)];
    });

const ruleOf = ({ causes, exit_codes, action }: RuleText): object => ({
  ...(causes.length === 0 ? {} : { causes }),
  ...(exit_codes.trim() === '' ? {} : { exit_codes: codesIn(exit_codes) }),
  action,
});

/** As JSON, with what is blank left out. */
export const wireOf = (text: PolicyText): Readonly<Record<string, unknown>> => ({
  ...Object.fromEntries(
    policyFields.flatMap((field) => {
      const value = text[field].trim();
      if (value === '') return [];
      return [[field, numbers.includes(field) ? numberOr(value) : value]];
    }),
  ),
  ...(text.rules.length === 0 ? {} : { rules: text.rules.map(ruleOf) }),
});

export const readPolicy = (text: PolicyText): PolicyRead => {
  const decoded = decodeRestartPolicy(wireOf(text));
  if (decoded._tag === 'Right') return { policy: decoded.right, errors: new Map() };
  const errors = new Map<string, string>();
  for (const { path, message } of decoded.left) {
    const [, field = 'policy'] = /^restart_policy\.(\w+(?:\[\d+\]\.\w+)?)/.exec(path) ?? [];
    const said = message.replace(/^restart_policy\./, '');
    errors.set(field, errors.has(field) ? `${errors.get(field)}; ${said}` : said);
  }
  return { policy: null, errors };
};

/** In one line, with blanks as people write them. */
const inLine = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(inLine).join(', ')}]`;
  return typeof value === 'object' && value !== null
    ? `{ ${Object.entries(value)
        .map(([key, each]) => `"${key}": ${inLine(each)}`)
        .join(', ')} }`
    : JSON.stringify(value);
};

/** The canonical JSON of a policy: a line for each field, and for each rule. */
export const jsonOf = (policy: RestartPolicy): string => {
  const fields = Object.entries(RestartPolicyCodec.encode(policy)).map(([field, value]) => {
    const lines = Array.isArray(value)
      ? `[\n${value.map((each) => `    ${inLine(each)}`).join(',\n')}\n  ]`
      : inLine(value);
    return `  ${inLine(field)}: ${lines}`;
  });
  return `{\n${fields.join(',\n')}\n}`;
};

/** The form of a policy that somebody has as JSON; a text: what is wrong with it. */
export const policyInJson = (json: string): PolicyText | string => {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    return `This is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
  const decoded = decodeRestartPolicy(value);
  if (decoded._tag === 'Left') return decoded.left.map(({ message }) => message).join('\n');
  const { rules = [], ...fields } = RestartPolicyCodec.encode(decoded.right);
  return {
    ...noPolicy,
    ...Object.fromEntries(Object.entries(fields).map(([field, set]) => [field, String(set)])),
    rules: rules.map(({ action, causes = [], exit_codes = [] }) => ({
      action,
      causes,
      exit_codes: exit_codes.map((codes) => (typeof codes === 'number' ? codes : `${codes[0]}-${codes[1]}`)).join(', '),
    })),
  };
};
