/**
 * dist/engine.js, run by QuickJS, and the library say the same of every input: of requests as hosts make them, of requests in
 * which something is wrong, and of junk. The script is built anew and has its own fp-ts, so nothing else holds them together.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeRestartPolicy, decodeRestartStatus, RestartPolicyCodec, RestartStatusCodec } from '../../src/codec.js';
import type { RestartEvent } from '../../src/event.js';
import {
  arbDurationText,
  arbReachable,
  arbRestartEvent,
  arbRestartPolicy,
  arbRestartStatus,
} from '../../src/testing/arbitraries.js';
import { formatTime } from '../../src/time.js';
import { runs } from '../support/proof.js';
import { decide, nextWakeAt } from '../support/subject.js';
import { type Embedded, embed } from './quickjs.js';

let engine: Embedded;
beforeAll(async () => {
  engine = await embed();
});
afterAll(() => engine.dispose());

// ---------------------------------------------------------------------------
// what the library says
// ---------------------------------------------------------------------------

const timeOf = (at: number | null): string | null => (at === null ? null : formatTime(at, 'up'));

const onWire = (event: RestartEvent): object =>
  event._tag === 'Observed'
    ? {
        ...event,
        instance: {
          ...event.instance,
          startedAt: timeOf(event.instance.startedAt),
          stoppedAt: timeOf(event.instance.stoppedAt),
        },
      }
    : event;

const latest = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** What the engine should answer to a policy and a status of any kind, with an event and a moment that are right. */
const answerOf = (policy: unknown, status: unknown, event: RestartEvent, now: number): unknown => {
  const [policyRead, statusRead] = [decodeRestartPolicy(policy), decodeRestartStatus(status)];
  if (policyRead._tag === 'Left' || statusRead._tag === 'Left') {
    return { errors: [policyRead, statusRead].flatMap((read) => (read._tag === 'Left' ? read.left : [])) };
  }
  const decision = decide(policyRead.right, statusRead.right, event, now);
  const isAsked = event._tag === 'Observed' && decision.actions.length === 0;
  const wakeAt = isAsked ? nextWakeAt(policyRead.right, decision.status, event.instance) : null;
  return {
    changed: decision.status !== statusRead.right,
    status: RestartStatusCodec.encode(decision.status),
    actions: decision.actions,
    reason: decision.reason,
    next_wake_at: wakeAt === null ? null : timeOf(Math.min(wakeAt, latest)),
  };
};

/** As JSON has it: what is undefined, NaN or -0 is not. */
const throughJson = (u: unknown): unknown => JSON.parse(JSON.stringify(u) ?? 'null');

const expectSame = (policy: unknown, status: unknown, event: RestartEvent, now: number): void => {
  const request = throughJson({ policy, status, event: onWire(event), now: formatTime(now, 'down') }) as {
    policy: unknown;
    status: unknown;
  };
  const answer = JSON.parse(engine.decideJson(JSON.stringify(request)));
  expect(answer).toEqual(throughJson(answerOf(request.policy, request.status, event, now)));
};

// ---------------------------------------------------------------------------
// inputs
// ---------------------------------------------------------------------------

/** Arrays and objects in one another, far deeper than a request has them. */
const arbNested: fc.Arbitrary<unknown> = fc
  .tuple(
    fc.array(fc.constantFrom('[]', 'policy', 'rules', 'toString', '__proto__'), { maxLength: 300 }),
    fc.jsonValue(),
  )
  .map(([steps, core]) =>
    steps.reduce<unknown>((within, step) => (step === '[]' ? [within] : Object.fromEntries([[step, within]])), core),
  );

/** More than is looked into, or than is told in full. */
const arbLong: fc.Arbitrary<unknown> = fc.oneof(
  fc.tuple(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 3_000 })).map(([text, times]) => text.repeat(times)),
  fc.tuple(fc.integer(), fc.integer({ min: 90, max: 300 })).map(([code, times]) => new Array(times).fill(code)),
  fc.integer({ min: 15, max: 30 }).map((times) => new Array(times).fill({ action: 'stop' })),
);

const arbJunk: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  arbNested,
  arbLong,
  fc.constantFrom(null, '', '5s', 0, -0, -1, 2 ** 53, 'always', [], {}, '2026-01-05T12:00:00Z', '0000-00-00T00:00:00Z'),
  arbDurationText,
);

