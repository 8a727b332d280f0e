/**
 * The vectors in vectors/conformance are what is decided: by the decision, the codec, the waits and the salts, and by the
 * second implementation (test/oracle); and they are what `npm run conformance` writes.
 *
 * `REWRITE=1 npx vitest run test/conformance` writes them too. Then a person has to read the difference.
 */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { decodeRestartPolicy, decodeRestartStatus, RestartPolicyCodec, RestartStatusCodec } from '../../src/codec.js';
import { parseDuration } from '../../src/duration.js';
import type { InstanceObservation, RestartEvent } from '../../src/event.js';
import type { RestartPolicy } from '../../src/policy.js';
import { restartReasons } from '../../src/reason.js';
import { saltOf, shareOf } from '../../src/salt.js';
import type { RestartStatus, Timestamp } from '../../src/status.js';
import { longestWait, waitAfterAttempt, waitAfterExit } from '../../src/waits.js';
import * as oracle from '../oracle/decide.js';
import * as oracleWake from '../oracle/next-wake.js';
import * as oracleWait from '../oracle/wait.js';
import { right } from '../support/either.js';
import * as subject from '../support/subject.js';
import { eventOf } from '../support/traces.js';
import { files, readVectors, rewriteVectors, warningOf } from './files.js';
import type { Policy } from './policies.js';
import { rowsOf } from './rows.js';
import type { Salt } from './salts.js';
import type { Step, Trace } from './traces.js';
import type { Waits } from './waits.js';

const isRewriting = (process.env['REWRITE'] ?? '') !== '';
const rewritten = isRewriting && process.env['CI'] === undefined ? rewriteVectors() : [];

afterAll(() => {
  if (rewritten.length > 0) console.warn(warningOf(rewritten));
});

const traces: ReadonlyArray<Trace> = JSON.parse(readVectors('traces.json'));
const waits: ReadonlyArray<Waits> = JSON.parse(readVectors('waits.json'));
const salts: ReadonlyArray<Salt> = JSON.parse(readVectors('salts.json'));
const policies: ReadonlyArray<Policy> = JSON.parse(readVectors('policies.json'));

// ---------------------------------------------------------------------------
// the files
// ---------------------------------------------------------------------------

describe('the files of vectors/conformance', () => {
  test('are not rewritten where nobody reads the difference', () => {
    expect(isRewriting && process.env['CI'] !== undefined, 'REWRITE is for people').toBe(false);
  });

  test('cannot be rewritten there', () => {
    const before = process.env['CI'];
    process.env['CI'] = 'true';
    try {
      expect(rewriteVectors).toThrow('rewritten by people');
    } finally {
      if (before === undefined) delete process.env['CI'];
      else process.env['CI'] = before;
    }
  });

  /** The lines of one that are not in the other: a difference of two whole files says nothing. */
  const linesBeyond = (text: string, other: string): ReadonlyArray<string> => {
    const known = new Set(other.split('\n'));
    return text.split('\n').filter((line) => !known.has(line));
  };

  test.each(Object.entries(files))('%s is what npm run conformance writes', (name, textOf) => {
    const [stored, text] = [readVectors(name), textOf()];
    const hint = `${name} is stale: npm run conformance, then read the difference`;
    expect(linesBeyond(stored, text).slice(0, 3), hint).toEqual(linesBeyond(text, stored).slice(0, 3));
    expect(stored === text, hint).toBe(true);
  });

  test('are small enough to be shipped: below 600 kB', () => {
    const sizes = [...Object.keys(files), 'README.md'].map((name) => Buffer.byteLength(readVectors(name)));
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(600_000);
  });
});

// ---------------------------------------------------------------------------
// traces
// ---------------------------------------------------------------------------

interface Asked {
  readonly step: Step;
  readonly policy: RestartPolicy;
  readonly status: RestartStatus;
  readonly event: RestartEvent;
  readonly now: Timestamp;
}

