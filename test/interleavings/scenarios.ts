/**
 * The interleavings that a controller must survive: what happens in each scenario, and how to recognise that it does. A
 * scenario that no longer contains its interleavings proves nothing, and its test says so.
 */

import { type Exclusion, exclusions } from '../../src/ports/hypervisor.js';
import { initialStatus } from '../../src/status.js';
import type { Happening, Scenario } from '../../src/testing/explore.js';
import { policyOf } from '../support/fixtures.js';

/** A named moment. */
export interface Interleaving {
  readonly name: string;
  readonly is: (happening: Happening) => boolean;
  /** The classes of exclusion in which it can come about; in the others it must not. */
  readonly classes: ReadonlyArray<Exclusion>;
}

export interface Family extends Omit<Scenario, 'exclusion'> {
  readonly classes: ReadonlyArray<Exclusion>;
  readonly contains: ReadonlyArray<Interleaving>;
  /** What is different in the long run, where more may go wrong. */
  readonly more: Partial<Scenario>;
}

export const everyClass: ReadonlyArray<Exclusion> = exclusions;
const withoutSection: ReadonlyArray<Exclusion> = ['fenced', 'none'];

/** A few attempts in quick succession: an exploration passes through all of them. */
export const policy = policyOf({ maxAttempts: 2 });
const patient = policyOf({ ...policy, backoff: 20 });

const one = { policy, controllers: 1, classes: everyClass } as const;
const two = { policy, controllers: 2, classes: everyClass } as const;

export const isStopped = ({ record }: Happening): boolean => record?.status.blockedReason === 'manual_stop';

/** `text` happens while something else waits for `beside`. */
export const when =
  (text: RegExp, beside: RegExp | null = null, more: (happening: Happening) => boolean = () => true) =>
  (happening: Happening): boolean =>
    text.test(happening.text) &&
    (beside === null || happening.waiting.some((step) => beside.test(step))) &&
    more(happening);

// In a trace: c0 is what runs in the lane of controller 0 (its reconciles, and starts by people), c0/p0 a stop or
// another command of person 0, world what is still to come although nobody waits for it any more.
export const startIsDecided = /^c0 +start\(\d+\): load$/;
export const startIsAllowed = /^c0 +start\(\d+\)$/;

