/**
 * dist/engine.js, run by QuickJS, gives every vector there is: those of the reference and our own.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explainReason, restartReasons } from '../../src/reason.js';
import { type Embedded, embed } from './quickjs.js';

const json = (file: string) => JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'));

let engine: Embedded;
beforeAll(async () => {
  engine = await embed();
});
afterAll(() => engine.dispose());

interface Answer {
  readonly changed: boolean;
  readonly status: object;
  readonly actions: ReadonlyArray<unknown>;
  readonly reason: string;
  readonly next_wake_at: string | null;
}

const decide = (request: object): Answer => JSON.parse(engine.decideJson(JSON.stringify(request)));

const normalize = (policy: unknown) => JSON.parse(engine.normalizePolicyJson(JSON.stringify(policy)));

interface Trace {
  readonly name: string;
  readonly policy: unknown;
  readonly status: unknown;
  readonly steps: ReadonlyArray<{ now: string; event: unknown; policy?: unknown; expect: unknown }>;
}

test('each step of our own traces is decided as it is written down', () => {
  let steps = 0;
  for (const trace of json('../vectors/conformance/traces.json') as ReadonlyArray<Trace>) {
    let { policy, status } = trace;
    for (const step of trace.steps) {
      policy = step.policy ?? policy;
      const answer = decide({ policy, status, event: step.event, now: step.now });
      expect(answer, `${trace.name}: ${JSON.stringify(step)}`).toEqual(step.expect);
      ({ status } = answer);
      steps++;
    }
  }
  expect(steps).toBeGreaterThan(700);
});

test('each step of the traces of the reference has its actions and its status', () => {
  let steps = 0;
  for (const trace of json('data/decide-traces.json') as ReadonlyArray<{
    readonly id: string;
    readonly policy: unknown;
    readonly steps: ReadonlyArray<{
      now: string;
      event: unknown;
      policy?: unknown;
      expect: { actions: unknown; status?: unknown };
    }>;
  }>) {
    let { policy } = trace;
    let status: unknown = {};
    for (const step of trace.steps) {
      policy = step.policy ?? policy;
      const answer = decide({ policy, status, event: step.event, now: step.now });
      const where = `${trace.id}: ${JSON.stringify(step)}`;
      expect(answer.actions, where).toEqual(step.expect.actions);
      if (step.expect.status !== undefined) expect(answer.status, where).toEqual(step.expect.status);
      ({ status } = answer);
      steps++;
    }
  }
  expect(steps).toBeGreaterThan(1_000);
});

test('each duration of the reference is read and written as by it', () => {
  const vectors = json('data/durations.json') as ReadonlyArray<{ raw: string; text?: string; rounded?: true }>;
  for (const { raw, text, rounded } of vectors) {
    const policy = normalize({ policy: 'always', backoff: raw });
    if (text === undefined) expect(policy.errors[0].path, raw).toBe('restart_policy.backoff');
    else if (rounded === undefined) expect(policy.backoff, raw).toBe(text);
    else expect(policy.backoff.split('h')[0], raw).toBe(text.split('h')[0]);
  }
  expect(vectors).toHaveLength(300);
});

test('each policy of the reference is read as by it', () => {
  const vectors = json('data/policy-wire.json') as ReadonlyArray<{
    name: string;
    input: unknown;
    expected: { error?: string; policy?: unknown };
  }>;
  for (const { name, input, expected } of vectors) {
    const policy = normalize(input);
    if (expected.error === undefined) expect(policy, name).toEqual(expected.policy);
    else expect(policy.errors[0].message.startsWith(expected.error.split('duration:')[0]), name).toBe(true);
  }
  expect(vectors.length).toBeGreaterThan(10);
});

test('each of our own policies is read as it is written down, and each error is in the words of the codec', () => {
  for (const { name, input, canonical = input, errors } of json('../vectors/conformance/policies.json')) {
    expect(normalize(input), name).toEqual(errors === undefined ? canonical : { errors });
  }
});

test('each wait is as long as it is written down', () => {
  const at = (millis: number) => new Date(millis).toISOString();
  let waits = 0;
  for (const { policy, waits: ofPolicy } of json('../vectors/conformance/waits.json')) {
    for (const { attempts, salt, wait } of ofPolicy) {
      // Later than the year 9999 nothing can be written, and without attempts nothing is waited for.
      if (attempts === 0 || wait > 1e14) continue;
      const event = { _tag: 'AttemptFailed', attempt: attempts, salt };
      const status = { attempts, last_attempt_at: at(0) };
      const answer = decide({ policy: { ...policy, max_attempts: 0 }, status, event, now: at(0) });
      expect((answer.status as { next_attempt_at: string }).next_attempt_at, JSON.stringify(answer)).toBe(
        at(wait).replace(/\.?0+Z$/, 'Z'),
      );
      waits++;
    }
  }
  expect(waits).toBeGreaterThan(100);
});

describe('a reason', () => {
  test.each(restartReasons)('%s is explained as by the library', (reason) => {
    expect(engine.explainReason(reason)).toBe(explainReason(reason));
  });
});
