/**
 * Policies as other systems have them, in our words: docs/migration.md says where they are not quite the same.
 */
import { firstWorkload, noPolicy, type PolicyText, type State } from './state.js';

export interface Preset {
  readonly name: string;
  /** As that system has it, and what somebody who knows it should know. */
  readonly note: string;
  readonly policy: PolicyText;
}

const preset = (name: string, note: string, fields: Partial<PolicyText>): Preset => ({
  name,
  note,
  policy: { ...noPolicy, ...fields },
});

const docker = { backoff: '100ms', max_backoff: '1m', backoff_from: 'exit' };

export const presets: ReadonlyArray<Preset> = [
  preset('hypeman', 'The reference: always, with its defaults.', {
    policy: 'always',
    backoff: '5s',
    stable_after: '10m',
  }),
  preset('hypeman limited', 'The reference: on_failure, at most five attempts.', {
    policy: 'on_failure',
    backoff: '5s',
    max_attempts: '5',
    stable_after: '10m',
  }),
  preset('Docker', '--restart unless-stopped. A run of 10 s makes its waits short again.', {
    policy: 'always',
    ...docker,
    stable_after: '10s',
  }),
  preset('Docker limited', '--restart on-failure:5. Docker never counts anew by itself: ten years stand for never.', {
    policy: 'on_failure',
    ...docker,
    // Longer than any wait that five attempts come to it need not be.
    max_backoff: '1.6s',
    max_attempts: '5',
    stable_after: '87600h',
  }),
  preset('systemd', 'Restart=on-failure, its defaults. Its limit counts starts by hand too; ours does not.', {
    policy: 'on_failure',
    backoff: '100ms',
    backoff_from: 'exit',
    max_attempts: '5',
    limit_interval: '10s',
  }),
  preset(
    'Kubernetes',
    'restartPolicy: Always. It waits nothing after the first end, here 5 s; from the second on the same.',
    {
      policy: 'always',
      backoff: '5s',
      max_backoff: '5m',
      backoff_from: 'exit',
      stable_after: '10m',
    },
  ),
];

const written = (policy: PolicyText): string => JSON.stringify(Object.entries(policy).sort());

/** Whose policy it is; undefined: nobody's. */
export const presetOf = (policy: PolicyText): Preset | undefined =>
  presets.find((each) => written(each.policy) === written(policy));

/** Its number among the presets as the value of a choice; -1: it is none of them. */
export const presetValue = (policy: PolicyText): string => {
  const preset = presetOf(policy);
  return String(preset === undefined ? -1 : presets.indexOf(preset));
};

/** What the page begins with. */
export const firstState: State = {
  a: presets.at(-1)?.policy ?? noPolicy,
  b: null,
  workload: firstWorkload,
  acts: [],
};
