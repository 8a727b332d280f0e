import fc from 'fast-check';
import { endCauses, restartModes, ruleActions } from 'restart-policy';
import { expect, test } from 'vitest';
import { readLink, writeLink } from '../../playground/link.js';
import { firstState, presets } from '../../playground/presets.js';
import {
  acts,
  firstWorkload,
  kindsOfRuns,
  longestLog,
  noPolicy,
  type PolicyText,
  type State,
} from '../../playground/state.js';

const typed = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('', '5s', '1m30s', '0.5', 'x~y', ' '),
);

/** Each field of a form is either chosen from a set or typed. */
const textsOf = (fields: object): Record<string, fc.Arbitrary<string>> =>
  Object.fromEntries(Object.keys(fields).map((field) => [field, typed]));

const policies: fc.Arbitrary<PolicyText> = fc.record({
  ...textsOf(noPolicy),
  policy: fc.constantFrom(...restartModes),
  backoff_from: fc.constantFrom('', 'exit'),
  rules: fc.array(
    fc.record({ action: fc.constantFrom(...ruleActions), causes: fc.subarray([...endCauses]), exit_codes: typed }),
    { maxLength: 4 },
  ),
} satisfies Record<string, fc.Arbitrary<unknown>>) as fc.Arbitrary<unknown> as fc.Arbitrary<PolicyText>;

const states: fc.Arbitrary<State> = fc.record({
  a: policies,
  b: fc.option(policies),
  workload: fc.record({
    ...textsOf(firstWorkload),
    runs: fc.constantFrom(...kindsOfRuns),
    cause: fc.constantFrom('', ...endCauses),
  }) as fc.Arbitrary<State['workload']>,
  acts: fc.array(fc.record({ at: typed, act: fc.constantFrom(...acts) }), { maxLength: 4 }),
});

/** What no address holds: half of a pair of code units becomes the sign for what cannot be read. */
const wellFormed = (state: State): State =>
  JSON.parse(new TextDecoder().decode(new TextEncoder().encode(JSON.stringify(state))));

test('a link carries all that a person put in, right or wrong', () => {
  fc.assert(
    fc.property(states, (given) => {
      const state = wellFormed(given);
      const link = writeLink(state);
      expect(readLink(`#${link}`)).toEqual({ state, unknown: [] });
      // As a browser makes of it.
      expect(readLink(new URL(`file:///page#${link}`).hash)).toEqual({ state, unknown: [] });
    }),
  );
});

test('no link at all is what the page begins with', () => {
  expect(readLink('')).toEqual({ state: firstState, unknown: [] });
  expect(readLink('#')).toEqual({ state: firstState, unknown: [] });
});

test('a link says what it means, whatever another version of the page begins with', () => {
  const { workload } = firstState;
  const link = new URLSearchParams(writeLink({ ...firstState, workload: { ...workload, exit_code: '' } }));
  expect(link.get('a.policy')).toBe(firstState.a.policy);
  expect(link.get('runs')).toBe('crash');
  expect(link.get('crash_after')).toBe(workload.crash_after);
  expect(link.get('exit_code')).toBe('');
});

test('junk in a link changes nothing, and is named', () => {
  const junk = 'constructor=1&__proto__=2&a.rule=what~~&a.rule=stop~ghost~1&b.=3&act=explode~1m&runs=wild&%E0%A4=%';
  const { state, unknown } = readLink(`#${junk}`);
  expect(state).toEqual(firstState);
  expect(unknown).toEqual(['constructor', '__proto__', 'a.rule', 'b.', 'act', 'runs', expect.any(String)]);
});

test('a link of any text is read to a state that can be written and read again', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webQueryParameters()), (text) => {
      const { state } = readLink(text);
      expect(readLink(writeLink(state))).toEqual({ state, unknown: [] });
    }),
  );
});

test('what a later page would write beside what is known here is passed over, and the rest is kept', () => {
  const { state, unknown } = readLink('#a.policy=always&a.backoff=7s&a.backoff_shape=linear&crash_after=3s&theme=dark');
  expect(state.a).toEqual({ ...noPolicy, policy: 'always', backoff: '7s' });
  expect(state.workload.crash_after).toBe('3s');
  expect(unknown).toEqual(['a.backoff_shape', 'theme']);
});

test('that a wait begins at the attempt may be said, which says nothing new', () => {
  expect(readLink('#a.policy=always&a.backoff_from=attempt')).toEqual(readLink('#a.policy=always'));
});

test('a link that is longer than anybody types is cut at its fields', () => {
  expect(readLink(`#a.policy=always&a.backoff=${'9'.repeat(100_000)}`).unknown).toEqual(['a.backoff']);
  const log = 'x'.repeat(longestLog + 1);
  expect(writeLink({ ...firstState, workload: { ...firstWorkload, log } })).toBe(writeLink(firstState));
  const rules = Array.from({ length: 100 }, () => 'a.rule=stop~~1').join('&');
  expect(readLink(`#a.policy=always&${rules}`).state.a.rules).toHaveLength(20);
});

test.each(presets)('the link of the preset $name is short enough to be read', ({ policy }) => {
  expect(writeLink({ ...firstState, a: policy }).length).toBeLessThan(220);
});
