/**
 * G8: the store is the only memory. A controller that dies between any two effects is followed by a new one that knows
 * nothing but the store: G1 to G4 hold all the same, no attempt is made that is not counted, none is made twice, and
 * what is to run runs in the end.
 *
 * PROVE=1 lets two controllers die in a row, and calls fail as well.
 */
import { initialStatus } from '../src/status.js';
import type { Happening } from '../src/testing/explore.js';
import { everyClass, type Family } from './interleavings/scenarios.js';
import { testEvery } from './interleavings/survey.js';

const policy = Object.freeze({ mode: 'always', backoff: 10, maxAttempts: 2, stableAfter: 100 } as const);

/** The controller dies while it waits for a step: after the effect before, and before this one. */
const diesBefore = (step: RegExp) => ({
  name: `it dies before ${step.source}`,
  is: ({ text, waiting }: Happening): boolean => /^c0 +dies/.test(text) && waiting.some((other) => step.test(other)),
  classes: everyClass,
});

const one = { policy, controllers: 1, classes: everyClass } as const;

const families: ReadonlyArray<Family> = [
  {
    ...one,
    name: 'a controller dies while it keeps an instance running',
    instance: 'ended',
    people: [],
    budgets: { crashes: 2, exits: 1, wakeUps: 1 },
    more: { budgets: { crashes: 3, exits: 2, wakeUps: 2, faults: 1 } },
    contains: [
      diesBefore(/^c0\/list list/),
      diesBefore(/^c0 +load/),
      diesBefore(/^c0 +inspect/),
      diesBefore(/^c0 +save 1 attempts/),
      diesBefore(/^c0 +start\(\d+\): load/),
      diesBefore(/^c0 +start\(\d+\)$/),
      diesBefore(/^c0 +save 1 attempts, last at 1000, next at 1010/),
      diesBefore(/^c0 +save 2 attempts/),
    ],
  },
  {
    ...one,
    name: 'a controller dies while an instance waits for the backoff',
    status: { ...initialStatus, attempts: 1, lastAttemptAt: 995, nextAttemptAt: 1_005 },
    instance: 'ended',
    people: [],
    budgets: { crashes: 2, wakeUps: 2 },
    more: { budgets: { crashes: 2, wakeUps: 3, faults: 1 } },
    contains: [
      {
        name: 'it dies, and with it the wake-up that it armed',
        is: ({ text, waiting, record }) => /^c0 +dies/.test(text) && waiting.length === 0 && record?.revision === 1,
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    name: 'a controller dies while a start fails, and while that is charged',
    policy: { ...policy, maxAttempts: 1 },
    instance: 'ended',
    people: [],
    budgets: { crashes: 2, faults: 1 },
    more: { budgets: { crashes: 2, faults: 2, wakeUps: 2 } },
    contains: [diesBefore(/^c0 +save 1 attempts, last at 1000, max_attempts_exceeded/)],
  },
  {
    ...one,
    name: 'a controller dies while it restarts an unhealthy instance',
    instance: 'unhealthy',
    people: [],
    budgets: { crashes: 2, wakeUps: 1 },
    more: { budgets: { crashes: 2, wakeUps: 1, illnesses: 1, faults: 1 } },
    contains: [diesBefore(/^c0 +stop\(2\)$/), diesBefore(/^c0 +start\(2\)$/)],
  },
  {
    ...one,
    name: 'a controller dies while a person starts an instance',
    status: { ...initialStatus, blockedReason: 'manual_stop' },
    instance: 'ended',
    people: [{ via: 0, says: ['start'] }],
    budgets: { crashes: 1 },
    more: { budgets: { crashes: 2, faults: 1, refusals: 1 } },
    contains: [diesBefore(/^c0 +save nothing/), diesBefore(/^c0 +start\(2\)$/)],
  },
  {
    ...one,
    name: 'a controller dies while a person stops an instance',
    instance: 'running',
    people: [{ via: 0, says: ['stop'] }],
    budgets: { crashes: 1, refusals: 1 },
    more: { budgets: { crashes: 2, refusals: 1, exits: 1 } },
    contains: [
      diesBefore(/^c0\/p0 save manual_stop/),
      diesBefore(/^c0\/p0 stop\(2\)$/),
      diesBefore(/^c0\/p0 save nothing/),
      diesBefore(/^c0 +stop\(2\)/),
    ],
  },
  {
    ...one,
    name: 'a controller dies while a person deletes an instance',
    instance: 'running',
    people: [{ via: 0, says: ['delete'] }],
    budgets: { crashes: 1 },
    more: { budgets: { crashes: 2, faults: 1 } },
    contains: [{ ...diesBefore(/^c0\/p0 remove/), classes: ['section', 'fenced'] }],
  },
  {
    ...one,
    name: 'one of two controllers dies while both start an instance',
    controllers: 2,
    notifies: false,
    instance: 'ended',
    people: [],
    budgets: { crashes: 1 },
    more: { notifies: true, budgets: { crashes: 1, exits: 1 } },
    contains: [diesBefore(/^c0 +start\(2\)$/)],
  },
];

testEvery('G8', families);
