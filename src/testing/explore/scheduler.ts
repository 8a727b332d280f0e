/**
 * One schedule: a world, the controllers in it, the people who give them commands; and at every moment the list of what
 * may happen next. Whoever holds the schedule chooses.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import {
  type Controller,
  type ControllerOptions,
  createController,
  type SupervisionAcknowledged,
} from '../../controller.js';
import { isLeft, isRight } from '../../either.js';
import { type Call, deadlines, hasDeadlines, type Life } from './call.js';
import { type Budgets, instanceId, type PersonCommand, type Scenario } from './scenario.js';
import { createSteps, type Outcome, type PendingStep } from './steps.js';
import { type Answer, type CommandError, createWitness, type Moment, nameOf } from './witness.js';
import { createWorld } from './world.js';

/** One thing that may happen next. */
export interface Choice {
  readonly text: () => string;
  readonly take: () => void;
}

export interface Schedule {
  /** Lets everything run that does not wait for a pending step. */
  readonly settle: () => Promise<void>;
  /** What may happen next; empty when the budgets and the controllers are done. */
  readonly choices: () => ReadonlyArray<Choice>;
  /** Every step that somebody waits for. */
  readonly waiting: () => ReadonlyArray<string>;
  readonly moment: () => Moment;
  /** Tells two moments apart; equal keys mean equal futures. */
  readonly key: () => string;
  /** The same without what may still go wrong; equal fingerprints mean equal futures once nothing does. */
  readonly fingerprint: () => string;
  readonly violation: () => string | null;
  /** No more faults: lets time pass until nothing happens any more, then checks what must be true at the end. */
  readonly finish: (print: (line: string) => void) => Promise<string | null>;
}

/** Longer than any wait of a scenario's policy: a wake-up of the instance is then always the controller's next. */
const resyncEvery = 1_000;

/** Every port answers in the end. */
const never = {
  store: Number.POSITIVE_INFINITY,
  leases: Number.POSITIVE_INFINITY,
  inspect: Number.POSITIVE_INFINITY,
  start: Number.POSITIVE_INFINITY,
  stop: Number.POSITIVE_INFINITY,
};

/** So many wake-ups in a row that change nothing are the end: among them is a resync of every controller. */
const quietWakeUps = 4;

/** So often may every call that waits for a lost one reach its deadline, until everybody must have been answered. */
const deadlineRounds = 3;

/** No instance takes that many steps to come to rest. */
const restless = 2_000;

const noBudgets: Budgets = {
  exits: 0,
  illnesses: 0,
  wakeUps: 0,
  crashes: 0,
  faults: 0,
  refusals: 0,
  deadlines: 0,
  closes: 0,
};

