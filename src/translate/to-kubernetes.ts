/**
 * A policy in Kubernetes' words.
 */
import type { RestartPolicy } from '../policy.js';
import { answerTo } from './answers.js';
import { type TranslationBack, translatingBack } from './back.js';
import { fromKubernetes, type KubernetesOptions } from './kubernetes.js';
import type { Translated } from './translation.js';

type PodRestartPolicy = 'Always' | 'OnFailure' | 'Never';

/**
 * What of the spec of a Pod says when its container is restarted.
 *
 * @since 0.2.0
 */
export interface KubernetesPodSpec {
  readonly restartPolicy: PodRestartPolicy;
  readonly containers: ReadonlyArray<KubernetesContainer>;
}

/**
 * What of a container says when it is restarted. Rules need Kubernetes 1.34 or later.
 *
 * @since 0.2.0
 */
export interface KubernetesContainer {
  readonly name: string;
  readonly restartPolicy?: PodRestartPolicy;
  readonly restartPolicyRules?: ReadonlyArray<{
    readonly action: 'Restart';
    readonly exitCodes: { readonly operator: 'In' | 'NotIn'; readonly values: ReadonlyArray<number> };
  }>;
}

/**
 * A policy as the spec of a Pod, to be merged with what else it has. Waits cannot be told to Kubernetes, and it counts nothing in
 * a Pod: what is left of a policy is after which ends it restarts. Left: it is no policy, or the options are wrong. Never throws.
 *
 * @example
 * import { toKubernetes } from 'restart-policy/translate'
 *
 * const policy = { mode: 'on_failure', backoff: 5_000, maxAttempts: 0, stableAfter: 600_000 } as const
 * const translated = toKubernetes(policy, { container: 'web' })
 * if (translated._tag === 'Left') throw new Error(translated.left[0].message)
 * assert.deepStrictEqual(translated.right.result, { restartPolicy: 'OnFailure', containers: [{ name: 'web' }] })
 *
 * @since 0.2.0
 */
export const toKubernetes = (
  policy: RestartPolicy,
  options: KubernetesOptions = {},
): Translated<TranslationBack<KubernetesPodSpec>> => {
  const { container: name = 'app' } = options;
  // Whatever is wrong with the options is wrong with them there, too.
  const asked = fromKubernetes(specOf('Never', { name }), options);
  if (asked._tag === 'Left') return asked;
  return translatingBack<KubernetesPodSpec>(
    (given) => ways(given, name),
    (spec) => fromKubernetes(spec, options),
  )(policy);
};

const specOf = (restartPolicy: PodRestartPolicy, container: KubernetesContainer): KubernetesPodSpec => ({
  restartPolicy,
  containers: [container],
});

const codes = /* @__PURE__ */ Array.from({ length: 256 }, (_, code) => code);

/** From the plain words to those that need rules. */
const ways = (policy: RestartPolicy, name: string): ReadonlyArray<KubernetesPodSpec> => {
  const plain = (['Always', 'OnFailure', 'Never'] as const).map((word) => specOf(word, { name }));
  if (policy.mode === 'never') return [specOf('Never', { name })];
  const restarts = codes.filter((exitCode) => answerTo(policy, { cause: 'exit', exitCode }) !== 'stop');
  const stops = codes.filter((code) => !restarts.includes(code));
  return [...plain, ...ruled(name, 'In', restarts), ...ruled(name, 'NotIn', stops)];
};

/** Kubernetes takes 255 values at most, and one at least. */
const ruled = (
  name: string,
  operator: 'In' | 'NotIn',
  values: ReadonlyArray<number>,
): ReadonlyArray<KubernetesPodSpec> =>
  values.length === 0 || values.length > 255
    ? []
    : [
        specOf('Never', {
          name,
          restartPolicy: 'Never',
          restartPolicyRules: [{ action: 'Restart', exitCodes: { operator, values } }],
        }),
      ];
