/**
 * What the form says of each field: its unit, a line of explanation, and what stands in it where it is blank.
 */
import type { PolicyField, WorkloadField } from './state.js';

export interface FieldText {
  readonly unit: string;
  readonly hint: string;
  /** Shown where nothing is typed. */
  readonly blank: string;
}

export const policyTexts: Readonly<Record<PolicyField, FieldText>> = {
  policy: { unit: 'mode', hint: 'When an ended run leads to a restart.', blank: '' },
  backoff: { unit: 'duration', hint: 'Least time between two attempts.', blank: '5s' },
  max_backoff: {
    unit: 'duration',
    hint: 'The wait grows with every attempt, up to this. Blank: it does not grow.',
    blank: 'none',
  },
  backoff_factor: { unit: 'above 1, to 100', hint: 'By how much it grows; only beside max_backoff.', blank: '2' },
  backoff_from: {
    unit: 'moment',
    hint: 'Where a wait begins: at the attempt before, or at the end of the run.',
    blank: '',
  },
  jitter: { unit: 'share, 0 to 1', hint: 'Each wait is longer by up to this share of itself.', blank: '0' },
  max_attempts: { unit: 'count', hint: 'Attempts in a row, then it gives up. Blank or 0: no limit.', blank: '0' },
  limit_interval: {
    unit: 'duration',
    hint: 'The limit counts the attempts of a span this long. Blank: all in a row.',
    blank: 'none',
  },
  cooldown: {
    unit: 'duration',
    hint: 'At the limit it is blocked for this long. Blank: until a person starts it.',
    blank: 'none',
  },
  stable_after: { unit: 'duration', hint: 'A run this long makes the count start over.', blank: '10m' },
  start_timeout: {
    unit: 'duration',
    hint: 'What still boots after this is stopped and started again.',
    blank: 'none',
  },
};

export const policyGroups: ReadonlyArray<readonly [title: string, fields: ReadonlyArray<PolicyField>]> = [
  ['When', ['policy']],
  ['Waits', ['backoff', 'max_backoff', 'backoff_factor', 'backoff_from', 'jitter']],
  ['Limit', ['max_attempts', 'limit_interval', 'cooldown', 'stable_after']],
  ['Starts', ['start_timeout']],
];

export const rulesHint =
  'How the end of a run is answered, by its cause and its exit code: the first rule that matches decides, before the mode does.';

export const workloadTexts: Readonly<Record<WorkloadField | 'cause' | 'log', FieldText & { readonly name: string }>> = {
  crash_after: {
    name: 'Crash after',
    unit: 'duration',
    hint: 'How long each run lasts. Blank: it runs for ever.',
    blank: 'for ever',
  },
  exit_code: { name: 'Exit code', unit: 'number', hint: 'Blank: unknown, as after a kill.', blank: 'unknown' },
  cause: { name: 'Cause', unit: 'for rules', hint: 'Why each run ends, where the host can tell.', blank: '' },
  mean_uptime: { name: 'Mean uptime', unit: 'duration', hint: 'How long a run lasts on average.', blank: '' },
  exit_codes: {
    name: 'Exit codes',
    unit: 'numbers',
    hint: 'Each as likely as the others, such as 1, 137, unknown.',
    blank: '1',
  },
  recovers_after: {
    name: 'Recovers after',
    unit: 'runs',
    hint: 'After so many runs it runs on for ever. Blank: never.',
    blank: 'never',
  },
  boots_for: {
    name: 'Boots for',
    unit: 'duration',
    hint: 'Before each run; never: it does not come up.',
    blank: '0s',
  },
  failing_starts: {
    name: 'Failing starts',
    unit: 'count',
    hint: 'So many starts fail at once, before the first that works.',
    blank: '0',
  },
  unhealthy_after: {
    name: 'Unhealthy after',
    unit: 'duration',
    hint: 'A run turns unhealthy so long after it came up. Blank: never.',
    blank: 'never',
  },
  log: {
    name: 'Log',
    unit: 'CSV or JSON',
    hint: 'Rows of startedAt, stoppedAt, exitCode, cause. When the next run begins is what the policy decides.',
    blank: 'startedAt,stoppedAt,exitCode\n2026-01-31T12:00:00Z,2026-01-31T12:00:42Z,1',
  },
  for: { name: 'Span', unit: 'duration', hint: 'How much is shown, up to a year.', blank: '' },
  seed: { name: 'Seed', unit: 'number', hint: 'Another seed is another draw.', blank: '0' },
  id: { name: 'Instance', unit: 'name', hint: 'Jitter and chance differ from name to name.', blank: 'instance' },
};

/** What is shown where no span is given. */
export const blankSpans = { crash: '1h', random: '24h', log: 'that of the log' } as const;
