/**
 * Pending steps: every effect of a port waits here until the scheduler takes it, with one of its outcomes. And what the
 * flows that wait remember, by which two moments are told apart.
 *
 * A controller's calls come from flows, each of which waits for one step at a time: its lane (reconciles and people's
 * starts, one after the other), each command outside the lane, and the listing of a resync. What a flow does next is a
 * function of what it has been answered since it began; flows are told apart so that the order of two answers to two
 * flows does not matter. A step is taken only when nothing else runs, so the calls that follow belong to the flow that
 * was answered, or to a reconcile that it set off.
 */

/** `c0` a controller, `p0` a person, `world` what happens without either. */
export type Actor = string;

/**
 * `c0` the lane of a controller, `c0/p1` a command of a person, `c0/list` a resync; a person is their own flow. `c0/late` is
 * what nobody waits for since a deadline, `c0/left` since a controller closed.
 */
export type Flow = string;

export type Outcome = 'ok' | 'fails' | 'done, but fails' | 'times out' | 'lost' | 'refused';

export interface PendingStep {
  readonly actor: Actor;
  readonly label: string;
  /** In the order in which they are explored; the first is the good one. */
  outcomes: ReadonlyArray<Outcome>;
  /** null: somebody waits for it. Else what cannot be seen from its label, and its future depends on. */
  unanswered: string | null;
  readonly isEnabled: () => boolean;
  readonly take: (outcome: Outcome) => void;
  /** What it does to the world; when its caller is dead, without an answer to anybody. */
  readonly effect: (outcome: Outcome) => unknown;
  /** It never ends: whom to tell. */
  onLost: () => void;
  /** It ends without an effect, and is nobody's next step. */
  readonly giveUp: (answer: unknown) => void;
  /** null: its flow is not known yet. */
  flow: Flow | null;
}

export interface Steps {
  readonly pending: ReadonlyArray<PendingStep>;
  /** Adds a step, and answers with its result once it is taken. */
  readonly add: <A>(
    actor: Actor,
    label: string,
    outcomes: ReadonlyArray<Outcome>,
    effect: (outcome: Outcome) => A,
    isEnabled?: () => boolean,
    onAdded?: (step: PendingStep) => void,
  ) => Promise<A>;
  /**
   * A deadline passes, and the flow goes on without the answer that it waited for: the calls that follow are its own.
   * Answers with the label of what it had done before.
   */
  readonly goOnWithout: (flow: Flow, label: string) => string;
  /** Nobody waits for the step any more, and it is of no flow of a controller. */
  readonly release: (step: PendingStep, flow: Flow, outcomes: ReadonlyArray<Outcome>, unanswered: string) => void;
  /** The flow whose step was taken last. */
  readonly current: () => Flow | null;
  /** What the flow did before the step that is being taken. */
  readonly before: () => string;
  /** A command begins, or is answered; a person's start is one of the lane's flow. */
  readonly open: (flow: Flow) => void;
  readonly close: (flow: Flow) => void;
  /** The actor has read the clock: it may remember the time. */
  readonly clockRead: (actor: Actor) => void;
  /** To be called when everything waits for pending steps: assigns the new ones to their flows. */
  readonly assign: (now: number) => void;
  /** To be called before an exit, a wake-up or a crash: the calls that follow are no flow's next step. */
  readonly interrupt: () => void;
  /** The controller has closed: no flow of its own goes on. */
  readonly forget: (actor: Actor) => void;
  /** The lane stands empty: nothing is remembered there. */
  readonly emptyLane: (actor: Actor) => void;
  /** The actor is dead: answers with the steps that it waited for. */
  readonly bury: (actor: Actor) => ReadonlyArray<PendingStep>;
  readonly fingerprint: () => string;
}

/** What a flow has been answered, as far as what it does next may depend on it. */
interface Memory {
  text: string;
  /** The last answer. */
  last: string;
  /** The last record that it saved. */
  saved: string;
  /** What its permit's check loaded. */
  checked: string;
  /** When it last read the clock; empty once it has saved what it decided then. */
  now: string;
  /** The label of the last step. */
  did: string;
  /** It is a person's start, which may have to put back what it found. */
  isPersonal: boolean;
  /** It has stopped the instance: a reconcile repairs once. */
  hasStopped: boolean;
}