/** What is right, with some of its fields replaced, taken away, renamed or added. */
const spoilt = (arbRight: fc.Arbitrary<object>): fc.Arbitrary<unknown> =>
  fc
    .record({
      whole: arbRight,
      changes: fc.array(
        fc.tuple(fc.nat(), fc.constantFrom('replace', 'remove', 'rename', 'add'), arbJunk, fc.string()),
        {
          maxLength: 3,
        },
      ),
    })
    .map(({ whole, changes }) => {
      const fields = new Map<string, unknown>(Object.entries(whole));
      for (const [at, change, value, name] of changes) {
        const key = [...fields.keys()][at % Math.max(1, fields.size)];
        if (change === 'add' || key === undefined) fields.set(name, value);
        else if (change === 'replace') fields.set(key, value);
        else {
          if (change === 'rename') fields.set(`${key.slice(1)}${name.slice(0, 2)}`, fields.get(key));
          fields.delete(key);
        }
      }
      return Object.fromEntries(fields);
    });

const arbPolicyWire: fc.Arbitrary<object> = arbRestartPolicy.map((policy) => RestartPolicyCodec.encode(policy));
const arbStatusWire: fc.Arbitrary<object> = arbRestartStatus.map((status) => RestartStatusCodec.encode(status));

// ---------------------------------------------------------------------------
// laws
// ---------------------------------------------------------------------------

test('what hosts ask is decided as by the library', () => {
  fc.assert(
    fc.property(arbReachable, arbRestartEvent, ({ policy, status, now }, event) => {
      expectSame(RestartPolicyCodec.encode(policy), RestartStatusCodec.encode(status), event, now);
    }),
    { numRuns: runs(4_000) },
  );
});

test('what is wrong with a policy and a status is said in the words of the codec, all at once', () => {
  fc.assert(
    fc.property(
      fc.oneof(spoilt(arbPolicyWire), arbJunk),
      fc.oneof(spoilt(arbStatusWire), arbJunk),
      arbReachable,
      arbRestartEvent,
      (policy, status, { now }, event) => expectSame(policy, status, event, now),
    ),
    { numRuns: runs(3_000) },
  );
});

test('a policy of any kind is normalized as by the codec', () => {
  fc.assert(
    fc.property(fc.oneof(spoilt(arbPolicyWire), arbJunk), (given) => {
      const policy = throughJson(given);
      const read = decodeRestartPolicy(policy);
      expect(JSON.parse(engine.normalizePolicyJson(JSON.stringify(policy)))).toEqual(
        throughJson(read._tag === 'Left' ? { errors: read.left } : RestartPolicyCodec.encode(read.right)),
      );
    }),
    { numRuns: runs(3_000) },
  );
});

test('whatever an event and a moment are, the answer is a decision or says what is wrong, and nothing is thrown', () => {
  const observed = {
    _tag: 'Observed',
    instance: { state: 'running', startedAt: null, stoppedAt: null, exitCode: null, health: 'unknown' },
  };
  fc.assert(
    fc.property(
      spoilt(
        fc.record({
          policy: arbPolicyWire,
          status: arbStatusWire,
          event: fc.oneof(
            arbRestartEvent.map(onWire),
            spoilt(fc.constant(observed)),
            spoilt(fc.constant(observed.instance)).map((instance) => ({ _tag: 'Observed', instance })),
          ),
          now: fc.constantFrom(
            '2026-01-05T12:00:00Z',
            '2026-01-05T12:00:00.123456789+02:00',
            '9999-12-31T23:59:59.999Z',
          ),
        }),
      ),
      (request) => {
        const answer = JSON.parse(engine.decideJson(JSON.stringify(throughJson(request))));
        if (answer.errors === undefined) {
          expect(Object.keys(answer)).toEqual(['changed', 'status', 'actions', 'reason', 'next_wake_at']);
        } else {
          expect(answer.errors.length).toBeGreaterThan(0);
          for (const { path, message } of answer.errors) expect(message.startsWith(`${path} `), message).toBe(true);
        }
      },
    ),
    { numRuns: runs(1_000) },
  );
});

test('whatever the text is, the answer is JSON', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
      expect(JSON.parse(engine.decideJson(text)).errors.length).toBeGreaterThan(0);
      JSON.parse(engine.normalizePolicyJson(text));
    }),
    { numRuns: runs(1_000) },
  );
});
