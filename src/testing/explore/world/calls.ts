/**
 * The calls of the ports in an exploration: which of them are under way, which have outlasted their deadlines and may still
 * take effect, and which never end.
 *
 * The step that an unanswered call waits for stays pending, so it is explored at every later moment; but it belongs to no
 * flow of the controller any more, which has gone on without it.
 */

import { left } from '../../../either.js';
import type { CallSignal } from '../../../ports/call.js';
import { storeFailed } from '../../../ports/store.js';
import { type Call, type CallKind, hasDeadlines, type Life } from '../call.js';
import type { Scenario } from '../scenario.js';
import { type Actor, isAction, type Outcome, type PendingStep, type Steps } from '../steps.js';
import type { Witness } from '../witness.js';
import type { Clocks } from './clock.js';
import type { Facts } from './facts.js';

export interface Calls {
  readonly begin: (
    life: Life,
    kind: CallKind,
    label: string,
    signal: CallSignal | undefined,
    writes?: Call['writes'],
  ) => Call;
  /** The only step of a call; `within` is the call whose permit's check it is a part of. */
  readonly step: <A>(
    call: Call,
    label: string,
    outcomes: ReadonlyArray<Outcome>,
    effect: (outcome: Outcome) => A,
    isEnabled?: () => boolean,
    within?: Call | null,
  ) => Promise<A>;
  /** One step of a call that has more. */
  readonly oneStep: Calls['step'];
  /** The call ends with the promise. */
  readonly until: <A>(call: Call, answer: Promise<A>) => Promise<A>;
  /** The calls whose deadline may be the next of their kind to pass. */
  readonly oldest: () => ReadonlyArray<Call>;
  /** The starts and stops that wait for what may never come. */
  readonly stuck: () => ReadonlyArray<Call>;
  readonly outlast: (call: Call) => void;
  /** The controller has been told to close: nobody waits for its calls. */
  readonly leave: (life: Life) => void;
  /** Whether a call of the controller may still take effect. */
  readonly isAnyLeft: (life: Life) => boolean;
  readonly isActionUnanswered: (life: Life) => boolean;
  readonly bury: (actor: Actor) => void;
  /** Something happened that leads to no look before the next resync. */
  readonly isSilent: () => boolean;
  /** The section is kept by a call that never ends. */
  readonly isSectionLost: () => boolean;
  /** In which order the calls of each kind were begun. */
  readonly order: () => string;
  readonly fingerprint: () => string;
}

