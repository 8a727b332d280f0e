/** The fields of a policy as a form has them, and the policy that they say. Pure. */

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  /** What hypeman's API does not know: only where the server allows it. */
  readonly beyond: boolean;
  readonly kind: 'span' | 'number' | 'rules' | ReadonlyArray<readonly [value: string, label: string]>;
}

const reference = (name: string, label: string, hint: string, kind: Field['kind'] = 'span'): Field => ({
  name,
  label,
  hint,
  kind,
  beyond: false,
});
const further = (name: string, label: string, hint: string, kind: Field['kind'] = 'span'): Field => ({
  name,
  label,
  hint,
  kind,
  beyond: true,
});

export const fields: ReadonlyArray<Field> = [
  reference('policy', 'Restart', 'when an ended run leads to a restart', [
    ['never', 'never'],
    ['always', 'always'],
    ['on_failure', 'on failure'],
  ]),
  reference('backoff', 'Backoff', 'least time between two attempts; empty: 5s'),
  reference('max_attempts', 'Most attempts', 'in a row; empty or 0: no limit', 'number'),
  reference('stable_after', 'Stable after', 'a run this long ends the failure window; empty: 10m'),
  further('max_backoff', 'Longest backoff', 'the wait grows up to this; empty: it does not grow'),
  further('backoff_factor', 'Growth', 'of the wait, from one attempt to the next; empty: 2', 'number'),
  further('backoff_from', 'Wait begins', 'at the last attempt, or at the end of the run', [
    ['', 'at the attempt'],
    ['exit', 'at the exit'],
  ]),
  further('jitter', 'Jitter', 'each wait is longer by up to this share, from 0 to 1', 'number'),
  further('limit_interval', 'Limit interval', 'the attempts within this span are counted'),
  further('cooldown', 'Cooldown', 'at the limit it is blocked for this long; empty: until a person acts'),
  further('start_timeout', 'Start time-out', 'what still initializes after this is restarted'),
  further('rules', 'Rules', 'as JSON: [{ "exit_codes": [78], "action": "stop" }]', 'rules'),
];

export interface Problem {
  /** null: of none of them. */
  readonly field: string | null;
  readonly message: string;
}

/** What the fields say, as the server takes it. Left out is what is empty. */
export const policyOf = (
  values: Readonly<Record<string, string>>,
): { readonly policy: Readonly<Record<string, unknown>>; readonly problems: ReadonlyArray<Problem> } => {
  const policy: Record<string, unknown> = {};
  const problems: Array<Problem> = [];
  for (const { name, kind } of fields) {
    const text = (values[name] ?? '').trim();
    if (text === '') continue;
    if (kind === 'rules') {
      try {
        policy[name] = JSON.parse(text);
      } catch {
        problems.push({ field: name, message: 'rules must be JSON' });
      }
    } else policy[name] = kind === 'number' && Number.isFinite(Number(text)) ? Number(text) : text;
  }
  return { policy, problems };
};

/** The texts with which a form shows a policy. */
export const valuesOf = (policy: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    fields.map(({ name, kind }) => {
      const value = policy[name];
      if (value === undefined) return [name, ''];
      return [name, kind === 'rules' ? JSON.stringify(value) : String(value)];
    }),
  );

/** An error of the codec: which field it is of, and what is wrong without the path before it. */
export const problemOf = ({ path, message }: { readonly path: string; readonly message: string }): Problem => {
  const name = /^restart_policy\.([a-z_]+)/.exec(path)?.[1] ?? null;
  return {
    field: fields.some((field) => field.name === name) ? name : null,
    message: message.replace(/^restart_policy\.?/, ''),
  };
};
