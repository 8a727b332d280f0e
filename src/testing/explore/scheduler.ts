/**
 * One schedule: a world, the controllers in it, the people who speak to them; and at every moment the list of what may
 * happen next. Whoever holds it decides.
 */
import { type Controller, type ControllerOptions, createController } from '../../controller.js';
import type { Budgets, Scenario, Word } from './scenario.js';
import { createSteps, type Outcome, type PendingStep } from './steps.js';
import { type Answer, createWitness, type Moment, nameOf } from './witness.js';
import { createWorld, instanceId } from './world.js';

/** One thing that may happen next. */
export interface Choice {
  readonly text: () => string;
  readonly take: () => void;
}

export interface Schedule {
  /** Lets everything run that waits for nothing outside. */
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
  readonly finish: (tell: (text: string) => void) => Promise<string | null>;
}

/** Longer than any wait of a scenario's policy: a wake-up of the instance is then always the controller's next. */
const resyncEvery = 1_000;

/** So many wake-ups in a row that change nothing are the end: among them is a resync of every controller. */
const quietWakeUps = 4;

/** No instance takes that many steps to come to rest. */
const restless = 2_000;

const noBudgets: Budgets = { exits: 0, illnesses: 0, wakeUps: 0, crashes: 0, faults: 0, refusals: 0 };

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
  const beginController = (index: number): void => {
    controllers[index] = create({ ...world.portsOf(`c${index}`), resyncEvery });
  };
  for (let i = 0; i < scenario.controllers; i++) beginController(i);

  // -------------------------------------------------------------------------
  // people
  // -------------------------------------------------------------------------

  /** How often each controller has died. */
  const deaths = controllers.map(() => 0);
  /** How many words each person has had an answer to, and whether they wait for one. */
  const people = scenario.people.map(() => ({ answered: 0, waits: false }));

  const speak = (index: number): void => {
    const person = people[index];
    const { via, says } = scenario.people[index] ?? { via: 0, says: [] };
    const word = says[person?.answered ?? 0];
    if (person === undefined || word === undefined) return;
    void steps.add(`p${index}`, `says ${nameOf(word)}`, ['ok'], () => {
      const controller = controllers[via];
      const life = deaths[via];
      // A start runs in the lane, with the looks.
      const flow = word === 'start' ? `c${via}` : `c${via}/p${index}`;
      person.waits = true;
      witness.said(index, word, flow);
      steps.open(flow);
      if (controller === undefined) return;
      void say(controller, word).then((answer) => {
        if (deaths[via] !== life) return; // answered by the dead
        steps.close(flow);
        hear(index, answer);
      });
    });
  };

  const hear = (index: number, answer: Answer): void => {
    const person = people[index];
    if (person === undefined) return;
    witness.answered(index, answer, world.moment());
    if (answer === 'deleted') world.forgetInstance();
    person.waits = false;
    person.answered++;
    speak(index);
  };
  for (const index of people.keys()) speak(index);

  const crash = (dead: number): void => {
    deaths[dead] = (deaths[dead] ?? 0) + 1;
    world.crash(`c${dead}`);
    beginController(dead);
    for (const [index, { waits }] of people.entries()) {
      if (waits && scenario.people[index]?.via === dead) hear(index, 'no answer');
    }
  };

  // -------------------------------------------------------------------------
  // what may happen next
  // -------------------------------------------------------------------------

  const ofStep = (step: PendingStep, outcome: Outcome): Choice | null => {
    const cost = costOf(outcome);
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
        may('exits', 'world the run exits with code 1, and nobody is told', () => {
          left.faults--;
          world.exit(false);
        });
      }
    }
    if (world.canSicken()) may('illnesses', 'world the run turns unhealthy', world.sicken);
    const wakeUp = world.nextWakeUp();
    if (wakeUp !== null) may('wakeUps', `${wakeUp.actor.padEnd(5)} wakes up at ${wakeUp.at}`, world.fireNextWakeUp);
    for (const index of controllers.keys())
      may('crashes', `c${index}    dies, and a new one begins`, () => crash(index));
    return all;
  };

  // -------------------------------------------------------------------------
  // the end
  // -------------------------------------------------------------------------

  // Ticks come after all promises that can go on have gone on, and a great deal sooner than an immediate.
  const settle = async (): Promise<void> => {
    await new Promise<void>((resolve) => process.nextTick(resolve));
    steps.settled(world.now());
    for (const [index, controller] of controllers.entries()) {
      if (controller.activity().active === 0) steps.emptyLane(`c${index}`);
    }
  };

  const finish = async (tell: (text: string) => void): Promise<string | null> => {
    let quiet = 0;
    let before = '';
    // What failed, was not notified, or came from a dead controller's call, is left to the next resync.
    const spent = (budget: keyof Budgets): boolean => left[budget] < (scenario.budgets[budget] ?? 0);
    const isLate = scenario.notifies === false || (scenario.exclusion !== 'section' && spent('crashes'));
    const isSmooth = !spent('faults') && !spent('refusals') && !isLate;
    if (isSmooth && steps.pending.length === 0) {
      const wakesAt = world.nextWakeUp()?.at ?? Number.POSITIVE_INFINITY;
      witness.lookAtRest(world.moment(), world.observe(), world.now(), wakesAt);
    }
    for (let taken = 0; quiet < quietWakeUps; taken++) {
      await settle();
      if (taken > restless) witness.violate('G5: at the end the controllers do not come to rest');
      if (witness.violation() !== null) return witness.violation();
      const step = steps.pending.find((pending) => pending.isEnabled());
      if (step !== undefined) {
        tell(named(step));
        step.take(step.outcomes[0] ?? 'ok');
        continue;
      }
      const wakeUp = world.nextWakeUp();
      if (wakeUp === null) break;
      tell(`${wakeUp.actor.padEnd(5)} wakes up at ${wakeUp.at}`);
      const now = JSON.stringify(world.moment());
      quiet = now === before ? quiet + 1 : 0;
      before = now;
      world.fireNextWakeUp();
    }
    witness.lookAtTheEnd(world.moment(), world.hasRun());
    return witness.violation();
  };

  const fingerprint = (): string => {
    const inHand = controllers.map((controller) => {
      const { active, queued } = controller.activity();
      return `${active},${queued}`;
    });
    const spoken = people.map(({ answered, waits }) => `${answered}${waits ? '?' : ''}`);
    return `${world.fingerprint()}${witness.fingerprint()}${steps.fingerprint()}${inHand.join()}|${spoken.join()}`;
  };

  return {
    settle,
    choices,
    waiting: () => steps.pending.map(named),
    moment: world.moment,
    key: () => `${fingerprint()}${Object.values(left).join()}`,
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

const named = ({ flow, actor, label }: PendingStep): string => `${(flow ?? actor).padEnd(5)} ${label}`;

const costOf = (outcome: Outcome): 'faults' | 'refusals' | null => {
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

const say = async (controller: Controller, word: Word): Promise<Answer> => {
  switch (word) {
    case 'stop': {
      const answer = await controller.manualStop(instanceId)();
      return answer._tag === 'Right' ? 'stopped' : answer.left._tag;
    }
    case 'delete': {
      const answer = await controller.requestDelete(instanceId)();
      return answer._tag === 'Right' ? 'deleted' : answer.left._tag;
    }
    case 'start': {
      const answer = await controller.manualStart(instanceId)();
      return answer._tag === 'Right' ? 'started' : answer.left._tag;
    }
    case 'reset': {
      const answer = await controller.reset(instanceId)();
      return answer._tag === 'Right' ? 'reset' : answer.left._tag;
    }
    default: {
      const answer = await controller.updatePolicy(instanceId, word.update)();
      return answer._tag === 'Right' ? 'updated' : answer.left._tag;
    }
  }
};