export const createCalls = (
  { exclusion, defect, budgets, heeds = true }: Scenario,
  facts: Facts,
  steps: Steps,
  clocks: Clocks,
  witness: Witness,
): Calls => {
  const isCounted = hasDeadlines(budgets);
  const isSection = exclusion === 'section';
  let open: ReadonlyArray<Call> = [];
  let unanswered: ReadonlyArray<Call> = [];
  let isSilent = false;

  const isPending = (step: PendingStep | null): step is PendingStep => step !== null && steps.pending.includes(step);

  const end = (call: Call): void => {
    call.state = 'ended';
    open = open.filter((other) => other !== call);
    unanswered = unanswered.filter((other) => other !== call);
  };

  /** Nobody waits for the step any more. */
  const release = (call: Call, step: PendingStep): void => {
    const { life, writes, word } = call;
    const isOwn = step.label === call.label;
    const flow = `${life.actor}/${life.isClosed ? 'left' : 'late'}`;
    if (isOwn && writes !== null) {
      const of = word === null ? '' : `, of ${word.person} after ${word.did}`;
      steps.release(step, flow, ['ok', 'fails', 'lost'], `over ${writes.expected}${of}`);
    } else if (isAction(step.label)) steps.release(step, flow, ['ok', 'fails', 'refused', 'lost'], '');
    else if (isOwn && (step.label === 'list' || life.isClosed)) {
      // What it answers changes nothing.
      isSilent ||= step.label === 'list';
      step.giveUp(null);
    } else if (isOwn) steps.release(step, flow, ['ok', 'lost'], 'and nobody reads it');
    else steps.release(step, flow, ['ok', 'fails'], '');
  };

  const add: Calls['step'] = (call, label, outcomes, effect, isEnabled, within = null) =>
    steps.add(call.life.actor, label, outcomes, effect, isEnabled, (step) => {
      call.step = step;
      if (within !== null) within.step = step;
      step.onLost = () => {
        call.isLost = true;
        isSilent = true;
      };
      const gone = [call, within].find((each) => each?.state === 'unanswered');
      if (gone != null) release(gone, step);
    });

  const until: Calls['until'] = (call, answer) => {
    void answer.then(() => end(call));
    return answer;
  };

  const giveUp = (call: Call): void => {
    const { step, life } = call;
    const flow = step?.flow ?? life.actor;
    const did = steps.goOnWithout(flow, call.label);
    if (call.writes !== null || isAction(call.label)) {
      call.word = witness.unanswered(flow, call.label, call.writes?.next ?? null, did);
    } else if (call.label === 'load') witness.failed(flow); // an attempt that failed is charged on what was read
    call.state = 'unanswered';
    open = open.filter((other) => other !== call);
    unanswered = [...unanswered, call];
    if (isPending(step) && (step.label === call.label || step.label.startsWith(`${call.label}:`))) release(call, step);
  };

  /** Class `section`: whoever still waits for it gives up at once. */
  const heed = (call: Call): void => {
    if (!isSection || !isAction(call.label)) return;
    if (facts.holder === call) {
      if (defect !== 'section left at the deadline') return;
      facts.section = null;
      facts.holder = null;
    } else if (heeds && isPending(call.step)) call.step.giveUp(left(storeFailed('given up')));
  };

  return {
    begin: (life, kind, label, signal, writes = null) => {
      const call: Call = {
        life,
        kind,
        label,
        signal,
        writes,
        state: 'under way',
        isLost: false,
        step: null,
        word: null,
      };
      if (life.isClosed) witness.violate(`Deadline j: a controller that has closed began another call, ${label}`);
      if (isCounted) open = [...open, call];
      return call;
    },
    step: (call, ...step) => until(call, add(call, ...step)),
    oneStep: add,
    until,
    oldest: () =>
      open.filter(
        (call, place) => !open.slice(0, place).some((other) => other.life === call.life && other.kind === call.kind),
      ),
    stuck: () => open.filter(({ label, step }) => isAction(label) && isPending(step) && !step.isEnabled()),
    outlast: (call) => {
      giveUp(call);
      for (let fired = 0; call.signal?.aborted !== true; fired++) {
        if (fired > 1_000) throw new Error(`${call.label} does not outlast its deadline`);
        clocks.passDeadline(call.life.actor, call.kind);
      }
      heed(call);
    },
    leave: (life) => {
      for (const call of unanswered) if (call.life === life && isPending(call.step)) release(call, call.step);
      for (const call of open.filter((each) => each.life === life)) {
        giveUp(call);
        heed(call);
      }
      isSilent = true;
    },
    isAnyLeft: (life) => unanswered.some((call) => call.life === life),
    isActionUnanswered: (life) => unanswered.some((call) => call.life === life && isAction(call.label)),
    bury: (actor) => {
      const isAlive = ({ life }: Call): boolean => life.actor !== actor;
      open = open.filter(isAlive);
      unanswered = unanswered.filter(isAlive);
    },
    isSilent: () => isSilent,
    isSectionLost: () => facts.holder?.isLost === true,
    order: () => open.map(({ life, kind, step, label }) => `${kind} ${step?.flow ?? life.actor} ${label}`).join(),
    fingerprint: () =>
      isSection
        ? unanswered
            .filter(({ label }) => isAction(label))
            .map(({ life, kind }) => `${life.actor} ${life.isClosed ? 'left' : ''} ${kind}`)
            .join()
        : '',
  };
};
