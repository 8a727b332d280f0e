/**
 * What the hosts of the crash test supervise: a few programs that end in every way that a policy knows, with spans so
 * short that many attempts fit between two kills; and those that are hard to find and to end.
 */
import { type RestartPolicyInput, restartPolicy } from '../../src/index.js';
import type { RestartPolicy } from '../../src/policy.js';
import { canLimitProcesses } from '../linux/pids-limit.js';
import { right } from '../support/either.js';
import { daemon, forkBomb, headless, retitled } from './difficult.js';

export interface Instance {
  readonly id: string;
  readonly policy: RestartPolicy;
  /** Body of a shell script. */
  readonly script: string | ((given: Given) => string);
}

/** What a script depends on. */
export interface Given {
  /** Whether a run is a control group. */
  readonly isGrouped: boolean;
  /** The control group that limits how many processes there are. */
  readonly limit: string;
}

const policy = (input: RestartPolicyInput): RestartPolicy => right(restartPolicy(input));

const everywhere: ReadonlyArray<Instance> = [
  { id: 'quick', policy: policy({ mode: 'always', backoff: 50 }), script: 'exit 1' },
  { id: 'slow', policy: policy({ mode: 'on_failure', backoff: 100 }), script: 'sleep 0.15; exit 1' },
  { id: 'steady', policy: policy({ mode: 'always', backoff: 200 }), script: 'sleep 1000' },
  {
    id: 'limited',
    policy: policy({ mode: 'always', backoff: 50, maxAttempts: 3 }),
    script: 'sleep 0.03; exit 1',
  },
  {
    id: 'stable',
    policy: policy({ mode: 'always', backoff: 80, maxAttempts: 2, stableAfter: 200 }),
    script: 'sleep 0.3; exit 1',
  },
  // Its stops last as long as the grace, so that kills find them half done.
  { id: 'deaf', policy: policy({ mode: 'always', backoff: 150 }), script: 'trap "" TERM; sleep 1000' },

  // Those that hide.
  { id: 'headless', policy: policy({ mode: 'always', backoff: 200 }), script: headless },
  { id: 'retitled', policy: policy({ mode: 'always', backoff: 200 }), script: retitled },
  {
    id: 'daemon',
    policy: policy({ mode: 'always', backoff: 150 }),
    // Without a control group nothing but its environment tells whose a daemon is.
    script: ({ isGrouped }) => `${daemon({ clears: isGrouped })}; sleep 0.3; exit 1`,
  },
];

const bomb: Instance = {
  id: 'bomb',
  policy: policy({ mode: 'always', backoff: 200 }),
  script: ({ limit }) => forkBomb(limit),
};

/** How many processes of it there are at a time. */
export const bombLimit = 12;

/** Without a limit a fork bomb would end the machine, and not the test. */
export const hasBomb = canLimitProcesses();

export const instances: ReadonlyArray<Instance> = hasBomb ? [...everywhere, bomb] : everywhere;

export const scriptOf = (id: string, given: Given): string | null => {
  const script = instances.find((instance) => instance.id === id)?.script ?? null;
  return typeof script === 'function' ? script(given) : script;
};

/** From SIGTERM to SIGKILL, in milliseconds. */
export const graceMs = 100;
