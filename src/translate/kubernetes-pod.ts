/**
 * A Pod: the policy of one of its containers.
 */
import type { Millis } from '../duration.js';
import type { RestartPolicyInput, RestartRule } from '../policy.js';
import { asWritten } from '../words.js';
import { exitCodeRules } from './kubernetes-rules.js';
import {
  countIn,
  itemsIn,
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
import { doubling } from './waits.js';

const policies = ['Always', 'OnFailure', 'Never'] as const;

type Policy = (typeof policies)[number];

/** What of the options the readers need. */
export interface PodOptions {
  readonly container: string | undefined;
  /** The longest wait of the node's kubelet. */
  readonly longest: Millis;
}

/** The container that is asked for. */
export interface Chosen {
  readonly container: Section;
  readonly name: string;
  readonly isInit: boolean;
}

/**
 * Twice as short as the first wait of Kubernetes, which comes after the second end: after the first it restarts at once. So all
 * waits but the first are the same.
 */
const firstWait = (longest: Millis): Millis => Math.min(10_000, longest) / 2;

export const podPolicy = (spec: Section, options: PodOptions, notes: Notes): RestartPolicyInput | undefined => {
  refuseMisspelt(spec, ['restartPolicy', 'containers', 'initContainers', 'activeDeadlineSeconds'], notes, [
    'ephemeralContainers',
  ]);
  const ofPod = wordIn(spec, 'restartPolicy', policies, notes) ?? 'Always';
  const chosen = chosenContainer(spec, options, notes);
  tellOfDeadline(spec, notes);
  if (chosen === undefined) return undefined;
  const { container, isInit } = chosen;
  const ofContainer = wordIn(container, 'restartPolicy', policies, notes);
  const rules = rulesOf(container, notes);
  // Init containers run once, so Always means until one has run.
  const policy = ofContainer ?? (isInit && ofPod === 'Always' ? 'OnFailure' : ofPod);
  const from = ofContainer === undefined ? spec : container;
  const input = restarts(policy, rules, from, options, notes);
  return { ...input, ...probes(container, input.mode === 'never', policy, notes) };
};

const restarts = (
  policy: Policy,
  rules: ReadonlyArray<RestartRule>,
  from: Section,
  { longest }: PodOptions,
  notes: Notes,
): RestartPolicyInput => {
  if (policy === 'Never' && rules.length === 0) return { mode: 'never' };
  const first = firstWait(longest);
  const [path, value] = [pathOf(from, 'restartPolicy'), from.fields.get('restartPolicy') ?? null];
  notes.loss(
    path,
    value,
    `The first restart comes ${asWritten(first)} after the end, where Kubernetes restarts at once; the waits after it are the same.`,
  );
  notes.gain(
    path,
    value,
    "A person's stop holds: Kubernetes has none for a single Pod; what is deleted, its controller replaces.",
  );
  const waits = { ...doubling(first, longest, 0), stableAfter: 600_000 };
  // Never with rules: what they do not name stays down.
  if (policy === 'Never') return { mode: 'always', ...waits, rules: [...rules, { action: 'stop' }] };
  return { mode: policy === 'Always' ? 'always' : 'on_failure', ...waits, ...(rules.length === 0 ? {} : { rules }) };
};

const rulesOf = (container: Section, notes: Notes): ReadonlyArray<RestartRule> => {
  const items = itemsIn(container, 'restartPolicyRules', notes);
  if (items.length > 0 && !container.fields.has('restartPolicy')) {
    notes.error(pathOf(container, 'restartPolicy'), 'must stand beside restartPolicyRules; it is missing');
  }
  return items.flatMap(({ item, path }) => {
    const rule = sectionAt(item, path, notes);
    if (rule === undefined) return [];
    refuseOthers(rule, ['action', 'exitCodes'], notes);
    const action = wordOf(
      rule.fields.get('action'),
      pathOf(rule, 'action'),
      ['Restart', 'RestartAllContainers'],
      notes,
    );
    if (action === 'RestartAllContainers') {
      notes.loss(
        pathOf(rule, 'action'),
        action,
        'Kubernetes restarts the whole Pod, init containers too. Here this one instance is restarted.',
      );
    }
    const codes = sectionIn(rule, 'exitCodes', notes);
    if (codes !== undefined) return exitCodeRules(codes, 'restart', 0, notes) ?? [];
    if (!rule.fields.has('exitCodes')) notes.error(pathOf(rule, 'exitCodes'), 'must be an object; it is missing');
    return [];
  });
};

// ---------------------------------------------------------------------------
// which container
// ---------------------------------------------------------------------------

export const chosenContainer = (spec: Section, { container: wanted }: PodOptions, notes: Notes): Chosen | undefined => {
  const containers = named(spec, 'containers', false, notes);
  const inits = named(spec, 'initContainers', true, notes);
  if (!spec.fields.has('containers'))
    return notes.error(pathOf(spec, 'containers'), 'must be an array of containers; it is missing');
  const [first] = containers;
  if (first === undefined) {
    if (Array.isArray(spec.fields.get('containers'))) notes.error(pathOf(spec, 'containers'), 'must have a container');
    return undefined;
  }
  const all = [...containers, ...inits];
  const name =
    wanted === undefined
      ? first.name
      : wordOf(
          wanted,
          'options.container',
          all.map((each) => each.name),
          notes,
        );
  const chosen = all.find((each) => each.name === name);
  if (chosen === undefined) return undefined;
  refuseMisspelt(chosen.container, ['restartPolicy', 'restartPolicyRules', 'livenessProbe', 'startupProbe'], notes, [
    'readinessProbe',
  ]);
  const others = all.filter((each) => each !== chosen).map((each) => each.name);
  if (others.length > 0 && wanted === undefined) {
    notes.loss(
      pathOf(spec, 'containers'),
      others,
      `This is the policy of ${chosen.name} alone: each container of a Pod is restarted by itself, and is an instance of its own here. ` +
        'Translate the others by their names.',
    );
  }
  return chosen;
};

const named = (spec: Section, key: string, isInit: boolean, notes: Notes): ReadonlyArray<Chosen> =>
  itemsIn(spec, key, notes).flatMap(({ item, path }, at) => {
    const container = sectionAt(item, path, notes);
    if (container === undefined) return [];
    const name = container.fields.get('name');
    return [{ container, name: typeof name === 'string' ? name : `${key}[${at}]`, isInit }];
  });

// ---------------------------------------------------------------------------
// probes and deadlines
// ---------------------------------------------------------------------------

/** What the probes of a container come to. */
export const probes = (
  container: Section,
  isNever: boolean,
  policy: Policy,
  notes: Notes,
): Pick<RestartPolicyInput, 'startTimeout'> => {
  const startup = sectionIn(container, 'startupProbe', notes);
  const liveness = sectionIn(container, 'livenessProbe', notes);
  if (isNever) {
    for (const key of ['startupProbe', 'livenessProbe']) {
      if (!container.fields.has(key)) continue;
      notes.loss(
        pathOf(container, key),
        container.fields.get(key),
        'Kubernetes ends what fails this probe. A policy of never stops nothing: here it is left to run.',
      );
    }
    return {};
  }
  if (liveness !== undefined) {
    notes.loss(
      liveness.path,
      container.fields.get('livenessProbe'),
      policy === 'Never'
        ? 'What fails this probe is killed there, and its exit code decides. Here what the host reports as unhealthy is restarted: to leave it, report no health.'
        : 'The host makes the check here, at its own pace, and reports the verdict. What it reports as unhealthy is restarted; that wait ' +
            'is counted from the attempt before, and not from the end.',
    );
  }
  if (startup === undefined) return {};
  const [delay, period, failures] = [
    countIn(startup, 'initialDelaySeconds', notes) ?? 0,
    countIn(startup, 'periodSeconds', notes, { least: 1 }) ?? 10,
    countIn(startup, 'failureThreshold', notes, { least: 1 }) ?? 3,
  ];
  notes.loss(
    startup.path,
    container.fields.get('startupProbe'),
    'The host makes the check here, and reports the instance as initializing until it succeeds; start_timeout is how long it may fail.',
  );
  return { startTimeout: (delay + period * failures) * 1_000 };
};

/** Of a Pod, and of a Job. */
export const tellOfDeadline = (section: Section, notes: Notes): void => {
  const seconds = countIn(section, 'activeDeadlineSeconds', notes, { least: 1 });
  if (seconds === undefined) return;
  notes.loss(
    pathOf(section, 'activeDeadlineSeconds'),
    seconds,
    `Kubernetes ends it after ${asWritten(seconds * 1_000)}, however well it runs. Here no run is ended for its age.`,
  );
};