/** Each step with the status that is expected of the step before, as a port that holds its own would have it. */
function* askedIn({ policy: first, status: initial, steps }: Trace): Generator<Asked> {
  let policy = right(decodeRestartPolicy(first));
  let status = right(decodeRestartStatus(initial));
  for (const step of steps) {
    if (step.policy !== undefined) policy = right(decodeRestartPolicy(step.policy));
    const event = eventOf(step.event as Parameters<typeof eventOf>[0]);
    yield { step, policy, status, event, now: Date.parse(step.now) };
    status = right(decodeRestartStatus(step.expect.status));
  }
}

type Decide = (
  policy: RestartPolicy,
  status: RestartStatus,
  event: RestartEvent,
  now: Timestamp,
) => { readonly status: RestartStatus; readonly actions: ReadonlyArray<unknown>; readonly reason: string };
type NextWakeAt = (policy: RestartPolicy, status: RestartStatus, instance: InstanceObservation) => Timestamp | null;

/** What one of the implementations answers, in the form of the vectors. */
const answerOf = ({ policy, status, event, now }: Asked, decide: Decide, nextWakeAt: NextWakeAt): unknown => {
  const decision = decide(policy, status, event, now);
  const asksWhen = event._tag === 'Observed' && decision.actions.length === 0;
  return {
    actions: decision.actions,
    status: RestartStatusCodec.encode(decision.status),
    reason: decision.reason,
    changed: decision.status !== status,
    next_wake_at: asksWhen ? nextWakeAt(policy, decision.status, event.instance) : null,
  };
};

const expected = ({ step: { expect: answer } }: Asked): unknown => ({
  ...answer,
  next_wake_at: answer.next_wake_at === null ? null : Date.parse(answer.next_wake_at),
});

/** The rows of the decision's tables, and the reasons that they give; none: the next rows decide. */
const rows = new Map(
  [
    ...readFileSync(new URL('../../src/decide.ts', import.meta.url), 'utf8').matchAll(
      /^ \* \| ([a-z_]+) \| .*\|([a-z_, ]*)\|$/gm,
    ),
  ]
    .map(([, row = '', given = '']) => [row, given.trim().split(/, ?/).filter(Boolean)] as const)
    .filter(([row]) => row !== 'row'),
);

describe('a trace is what is decided, twice', () => {
  test.each(traces)('$name', (trace) => {
    for (const asked of askedIn(trace)) {
      const where = JSON.stringify(asked.step);
      expect(answerOf(asked, subject.decide, subject.nextWakeAt), where).toEqual(expected(asked));
      expect(answerOf(asked, oracle.decide, oracleWake.nextWakeAt), `second implementation: ${where}`).toEqual(
        expected(asked),
      );
    }
  });
});