export const beginSchedule = (
  scenario: Scenario,
  remember: 'everything' | 'what matters' = 'what matters',
): Schedule => {
  const steps = createSteps(remember);
  const witness = createWitness(scenario.exclusion);
  const world = createWorld(scenario, steps, witness);
  const create = scenario.create ?? createSound;
  const left: { -readonly [K in keyof Budgets]: Budgets[K] } = { ...noBudgets, ...scenario.budgets };

  const controllers: Array<Controller> = [];
  const lives: Array<Life> = [];
  const spans = hasDeadlines(scenario.budgets) ? deadlines : never;
  const beginController = (index: number): void => {
    const life: Life = { actor: `c${index}`, isClosed: false };
    lives[index] = life;
    witness.begins(life.actor);
    controllers[index] = create({ ...world.portsOf(life), resyncEvery, deadlines: spans });
  };
  for (let i = 0; i < scenario.controllers; i++) beginController(i);

  // -------------------------------------------------------------------------
  // people
  // -------------------------------------------------------------------------

  /** How often each controller has died. */
  const deaths = controllers.map(() => 0);
  /** How many answers each person has had, and whether they wait for one. */
  const people = scenario.people.map(() => ({ answered: 0, waits: false }));

  const giveNextCommand = (index: number): void => {
    const person = people[index];
    const { via, says } = scenario.people[index] ?? { via: 0, says: [] };
    const command = says[person?.answered ?? 0];
    if (person === undefined || command === undefined) return;
    void steps.add(`p${index}`, `says ${nameOf(command)}`, ['ok'], () => {
      const controller = controllers[via];
      const life = deaths[via];
      // A start runs in the lane, as reconciles do.
      const flow = command === 'start' ? `c${via}` : `c${via}/p${index}`;
      person.waits = true;
      witness.asked(index, command, flow);
      steps.open(flow);
      if (controller === undefined) return;
      void carryOut(controller, command).then((answer) => {
        if (deaths[via] !== life) return; // by a controller that is dead
        steps.close(flow);
        receive(index, answer);
      });
    });
  };

  const receive = (index: number, answer: Answer): void => {
    const person = people[index];
    if (person === undefined) return;
    witness.answered(index, answer, world.moment());
    if (answer === 'deleted') world.forgetInstance();
    person.waits = false;
    person.answered++;
    giveNextCommand(index);
  };
  for (const index of people.keys()) giveNextCommand(index);

  const crash = (dead: number): void => {
    deaths[dead] = (deaths[dead] ?? 0) + 1;
    world.crash(`c${dead}`);
    beginController(dead);
    for (const [index, { waits }] of people.entries()) {
      if (waits && scenario.people[index]?.via === dead) receive(index, 'no answer');
    }
  };

  const close = (index: number): void => {
    const life = lives[index];
    if (life === undefined) return;
    steps.interrupt();
    life.isClosed = true;
    const closing = controllers[index]?.close({ within: 0 })();
    world.calls.leave(life);
    steps.forget(life.actor);
    void closing?.then((closed) => {
      if (isLeft(closed)) witness.violate(closed.left.message);
      else if (world.calls.isAnyLeft(life) && !closed.right.unanswered.includes(instanceId)) {
        witness.violate('Deadline j: a call may still take effect, and its instance was not named');
      }
      beginController(index);
    });
  };

  // -------------------------------------------------------------------------
  // what may happen next
  // -------------------------------------------------------------------------

  const ofStep = (step: PendingStep, outcome: Outcome): Choice | null => {
    const cost = costOf(outcome, step.unanswered !== null);
    if (cost !== null && left[cost] === 0) return null;
    return {
      text: () => `${named(step)}${outcome === 'ok' ? '' : ` -> ${outcome}`}`,
      take: () => {
        if (cost !== null) left[cost]--;
        step.take(outcome);
      },
    };
  };

  const choices = (): ReadonlyArray<Choice> => {
    const all: Array<Choice> = [];
    for (const step of steps.pending) {
      if (!step.isEnabled()) continue;
      for (const outcome of step.outcomes) {
        const choice = ofStep(step, outcome);
        if (choice !== null) all.push(choice);
      }
    }
    const may = (budget: keyof Budgets, text: string, happens: () => void): void => {
      if (left[budget] === 0) return;
      all.push({
        text: () => text,
        take: () => {
          left[budget]--;
          happens();
        },
      });
    };
    if (world.moment().isRunning) {
      may('exits', 'world the run exits with code 1', () => world.exit(true));
      if (left.faults > 0) {
        may('exits', 'world the run exits with code 1, and nobody is notified', () => {
          left.faults--;
          world.exit(false);
        });
      }
    }
    if (world.canSicken()) may('illnesses', 'world the run turns unhealthy', world.sicken);
    const wakeUp = world.nextWakeUp();
    if (wakeUp !== null) may('wakeUps', `${wakeUp.actor.padEnd(5)} wakes up at ${wakeUp.at}`, world.fireNextWakeUp);
    for (const index of controllers.keys()) {
      may('crashes', `c${index}    dies, and a new one begins`, () => crash(index));
      may('closes', `c${index}    is closed, and a new one begins`, () => close(index));
    }
    if (left.deadlines > 0) {
      for (const call of world.calls.oldest()) may('deadlines', outlasts(call), () => world.calls.outlast(call));
    }
    return all;
  };

  // -------------------------------------------------------------------------
  // the end
  // -------------------------------------------------------------------------

  // A tick comes after every promise that can go on has gone on, and much sooner than an immediate.
  const settle = async (): Promise<void> => {
    await new Promise<void>((resolve) => process.nextTick(resolve));
    steps.assign(world.now());
    for (const [index, controller] of controllers.entries()) {
      if (controller.activity().active === 0) steps.emptyLane(`c${index}`);
    }
  };

  const finish = async (print: (line: string) => void): Promise<string | null> => {
    let quiet = 0;
    let before = '';
    // A failure, a lost notification and what comes of a dead controller's call are left to the next resync.
    const spent = (budget: keyof Budgets): boolean => left[budget] < (scenario.budgets[budget] ?? 0);
    const isLate = scenario.notifies === false || (scenario.exclusion !== 'section' && spent('crashes'));
    const isSmooth = !spent('faults') && !spent('refusals') && !isLate && !world.calls.isSilent();
    if (isSmooth && steps.pending.length === 0) {
      const wakesAt = world.nextWakeUp()?.at ?? Number.POSITIVE_INFINITY;
      witness.checkAtRest(world.moment(), world.observe(), world.now(), wakesAt);
    }
    let rounds = 0;
    for (let taken = 0; ; taken++) {
      await settle();
      if (taken > restless) witness.violate('G5: at the end the controllers do not come to rest');
      if (witness.violation() !== null) return witness.violation();
      const step = steps.pending.find((pending) => pending.isEnabled());
      if (step !== undefined) {
        print(named(step));
        step.take(step.outcomes[0] ?? 'ok');
        continue;
      }
      if (quiet >= quietWakeUps) {
        // A deadline is longer than any other wait.
        const stuck = world.calls.stuck();
        if (stuck.length === 0 || rounds++ === deadlineRounds) break;
        for (const call of stuck) {
          if (call.state !== 'under way') continue;
          print(outlasts(call));
          world.calls.outlast(call);
          await settle();
        }
        quiet = 0;
        continue;
      }
      const wakeUp = world.nextWakeUp();
      if (wakeUp === null) break;
      print(`${wakeUp.actor.padEnd(5)} wakes up at ${wakeUp.at}`);
      const now = JSON.stringify(world.moment());
      quiet = now === before ? quiet + 1 : 0;
      before = now;
      world.fireNextWakeUp();
    }
    witness.checkAtTheEnd(world.moment(), world.hasRun(), world.calls.isSectionLost());
    return witness.violation();
  };

  const fingerprint = (): string => {
    const inHand = controllers.map((controller) => {
      const { active, queued } = controller.activity();
      return `${active},${queued}`;
    });
    const progress = people.map(({ answered, waits }) => `${answered}${waits ? '?' : ''}`);
    return `${world.fingerprint()}${witness.fingerprint()}${steps.fingerprint()}${inHand.join()}|${progress.join()}`;
  };

  return {
    settle,
    choices,
    waiting: () => steps.pending.map(named),
    moment: world.moment,
    key: () => `${fingerprint()}${Object.values(left).join()}${left.deadlines > 0 ? world.calls.order() : ''}`,
    fingerprint,
    violation: witness.violation,
    finish,
  };
};

