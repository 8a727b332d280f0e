/**
 * A policy in Docker's words.
 */
import type { RestartPolicy } from '../policy.js';
import { type TranslationBack, translatingBack } from './back.js';
import { fromDocker } from './docker.js';
import type { Translated } from './translation.js';

/**
 * HostConfig.RestartPolicy of Docker's API.
 *
 * @since 0.2.0
 */
export interface DockerRestartPolicy {
  readonly Name: 'no' | 'unless-stopped' | 'on-failure';
  /** 0: without end. */
  readonly MaximumRetryCount: number;
}

/**
 * A policy as Docker's restart policy of a container. Waits cannot be told to Docker: what is left of a policy is when it
 * restarts and, after failures alone, how often. Left: it is no policy. Never throws.
 *
 * @example
 * import { toDocker } from 'restart-policy/translate'
 *
 * const policy = { mode: 'on_failure', backoff: 5_000, maxAttempts: 3, stableAfter: 600_000 } as const
 * const translated = toDocker(policy)
 * if (translated._tag === 'Left') throw new Error(translated.left[0].message)
 * assert.deepStrictEqual(translated.right.result, { Name: 'on-failure', MaximumRetryCount: 3 })
 * assert.ok(translated.right.losses.some(({ field }) => field === 'backoff'))
 *
 * @since 0.2.0
 */
export const toDocker: (policy: RestartPolicy) => Translated<TranslationBack<DockerRestartPolicy>> =
  /* @__PURE__ */ translatingBack(({ mode, maxAttempts }) => {
    const never: DockerRestartPolicy = { Name: 'no', MaximumRetryCount: 0 };
    if (mode === 'never') return [never];
    // Docker keeps the count in 32 bits.
    const onFailure: DockerRestartPolicy = {
      Name: 'on-failure',
      MaximumRetryCount: Math.min(maxAttempts, 2 ** 31 - 1),
    };
    const always: DockerRestartPolicy = { Name: 'unless-stopped', MaximumRetryCount: 0 };
    return mode === 'always' ? [always, onFailure, never] : [onFailure, always, never];
  }, fromDocker);