describe('the traces together', () => {
  const steps = traces.flatMap((trace) => [...askedIn(trace)]);

  test('are several hundred, each of a name of its own', () => {
    expect(traces.length).toBeGreaterThanOrEqual(250);
    expect(new Set(traces.map(({ name }) => name)).size).toBe(traces.length);
  });

  test('come to every row of the tables in src/decide.ts, and every reason', () => {
    expect([...new Set(steps.flatMap(({ step }) => step.rows))].sort()).toEqual([...rows.keys()].sort());
    expect([...new Set(steps.map(({ step }) => step.expect.reason))].sort()).toEqual([...restartReasons].sort());
  });

  test('have a scene for every row, which comes to it', () => {
    const ofScenes = traces
      .filter(({ name }) => !name.startsWith('life '))
      .map((trace) => ({
        row: trace.name.split(':')[0] ?? '',
        met: new Set(trace.steps.flatMap((step) => step.rows)),
        name: trace.name,
      }));
    expect([...new Set(ofScenes.map(({ row }) => row))].sort()).toEqual([...rows.keys()].sort());
    expect(ofScenes.filter(({ row, met }) => !met.has(row)).map(({ name }) => name)).toEqual([]);
  });

  test('say of each step the rows that answer it, of which the last gives the reason', () => {
    for (const { step, policy, status, event, now } of steps) {
      expect(step.rows, JSON.stringify(step)).toEqual(rowsOf(policy, status, event, now));
      // Who holds the instance answers of a failed attempt too.
      expect(rows.get(step.rows.at(-1) ?? ''), JSON.stringify(step)).toContain(step.expect.reason);
    }
  });

  /** The rows after which the next ones decide give no reason: they are seen by what they leave behind. */
  test('repair the clock only where a time lies ahead, and leave none there', () => {
    const repairs = steps.filter(({ step }) => step.rows.includes('clock_repair'));
    expect(repairs.length).toBeGreaterThanOrEqual(20);
    for (const { step, status, now } of repairs) {
      const { lastAttemptAt, nextAttemptAt, recentAttempts = [] } = status;
      expect(Math.max(lastAttemptAt ?? now, nextAttemptAt ?? now, ...recentAttempts)).toBeGreaterThan(now);
      const after = right(decodeRestartStatus(step.expect.status));
      expect(Math.max(after.lastAttemptAt ?? now, ...(after.recentAttempts ?? []))).toBeLessThanOrEqual(now);
    }
  });

  test('begin a new window after a cooldown and after the end of a stable run, in which at most one attempt is counted', () => {
    for (const row of ['cooled_down', 'stable_end']) {
      const begun = steps.filter(({ step }) => step.rows.includes(row));
      expect(begun.length).toBeGreaterThanOrEqual(5);
      for (const { step } of begun) {
        const { attempts } = right(decodeRestartStatus(step.expect.status));
        expect(attempts, JSON.stringify(step)).toBeLessThanOrEqual(step.expect.actions.length);
      }
    }
  });

  test('are of every field of a policy, and answer an observation in every way under it', () => {
    const fields = Object.keys(RestartPolicyCodec.encode(right(decodeRestartPolicy(allFields))));
    for (const field of fields) {
      const under = steps.filter(({ policy }) => field in RestartPolicyCodec.encode(policy));
      const reasons = new Set(under.map(({ step }) => step.expect.reason));
      expect(reasons.size, field).toBeGreaterThanOrEqual(20);
    }
  });
});

const allFields = policies.find(({ name }) => name === 'all fields')?.input;

// ---------------------------------------------------------------------------
// waits and salts
// ---------------------------------------------------------------------------

describe('a wait is as long as it is, twice', () => {
  test.each(waits)('$policy', ({ policy: wire, waits: all }) => {
    const policy = right(decodeRestartPolicy(wire));
    expect(all.length).toBeGreaterThan(0);
    for (const { attempts, salt, ...lengths } of all) {
      const where = `after ${attempts} attempts, salt ${salt}`;
      expect(
        {
          hash: shareOf(attempts, salt) * 2 ** 32,
          wait: waitAfterAttempt(policy, attempts, salt),
          exit_wait: waitAfterExit(policy, attempts, salt),
          longest: longestWait(policy, attempts),
        },
        where,
      ).toEqual(lengths);
      expect(
        {
          hash: oracleWait.shareOf(attempts, salt) * 2 ** 32,
          wait: oracleWait.wait(policy, attempts, salt),
          exit_wait: oracleWait.exitWait(policy, attempts, salt),
          longest: oracleWait.longestWait(policy, attempts),
        },
        `second implementation, ${where}`,
      ).toEqual(lengths);
    }
  });

  test('together they hold fractions, factors that are none of 2, and numbers that four bytes do not hold', () => {
    const texts = waits.map(({ policy }) => JSON.stringify(policy));
    expect(texts.filter((text) => /"\d+\.\d+m?s"/.test(text)).length).toBeGreaterThanOrEqual(3);
    expect(texts.filter((text) => text.includes('"backoff_factor":1.1')).length).toBeGreaterThanOrEqual(2);
    const attempts = new Set(waits.flatMap((of) => of.waits.map((wait) => wait.attempts)));
    for (const huge of [0, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]) expect(attempts).toContain(huge);
  });
});

