/**
 * What the tests and their controllers, which are processes of their own, send to each other; and what both know of the
 * instances.
 */
import { join } from 'node:path';
import type { ControlGroupsUse } from '../../src/adapters/process.js';
import { type RestartPolicy, restartPolicy } from '../../src/policy.js';
import { daemon, forkBomb, headless, retitled } from '../crash/difficult.js';
import type { Answer } from '../crash/protocol.js';
import { right } from '../support/either.js';

// ---------------------------------------------------------------------------
// a controller
// ---------------------------------------------------------------------------

/** What a controller is begun with. */
export interface Setup {
  /** Of the controller: it names its leases, and stands in the mark of each run that it starts. */
  readonly number: number;
  /** Keeps tests that run at the same time apart. */
  readonly token: string;
  readonly database: { readonly port: number; readonly schema: string };
  /** What the instances are. */
  readonly instances: 'processes' | 'machines';
  /** Of the processes. */
  readonly controlGroups: ControlGroupsUse;
  /** A directory that holds all that is not in the database. */
  readonly place: string;
  /** Milliseconds, as those of the leases and of the controller. */
  readonly ttl: number;
  readonly resyncEvery: number;
}

/** Where a controller stops itself, as if by SIGSTOP from outside, when it comes there for that instance. */
export type Moment = 'attempt saved' | 'check passed' | 'stop recorded';

/** A person's. A creation is a policy, then a start. */
export type PersonCommand = 'create' | 'start' | 'stop';

export type Order =
  | { readonly command: PersonCommand; readonly ids: ReadonlyArray<string> }
  /** Answered when every instance was reconciled. */
  | { readonly command: 'reconcile' }
  | { readonly command: 'pause'; readonly at: Moment; readonly id: string };

/** By instance; of `reconcile` and `pause`, empty. */
export type Answers = Readonly<Record<string, Answer>>;

/** Where the hypervisor keeps its files. */
export const directoryIn = (place: string): string => join(place, 'runs');

/** Each run appends its mark to this file, as the first thing it does. */
export const runLogIn = (place: string): string => join(place, 'runs.txt');

/** How the rows of owners name a controller. */
export const ownerName = (number: number): string => `controller-${number}`;

// ---------------------------------------------------------------------------
// instances
// ---------------------------------------------------------------------------

/** An id begins with its kind. */
const kinds = {
  /** Runs until it is killed. */
  steady: { script: 'exec sleep 1000000', maxAttempts: 0 },
  /** Fails at once, and may do so three times. */
  failing: { script: 'exit 1', maxAttempts: 3 },
  /** As steady, and its stop lasts as long as the grace. */
  deaf: { script: 'trap "" TERM; exec sleep 1000000', maxAttempts: 0 },
  /** As steady, and they hide. */
  headless: { script: headless, maxAttempts: 0 },
  retitled: { script: retitled, maxAttempts: 0 },
  /** As steady, with a daemon; `bare`: the daemon has no environment, so only a control group tells whose it is. */
  daemon: { script: `${daemon({ clears: false })}; exec sleep 1000000`, maxAttempts: 0 },
  bare: { script: `${daemon({ clears: true })}; exec sleep 1000000`, maxAttempts: 0 },
  /** To be limited by whoever starts it. */
  bomb: { script: forkBomb(null), maxAttempts: 0 },
} as const;

const kindOf = (id: string) => {
  const [name = ''] = id.split('-');
  const found = Object.entries(kinds).find(([kind]) => kind === name);
  if (found === undefined) throw new Error(`no kind of instance: ${id}`);
  return found[1];
};

/** Body of a shell script. */
export const scriptOf = (id: string): string => kindOf(id).script;

export const policyOf = (id: string): RestartPolicy =>
  right(restartPolicy({ mode: 'always', backoff: '50ms', maxAttempts: kindOf(id).maxAttempts }));

/** From SIGTERM to SIGKILL, in milliseconds. */
export const graceMs = 500;