export const families: ReadonlyArray<Family> = [
  {
    ...one,
    name: 'a person stops an instance that is about to be started',
    instance: 'ended',
    people: [{ via: 0, says: ['stop'] }],
    budgets: { wakeUps: 1 },
    more: { budgets: { wakeUps: 2, crashes: 1, faults: 1, exits: 1 } },
    contains: [
      {
        name: 'a stop between the save of an attempt and its start',
        is: when(/^c0\/p0 +save manual_stop$/, startIsDecided),
        classes: everyClass,
      },
      {
        name: 'a stop during a start',
        is: when(/^c0\/p0 +save manual_stop$/, startIsAllowed),
        classes: everyClass,
      },
      {
        name: 'a stop that finds nothing while a start has passed its check',
        is: when(/^c0\/p0 +stop\(\d+\)$/, startIsAllowed, ({ isRunning }) => !isRunning),
        classes: withoutSection,
      },
    ],
  },
  {
    ...one,
    name: 'a controller dies while it starts an instance that a person stops',
    instance: 'ended',
    people: [{ via: 0, says: ['stop'] }],
    budgets: { crashes: 1 },
    more: { budgets: { crashes: 2, wakeUps: 1, faults: 1 } },
    contains: [
      {
        name: 'a crash after the spawn',
        is: when(/^c0 +dies/, /^c0 +load$/, ({ isRunning }) => isRunning),
        classes: everyClass,
      },
      {
        name: 'a crash between the committed attempt and its start',
        is: when(/^c0 +dies/, startIsDecided),
        classes: everyClass,
      },
      {
        name: 'a start that lands after the death of the controller that called for it, in spite of a stop',
        is: when(/^world start\(\d+\)$/, null, isStopped),
        classes: withoutSection,
      },
    ],
  },
  {
    ...one,
    name: 'a start spawns and reports failure while a person stops the instance',
    instance: 'ended',
    people: [{ via: 0, says: ['stop'] }],
    budgets: { faults: 1 },
    more: { budgets: { faults: 2, exits: 1, wakeUps: 1 } },
    contains: [
      {
        name: 'a start that spawns and reports failure',
        is: when(/^c0 +start\(\d+\) -> done, but fails$/),
        classes: everyClass,
      },
      {
        name: 'a start that was given up, and comes after the stop',
        is: when(/^world start\(\d+\)$/, null, isStopped),
        classes: withoutSection,
      },
    ],
  },
  {
    ...one,
    name: 'a server dies while a person stops a running instance',
    instance: 'running',
    people: [{ via: 0, says: ['stop'] }],
    budgets: { crashes: 1, exits: 1 },
    more: { budgets: { crashes: 2, faults: 1 } },
    contains: [
      {
        name: 'a server that dies between marker and stop',
        is: when(/^c0 +dies/, /^c0\/p0 +stop\(\d+\): load$/, isStopped),
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    name: 'a person starts an instance while another stops it',
    instance: 'running',
    people: [
      { via: 0, says: ['stop'] },
      { via: 0, says: ['start'] },
    ],
    budgets: {},
    more: { budgets: { exits: 1, faults: 1, crashes: 1 } },
    contains: [
      {
        name: 'a stop overtaken by a later start',
        is: when(/^c0 +save nothing$/, /^c0\/p0 +stop\(\d+\): load$/, isStopped),
        classes: everyClass,
      },
      {
        name: 'a start overtaken by a later stop',
        is: when(/^c0\/p0 +save manual_stop$/, startIsDecided, ({ record }) => record?.status === initialStatus),
        classes: everyClass,
      },
    ],
  },
  {
    ...two,
    name: 'a person stops and starts an unhealthy instance elsewhere while it is being restarted',
    policy: { ...policy, maxAttempts: 1 },
    instance: 'unhealthy',
    notifies: false,
    people: [{ via: 1, says: ['stop', 'start'] }],
    budgets: {},
    more: { notifies: true },
    contains: [
      {
        name: "a Restart's stop after a person's stop and start, not yet allowed",
        is: when(/^c1 +start\(\d+\)$/, /^c0 +stop\(2\): load$/, ({ record }) => record?.status === initialStatus),
        classes: everyClass,
      },
      {
        name: "a Restart's stop after a person's stop and start, allowed before",
        is: when(/^c0 +stop\(2\)$/, null, ({ record, isRunning }) => record?.status === initialStatus && isRunning),
        classes: withoutSection,
      },
    ],
  },
  {
    ...one,
    name: 'a stop is refused while a repair has seen its marker',
    instance: 'running',
    people: [{ via: 0, says: ['stop'] }],
    budgets: { refusals: 1, exits: 1 },
    more: { budgets: { refusals: 2, faults: 1, crashes: 1 } },
    contains: [
      {
        name: 'a refused stop beside a repair',
        is: when(/^c0\/p0 +stop\(\d+\) -> refused$/, /^c0 +stop\(\d+\)/),
        classes: everyClass,
      },
      {
        name: 'the status is put back while a repair is allowed',
        is: when(/^c0\/p0 +save nothing$/, /^c0 +stop\(\d+\)$/),
        classes: withoutSection,
      },
    ],
  },
  {
    ...one,
    // Where the second was refused, the tag that shields a run from repairs once shielded it from the first as well.
    name: 'two people stop an instance, and one of them is refused',
    policy: { ...policy, maxAttempts: 1 },
    instance: 'running',
    notifies: false,
    people: [
      { via: 0, says: ['stop'] },
      { via: 0, says: ['stop'] },
    ],
    budgets: { refusals: 1 },
    more: { policy, notifies: true },
    contains: [
      {
        name: 'two stops of which the first is refused',
        is: when(/^c0\/p(0 +stop\(2\)|1 +stop\(2\)) -> refused$/, /^c0\/p[01] +stop\(3\)/),
        classes: everyClass,
      },
      {
        name: 'two stops of which the second is refused',
        is: when(/^c0\/p(0 +stop\(3\)|1 +stop\(3\)) -> refused$/, /^c0\/p[01] +stop\(2\)/),
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    name: 'a person deletes an instance that is about to be started',
    instance: 'ended',
    people: [{ via: 0, says: ['delete'] }],
    budgets: { faults: 1 },
    more: { budgets: { faults: 2, crashes: 1 } },
    contains: [
      {
        name: 'delete with a late start',
        is: when(/^c0\/p0 +remove$/, startIsDecided),
        classes: ['section', 'fenced'],
      },
      {
        name: 'delete with a start that has passed its check',
        is: when(/^c0\/p0 +remove$/, startIsAllowed),
        classes: ['fenced'],
      },
      {
        name: 'a start that comes after the deletion',
        is: when(/^(c0 {3}|world) start\(\d+\)$/, null, ({ record }) => record === null),
        classes: ['fenced'],
      },
      {
        name: 'a start that comes although a tombstone stands',
        is: when(/^(c0 {3}|world) start\(\d+\)$/, null, isStopped),
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    name: 'a person deletes an instance and creates another of that name',
    instance: 'ended',
    people: [{ via: 0, says: ['delete', { update: patient }, { update: policy }, 'start'] }],
    budgets: {},
    more: { budgets: { faults: 1, crashes: 1 } },
    contains: [
      {
        name: 'delete and create again, with a start of the former life still to come',
        is: when(/^c0\/p0 +save nothing$/, /^c0 +start\(\d+\)/, ({ record }) => record === null),
        classes: ['section', 'fenced'],
      },
    ],
  },
  {
    ...one,
    name: 'a person starts an instance while another deletes it',
    instance: 'running',
    people: [
      { via: 0, says: ['delete'] },
      { via: 0, says: ['start'] },
    ],
    budgets: {},
    more: { budgets: { exits: 1, crashes: 1 } },
    contains: [
      {
        name: 'a delete overtaken by a start before it removes the record',
        is: when(/^c0 +save nothing$/, /^c0\/p0 +remove$/),
        classes: ['section', 'fenced'],
      },
      {
        name: 'a start overtaken by a delete',
        is: when(/^c0\/p0 +remove$/, startIsDecided, isStopped),
        classes: ['section', 'fenced'],
      },
    ],
  },
  {
    ...two,
    name: 'two controllers start an instance that a person stops',
    instance: 'ended',
    people: [{ via: 1, says: ['stop'] }],
    budgets: {},
    more: { budgets: { wakeUps: 1, crashes: 1 } },
    contains: [
      {
        name: 'two controllers on one store make the same attempt',
        is: when(/^c1 +save 1 attempts, last at 1000$/, startIsDecided, ({ record }) => record?.revision === 2),
        classes: everyClass,
      },
      {
        name: 'a stop through one controller during a start of the other',
        is: when(/^c1\/p0 +save manual_stop$/, startIsAllowed),
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    name: 'a policy is updated, and the instance stopped, while it waits for the backoff',
    status: { ...initialStatus, attempts: 1, lastAttemptAt: 995, nextAttemptAt: 1_005 },
    instance: 'ended',
    people: [
      { via: 0, says: [{ update: patient }] },
      { via: 0, says: ['stop'] },
    ],
    budgets: {},
    more: { budgets: { wakeUps: 2, crashes: 1 } },
    contains: [
      {
        name: 'a policy update during a wait',
        is: when(/^c0\/p0 +save nothing$/, null, ({ record }) => record?.status.nextAttemptAt === 1_005),
        classes: everyClass,
      },
      {
        name: 'a policy update beside a stop',
        is: when(/^c0\/p0 +save nothing$/, /^c0\/p1 +save manual_stop$/),
        classes: everyClass,
      },
      {
        name: 'a policy update after a stop, which stays',
        is: when(/^c0\/p0 +save manual_stop$/, null, isStopped),
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    name: 'a person stops an instance that has no record while another gives it a policy',
    status: null,
    instance: 'running',
    people: [
      { via: 0, says: ['stop'] },
      { via: 0, says: [{ update: patient }] },
    ],
    budgets: {},
    more: { budgets: { exits: 1, refusals: 1, crashes: 1 } },
    contains: [
      {
        name: 'a stop of an instance without a record, which gets one',
        is: when(/^c0\/p0 +save manual_stop$/, null, ({ record }) => record === null),
        classes: everyClass,
      },
      {
        name: 'a policy that comes after the stop',
        is: when(/^c0\/p1 +save manual_stop$/, null, isStopped),
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    name: 'an instance is restored from a snapshot while a person stops it',
    status: { ...initialStatus, attempts: 1, lastAttemptAt: 995, nextAttemptAt: 1_005 },
    instance: 'ended',
    people: [
      { via: 0, says: ['stop'] },
      { via: 0, says: ['reset'] },
    ],
    budgets: {},
    more: { budgets: { wakeUps: 1, crashes: 1 } },
    contains: [
      {
        name: 'a stop overtaken by a reset',
        is: when(/^c0\/p1 +save nothing$/, /^c0\/p0 +stop\(\d+\)/, isStopped),
        classes: everyClass,
      },
    ],
  },
];

export const scenarioOf = (
  { classes: _, contains: __, more: ___, ...family }: Family,
  exclusion: Exclusion,
): Scenario => ({
  ...family,
  exclusion,
});
