/**
 * The vectors in vectors/conformance: decisions of ours, for whoever ports or embeds the decision. Its README says how to
 * read them. They are made from scenes (scenes.ts) and from lives that a seed draws (drawn.ts); nothing in them is written by
 * hand, and `REWRITE=1 npx vitest run test/conformance` makes them anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { RestartPolicyCodec, RestartStatusCodec } from '../../src/codec.js';
import { decide, nextWakeAt } from '../../src/decide.js';
import type { RestartEvent } from '../../src/event.js';
import type { RestartPolicy } from '../../src/policy.js';
import { saltOf } from '../../src/salt.js';
import { initialStatus, type RestartStatus, type Timestamp } from '../../src/status.js';
import * as time from '../../src/time.js';
import { longestWait, waitAfterAttempt, waitAfterExit } from '../../src/waits.js';
import { drawLives } from './drawn.js';
import { scenes } from './scenes.js';
import type { Story } from './story.js';

/** A whole millisecond is not rounded. */
const formatTime = (at: Timestamp): string => time.formatTime(at, 'down');

const files = ['traces.json', 'waits.json', 'salts.json'] as const;
export type VectorFile = (typeof files)[number];

const place = (file: string): URL => new URL(`../../vectors/conformance/${file}`, import.meta.url);

export const readVectors = (file: VectorFile): string => readFileSync(place(file), 'utf8');

export const writeVectors = (): void => {
  for (const file of files) writeFileSync(place(file), makeVectors(file));
};

/** The text of a file as it should be: a JSON array with a line for each vector. */
export const makeVectors = (file: VectorFile): string => {
  const vectors = makers[file]().map((vector) => JSON.stringify(vector));
  return `[\n${vectors.join(',\n')}\n]\n`;
};

// ---------------------------------------------------------------------------
// traces
// ---------------------------------------------------------------------------

const traceOf = ({ id, questions }: Story): unknown => {
  let status: RestartStatus = initialStatus;
  let policy = questions[0]?.policy;
  const steps = questions.map(({ policy: next, event, now }) => {
    const changed = next === policy ? {} : { policy: RestartPolicyCodec.encode(next) };
    policy = next;
    const decision = decide(next, status, event, now);
    status = decision.status;
    const { actions, reason } = decision;
    const expect = {
      actions,
      status: RestartStatusCodec.encode(status),
      reason,
      ...wakeUpOf(next, status, event, actions),
    };
    return { now: formatTime(now), event: eventTo(event), ...changed, expect };
  });
  return { id, policy: questions[0] && RestartPolicyCodec.encode(questions[0].policy), steps };
};

/** Asked where it has a meaning: of an observation that led to no action. */
const wakeUpOf = (
  policy: RestartPolicy,
  status: RestartStatus,
  event: RestartEvent,
  actions: ReadonlyArray<unknown>,
): { readonly next_wake_at?: string | null } => {
  if (event._tag !== 'Observed' || actions.length > 0) return {};
  const wakeAt = nextWakeAt(policy, status, event.instance);
  return { next_wake_at: wakeAt === null ? null : formatTime(wakeAt) };
};

const eventTo = (event: RestartEvent): unknown => {
  if (event._tag !== 'Observed') return event;
  const { startedAt, stoppedAt, ...others } = event.instance;
  const timeTo = (at: Timestamp | null) => (at === null ? null : formatTime(at));
  return { _tag: event._tag, instance: { ...others, startedAt: timeTo(startedAt), stoppedAt: timeTo(stoppedAt) } };
};

// ---------------------------------------------------------------------------
// waits and salts
// ---------------------------------------------------------------------------

const growths: ReadonlyArray<Partial<RestartPolicy>> = [
  {},
  { maxBackoff: 60_000 },
  { maxBackoff: 60_000, backoffFactor: 1.1 },
  { maxBackoff: 7_250.5, backoffFactor: 1.5 },
  { maxBackoff: 9_000_000_000_000, backoffFactor: 100 },
  { jitter: 1 },
  { jitter: 0.1 },
  { maxBackoff: 60_000, jitter: 0.5 },
  { maxBackoff: 60_000, backoffFactor: 1.3, jitter: 0.25, backoffFrom: 'exit' },
];

const waitVectors = (): ReadonlyArray<unknown> =>
  growths.flatMap((growth) =>
    [1_000, 0.5].flatMap((backoff) => {
      const policy: RestartPolicy = { mode: 'always', backoff, maxAttempts: 0, stableAfter: 600_000, ...growth };
      return (growth.jitter === undefined ? [0] : [0, 7, saltOf('web-1')]).flatMap((salt) =>
        [0, 1, 2, 3, 7, Number.MAX_SAFE_INTEGER].map((attempts) => ({
          policy: RestartPolicyCodec.encode(policy),
          salt,
          attempts,
          after_attempt_ms: waitAfterAttempt(policy, attempts, salt),
          after_exit_ms: waitAfterExit(policy, attempts, salt),
          longest_ms: longestWait(policy, attempts),
        })),
      );
    }),
  );

const ids = [
  '',
  'a',
  'ab',
  'abc',
  'abcd',
  'hello',
  'web-1',
  'web-2',
  'x'.repeat(300),
  'ü',
  '€',
  '😀',
  'a\ufffdb',
  '\u0000',
];

const makers: Readonly<Record<VectorFile, () => ReadonlyArray<unknown>>> = {
  'traces.json': () => [...scenes(), ...drawLives()].map(traceOf),
  'waits.json': waitVectors,
  'salts.json': () => ids.map((id) => ({ id, salt: saltOf(id) })),
};
