/**
 * All that a person has put into the page, as it stands in its fields: right or wrong. What is shown follows from it alone, and
 * a link carries it.
 */
import type { EndCause, RuleAction } from 'restart-policy';
import type { RestartPolicyWire } from 'restart-policy/codec';

// ---------------------------------------------------------------------------
// policies
// ---------------------------------------------------------------------------

export type PolicyField = Exclude<keyof RestartPolicyWire, 'rules'>;

export interface RuleText {
  readonly action: RuleAction;
  readonly causes: ReadonlyArray<EndCause>;
  /** Numbers and ranges: "78, 2-5". */
  readonly exit_codes: string;
}

/** A field that is blank is not set. */
export type PolicyText = Readonly<Record<PolicyField, string>> & { readonly rules: ReadonlyArray<RuleText> };

export const noPolicy: PolicyText = {
  policy: 'never',
  backoff: '',
  max_backoff: '',
  backoff_factor: '',
  backoff_from: '',
  jitter: '',
  max_attempts: '',
  limit_interval: '',
  cooldown: '',
  stable_after: '',
  start_timeout: '',
  rules: [],
};

/** In the order of the form. */
export const policyFields = Object.keys(noPolicy).filter((key) => key !== 'rules') as ReadonlyArray<PolicyField>;

/** Blank: from the last attempt. */
export const backoffFroms = ['', 'exit'] as const;

export const mostRules = 20;

/** The first policy, and the second, which is compared with it. */
export const sides = ['a', 'b'] as const;

export type Side = (typeof sides)[number];

export const sideName = (side: Side): string => `Policy ${side.toUpperCase()}`;

// ---------------------------------------------------------------------------
// workload
// ---------------------------------------------------------------------------

/** Each run the same, runs that end by chance, or those of a log. */
export const kindsOfRuns = ['crash', 'random', 'log'] as const;

export type RunsKind = (typeof kindsOfRuns)[number];

export interface WorkloadText {
  readonly runs: RunsKind;
  readonly crash_after: string;
  readonly exit_code: string;
  readonly cause: EndCause | '';
  readonly mean_uptime: string;
  readonly exit_codes: string;
  readonly boots_for: string;
  readonly failing_starts: string;
  readonly unhealthy_after: string;
  readonly recovers_after: string;
  readonly log: string;
  readonly for: string;
  readonly seed: string;
  readonly id: string;
}

/** What is typed in. */
export type WorkloadField = Exclude<keyof WorkloadText, 'runs' | 'cause' | 'log'>;

export const firstWorkload: WorkloadText = {
  runs: 'crash',
  crash_after: '20s',
  exit_code: '1',
  cause: '',
  mean_uptime: '10m',
  exit_codes: '1',
  boots_for: '',
  failing_starts: '',
  unhealthy_after: '',
  recovers_after: '',
  log: '',
  for: '',
  seed: '',
  id: '',
};

/** Characters. A log that is longer is refused, and is in no link: no program would pass that on. */
export const longestLog = 200_000;

// ---------------------------------------------------------------------------
// people
// ---------------------------------------------------------------------------

export const acts = ['stop', 'start', 'pause', 'resume', 'policy_b'] as const;

export type Act = (typeof acts)[number];

export interface ActText {
  readonly at: string;
  readonly act: Act;
}

export const mostActs = 50;

// ---------------------------------------------------------------------------
// all of it
// ---------------------------------------------------------------------------

export interface State {
  readonly a: PolicyText;
  /** null: nothing is compared. */
  readonly b: PolicyText | null;
  readonly workload: WorkloadText;
  readonly acts: ReadonlyArray<ActText>;
}
