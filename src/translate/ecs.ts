/**
 * Amazon ECS: the restart policy of a container definition.
 */
import type { RestartRule } from '../policy.js';
import { describeValue } from '../quote.js';
import { asWritten } from '../words.js';
import {
  countIn,
  flagIn,
  itemsIn,
  pathOf,
  refuseMisspelt,
  refuseOthers,
  type Section,
  sectionAt,
  sectionIn,
  underNames,
} from './section.js';
import { tellOfSignals } from './signal-codes.js';
import { type Notes, type Peer, translatingToPolicy, withoutRestarts } from './translation.js';

/** What is known of ECS, and from where. */
export const ecs: Peer = {
  title: 'Amazon ECS',
  versions:
    'restartPolicy of a container definition, as the API has it or as CloudFormation has it (RestartPolicy); since August 2024, with ' +
    'agent 1.86 or Fargate 1.4.0.',
  sources: [
    {
      says: 'the fields and their bounds',
      url: 'https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerRestartPolicy.html',
      read: '2026-11-27',
    },
    {
      says: 'what a restart policy is for, and that it needs no task to be replaced',
      url: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html',
      read: '2026-11-27',
    },
    {
      says: 'from when the period is counted, and that an end without an exit code is not restarted',
      url: 'https://github.com/aws/amazon-ecs-agent/blob/b8924d250cfb8d58befc157c1b132707cb41c9ee/ecs-agent/api/container/restart/restart_tracker.go',
      read: '2026-11-27',
    },
    {
      says: 'what is restarted, case by case',
      url: 'https://github.com/aws/amazon-ecs-agent/blob/3b4c9853dfba80cb060af8425e09ac88b6514cb8/ecs-agent/api/container/restart/restart_tracker_test.go',
      read: '2026-11-27',
    },
  ],
};

const ofContainer = {
  RestartPolicy: 'restartPolicy',
  Essential: 'essential',
  HealthCheck: 'healthCheck',
  StartTimeout: 'startTimeout',
};
const ofPolicy = {
  Enabled: 'enabled',
  IgnoredExitCodes: 'ignoredExitCodes',
  RestartAttemptPeriod: 'restartAttemptPeriod',
};

/**
 * A container definition of Amazon ECS, with its `restartPolicy`; in the names of the API, or of CloudFormation. Fields that have
 * nothing to do with restarts are not looked at. Never throws.
 *
 * @example
 * import { fromEcs } from 'restart-policy/translate'
 *
 * const restartPolicy = { enabled: true, ignoredExitCodes: [0], restartAttemptPeriod: 180 }
 * const translated = fromEcs({ name: 'app', essential: true, restartPolicy })
 * if (translated._tag === 'Left') throw new Error(translated.left[0].message)
 * const { maxAttempts, limitInterval, rules } = translated.right.policy
 * assert.deepStrictEqual({ maxAttempts, limitInterval }, { maxAttempts: 1, limitInterval: 180_000 })
 * assert.deepStrictEqual(rules, [{ exitCodes: [0], action: 'stop' }])
 *
 * @since 0.2.0
 */
export const fromEcs = /* @__PURE__ */ translatingToPolicy('container', (given, notes) => {
  const written = sectionAt(given, '', notes);
  if (written === undefined) return undefined;
  const container = underNames(written, ofContainer, notes);
  refuseMisspelt(container, Object.values(ofContainer), notes);
  const isEssential = flagIn(container, 'essential', notes) ?? true;
  const asked = sectionIn(container, 'restartPolicy', notes);
  if (asked === undefined) return { mode: 'never' };
  const policy = underNames(asked, ofPolicy, notes);
  refuseOthers(policy, Object.values(ofPolicy), notes);
  const isEnabled = flagIn(policy, 'enabled', notes);
  if (!policy.fields.has('enabled')) notes.error(pathOf(policy, 'enabled'), 'must be true or false; it is missing');
  const rules = ignored(policy, notes);
  const seconds = countIn(policy, 'restartAttemptPeriod', notes, { least: 60, most: 1_800 }) ?? 300;
  if (isEnabled !== true) {
    for (const key of ['ignoredExitCodes', 'restartAttemptPeriod']) {
      if (policy.fields.has(key)) notes.loss(pathOf(policy, key), policy.fields.get(key), withoutRestarts);
    }
    return { mode: 'never' };
  }

  const period = seconds * 1_000;
  notes.loss(
    pathOf(policy, 'restartAttemptPeriod'),
    policy.fields.get('restartAttemptPeriod') ?? null,
    `ECS restarts what ran for ${asWritten(period)} at least, and leaves the rest down. Here one attempt is made in ${asWritten(period)}, so what ` +
      'ends sooner is restarted once before it stays down.',
  );
  notes.loss(
    pathOf(policy, 'enabled'),
    true,
    'ECS leaves down what ended without an exit code. Here an end of which none is known, as after a kill, is restarted.',
  );
  if (isEssential) {
    notes.loss(
      pathOf(container, 'essential'),
      container.fields.get('essential') ?? null,
      'When an essential container stays down, ECS stops its task, and a service makes a new one. Here the instance stays blocked until a person ' +
        'starts it; a cooldown lets it begin anew by itself.',
    );
  }
  notes.gain(
    pathOf(container, 'restartPolicy'),
    container.fields.get('restartPolicy'),
    "A person's stop holds: a task that is stopped by hand its service replaces; here the instance stays stopped until a person starts it.",
  );
  tellOfOthers(container, notes);
  return {
    mode: 'always',
    // A run that may be restarted at all has lasted longer than this.
    backoff: 1_000,
    maxAttempts: 1,
    limitInterval: period,
    stableAfter: period,
    ...(rules.length === 0 ? {} : { rules }),
  };
});

const mostIgnored = 50;

const ignored = (policy: Section, notes: Notes): ReadonlyArray<RestartRule> => {
  const path = pathOf(policy, 'ignoredExitCodes');
  const items = itemsIn(policy, 'ignoredExitCodes', notes);
  if (items.length > mostIgnored) notes.error(path, `must have ${mostIgnored} exit codes at most, not ${items.length}`);
  const codes = items.flatMap(({ item, path: at }) => {
    if (typeof item === 'number' && Number.isSafeInteger(item)) return [item];
    notes.error(at, `must be a whole number, not ${describeValue(item)}`);
    return [];
  });
  tellOfSignals(codes, path, notes);
  return codes.length === 0 ? [] : [{ exitCodes: codes, action: 'stop' }];
};

const tellOfOthers = (container: Section, notes: Notes): void => {
  if (container.fields.has('healthCheck')) {
    notes.loss(
      pathOf(container, 'healthCheck'),
      container.fields.get('healthCheck'),
      'ECS replaces the task of an essential container that is unhealthy; its restart policy has no part in it. Here the host makes the check, and ' +
        'what it reports as unhealthy is restarted, within the same limit.',
    );
  }
  if (container.fields.has('startTimeout')) {
    notes.loss(
      pathOf(container, 'startTimeout'),
      container.fields.get('startTimeout'),
      'It says how long other containers wait for this one, and restarts nothing: no start_timeout is made of it.',
    );
  }
};
