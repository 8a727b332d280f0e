/**
 * A Job, and a CronJob: how often a Pod that failed is tried again.
 */
import type { RestartPolicyInput, RestartRule, RuleAction } from '../policy.js';
import { asWritten } from '../words.js';
import { chosenContainer, type PodOptions, podPolicy, probes, tellOfDeadline } from './kubernetes-pod.js';
import { exitCodeRules } from './kubernetes-rules.js';
import {
  countIn,
  flagIn,
  itemsIn,
  neededIn,
  pathOf,
  refuseMisspelt,
  refuseOthers,
  type Section,
  sectionAt,
  sectionIn,
  wordIn,
  wordOf,
} from './section.js';
import type { Notes } from './translation.js';
import { doubling, tenYears } from './waits.js';

const ours = [
  'backoffLimit',
  'backoffLimitPerIndex',
  'podFailurePolicy',
  'activeDeadlineSeconds',
  'template',
  'suspend',
];

export const cronJobPolicy = (spec: Section, options: PodOptions, notes: Notes): RestartPolicyInput | undefined => {
  const template = neededIn(spec, 'jobTemplate', notes);
  const job = template === undefined ? undefined : neededIn(template, 'spec', notes);
  if (spec.fields.has('schedule')) {
    notes.loss(
      pathOf(spec, 'schedule'),
      spec.fields.get('schedule'),
      'Each time it makes a Job of its own, which counts from 0. Here nothing starts by the clock: the host starts the instance, as a person would.',
    );
  }
  return job === undefined ? undefined : jobPolicy(job, options, notes);
};

export const jobPolicy = (spec: Section, options: PodOptions, notes: Notes): RestartPolicyInput | undefined => {
  refuseMisspelt(spec, ours, notes);
  const template = neededIn(spec, 'template', notes);
  const pod = template === undefined ? undefined : neededIn(template, 'spec', notes);
  const limit = limitOf(spec, notes);
  tellOfDeadline(spec, notes);
  tellOfMany(spec, notes);
  if (pod === undefined) return undefined;
  const restartAt = pathOf(pod, 'restartPolicy');
  if (!pod.fields.has('restartPolicy'))
    return notes.error(restartAt, 'must be OnFailure or Never in a Job; it is missing');
  const policy = wordIn(pod, 'restartPolicy', ['OnFailure', 'Never'], notes);
  const failurePolicy = sectionIn(spec, 'podFailurePolicy', notes);
  if (policy === 'OnFailure') {
    if (failurePolicy !== undefined) notes.error(failurePolicy.path, `needs Never in ${restartAt}, not OnFailure`);
    return inPlace(pod, limit, options, notes);
  }
  const chosen = chosenContainer(pod, options, notes);
  tellOfDeadline(pod, notes);
  const rules = failurePolicy === undefined ? [] : rulesOf(failurePolicy, spec, chosen?.name, notes);
  if (policy === undefined || chosen === undefined) return undefined;
  const input = byNewPods(limit, rules, restartAt, notes);
  return { ...input, ...probes(chosen.container, input.mode === 'never', 'OnFailure', notes) };
};

interface Limit {
  readonly retries: number;
  readonly at: string;
  /** As it is said; null: it is not. */
  readonly value: number | null;
}

const limitOf = (spec: Section, notes: Notes): Limit => {
  const total = countIn(spec, 'backoffLimit', notes);
  const perIndex = countIn(spec, 'backoffLimitPerIndex', notes);
  if (perIndex === undefined) return { retries: total ?? 6, at: pathOf(spec, 'backoffLimit'), value: total ?? null };
  if (total !== undefined) {
    notes.loss(
      pathOf(spec, 'backoffLimit'),
      total,
      'It limits the retries of all indexes together. Here each index is an instance with a count of its own.',
    );
  }
  return { retries: perIndex, at: pathOf(spec, 'backoffLimitPerIndex'), value: perIndex };
};

/** The kubelet restarts the container, and the Job counts. */
const inPlace = (pod: Section, limit: Limit, options: PodOptions, notes: Notes): RestartPolicyInput | undefined => {
  const { retries } = limit;
  if (retries === 0) {
    const chosen = chosenContainer(pod, options, notes);
    notes.loss(
      limit.at,
      limit.value,
      'Kubernetes restarts the container once, and ends that run as soon as it sees it. Here it is not restarted.',
    );
    return chosen === undefined ? undefined : { mode: 'never', ...probes(chosen.container, true, 'OnFailure', notes) };
  }
  const input = podPolicy(pod, options, notes);
  if (input === undefined) return undefined;
  notes.loss(
    limit.at,
    limit.value,
    `Kubernetes ends the Job as soon as it sees restart number ${retries}, and with it the run that has just begun. Here that run goes on to its end.`,
  );
  const { maxBackoff: _, ...rest } = input;
  const waits = doubling(Number(input.backoff), options.longest, retries);
  if (waits.maxBackoff !== undefined) {
    notes.loss(
      limit.at,
      limit.value,
      'After a run of 10m the kubelet waits as after a first end, and the Job goes on counting. Here the waits go on growing, up to ' +
        `${asWritten(Number(waits.maxBackoff))}, for as long as attempts are counted.`,
    );
  }
  return { ...rest, ...waits, maxAttempts: retries, stableAfter: tenYears };
};