const createSound = (options: ControllerOptions): Controller => {
  const created = createController(options);
  if (created._tag === 'Left') throw new Error(created.left.message);
  return created.right;
};

const outlasts = ({ step, life, label }: Call): string =>
  `${(step?.flow ?? life.actor).padEnd(5)} ${label} outlasts its deadline`;

const named = ({ flow, actor, label }: PendingStep): string => `${(flow ?? actor).padEnd(5)} ${label}`;

/** How a call ends that outlasted its deadline is paid for by that. */
const costOf = (outcome: Outcome, isUnanswered: boolean): 'faults' | 'refusals' | null => {
  if (isUnanswered) return outcome === 'refused' ? 'refusals' : null;
  switch (outcome) {
    case 'ok':
    case 'lost':
      return null;
    case 'refused':
      return 'refusals';
    default:
      return 'faults';
  }
};

const carryOut = async (controller: Controller, command: PersonCommand): Promise<Answer> => {
  switch (command) {
    case 'stop':
      return answerOf('stopped', await controller.manualStop(instanceId)());
    case 'delete':
      return answerOf('deleted', await controller.requestDelete(instanceId)());
    case 'start':
      return answerOf('started', await controller.manualStart(instanceId)());
    case 'pause':
      return answerOn('paused', await controller.pause(instanceId)());
    case 'resume':
      return answerOn('resumed', await controller.resume(instanceId)());
    case 'reset':
      return answerOf('reset', await controller.reset(instanceId)());
    default:
      return answerOf('updated', await controller.updatePolicy(instanceId, command.update)());
  }
};

/** What changes nothing is an answer of its own: a pause beside a person's stop, a resume of what is not paused. */
const answerOn = (done: 'paused' | 'resumed', answer: Either<CommandError, SupervisionAcknowledged | null>): Answer => {
  if (isLeft(answer)) return answer.left._tag;
  const reason = answer.right?.reason;
  return reason === undefined || reason === 'manual_stop' || reason === 'not_paused' ? 'no change' : done;
};

const answerOf = (done: Answer, answer: Either<CommandError, unknown>): Answer =>
  isRight(answer) ? done : answer.left._tag;
