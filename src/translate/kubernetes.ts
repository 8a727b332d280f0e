/**
 * Kubernetes: a Pod, whatever makes Pods of a template, or a Job.
 */
import type { RestartPolicyInput } from '../policy.js';
import { cronJobPolicy, jobPolicy } from './kubernetes-job.js';
import { type PodOptions, podPolicy } from './kubernetes-pod.js';
import { goSpanIn, neededIn, refuseOthers, type Section, sectionAt, wordIn } from './section.js';
import { type Notes, type Peer, type Translated, type Translation, translatingToPolicy } from './translation.js';

/** What is known of Kubernetes, and from where. */
export const kubernetes: Peer = {
  title: 'Kubernetes',
  versions:
    'restartPolicy of a Pod, restartPolicy and restartPolicyRules of its containers (1.34 and later, RestartAllContainers 1.35), its ' +
    'startup and liveness probes, and backoffLimit and podFailurePolicy of a Job; as of 1.36. Waits as they are without the feature ' +
    'gate ReduceDefaultCrashLoopBackOffDecay, with which they are 1 s to 1 min.',
  sources: [
    {
      says: 'restart policies and rules, the waits of 10 s to 5 min, the reset after 10 min, the immediate first restart, maxContainerRestartPeriod',
      url: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy',
      read: '2026-11-27',
    },
    {
      says: 'from when a wait is counted, and when it starts over',
      url: 'https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/client-go/util/flowcontrol/backoff.go',
      read: '2026-11-27',
    },
    {
      says: 'waits, step by step',
      url: 'https://github.com/kubernetes/kubernetes/blob/04791b4906602ffda5ccf9bc4c84d3329f1d7080/staging/src/k8s.io/client-go/util/flowcontrol/backoff_test.go',
      read: '2026-11-27',
    },
    {
      says: 'backoffLimit, podFailurePolicy, activeDeadlineSeconds',
      url: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy',
      read: '2026-11-27',
    },
    {
      says: 'new Pods of a Job wait 10 s to 10 min (the page above says 6), and a restart count at the limit ends the Job',
      url: 'https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/job/job_controller.go',
      read: '2026-11-27',
    },
    {
      says: 'the waits of a Job, case by case',
      url: 'https://github.com/kubernetes/kubernetes/blob/0bee0bcaa7ddf245d967776b158f2affb7b9c5f3/pkg/controller/job/backoff_utils_test.go',
      read: '2026-11-27',
    },
  ],
};

/**
 * How a manifest is read.
 *
 * @since 0.2.0
 */
export interface KubernetesOptions {
  /** The container, or init container, whose policy is wanted. Default: the first of `containers`. */
  readonly container?: string | undefined;
  /** The node's crashLoopBackOff.maxContainerRestartPeriod, from "1s" to "300s". Default "300s". */
  readonly maxContainerRestartPeriod?: string | undefined;
}

/**
 * A manifest (Pod, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob), or the spec of a Pod or of
 * a Job, parsed. In a Pod each container is restarted by itself, so the policy is of one of them. Fields that have nothing to do
 * with restarts are not looked at. Never throws.
 *
 * @example
 * import { fromKubernetes } from 'restart-policy/translate'
 *
 * const translated = fromKubernetes({ restartPolicy: 'OnFailure', containers: [{ name: 'app', image: 'app' }] })
 * if (translated._tag === 'Left') throw new Error(translated.left[0].message)
 * const { mode, backoff, maxBackoff } = translated.right.policy
 * assert.deepStrictEqual({ mode, backoff, maxBackoff }, { mode: 'on_failure', backoff: 5_000, maxBackoff: 300_000 })
 *
 * @since 0.2.0
 */
export const fromKubernetes = (manifest: unknown, options: KubernetesOptions = {}): Translated<Translation> =>
  translatingToPolicy('manifest', (given, notes) => {
    const longest = longestWait(options, notes);
    const section = sectionAt(given, '', notes);
    return section === undefined ? undefined : policyOf(section, { container: options.container, longest }, notes);
  })(manifest);

const longestWait = (options: KubernetesOptions, notes: Notes): number => {
  const section = sectionAt(options, 'options', notes);
  if (section === undefined) return 300_000;
  refuseOthers(section, ['container', 'maxContainerRestartPeriod'], notes);
  const span = goSpanIn(section, 'maxContainerRestartPeriod', notes) ?? 300_000;
  if (span >= 1_000 && span <= 300_000) return span;
  notes.error('options.maxContainerRestartPeriod', 'must be from 1s to 300s');
  return 300_000;
};

const withTemplate = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController'] as const;
const kinds = ['Pod', 'Job', 'CronJob', ...withTemplate] as const;

const policyOf = (section: Section, options: PodOptions, notes: Notes): RestartPolicyInput | undefined => {
  if (section.fields.has('kind')) {
    const kind = wordIn(section, 'kind', kinds, notes);
    if (kind === undefined) return undefined;
    const spec = neededIn(section, 'spec', notes);
    if (spec === undefined) return undefined;
    if (kind === 'Pod') return podPolicy(spec, options, notes);
    if (kind === 'Job') return jobPolicy(spec, options, notes);
    return kind === 'CronJob' ? cronJobPolicy(spec, options, notes) : templatePolicy(kind, spec, options, notes);
  }
  if (section.fields.has('containers')) return podPolicy(section, options, notes);
  if (section.fields.has('template')) return jobPolicy(section, options, notes);
  return notes.error('', 'must have a kind, the containers of a Pod, or the template of a Job');
};

/** A controller of Pods that are to run for ever. */
const templatePolicy = (
  kind: string,
  spec: Section,
  options: PodOptions,
  notes: Notes,
): RestartPolicyInput | undefined => {
  const template = neededIn(spec, 'template', notes);
  const pod = template === undefined ? undefined : neededIn(template, 'spec', notes);
  if (pod === undefined) return undefined;
  const policy = pod.fields.get('restartPolicy');
  if (policy === 'OnFailure' || policy === 'Never') {
    return notes.error('spec.template.spec.restartPolicy', `must be Always in a ${kind}, not ${policy}`);
  }
  return podPolicy(pod, options, notes);
};
