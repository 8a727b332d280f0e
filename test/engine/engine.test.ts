/**
 * What dist/engine.js is as a file, and what it does with requests that no host should make.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'acorn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineText } from '../../scripts/engine.mjs';
import { type Embedded, embed } from './quickjs.js';

const exited = {
  _tag: 'Observed',
  instance: {
    state: 'stopped',
    startedAt: '2026-01-05T12:00:00Z',
    stoppedAt: '2026-01-05T12:00:05Z',
    exitCode: 1,
    health: 'unknown',
  },
};
const request = { policy: { policy: 'always' }, status: {}, event: exited, now: '2026-01-05T12:00:20Z' };

let embedded: Embedded;
beforeAll(async () => {
  embedded = await embed();
});
afterAll(() => embedded.dispose());

// ---------------------------------------------------------------------------
// the file
// ---------------------------------------------------------------------------

describe('the file', () => {
  test('is a script of ES2020, which is the first with BigInt, and calls nothing newer', async () => {
    const text = await engineText();
    expect(() => parse(text, { ecmaVersion: 2020, sourceType: 'script' })).not.toThrow();
    expect(text).not.toMatch(/\b(?:import|require|export)\b\s*[({'"]/);
    expect(text).not.toMatch(/\.(?:at|findLast|findLastIndex|hasOwn|replaceAll|toReversed|toSorted|toSpliced|with)\(/);
  });

  test('leaves nothing but RestartPolicy behind', async () => {
    const names = 'JSON.stringify(Object.getOwnPropertyNames(globalThis))';
    const before = await embed(`globalThis.before = ${names}; ''`);
    const added = JSON.parse(before.run(`${names}`)).filter(
      (name: string) => !JSON.parse(before.run('before')).includes(name),
    );
    before.dispose();
    expect(added.sort()).toEqual(['RestartPolicy', 'before']);
  });

  test('cannot be changed by what runs beside it', () => {
    expect(embedded.run(`'use strict'; try { RestartPolicy.decideJson = null; 'changed' } catch (e) { e.name }`)).toBe(
      'TypeError',
    );
  });

  test('knows the version of the package', async () => {
    const { version } = (await import('../../package.json', { with: { type: 'json' } })).default;
    expect(embedded.run('RestartPolicy.version')).toBe(version);
  });
});

// ---------------------------------------------------------------------------
// requests
// ---------------------------------------------------------------------------

const problemsOf = (given: unknown): ReadonlyArray<string> =>
  JSON.parse(embedded.decideJson(JSON.stringify(given))).errors.map(({ message }: { message: string }) => message);

describe('a request', () => {
  test('is decided', () => {
    expect(JSON.parse(embedded.decideJson(JSON.stringify(request)))).toEqual({
      changed: true,
      status: { attempts: 1, last_attempt_at: '2026-01-05T12:00:20Z' },
      actions: [{ _tag: 'Start', attempt: 1 }],
      reason: 'restart_after_exit',
      next_wake_at: null,
    });
  });

  test.each([
    ['a number', 5],
    ['null', null],
    ['an array', [request]],
  ])('that is %s is refused as a whole', (_, given) => {
    expect(problemsOf(given)).toEqual(['request must be an object']);
  });

  test('without anything in it is told all that is missing', () => {
    expect(problemsOf({})).toEqual([
      'restart_policy must be an object',
      'event must be an object; it is missing',
      'now must be an RFC 3339 time such as "2026-01-31T09:30:00.25Z"; it is missing',
    ]);
  });

  test('with mistakes everywhere is told all of them: of the policy, of the status, of the event, of the rest', () => {
    expect(
      problemsOf({
        policy: { policy: 'sometimes', max_attempt: 3 },
        status: { attempts: -1 },
        event: { _tag: 'Observed', instance: { ...exited.instance, exitCode: '1', heatlh: 'healthy', startedAt: 5 } },
        now: 'now',
        instant: 0,
      }),
    ).toEqual([
      'restart_policy.policy must be one of never, always, on_failure, got the text "sometimes"',
      'restart_policy.max_attempt is not a known field; did you mean max_attempts?',
      'restart_status.attempts must be >= 0 and a whole number up to 9007199254740991, got -1',
      'event.instance.startedAt must be an RFC 3339 time such as "2026-01-31T09:30:00.25Z", got 5',
      'event.instance.exitCode must be a whole number from -9007199254740991 to 9007199254740991, got the text "1"',
      'event.instance.heatlh is not a known field; did you mean health?',
      'now must be an RFC 3339 time such as "2026-01-31T09:30:00.25Z", got the text "now"',
      'instant is not a known field; the known ones are policy, status, event, now',
    ]);
  });

  test.each<readonly [unknown, ReadonlyArray<string>]>([
    [null, ['event must be an object']],
    [[], ['event must be an object']],
    [{}, [/_tag must be one of Observed/.source]],
    [{ _tag: 'toString' }, ['event._tag must be one of']],
    [{ _tag: 'Observd', instance: {} }, ['event._tag must be one of']],
    [{ _tag: { toString: 1 } }, ['event._tag must be one of']],
    [{ _tag: 'Observed' }, ['event.instance must be an object; it is missing']],
    [{ _tag: 'Observed', instance: null }, ['event.instance must be an object']],
    [
      { _tag: 'Observed', instance: {} },
      [
        'event.instance.state must be one of initializing, running, stopped, other; it is missing',
        'event.instance.startedAt must be an RFC 3339 time',
        'event.instance.stoppedAt must be an RFC 3339 time',
        'event.instance.exitCode must be a whole number from -9007199254740991 to 9007199254740991; it is missing',
        'event.instance.health must be one of healthy, unhealthy, unknown; it is missing',
      ],
    ],
    [{ _tag: 'AttemptFailed' }, ['event.attempt must be a whole number']],
    [
      { _tag: 'AttemptFailed', attempt: 1.5, salt: -1 },
      ['event.attempt must be a whole', 'event.salt must be a whole'],
    ],
    [{ _tag: 'PolicyUpdated', attemptUnderWay: false }, ['event.attemptUnderWay must be one of true']],
    [{ _tag: 'ManualStop', by: 'me' }, ['event.by is not a known field; the known ones are _tag']],
  ])('with the event %j is told what is wrong with it', (event, words) => {
    const problems = problemsOf({ ...request, event });
    expect(problems).toHaveLength(words.length);
    for (const [at, word] of words.entries()) expect(problems[at]).toContain(word);
  });

  test('may leave the status out, or have it null', () => {
    const { status: _, ...without } = request;
    const answers = [request, without, { ...request, status: null }].map((given) =>
      embedded.decideJson(JSON.stringify(given)),
    );
    expect(new Set(answers).size).toBe(1);
  });

  test('has times in any zone and as fine as any clock, none of which is taken for a later one', () => {
    const given = { ...request, now: '2026-01-05T14:00:20.000999999+02:00' };
    expect(JSON.parse(embedded.decideJson(JSON.stringify(given))).status.last_attempt_at).toBe('2026-01-05T12:00:20Z');
  });
});

// ---------------------------------------------------------------------------
// texts
// ---------------------------------------------------------------------------

describe('nothing is thrown', () => {
  const deep = 100_000;
  test.each([
    ['no JSON', '{'],
    ['nothing', ''],
    ['arrays in arrays', `${'['.repeat(deep)}${']'.repeat(deep)}`],
    ['a policy in policies', `{"policy":${'{"policy":'.repeat(deep)}1${'}'.repeat(deep)}}`],
    ['a status in statuses', `{"status":${'{"attempts":'.repeat(deep)}1${'}'.repeat(deep)}}`],
    ['nothing but the beginnings of arrays', '['.repeat(10_000_000)],
    ['a long text', JSON.stringify('x'.repeat(10_000_000))],
    ['a policy with a long text', JSON.stringify({ policy: { policy: 'x'.repeat(1_000_000) } })],
  ])('at %s', (_, text) => {
    expect(JSON.parse(embedded.decideJson(text)).errors.length).toBeGreaterThan(0);
    JSON.parse(embedded.normalizePolicyJson(text));
  });

  test('at arrays in arrays between which texts close others', () => {
    const text = (depth: number) => `${'["]",'.repeat(depth)}0${']'.repeat(depth)}`;
    // JSON.parse is not even asked: not every engine's would survive it.
    embedded.run(`globalThis.parse = JSON.parse; globalThis.asked = 0; JSON.parse = (u) => (asked++, parse(u)); ''`);
    expect(JSON.parse(embedded.decideJson(text(deep))).errors).toEqual([
      { path: 'request', message: 'request must be JSON text, and not too deep for the stack' },
    ]);
    expect(embedded.run('String(asked)')).toBe('0');
    expect(JSON.parse(embedded.decideJson(text(3))).errors[0].message).toBe('request must be an object');
    expect(embedded.run('String(asked)')).toBe('1');
    embedded.run(`JSON.parse = parse; delete globalThis.parse; delete globalThis.asked; ''`);
  });

  test('at the largest policy that there may be', () => {
    const codes = Array.from({ length: 256 }, (_, n) => [-Number.MAX_SAFE_INTEGER, n]);
    const rule = { causes: ['exit'], exit_codes: codes, action: 'stop' };
    const policy = { policy: 'always', rules: Array.from({ length: 20 }, () => rule) };
    expect(JSON.parse(embedded.decideJson(JSON.stringify({ ...request, policy })))).toMatchObject({
      reason: 'stopped_by_rule',
    });
    expect(JSON.parse(embedded.normalizePolicyJson(JSON.stringify(policy))).rules).toEqual(policy.rules);
  });

  test.each(['undefined', 'null', '5', 'Symbol()', '({ toString() { throw 1 } })', '{}'])(
    'at %s in place of a text',
    (u) => {
      expect(embedded.run(`RestartPolicy.decideJson(${u})`)).toMatch(/^\{"errors":\[/);
      expect(embedded.run(`RestartPolicy.normalizePolicyJson(${u})`)).toMatch(/^\{/);
    },
  );

  test('wherever the stack runs out after it was called', () => {
    const answers = JSON.parse(
      embedded.run(`
        const text = ${JSON.stringify(JSON.stringify(request))};
        const seen = {};
        let probes = 2000;
        // From where the stack is used up, and then with a little more room each time.
        const fill = () => {
          try { fill(); } catch (e) {}
          if (probes-- > 0) {
            let answer = null;
            try { answer = RestartPolicy.decideJson(text); } catch (e) { return; }
            seen[answer] = 1;
          }
        };
        fill();
        JSON.stringify(seen);
      `),
    );
    expect(Object.keys(answers).sort()).toEqual(
      expect.arrayContaining([expect.stringMatching(/"changed":true/), expect.stringMatching(/"errors"/)]),
    );
  });
});

// ---------------------------------------------------------------------------
// policies that were read before
// ---------------------------------------------------------------------------

test('a policy that was read before is decided on as one that was not, however many there are', () => {
  const at = (n: number) => ({
    ...request,
    policy: { policy: 'always', backoff: `${n}s` },
    status: { attempts: 1, last_attempt_at: '2026-01-05T12:00:19Z' },
  });
  const answers = (): ReadonlyArray<string> =>
    Array.from({ length: 700 }, (_, n) => embedded.decideJson(JSON.stringify(at(n + 2))));
  const first = answers();
  expect(answers()).toEqual(first);
  expect(new Set(first).size).toBe(700);
});

test('three thousand policies, as long as are kept, take no more memory than those that are kept', async () => {
  const host = await embed();
  const policy = (n: number) => {
    // Each of another value, and as long a text as is kept.
    const codes = Array.from({ length: 210 }, (_, at) => 10_000_000 + n * 1_000 + at);
    return { policy: 'always', rules: [{ exit_codes: codes, action: 'stop' }] };
  };
  const text = JSON.stringify(policy(0));
  expect(text.length).toBeGreaterThan(1_900);
  expect(text.length).toBeLessThanOrEqual(2_048);
  const before = host.memory();
  for (let n = 0; n < 3_000; n++) host.decideJson(JSON.stringify({ ...request, policy: policy(n) }));
  const grown = host.memory() - before;
  host.dispose();
  expect(grown).toBeGreaterThan(0);
  // Text and policy of 256 of them. All three thousand would be twelve times as much.
  expect(grown).toBeLessThan(256 * 10_000);
});

test('the example in docs/embedding.md is answered as it says', () => {
  const document = readFileSync(new URL('../../docs/embedding.md', import.meta.url), 'utf8');
  const [asked = '', answered = ''] = [...document.matchAll(/```json\n(.*?)```/gs)].map(([, text = '']) => text);
  expect(JSON.parse(embedded.decideJson(asked))).toEqual(JSON.parse(answered));
});
