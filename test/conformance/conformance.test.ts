/**
 * The vectors in vectors/conformance are what is decided, and are replayed as whoever ports the decision replays them.
 *
 * `REWRITE=1 npx vitest run test/conformance` makes them anew. Then a person has to read the difference: vectors that were
 * rewritten agree with the decision, right or wrong.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeRestartPolicy, RestartStatusCodec, type RestartStatusWire } from '../../src/codec.js';
import {
  initialStatus,
  type RestartPolicy,
  type RestartReason,
  type RestartStatus,
  restartReasons,
} from '../../src/index.js';
import { saltOf } from '../../src/salt.js';
import { longestWait, waitAfterAttempt, waitAfterExit } from '../../src/waits.js';
import { right } from '../support/either.js';
import { decide, nextWakeAt } from '../support/subject.js';
import { eventOf, type Trace } from '../support/traces.js';
import { makeVectors, readVectors, writeVectors } from './vectors.js';

type Expected = Trace['steps'][number]['expect'] & {
  readonly status: RestartStatusWire;
  readonly reason: RestartReason;
  readonly next_wake_at?: string | null;
};

const isRewriting = (process.env['REWRITE'] ?? '') !== '' && process.env['CI'] === undefined;

beforeAll(() => {
  if (isRewriting) writeVectors();
});

afterAll(() => {
  if (isRewriting) {
    console.warn('REWRITTEN: vectors/conformance now says what is decided, right or wrong. Read the difference first.');
  }
});

const read = <A>(file: Parameters<typeof readVectors>[0]): ReadonlyArray<A> => JSON.parse(readVectors(file));

describe('the vectors of this library', () => {
  test.each(['traces.json', 'waits.json', 'salts.json'] as const)('%s is what would be written anew', (file) => {
    // Compared line by line, so that what differs is seen.
    expect(readVectors(file).split('\n'), 'REWRITE=1 writes it anew').toEqual(makeVectors(file).split('\n'));
  });

  test('are small enough to be shipped', () => {
    const size = (['traces.json', 'waits.json', 'salts.json'] as const).map((file) => readVectors(file).length);
    expect(size.reduce((a, b) => a + b)).toBeLessThan(600_000);
  });

  test('hold several hundred traces, in which every reason and every field comes up', () => {
    const traces = read<Trace>('traces.json');
    expect(traces.length).toBeGreaterThan(250);
    expect(new Set(traces.map(({ id }) => id)).size).toBe(traces.length);
    const steps = traces.flatMap((trace) => trace.steps);
    const reasons = new Map<string, number>();
    for (const step of steps) {
      const { reason } = step.expect as Expected;
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    expect(restartReasons.filter((reason) => (reasons.get(reason) ?? 0) < 10)).toEqual([]);
    const text = readVectors('traces.json');
    const fields = [
      ...[
        'max_backoff',
        'backoff_factor',
        'backoff_from',
        'jitter',
        'limit_interval',
        'cooldown',
        'start_timeout',
        'rules',
      ],
      ...['recent_attempts', 'cause', 'salt', 'attemptUnderWay'],
    ];
    for (const field of fields) expect(text.split(`"${field}":`).length, field).toBeGreaterThan(20);
  });

  test('replay to the same decisions, from the text alone', () => {
    for (const { id, policy: first, steps } of read<Trace>('traces.json')) {
      let policy: RestartPolicy = right(decodeRestartPolicy(first));
      let status: RestartStatus = initialStatus;
      for (const [index, step] of steps.entries()) {
        const where = `${id}, step ${index}`;
        if (step.policy !== undefined) policy = right(decodeRestartPolicy(step.policy));
        const event = eventOf(step.event);
        const decision = decide(policy, status, event, Date.parse(step.now));
        const { actions, status: wanted, reason, next_wake_at } = step.expect as Expected;
        expect(decision.actions, where).toEqual(actions);
        expect(RestartStatusCodec.encode(decision.status), where).toEqual(wanted);
        expect(decision.reason, where).toBe(reason);
        const isAsked = event._tag === 'Observed' && actions.length === 0;
        expect(next_wake_at !== undefined, where).toBe(isAsked);
        if (isAsked && next_wake_at !== undefined) {
          const wakeAt = nextWakeAt(policy, decision.status, event.instance);
          expect(wakeAt, where).toBe(next_wake_at === null ? null : Date.parse(next_wake_at));
        }
        status = decision.status;
      }
    }
  });

  test('say how long each wait is', () => {
    interface WaitVector {
      readonly policy: unknown;
      readonly salt: number;
      readonly attempts: number;
      readonly after_attempt_ms: number;
      readonly after_exit_ms: number;
      readonly longest_ms: number;
    }
    for (const { policy: wire, salt, attempts, ...waits } of read<WaitVector>('waits.json')) {
      const policy = right(decodeRestartPolicy(wire));
      expect({
        after_attempt_ms: waitAfterAttempt(policy, attempts, salt),
        after_exit_ms: waitAfterExit(policy, attempts, salt),
        longest_ms: longestWait(policy, attempts),
      }).toEqual(waits);
    }
  });

  test('say what each id is hashed to', () => {
    for (const { id, salt } of read<{ id: string; salt: number }>('salts.json')) expect(saltOf(id)).toBe(salt);
  });
});
