/**
 * One schedule: a world, the controllers in it, the people who speak to them; and at every moment the list of what may
 * happen next. Whoever holds it decides.
 */
import { type Controller, createController } from '../../controller.js';
import type { Budgets, Scenario, Word } from './scenario.js';
import { type Actor, createWorld, instanceId, type Outcome, type World } from './world.js';

/** One thing that may happen next. */
export interface Choice {
  readonly text: string;
  readonly take: () => void;
}

export interface Schedule {
  /** Lets everything run that waits for nothing outside. */
  readonly settle: () => Promise<void>;
  /** What may happen next; empty when the budgets and the controllers are done. */
  readonly choices: () => ReadonlyArray<Choice>;
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

const noBudgets: Budgets = { exits: 0, wakeUps: 0, crashes: 0, faults: 0, refusals: 0 };

export const beginSchedule = (scenario: Scenario): Schedule => {
  const world = createWorld(scenario);
  const create = scenario.create ?? createController;
  const left: { -readonly [K in keyof Budgets]: Budgets[K] } = { ...noBudgets, ...scenario.budgets };

  const controllers: Array<Controller> = [];
  const beginController = (index: number): void => {
    controllers[index] = create({ ...world.portsOf(`c${index}`), resyncEvery });
  };
  for (let i = 0; i < scenario.controllers; i++) beginController(i);

  /** What each person waits for: the life of the controller that they spoke to, or null. */
  const lives = controllers.map(() => 0);
  const waiting = scenario.people.map((): { readonly via: number; readonly goOn: () => void } | null => null);

  const speak = (person: number, next: number): void => {
    const { via, says } = scenario.people[person] ?? { via: 0, says: [] };
    const word = says[next];
    if (word === undefined) return;
    const actor: Actor = `p${person}`;
    const life = (): number => lives[via] ?? 0;
    void world.step(actor, `says ${nameOf(word)}`, ['ok'], () => {
      const said = life();
      waiting[person] = {
        via,
        goOn: () => {
          waiting[person] = null;
          speak(person, next + 1);
        },
      };
      const controller = controllers[via];
      if (controller === undefined) return;
      void world
        .asCommand(actor, () => say(world, controller, word))
        .then((answer) => {
          if (life() !== said) return; // answered by the dead
          world.learnt(actor, answer);
          waiting[person]?.goOn();
        });
    });
  };
  for (const person of scenario.people.keys()) speak(person, 0);

  const crash = (index: number): void => {
    left.crashes--;
    lives[index] = (lives[index] ?? 0) + 1;
    world.crash(`c${index}`);
    beginController(index);
    for (const [person, wait] of waiting.entries()) {
      if (wait?.via !== index) continue;
      world.learnt(`p${person}`, 'no answer');
      wait.goOn();
    }
  };

  const costOf = (outcome: Outcome): 'faults' | 'refusals' | null => {
    if (outcome === 'ok') return null;
    return outcome === 'refused' ? 'refusals' : 'faults';
  };

  const choices = (): ReadonlyArray<Choice> => {
    const all: Array<Choice> = [];
    for (const step of world.pending) {
      if (!step.isEnabled()) continue;
      for (const outcome of step.outcomes) {
        const cost = costOf(outcome);
        if (cost !== null && left[cost] === 0) continue;
        all.push({
          text: `${step.actor.padEnd(5)} ${step.label}${outcome === 'ok' ? '' : ` -> ${outcome}`}`,
          take: () => {
            if (cost !== null) left[cost]--;
            step.take(outcome);
          },
        });
      }
    }
    if (left.exits > 0 && world.canExit()) {
      const exit = (isNotified: boolean) => () => {
        left.exits--;
        if (!isNotified) left.faults--;
        world.exit(isNotified);
      };
      all.push({ text: 'world the run exits with code 1', take: exit(true) });
      if (left.faults > 0) all.push({ text: 'world the run exits with code 1, and nobody is told', take: exit(false) });
    }
    const wakeUp = world.nextWakeUp();
    if (left.wakeUps > 0 && wakeUp !== null) {
      all.push({
        text: `${wakeUp.actor.padEnd(5)} wakes up at ${wakeUp.at}`,
        take: () => {
          left.wakeUps--;
          world.fireNextWakeUp();
        },
      });
    }
    if (left.crashes > 0) {
      for (const index of controllers.keys()) {
        const isBusy = world.pending.some(({ actor }) => actor === `c${index}`);
        if (isBusy) all.push({ text: `c${index}    dies, and a new one begins`, take: () => crash(index) });
      }
    }
    return all;
  };

  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  const finish = async (tell: (text: string) => void): Promise<string | null> => {
    let quiet = 0;
    let before = '';
    while (quiet < quietWakeUps) {
      await settle();
      if (world.violation() !== null) return world.violation();
      const step = world.pending.find((pending) => pending.isEnabled());
      if (step !== undefined) {
        tell(`${step.actor.padEnd(5)} ${step.label}`);
        step.take(step.outcomes[0] ?? 'ok');
        continue;
      }
      const wakeUp = world.nextWakeUp();
      if (wakeUp === null) break;
      tell(`${wakeUp.actor.padEnd(5)} wakes up at ${wakeUp.at}`);
      const now = JSON.stringify([world.record(), world.isRunning()]);
      quiet = now === before ? quiet + 1 : 0;
      before = now;
      world.fireNextWakeUp();
    }
    return world.violation() ?? checkAtTheEnd(world);
  };

  const fingerprint = (): string => {
    const inHand = controllers.map((controller) => controller.activity());
    // A controller with no look in hand keeps nothing of the looks that it has had but what it armed.
    for (const [index, { active, queued }] of inHand.entries()) {
      const isListing = world.pending.some(({ actor, label }) => actor === `c${index}` && label === 'list');
      if (active === 0 && queued === 0 && !isListing) world.forget(`c${index}`);
    }
    return JSON.stringify([world.fingerprint(), inHand, waiting.map((wait) => wait === null)]);
  };

  return {
    settle,
    choices,
    key: () => `${fingerprint()}${JSON.stringify(left)}`,
    fingerprint,
    violation: world.violation,
    finish,
  };
};

const nameOf = (word: Word): string => (typeof word === 'string' ? word : 'update');

const say = async (world: World, controller: Controller, word: Word): Promise<string> => {
  world.says(word === 'start' ? 'start' : 'other');
  switch (word) {
    case 'stop': {
      const answer = await controller.manualStop(instanceId)();
      if (answer._tag === 'Right') world.acknowledgeStop();
      return answer._tag === 'Right' ? 'stopped' : answer.left._tag;
    }
    case 'delete': {
      const answer = await controller.requestDelete(instanceId)();
      if (answer._tag === 'Left') return answer.left._tag;
      world.acknowledgeStop();
      world.forgetInstance();
      return 'deleted';
    }
    case 'start': {
      const answer = await controller.manualStart(instanceId)();
      return answer._tag === 'Right' ? 'started' : answer.left._tag;
    }
    case 'reset':
      return (await controller.reset(instanceId)())._tag;
    default:
      return (await controller.updatePolicy(instanceId, word.update)())._tag;
  }
};

/** G9 and G4 when all is quiet: what a person stopped does not run, and what nobody stopped does. */
const checkAtTheEnd = (world: World): string | null => {
  const record = world.record();
  if (record === null || record.status.blockedReason === 'manual_stop') {
    return world.isRunning() ? 'G9: at the end the instance runs, although a person stopped it' : null;
  }
  const owed =
    record.policy.mode === 'always' && record.status.blockedReason === null && world.canRun() && !world.isRunning();
  return owed ? 'G4: at the end the instance does not run, although its policy is always and nobody stopped it' : null;
};
