/**
 * What all commands have in common: the same happens to the model and to the real parts, they come to rest, and what
 * was answered and what has become of it are compared.
 *
 * `text` says what happens, with its arguments: a failing sequence is read as a story.
 */
import type fc from 'fast-check';
import type { Either } from 'fp-ts/lib/Either.js';
import { expect } from 'vitest';
import type { InstanceId, Revision } from '../../../src/ports/store.js';
import type { RestartReason } from '../../../src/reason.js';
import { expectAgreement } from '../agreement.js';
import type { Answer, Model } from '../model.js';
import type { System } from '../system.js';

export type Command = fc.AsyncCommand<Model, System>;

type Check = (model: Model) => boolean;

interface Happening<A> {
  /** Whether it can happen now. */
  readonly check?: Check;
  readonly model: (model: Model) => A;
  /** After the model, so that time can be made to pass as far as it has passed there. */
  readonly system: (system: System, model: Model, expected: A) => Promise<void>;
}

interface Question {
  /** Whether it can be asked now. */
  readonly check?: Check;
  readonly model: (model: Model) => Answer;
  readonly system: (system: System, model: Model) => Promise<Answered>;
  /** Whether the instance is to stay down from then on, or may be started. */
  readonly intent?: 'stop' | 'start';
}

/** What a call of the controller comes to. `revision`: of what was recorded; null: there is no record. */
type Answered = Either<
  { readonly _tag: string },
  { readonly revision?: Revision; readonly changed?: boolean; readonly reason?: RestartReason } | null
>;

/** Something happens to everybody. */
export const happens = <A>(text: string, { check = () => true, ...happening }: Happening<A>): Command => ({
  check,
  run: async (model, system) => {
    const expected = happening.model(model);
    await happening.system(system, model, expected);
    await system.clock.settle();
    model.advanceTo(system.clock.now());
    await expectAgreement(model, system);
    // A run is known by the millisecond in which it began: no two things happen in the same one.
    await system.clock.advance(1);
    model.advanceTo(system.clock.now());
  },
  toString: () => `\n  ${text}`,
});

/** Something happens to an instance. What would have to wait for a start under way does not happen. */
export const happensTo = <A>(id: InstanceId, text: string, happening: Happening<A>): Command =>
  happens(text, {
    ...happening,
    check: (model) => model.of(id).failsAt === null && (happening.check?.(model) ?? true),
  });

/** Something is asked of the controller about an instance, and answered. */
export const isAsked = (id: InstanceId, text: string, { intent, ...question }: Question): Command =>
  happensTo(id, text, {
    ...question,
    system: async (system, model, expected) => {
      const instance = model.of(id);
      if (intent === 'start') instance.isPromisedStopped = false;
      const answered = await question.system(system, model);
      if (!instance.isBlind) expect(answerOf(answered)).toBe(expected);
      if (intent === 'stop' && answered._tag === 'Right') instance.isPromisedStopped = true;
      expectNewRevision(system, id, answered);
    },
  });

const answerOf = (answered: Answered): string => {
  if (answered._tag === 'Left') return answered.left._tag;
  if (answered.right === null) return 'no record';
  if (answered.right.reason !== undefined) return answered.right.reason;
  return answered.right.changed === false ? 'unchanged' : 'done';
};

/** Every command that changes anything has a revision of its own, so that no permit drawn before it is good. */
const expectNewRevision = (system: System, id: InstanceId, answered: Answered): void => {
  if (answered._tag === 'Left' || answered.right?.revision === undefined) return;
  const asked = system.asked(id);
  const { revision, changed = true, reason } = answered.right;
  if (changed && reason !== 'manual_stop' && reason !== 'not_paused')
    expect(revision, `${id}: the revision of a command`).toBeGreaterThan(asked.revision);
  asked.revision = Math.max(asked.revision, revision);
};
