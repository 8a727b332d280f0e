/**
 * The interleavings in which a port does not answer: a call outlasts its deadline, its caller goes on, and what was asked
 * for takes effect at any later moment, or ends without, or never ends.
 */
import { initialStatus } from '../../src/status.js';
import { everyClass, type Family, isStopped, policy, when } from './scenarios.js';

const once = { ...policy, maxAttempts: 1 } as const;
const one = { policy: once, controllers: 1, classes: everyClass, notifies: false } as const;
const manuallyStopped = { ...initialStatus, blockedReason: 'manual_stop' } as const;
const withoutSection = ['fenced', 'none'] as const;

export const deadlines: ReadonlyArray<Family> = [
  {
    ...one,
    name: 'a call outlasts its deadline while a person stops a running instance',
    instance: 'running',
    people: [{ via: 0, says: ['stop'] }],
    budgets: { deadlines: 1 },
    more: { notifies: true, budgets: { deadlines: 2 } },
    contains: [
      {
        name: 'a stop that has no answer ends the run later',
        is: when(/^c0\/late stop\(\d+\)$/, null, ({ isRunning }) => isRunning),
        classes: everyClass,
      },
      {
        name: 'a stop that has no answer never ends',
        is: when(/^c0\/late stop\(\d+\) -> lost$/),
        classes: everyClass,
      },
      {
        name: "a person's stop is recorded after they were told that nobody knows",
        is: when(/^c0\/late save manual_stop$/),
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    name: 'a call outlasts its deadline while an instance that ended is started, and a person stops it',
    instance: 'ended',
    people: [{ via: 0, says: ['stop'] }],
    budgets: { deadlines: 1 },
    more: { policy, notifies: true, budgets: { deadlines: 1, exits: 1, wakeUps: 1 } },
    contains: [
      {
        name: 'a start that has no answer spawns after the stop was recorded',
        is: when(/^c0\/late start\(\d+\)$/, null, isStopped),
        classes: everyClass,
      },
      {
        name: 'an attempt that has no answer is recorded later',
        is: when(/^c0\/late save 1 attempts/),
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    name: 'a call outlasts its deadline while a person starts a stopped instance',
    status: manuallyStopped,
    instance: 'ended',
    people: [{ via: 0, says: ['start'] }],
    budgets: { deadlines: 1 },
    more: { policy, notifies: true, budgets: { deadlines: 2 } },
    contains: [
      {
        name: 'a start that has no answer spawns beside an attempt of the policy',
        is: when(/^c0\/late start\(\d+\)$/, /^c0 +start/),
        classes: withoutSection,
      },
    ],
  },
  {
    ...one,
    name: 'a call outlasts its deadline while a person starts an instance that is about to be started',
    instance: 'ended',
    people: [{ via: 0, says: ['start'] }],
    budgets: { deadlines: 1 },
    more: { policy, notifies: true, budgets: { deadlines: 1, exits: 1 } },
    contains: [
      {
        name: "a person's start is recorded beside an attempt that has no answer",
        is: when(/^c0 +save nothing$/, /^c0\/late start\(\d+\)$/),
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    name: 'a call outlasts its deadline while a person deletes a running instance',
    instance: 'running',
    people: [{ via: 0, says: ['delete'] }],
    budgets: { deadlines: 1 },
    more: { notifies: true, budgets: { deadlines: 2 } },
    contains: [
      {
        name: 'the record is removed later',
        is: when(/^c0\/late remove$/),
        classes: ['section', 'fenced'],
      },
    ],
  },
  {
    ...one,
    // Notified, they must come to rest by themselves: whatever answers late leads to a look.
    name: 'an instance ends twice, and a call outlasts its deadline',
    policy,
    notifies: true,
    instance: 'ended',
    people: [],
    budgets: { deadlines: 1, exits: 1, wakeUps: 1 },
    more: { budgets: { deadlines: 2, exits: 1, wakeUps: 1 } },
    contains: [],
  },
  {
    ...one,
    name: 'a controller dies while a call has no answer',
    instance: 'ended',
    people: [],
    budgets: { deadlines: 1, crashes: 1 },
    more: { people: [{ via: 0, says: ['stop'] }] },
    contains: [],
  },
  {
    ...one,
    controllers: 2,
    name: 'a call of one of two controllers outlasts its deadline while both look at an instance that a person stops',
    instance: 'running',
    people: [{ via: 1, says: ['stop'] }],
    budgets: { deadlines: 1 },
    more: { instance: 'ended' },
    contains: [],
  },
  {
    ...one,
    name: 'two people stop and start an instance, and a call outlasts its deadline',
    instance: 'running',
    people: [
      { via: 0, says: ['stop'] },
      { via: 0, says: ['start'] },
    ],
    budgets: { deadlines: 1 },
    more: { notifies: true, budgets: { deadlines: 1, exits: 1 } },
    contains: [],
  },
  {
    ...one,
    name: 'a stop is refused, and a call outlasts its deadline',
    instance: 'running',
    people: [{ via: 0, says: ['stop'] }],
    budgets: { deadlines: 1, refusals: 1 },
    more: { notifies: true, budgets: { deadlines: 2, refusals: 1 } },
    contains: [
      {
        name: 'a stop is refused after its deadline',
        is: when(/^c0\/late stop\(\d+\) -> refused$/),
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    name: 'a start is refused, and a call outlasts its deadline',
    status: manuallyStopped,
    instance: 'ended',
    people: [{ via: 0, says: ['start'] }],
    budgets: { deadlines: 1, refusals: 1 },
    more: { notifies: true, budgets: { deadlines: 2, refusals: 1 } },
    contains: [],
  },
  {
    ...one,
    name: 'an unhealthy instance is restarted, and a call outlasts its deadline',
    policy,
    notifies: true,
    instance: 'unhealthy',
    people: [],
    budgets: { deadlines: 1, wakeUps: 1 },
    more: { people: [{ via: 0, says: ['stop'] }], budgets: { deadlines: 1, wakeUps: 1 } },
    contains: [],
  },
  {
    ...one,
    classes: ['section'],
    heeds: false,
    name: 'a call outlasts its deadline, and goes on waiting for the section all the same',
    instance: 'ended',
    people: [{ via: 0, says: ['stop'] }],
    budgets: { deadlines: 1 },
    more: { budgets: { deadlines: 2 } },
    contains: [],
  },
  {
    ...one,
    name: 'a controller is closed while a person stops an instance that is about to be started',
    instance: 'ended',
    people: [{ via: 0, says: ['stop'] }],
    budgets: { closes: 1 },
    more: { notifies: true, budgets: { closes: 2 } },
    contains: [],
  },
  {
    ...one,
    classes: ['section'],
    heeds: false,
    name: 'a controller is closed, and a stop goes on waiting for the section all the same',
    instance: 'ended',
    people: [{ via: 0, says: ['stop'] }],
    budgets: { closes: 1 },
    more: { budgets: { closes: 2 } },
    contains: [
      {
        name: 'a stop enters the section when its controller has closed',
        is: when(/^c0\/left stop\(\d+\): enters the section$/),
        classes: ['section'],
      },
    ],
  },
  {
    ...one,
    name: 'a controller is closed while a person starts an instance, and it is refused',
    status: manuallyStopped,
    instance: 'ended',
    people: [{ via: 0, says: ['start'] }],
    budgets: { closes: 1, refusals: 1 },
    more: { notifies: true, budgets: { closes: 2, refusals: 1 } },
    contains: [],
  },
];
