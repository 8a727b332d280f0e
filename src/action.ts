/**
 * What to do about it.
 *
 * @since 0.1.0
 */

/**
 * `Start`: start a stopped instance. `Restart`: stop a running, unhealthy instance, then start it. `attempt` is the
 * 1-based number of the attempt in its failure window, the one to name in `attemptFailed(attempt)`.
 *
 * @since 0.1.0
 */
export type RestartAction =
  | { readonly _tag: 'Start'; readonly attempt: number }
  | { readonly _tag: 'Restart'; readonly attempt: number };