export const createSteps = (remember: 'everything' | 'what matters'): Steps => {
  const pending: Array<PendingStep> = [];
  const memories = new Map<Flow, Memory>();
  const commands = new Set<Flow>();
  /** How many starts by people are in the lane of a controller, or wait for it. */
  const starts = new Map<Flow, number>();
  const readers = new Set<Actor>();
  let current: Flow | null = null;
  let before = '';

  const startsIn = (lane: Flow): number => starts.get(lane) ?? 0;

  const memoryOf = (flow: Flow): Memory => {
    const known = memories.get(flow);
    if (known !== undefined) return known;
    const fresh = {
      text: '',
      last: '',
      saved: '',
      checked: '',
      now: '',
      did: '',
      isPersonal: false,
      hasStopped: false,
    };
    memories.set(flow, fresh);
    return fresh;
  };

  const learn = (flow: Flow, label: string, answer: string): void => {
    const memory = memoryOf(flow);
    const { did } = memory;
    memory.did = label;
    memory.last = answer;
    if (isAction(label) && !isCommand(flow)) memory.hasStopped ||= label.startsWith('stop');
    if (remember === 'everything') {
      memory.text += answer;
      return;
    }
    if (isCheck(label)) {
      memory.checked = answer;
      return;
    }
    memory.text += answer;
    // After a start that went well it only asks whether the instance was stopped meanwhile.
    if (label.startsWith('start(') && isWell(answer) && !memory.isPersonal) memory.text = '';
    if (!isSave(label)) return;
    memory.saved = answer;
    memory.now = '';
    // A command that finds the record changed begins anew.
    if (isCommand(flow) && (did === 'load' || did === 'inspect') && answer.includes('"Conflict"')) memory.text = '';
  };

  /**
   * Forgets what does not matter any more. Here something is taken for granted about the inside of a controller: where
   * that is wrong, schedules that differ are merged, and some are not explored. No schedule is made up.
   */
  const claim = (step: PendingStep, flow: Flow): void => {
    const { label } = step;
    step.flow = label === 'list' ? `${flow}/list` : flow;
    const memory = memories.get(step.flow);
    if (memory === undefined || remember === 'everything') return;
    // Once a permit holds, nothing else that its check loaded matters.
    if (isAction(label)) memory.checked = '';
    if (isCommand(flow)) {
      // A stop that was refused, and whose run is gone by then, begins anew.
      if (label === 'load' && memory.did.startsWith('retag')) memory.text = '';
      return;
    }
    // A reconcile that loads anew has ended, or its round has: after it saw that there is nothing to do, after it saved
    // that, or after it stopped the instance. It remembers at most that it stopped the instance.
    const { did } = memory;
    const hasEnded =
      did === 'inspect' || (isSave(did) && !memory.isPersonal) || (did.startsWith('stop(') && isWell(memory.last));
    // Where a person's start waits for the lane, the load may be the start's as well.
    if (label === 'load' && hasEnded && startsIn(flow) === 0) {
      memory.text = '';
      memory.now = '';
      memory.did = '';
      if (did === 'inspect') memory.hasStopped = false;
    }
    // A reconcile that inspects remembers the record that it has just loaded, and nothing of an earlier round.
    if (label === 'inspect') {
      memory.text = memory.last;
      memory.saved = '';
      memory.isPersonal = false;
    }
    // A reconcile saves what it decided on what it saw; a person's start, and the charge for a failure, on the record
    // alone.
    if (isSave(label) && did === 'load') memory.isPersonal = true;
    // A reconcile that acts remembers the attempt that it saved.
    if (isAction(label) && !memory.isPersonal) memory.text = memory.saved;
  };

  return {
    pending,
    add: (actor, label, outcomes, effect, isEnabled = alwaysEnabled, onAdded) =>
      new Promise((resolve) => {
        const remove = (): void => void pending.splice(pending.indexOf(step), 1);
        const step: PendingStep = {
          actor,
          label,
          outcomes,
          unanswered: null,
          isEnabled,
          flow: isController(actor) ? null : actor,
          effect,
          onLost: () => {},
          giveUp: (answer) => {
            remove();
            resolve(answer as never);
          },
          take: (outcome) => {
            remove();
            const flow = step.flow ?? actor;
            current = flow;
            before = memories.get(flow)?.did ?? '';
            if (outcome === 'lost') {
              step.onLost();
              return;
            }
            const result = effect(outcome);
            if (isController(actor) && label !== 'list' && step.unanswered === null) {
              learn(flow, label, `${label} ${outcome} ${JSON.stringify(result) ?? ''};`);
            }
            resolve(result);
          },
        };
        pending.push(step);
        onAdded?.(step);
      }),
    goOnWithout: (flow, label) => {
      const did = memories.get(flow)?.did ?? '';
      current = flow;
      if (label !== 'list') learn(flow, label, `${label} outlasts its deadline;`);
      return did;
    },
    release: (step, flow, outcomes, unanswered) => {
      step.flow = flow;
      step.outcomes = outcomes;
      step.unanswered = unanswered;
    },
    current: () => current,
    before: () => before,
    open: (flow) => {
      if (isCommand(flow)) {
        commands.add(flow);
        current = flow;
      } else starts.set(flow, startsIn(flow) + 1);
    },
    close: (flow) => {
      if (isCommand(flow)) commands.delete(flow);
      else starts.set(flow, startsIn(flow) - 1);
      // A start that is answered leaves the lane to what comes next.
      memories.delete(flow);
    },
    clockRead: (actor) => void readers.add(actor),
    assign: (now) => {
      if (readers.size > 0) {
        const memory = current === null ? undefined : memories.get(current);
        if (memory !== undefined && readers.has(actorOf(current ?? ''))) memory.now = `@${now}`;
        readers.clear();
      }
      // From the last to the first: a command sets off a reconcile before it goes on itself.
      let isForCommand = current !== null && commands.has(current);
      for (let i = pending.length - 1; i >= 0; i--) {
        const step = pending[i];
        if (step === undefined || step.flow !== null) continue;
        const isIts = isForCommand && current !== null && step.actor === actorOf(current);
        if (isIts) isForCommand = false;
        claim(step, isIts && current !== null ? current : step.actor);
      }
    },
    interrupt: () => {
      current = null;
    },
    forget: (actor) => {
      current = null;
      memories.delete(actor);
      memories.delete(`${actor}/list`);
    },
    emptyLane: (actor) => void memories.delete(actor),
    bury: (actor) => {
      const left = pending.filter((step) => step.actor === actor);
      for (const step of left) pending.splice(pending.indexOf(step), 1);
      for (const flow of [...memories.keys()]) if (actorOf(flow) === actor) memories.delete(flow);
      starts.delete(actor);
      for (const flow of [...commands]) if (actorOf(flow) === actor) commands.delete(flow);
      return left;
    },
    fingerprint: () => {
      const waits = pending.map(({ flow, label, unanswered }) => `${flow} ${label} ${unanswered ?? ''}`).sort();
      const remembered = [...memories].map(
        ([flow, { text, checked, now, did, hasStopped }]) =>
          `${flow} ${did} ${hasStopped ? 'has stopped' : ''}${now} ${text} ${checked}`,
      );
      return `${waits.join()}|${remembered.sort().join()}`;
    },
  };
};

/** `start(2)`, `stop(2)`. */
export const isAction = (label: string): boolean => /^(start|stop)\(\d+\)$/.test(label);

/** `start(2): load`. */
const isCheck = (label: string): boolean => label.endsWith(': load');

const isSave = (label: string): boolean => label.startsWith('save');

const isCommand = (flow: Flow): boolean => flow.includes('/');

const isWell = (answer: string): boolean => answer.includes('"Right"');

const isController = (actor: Actor): boolean => actor.startsWith('c');

const alwaysEnabled = (): boolean => true;

export const actorOf = (flow: Flow): Actor => {
  const end = flow.indexOf('/');
  return end < 0 ? flow : flow.slice(0, end);
};
