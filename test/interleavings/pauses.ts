/**
 * The interleavings of a person who pauses and resumes supervision, and of one who changes the policy while an attempt is
 * under way.
 */
import { initialStatus, stoppedByPerson } from '../../src/status.js';
import type { Happening } from '../../src/testing/explore.js';
import { policyOf } from '../support/fixtures.js';
import { everyClass, type Family, isStopped, policy, startIsAllowed, startIsDecided, when } from './scenarios.js';

const one = { policy, controllers: 1, classes: everyClass } as const;
const two = { ...one, controllers: 2 } as const;

const isPaused = ({ record }: Happening): boolean => record?.status.blockedReason === 'paused';

const isDown = ({ isRunning }: Happening): boolean => !isRunning;

/** A run that heeds a stop ends with 0: by its exit code alone it would be left down. */
const heeding = {
  policy: policyOf({ mode: 'on_failure', maxAttempts: 2 }),
  instance: 'unhealthy',
  stopExitCode: 0,
} as const;
const otherwise = policyOf({ ...heeding.policy, backoff: 20 });

/** Waits that grow, and that differ from instance to instance. */
const spread = policyOf({ maxAttempts: 3, maxBackoff: 40, jitter: 1 });

export const pauses: ReadonlyArray<Family> = [
  {
    ...one,
    name: 'a person pauses an instance that is about to be started',
    instance: 'ended',
    people: [{ via: 0, says: ['pause'] }],
    budgets: { wakeUps: 1, exits: 1 },
    more: { budgets: { wakeUps: 1, faults: 1, exits: 1 } },
    contains: [
      {
        name: 'a pause between the save of an attempt and its start',
        is: when(/^c0\/p0 +save 1 attempts, last at 1000, paused$/, startIsDecided),
        classes: everyClass,
      },
      {
        name: 'a start that finds the pause',
        is: when(startIsDecided, null, isPaused),
        classes: everyClass,
      },
      {
        name: 'a start that was past its check when the pause came, and lands',
        is: when(startIsAllowed, null, isPaused),
        classes: everyClass,
      },
      {
        name: 'an exit that is answered by nothing',
        is: when(/^world the run exits/, null, isPaused),
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    ...heeding,
    name: 'a person pauses an instance that is being restarted, and resumes it',
    people: [{ via: 0, says: ['pause', 'resume'] }],
    budgets: { wakeUps: 1 },
    more: { budgets: { wakeUps: 1, crashes: 1 } },
    contains: [
      {
        name: "a pause between a Restart's stop and its start",
        is: when(/^c0\/p0 +save 1 attempts, .*paused, health/, startIsDecided, isDown),
        classes: everyClass,
      },
      {
        name: "a Restart's stop that was past its check when the pause came, and lands",
        is: when(/^c0 +stop\(2\)$/, null, isPaused),
        classes: everyClass,
      },
      {
        name: "a Restart's stop that finds the pause",
        is: when(/^c0 +stop\(2\): load$/, null, isPaused),
        classes: everyClass,
      },
      {
        name: 'a resume of what was left down',
        is: when(/^c0\/p0 +save 1 attempts, .*next at/, null, isDown),
        classes: everyClass,
      },
    ],
  },
  {
    ...two,
    name: 'a person pauses an instance elsewhere while it is started, and resumes it',
    instance: 'ended',
    notifies: false,
    people: [{ via: 1, says: ['pause', 'resume'] }],
    budgets: {},
    more: { budgets: { crashes: 1 } },
    contains: [
      {
        name: 'a pause through one controller during a start of the other',
        is: when(/^c1\/p0 +save 1 attempts.*paused$/, /^c0 +start\(\d+\)$/),
        classes: everyClass,
      },
      {
        name: 'a resume while a start that was past its check before the pause is still to land',
        is: when(/^c1\/p0 +save 1 attempts/, /^c0 +start\(2\)$/, isPaused),
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    name: 'a person stops an instance while another pauses and resumes it',
    instance: 'running',
    people: [
      { via: 0, says: ['stop'] },
      { via: 0, says: ['pause', 'resume'] },
    ],
    budgets: {},
    more: { budgets: { exits: 1, refusals: 1 } },
    contains: [
      {
        name: 'a stop of what is paused',
        is: when(/^c0\/p0 +save manual_stop$/, null, isPaused),
        classes: everyClass,
      },
      {
        name: 'a pause of what a person has stopped',
        is: when(/^p1 +says pause$/, null, isStopped),
        classes: everyClass,
      },
      {
        name: 'a resume that a stop overtakes',
        is: when(/^c0\/p0 +save manual_stop$/, /^c0\/p1 +save nothing$/, isPaused),
        classes: everyClass,
      },
      {
        name: 'a resume of what a person has stopped',
        is: when(/^p1 +says resume$/, null, isStopped),
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    name: 'a stop is refused while another person pauses the instance',
    policy: { ...policy, maxAttempts: 1 },
    instance: 'running',
    people: [
      { via: 0, says: ['stop'] },
      { via: 0, says: ['pause'] },
    ],
    budgets: { refusals: 1 },
    more: { policy, budgets: { refusals: 1, exits: 1 } },
    contains: [
      {
        name: 'a pause that finds the marker of a stop that is refused',
        is: when(/^c0\/p1 +load$/, /^c0\/p0 +stop\(\d+\)$/, isStopped),
        classes: everyClass,
      },
      {
        name: 'a refused stop of what is paused',
        is: when(/^c0\/p0 +save paused$/, null, isStopped),
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    name: 'a person starts an instance while another pauses it',
    status: stoppedByPerson,
    instance: 'ended',
    people: [
      { via: 0, says: ['start'] },
      { via: 0, says: ['pause'] },
    ],
    budgets: { wakeUps: 1 },
    more: { budgets: { crashes: 1, faults: 1, exits: 1 } },
    contains: [
      {
        name: 'a start that a pause overtakes',
        is: when(/^c0\/p1 +save paused$/, startIsDecided),
        classes: everyClass,
      },
      {
        name: 'a start that is made all the same, under the revision of the pause',
        is: when(/^c0 +start\(3\)$/, null, isPaused),
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    name: 'a person starts an instance that is paused while another resumes it',
    status: { ...initialStatus, blockedReason: 'paused' },
    instance: 'ended',
    people: [
      { via: 0, says: ['start'] },
      { via: 0, says: ['resume'] },
    ],
    budgets: { refusals: 1 },
    more: { budgets: { crashes: 1, refusals: 1, exits: 1 } },
    contains: [
      {
        name: 'a pause that a start ends',
        is: when(/^c0 +save nothing$/, null, isPaused),
        classes: everyClass,
      },
      {
        name: 'a start that is refused, and puts the pause back',
        is: when(/^c0 +save paused$/),
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    name: 'a controller dies while a person pauses an instance, and resumes it',
    instance: 'running',
    people: [{ via: 0, says: ['pause', 'resume'] }],
    budgets: { crashes: 1, exits: 1 },
    more: { budgets: { crashes: 2, exits: 1, faults: 1 } },
    contains: [
      {
        name: 'it dies before the pause is written',
        is: when(/^c0 +dies/, /^c0\/p0 save paused/),
        classes: everyClass,
      },
      {
        name: 'it dies before the resume is written, and the next one leaves the instance alone',
        is: when(/^c0 +dies/, /^c0\/p0 save nothing/, isPaused),
        classes: everyClass,
      },
      {
        name: 'it dies with the pause in force',
        is: when(/^c0 +dies/, null, (happening) => isPaused(happening) && isDown(happening)),
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    name: 'a person pauses an instance that waits for a backoff of its own, and resumes it',
    policy: spread,
    status: { ...initialStatus, attempts: 1, lastAttemptAt: 995 },
    instance: 'ended',
    people: [{ via: 0, says: ['pause', 'resume'] }],
    budgets: { wakeUps: 2 },
    more: { budgets: { wakeUps: 2, crashes: 1 } },
    contains: [
      {
        name: 'a pause during the wait',
        is: when(
          /^c0\/p0 +save 1 attempts, last at 995, paused$/,
          null,
          ({ record }) => record?.status.nextAttemptAt !== null,
        ),
        classes: everyClass,
      },
      {
        name: 'the wake-up comes all the same, and nothing is started',
        is: when(/^c0 +wakes up/, null, isPaused),
        classes: everyClass,
      },
      {
        name: 'an attempt after the resume',
        is: when(/^c0 +start\(\d+\)$/, null, ({ record }) => (record?.revision ?? 0) > 3),
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    // No time passes, so that it comes to rest in the wait.
    name: 'an instance waits for a backoff of its own, which is resumed',
    policy: spread,
    status: { ...initialStatus, attempts: 1, lastAttemptAt: 995 },
    instance: 'ended',
    people: [{ via: 0, says: ['pause', 'resume'] }],
    budgets: {},
    more: { budgets: { crashes: 1, faults: 1 } },
    contains: [
      {
        name: 'a wait that a resume begins anew',
        is: when(/^c0 +save 1 attempts, last at 995, next at 1012$/, null, ({ record }) => record?.revision !== 1),
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    name: 'a person pauses an instance that has used up its attempts and cools down, and resumes it',
    policy: policyOf({ maxAttempts: 1, cooldown: 50 }),
    status: { ...initialStatus, attempts: 1, lastAttemptAt: 990 },
    instance: 'ended',
    people: [{ via: 0, says: ['pause', 'resume'] }],
    budgets: { wakeUps: 2 },
    more: { budgets: { wakeUps: 2, crashes: 1 } },
    contains: [
      {
        name: 'a pause during the cooldown',
        is: when(
          /^c0\/p0 +save 1 attempts, last at 990, paused$/,
          null,
          ({ record }) => record?.status.nextAttemptAt === 1_050,
        ),
        classes: everyClass,
      },
      {
        name: 'a cooldown that begins anew',
        is: when(
          /^c0 +save 1 attempts, last at 990, next at 1\d+, max_attempts_exceeded$/,
          null,
          ({ record }) => (record?.revision ?? 0) > 2,
        ),
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    name: 'a policy is updated while an instance that is paused is being restarted',
    ...heeding,
    people: [{ via: 0, says: ['pause', { update: otherwise }, 'resume'] }],
    budgets: {},
    more: { budgets: { crashes: 1 } },
    contains: [
      {
        name: 'an update that keeps the pause, and that what is down is ours',
        is: when(/^c0\/p0 +save 0 attempts, last at 1000, paused, health/, null, isDown),
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    ...heeding,
    name: 'a policy is updated while an instance is being restarted (D17)',
    people: [{ via: 0, says: [{ update: otherwise }] }],
    budgets: { wakeUps: 1 },
    more: { budgets: { wakeUps: 1, crashes: 1 } },
    contains: [
      {
        name: "an update between a Restart's stop and its start, which says so",
        is: when(/^c0\/p0 +save 0 attempts, last at 1000, health/, startIsDecided, isDown),
        classes: everyClass,
      },
      {
        name: "an update while a Restart's stop is past its check",
        is: when(/^c0\/p0 +save 0 attempts, last at 1000, health/, /^c0 +stop\(2\)$/),
        classes: everyClass,
      },
      {
        name: 'an update after the start, which has nothing to say',
        is: when(/^c0\/p0 +save nothing$/, null, ({ record, isRunning }) => record?.status.attempts === 1 && isRunning),
        classes: everyClass,
      },
      {
        name: 'an update that says so although the start lands before it',
        is: when(/^c0\/p0 +save 0 attempts, last at 1000, health/, null, ({ isRunning }) => isRunning),
        classes: everyClass,
      },
    ],
  },
  {
    ...one,
    ...heeding,
    name: 'a policy is updated after a controller died while it restarted an instance (D17)',
    people: [{ via: 0, says: [{ update: otherwise }] }],
    budgets: { crashes: 1 },
    more: { budgets: { crashes: 2, wakeUps: 1 } },
    contains: [
      {
        name: 'an update through a controller that knows nothing of the attempt',
        is: when(
          /^c0\/p0 +inspect$/,
          null,
          (happening) => isDown(happening) && !happening.waiting.some((step) => startIsDecided.test(step)),
        ),
        classes: everyClass,
      },
    ],
  },
  {
    ...two,
    ...heeding,
    name: 'a policy is updated elsewhere while an instance is being restarted (D17)',
    notifies: false,
    people: [{ via: 1, says: [{ update: otherwise }] }],
    budgets: {},
    more: { notifies: true, budgets: { crashes: 1 } },
    contains: [
      {
        name: "an update through one controller between a Restart's stop and its start, which is the other's",
        is: when(/^c1\/p0 +save 0 attempts, last at 1000, health/, /^c0 +start\(2\): load$/, isDown),
        classes: everyClass,
      },
      {
        name: 'an update whose record changes while the hypervisor is asked, and that begins anew',
        is: when(/^c1\/p0 +save 0 attempts/, null, ({ record }) => (record?.revision ?? 0) > 2),
        classes: everyClass,
      },
    ],
  },
];
