/**
 * Docker Swarm: the restart policy of a service.
 */
import type { Millis } from '../duration.js';
import type { RestartPolicyInput } from '../policy.js';
import { asWritten } from '../words.js';
import { countIn, nanosIn, pathOf, refuseOthers, type Section, sectionAt, wordIn } from './section.js';
import { type Notes, type Peer, translatingToPolicy, withoutRestarts } from './translation.js';
import { noWait, tenYears } from './waits.js';

/** What is known of Swarm, and from where. */
export const swarm: Peer = {
  title: 'Docker Swarm',
  versions: 'TaskTemplate.RestartPolicy of a service in the Engine API; Swarm as it is since Docker 17.',
  sources: [
    {
      says: 'the fields and their defaults',
      url: 'https://docs.docker.com/reference/cli/docker/service/create/',
      read: '2026-11-27',
    },
    {
      says: 'what the limit and its window count, and from when a delay is counted',
      url: 'https://github.com/moby/swarmkit/blob/0072dffff4044cc37105d965c9d779b106d8f363/manager/orchestrator/restart/restart.go',
      read: '2026-11-27',
    },
    {
      says: 'scenarios with their times',
      url: 'https://github.com/moby/swarmkit/blob/1aa34db220d795fdeee6531199f812c4e80a2d5c/manager/orchestrator/replicated/restart_test.go',
      read: '2026-11-27',
    },
  ],
};

export const swarmConditions = ['', 'none', 'on-failure', 'any'] as const;

/** One thing that a service may ask for. */
export interface Asked<A> {
  /** undefined: it is not said. */
  readonly value: A | undefined;
  readonly at: string;
  /** As it is said; null: it is not. */
  readonly said: unknown;
}

export interface AskedOfSwarm {
  readonly condition: Asked<(typeof swarmConditions)[number]>;
  readonly delay: Asked<Millis>;
  readonly maxAttempts: Asked<number>;
  readonly window: Asked<Millis>;
}

/** A field of a section, which was read. */
export const askedIn = <A>(section: Section, key: string, value: A | undefined): Asked<A> => ({
  value,
  at: pathOf(section, key),
  said: section.fields.get(key) ?? null,
});

/**
 * Swarm's restart policy of a service: `{ Condition, Delay, MaxAttempts, Window }` as the Engine API has it
 * (TaskTemplate.RestartPolicy), with delay and window in nanoseconds. What a compose file says is for `fromCompose`. Never throws.
 *
 * @example
 * import { fromSwarm } from 'restart-policy/translate'
 *
 * const translated = fromSwarm({ Condition: 'on-failure', Delay: 5_000_000_000, MaxAttempts: 3, Window: 120_000_000_000 })
 * if (translated._tag === 'Left') throw new Error(translated.left[0].message)
 * assert.strictEqual(translated.right.policy.limitInterval, 120_000)
 *
 * @since 0.2.0
 */
export const fromSwarm = /* @__PURE__ */ translatingToPolicy('RestartPolicy', (given, notes) => {
  const section = sectionAt(given, '', notes);
  if (section === undefined) return undefined;
  refuseOthers(section, ['Condition', 'Delay', 'MaxAttempts', 'Window'], notes);
  return swarmPolicy(
    {
      condition: askedIn(section, 'Condition', wordIn(section, 'Condition', swarmConditions, notes)),
      delay: askedIn(section, 'Delay', nanosIn(section, 'Delay', notes)),
      maxAttempts: askedIn(section, 'MaxAttempts', countIn(section, 'MaxAttempts', notes)),
      window: askedIn(section, 'Window', nanosIn(section, 'Window', notes)),
    },
    notes,
  );
});

/** What Swarm does with it. */
export const swarmPolicy = (asked: AskedOfSwarm, notes: Notes): RestartPolicyInput => {
  const { condition } = asked;
  const [delay, maxAttempts] = [asked.delay.value ?? 5_000, asked.maxAttempts.value ?? 0];
  if (condition.value === 'none') {
    for (const { value, at, said } of [asked.delay, asked.maxAttempts, asked.window]) {
      if (value) notes.loss(at, said, withoutRestarts);
    }
    return { mode: 'never' };
  }
  notes.loss(
    condition.at,
    condition.said,
    'Swarm replaces a task that ended by a new one: a new container, on another node perhaps. Here the same instance is started again.',
  );
  notes.gain(
    condition.at,
    condition.said,
    "A person's stop holds: Swarm takes a container that was stopped by hand for one that ended, and replaces it.",
  );
  if (delay === 0) {
    notes.loss(
      asked.delay.at,
      asked.delay.said,
      `There is no pause there, and the shortest wait here is 1ms${maxAttempts > 0 ? '' : ', so a crash loop goes on as fast as starts do, here as there'}.`,
    );
  }
  return {
    mode: condition.value === 'on-failure' ? 'on_failure' : 'always',
    ...(delay === 0 ? noWait : { backoff: delay, backoffFrom: 'exit' }),
    ...limit(asked.window, delay, maxAttempts, notes),
  };
};

const limit = (
  { value: window = 0, at, said }: Asked<Millis>,
  delay: Millis,
  maxAttempts: number,
  notes: Notes,
): Pick<RestartPolicyInput, 'maxAttempts' | 'limitInterval' | 'stableAfter'> => {
  if (maxAttempts === 0) {
    if (window > 0) notes.loss(at, said, 'It has no effect: there are no attempts to count, here as there.');
    return {};
  }
  if (window === 0) return { maxAttempts, stableAfter: tenYears };
  if (maxAttempts > 100) {
    notes.loss(
      at,
      said,
      `A limit within an interval is 100 attempts at most. Here the ${maxAttempts} attempts are counted until a run lasts ${asWritten(window)}.`,
    );
    return { maxAttempts, stableAfter: window };
  }
  if (maxAttempts * delay >= window) {
    notes.loss(
      at,
      said,
      `The limit is never reached, here as there: ${maxAttempts} restarts with their delays take ${asWritten(maxAttempts * delay)} at least.`,
    );
  }
  // A run as long as the window leaves no attempt within it, so nothing is forgotten that still counts.
  return { maxAttempts, limitInterval: window, stableAfter: window };
};
