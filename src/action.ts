/**
 * What to do about it.
 *
 * @since 0.1.0
 */

/**
 * Every kind of action there is.
 *
 * @since 0.2.0
 */
export const restartActionTags = ['Start', 'Restart'] as const;

/**
 * `Start`: start a stopped instance. `Restart`: stop an instance that is unhealthy or does not get going, then start it.
 * `attempt` is the 1-based number of the attempt in its failure window, the one to name in `attemptFailed(attempt)`; an
 * uncounted attempt bears the number of the last counted one.
 *
 * @since 0.1.0
 */
export type RestartAction = {
  [Tag in (typeof restartActionTags)[number]]: { readonly _tag: Tag; readonly attempt: number };
}[(typeof restartActionTags)[number]];
