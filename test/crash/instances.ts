/**
 * What the hosts of the crash test supervise: a few programs that end in every way that a policy knows, with spans so
 * short that many attempts fit between two kills.
 */
import { type RestartPolicyInput, restartPolicy } from '../../src/index.js';
import type { RestartPolicy } from '../../src/policy.js';
import { right } from '../support/either.js';

export interface Instance {
  readonly id: string;
  readonly policy: RestartPolicy;
  /** Body of a shell script. */
  readonly script: string;
}

const policy = (input: RestartPolicyInput): RestartPolicy => right(restartPolicy(input));

export const instances: ReadonlyArray<Instance> = [
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
];

/** From SIGTERM to SIGKILL, in milliseconds. */
export const graceMs = 100;