describe('a salt is the hash of an id, twice', () => {
  test.each(salts)('$id', ({ id, salt }) => {
    expect(saltOf(id)).toBe(salt);
    expect(oracleWait.saltOf(id)).toBe(salt);
  });

  test('as the author of the hash has it', () => {
    const saltIn = new Map(salts.map(({ id, salt }) => [id, salt]));
    expect(saltIn.get('')).toBe(0);
    expect(saltIn.get('hello')).toBe(0x248bfa47);
    expect(saltIn.get('hello, world')).toBe(0x149bbb7f);
    expect(saltIn.get('The quick brown fox jumps over the lazy dog')).toBe(0x2e4ff723);
  });

  test('the file holds no half of a character as it is, for no text file can', () => {
    const text = readVectors('salts.json');
    expect(Buffer.from(text, 'utf8').toString('utf8')).toBe(text);
    expect(text).not.toContain('"\ufffd\ufffd');
    expect(text).toContain('\\ud800');
    expect(salts.map(({ id }) => id)).toContain('\ud800');
  });
});

// ---------------------------------------------------------------------------
// policies
// ---------------------------------------------------------------------------

describe('a policy is read, or refused with all that is wrong', () => {
  const isCombination = ({ name }: Policy): boolean => name.startsWith('combination ');

  const expectRead = ({ input, canonical, errors }: Policy): void => {
    const where = JSON.stringify(input);
    const read = decodeRestartPolicy(input);
    if (errors !== undefined) {
      expect(read, where).toEqual({ _tag: 'Left', left: errors });
      return;
    }
    expect(RestartPolicyCodec.encode(right(read)), where).toEqual(canonical ?? input);
    expect(RestartPolicyCodec.encode(right(decodeRestartPolicy(canonical ?? input))), where).toEqual(
      canonical ?? input,
    );
  };

  test.each(policies.filter((policy) => !isCombination(policy)))('$name', (policy) => {
    expectRead(policy);
  });

  test('in each combination of fields', () => {
    for (const policy of policies.filter(isCombination)) expectRead(policy);
  });

  test('each has a name of its own', () => {
    expect(new Set(policies.map(({ name }) => name)).size).toBe(policies.length);
  });

  type Fields = Readonly<Record<string, string & number>>;

  /** Said anew, from the descriptions of the fields: whether they go together. */
  const goTogether = (input: Fields): boolean => {
    const { backoff, max_backoff, backoff_factor, max_attempts = 0, limit_interval, cooldown } = input;
    const length = (text: string | undefined): number => (text === undefined ? 0 : right(parseDuration(text)));
    return (
      (max_backoff === undefined || length(max_backoff) >= length(backoff)) &&
      (backoff_factor === undefined || max_backoff !== undefined) &&
      (limit_interval === undefined || (max_attempts >= 1 && max_attempts <= 100)) &&
      (cooldown === undefined || (max_attempts > 0 && length(cooldown) >= length(limit_interval)))
    );
  };

  test('of the combinations those are read whose fields go together', () => {
    const combinations = policies.filter(isCombination);
    for (const { input, errors } of combinations) {
      expect(errors === undefined, JSON.stringify(input)).toBe(goTogether(input as Fields));
    }
    const refused = combinations.filter(({ errors }) => errors !== undefined);
    expect([combinations.length, refused.length]).toEqual([450, 150]);
  });

  test('all of what can be said to be wrong is said', () => {
    const said = new Set(
      policies.flatMap(({ errors = [] }) =>
        errors.map(({ path, message }) => message.slice(path.length + 1).replace(/, got .*/, '')),
      ),
    );
    const kinds = [
      'must be an object',
      'must be one of never, always, on_failure; it is missing',
      'must be one of never, always, on_failure',
      'must be one of attempt, exit',
      'must be one of restart, restart_uncounted, stop',
      'must be one of exit, signal, out_of_memory, panic, host, unknown',
      'must be positive',
      'must be >= 0 and a whole number up to 9007199254740991',
      'must not be below backoff',
      'must not be below limit_interval',
      'must be a number above 1 and up to 100',
      'must be a number from 0 to 1',
      'needs max_backoff',
      'needs max_attempts from 1 to 100',
      'needs max_attempts above 0',
      'must be an array of 1 to 20 rules',
      'must be an array of 1 to 6 causes',
      'must be an array of 1 to 256 exit codes',
      'must be a whole number or a range [low, high]',
    ];
    expect(kinds.filter((kind) => !said.has(kind))).toEqual([]);
  });
});
