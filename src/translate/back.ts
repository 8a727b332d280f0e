/**
 * A policy of ours in another system's words.
 */
import { left, right } from '../either.js';
import { checkPolicy, type RestartPolicy } from '../policy.js';
import { differentAnswers } from './answers.js';
import { differences } from './differences.js';
import type { Loss, Translated, Translation } from './translation.js';

/**
 * A policy in another system's words.
 *
 * @since 0.2.0
 */
export interface TranslationBack<A> {
  /** What to hand to the other system, in its own structure. */
  readonly result: A;
  /**
   * What will be different there. First what of the policy is not in the result, by the policy's fields; then what the other
   * system does otherwise, whatever it is told, by the fields of the result. Where there are none of the first, the result
   * translated again is this policy, or one that decides the same. Empty: nothing is lost.
   */
  readonly losses: ReadonlyArray<Loss>;
}

/** Of several ways to say it, the one that comes nearest: the fewest kinds of ends, then the first of equals. */
export const translatingBack =
  <A>(ways: (policy: RestartPolicy) => ReadonlyArray<A>, read: (result: A) => Translated<Translation>) =>
  (given: RestartPolicy): Translated<TranslationBack<A>> => {
    const checked = checkPolicy(given);
    if (checked._tag === 'Left') return checked;
    const policy = checked.right;
    let nearest: { readonly result: A; readonly translation: Translation; readonly wrong: number } | undefined;
    for (const result of ways(policy)) {
      const again = read(result);
      if (again._tag === 'Left') continue;
      const wrong = differentAnswers(policy, again.right.policy).length;
      if (nearest === undefined || wrong < nearest.wrong) nearest = { result, translation: again.right, wrong };
      if (wrong === 0) break;
    }
    if (nearest === undefined) return left([{ field: 'policy', message: 'policy cannot be said there' }]);
    const { result, translation } = nearest;
    // What a translation gains is what the way back loses.
    const losses = [...differences(policy, translation.policy), ...translation.losses, ...translation.gains];
    return right({ result, losses });
  };