/** The Job makes a new Pod for each that failed. */
const byNewPods = (
  { retries }: Limit,
  rules: ReadonlyArray<RestartRule>,
  restartAt: string,
  notes: Notes,
): RestartPolicyInput => {
  const isAnyUncounted = rules.some(({ action }) => action === 'restart_uncounted');
  if (retries === 0 && !isAnyUncounted) return { mode: 'never' };
  notes.loss(
    restartAt,
    'Never',
    'Each retry is a new Pod, on another node perhaps. Here the same instance is started again.',
  );
  notes.gain(restartAt, 'Never', "A person's stop holds: a Pod that is deleted by hand the Job replaces.");
  const stop: RestartRule = { action: 'stop' };
  return retries === 0
    ? {
        mode: 'on_failure',
        ...doubling(10_000, 600_000, 0),
        stableAfter: tenYears,
        // No counted attempt is allowed, and a limit of 0 would be none.
        rules: [
          ...rules.map((rule): RestartRule => (rule.action === 'restart' ? { ...rule, action: 'stop' } : rule)),
          stop,
        ],
      }
    : {
        mode: 'on_failure',
        ...doubling(10_000, 600_000, retries),
        maxAttempts: retries,
        stableAfter: tenYears,
        ...(rules.length === 0 ? {} : { rules }),
      };
};

// ---------------------------------------------------------------------------
// podFailurePolicy
// ---------------------------------------------------------------------------

const actions: Readonly<Record<'FailJob' | 'Ignore' | 'Count' | 'FailIndex', RuleAction>> = {
  FailJob: 'stop',
  Ignore: 'restart_uncounted',
  Count: 'restart',
  FailIndex: 'stop',
};

const rulesOf = (
  policy: Section,
  spec: Section,
  container: string | undefined,
  notes: Notes,
): ReadonlyArray<RestartRule> => {
  refuseOthers(policy, ['rules'], notes);
  return itemsIn(policy, 'rules', notes).flatMap(({ item, path }) => {
    const rule = sectionAt(item, path, notes);
    if (rule === undefined) return [];
    refuseOthers(rule, ['action', 'onExitCodes', 'onPodConditions'], notes);
    const known = Object.keys(actions) as ReadonlyArray<keyof typeof actions>;
    const word = wordOf(rule.fields.get('action'), pathOf(rule, 'action'), known, notes);
    if (word === 'FailIndex' && !spec.fields.has('backoffLimitPerIndex')) {
      notes.error(pathOf(rule, 'action'), 'needs backoffLimitPerIndex to be FailIndex');
    }
    if (rule.fields.has('onExitCodes') === rule.fields.has('onPodConditions')) {
      notes.error(path, 'must have onExitCodes or onPodConditions, and not both');
      return [];
    }
    const action = word === undefined ? 'stop' : actions[word];
    const codes = sectionIn(rule, 'onExitCodes', notes);
    return codes === undefined ? conditionRules(rule, action, notes) : codeRules(codes, action, container, notes);
  });
};

const codeRules = (
  codes: Section,
  action: RuleAction,
  container: string | undefined,
  notes: Notes,
): ReadonlyArray<RestartRule> => {
  const name = codes.fields.get('containerName');
  const rules = exitCodeRules(codes, action, 1, notes, ['containerName']) ?? [];
  if (name === undefined || name === container) return rules;
  notes.loss(
    pathOf(codes, 'containerName'),
    name,
    `This rule is about another container than ${container}, and is left out: an instance here does not fail for another.`,
  );
  return [];
};

const conditionRules = (rule: Section, action: RuleAction, notes: Notes): ReadonlyArray<RestartRule> =>
  itemsIn(rule, 'onPodConditions', notes).flatMap(({ item, path }) => {
    const condition = sectionAt(item, path, notes);
    if (condition === undefined) return [];
    refuseOthers(condition, ['type', 'status'], notes);
    const type = condition.fields.get('type');
    const status = wordIn(condition, 'status', ['True', 'False', 'Unknown'], notes) ?? 'True';
    if (type === 'DisruptionTarget' && status === 'True') return [{ causes: ['host'] as const, action }];
    notes.loss(
      path,
      item,
      `There is no such condition here, so this rule is left out: ends that it names are ${action === 'restart_uncounted' ? 'counted' : 'answered'} like any other.`,
    );
    return [];
  });

// ---------------------------------------------------------------------------
// what else a Job says
// ---------------------------------------------------------------------------

const tellOfMany = (spec: Section, notes: Notes): void => {
  for (const key of ['completions', 'parallelism']) {
    const count = countIn(spec, key, notes);
    if (count !== undefined && count > 1) {
      notes.loss(
        pathOf(spec, key),
        count,
        'The Pods of a Job share one count of failures. Here each is an instance of its own, with a count of its own.',
      );
    }
  }
  const failed = countIn(spec, 'maxFailedIndexes', notes);
  if (failed !== undefined) {
    notes.loss(
      pathOf(spec, 'maxFailedIndexes'),
      failed,
      'It ends the Job when so many indexes have failed. Here one instance does not stop another.',
    );
  }
  if (spec.fields.has('successPolicy')) {
    notes.loss(
      pathOf(spec, 'successPolicy'),
      spec.fields.get('successPolicy'),
      'It ends the Job when some indexes have succeeded. Here one instance does not stop another.',
    );
  }
  if (flagIn(spec, 'suspend', notes) === true) {
    notes.loss(
      pathOf(spec, 'suspend'),
      true,
      'No Pod is made while it is suspended. A policy says nothing of that: pause the instance, or do not start it.',
    );
  }
};
