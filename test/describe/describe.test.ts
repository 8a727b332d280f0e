/**
 * What descriptions say: some of them to be read, and that none leaves out a word of its policy.
 */
import fc from 'fast-check';
import { describePolicy } from 'restart-policy/describe';
import { describe, expect, test } from 'vitest';
import { decodeRestartPolicy, type RestartPolicyWire } from '../../src/codec.js';
import { decide } from '../../src/decide.js';
import { type RestartPolicy, restartPolicy } from '../../src/policy.js';
import { arbRestartPolicy } from '../../src/testing/arbitraries.js';
import { arbQuestion } from '../support/arbitraries.js';
import { right } from '../support/either.js';
import { runs } from '../support/proof.js';
import { arbScaledPolicy } from './policies.js';

const said = (wire: Partial<RestartPolicyWire>): string => describePolicy(right(decodeRestartPolicy(wire)));

/** By what is said: read them as somebody who has never seen a policy. */
const descriptions: Readonly<Record<string, Partial<RestartPolicyWire>>> = {
  'It is never restarted automatically, however it ends: only a person starts it.': { policy: 'never' },
  'It is restarted whenever a run ends, whatever the exit code, and also when it is unhealthy. The first attempt comes at once, and attempts are at least 5 s apart, so a run that lasts longer is restarted at once. There is no limit to the attempts; a run of 10 min starts the count over.':
    { policy: 'always' },
  'It is restarted when a run fails, with an exit code other than 0 or an unknown one, and also when it is unhealthy; after exit code 0 it stays down, even if its host ended the run. The first attempt comes at once, and attempts are at least 5 s apart, so a run that lasts longer is restarted at once. There is no limit to the attempts; a run of 10 min starts the count over.':
    { policy: 'on_failure' },
  'It is restarted when a run fails, with an exit code other than 0 or an unknown one, and also when it is unhealthy; after exit code 0 it stays down, even if its host ended the run. The first attempt comes at once, and attempts are at least 5 s apart, so a run that lasts longer is restarted at once. After 1 attempt nothing more is done until a person starts it; a run of 10 min starts the count over.':
    { policy: 'on_failure', max_attempts: 1 },
  'It is restarted when a run fails, with an exit code other than 0 or an unknown one, and also when it is unhealthy; after exit code 0 it stays down, even if its host ended the run. The first attempt comes at once, and attempts are at least 1 s apart, so a run that lasts longer is restarted at once. After 5 attempts in a row nothing more is done until a person starts it; a run of 1 min 30 s starts the count over.':
    { policy: 'on_failure', backoff: '1s', max_attempts: 5, stable_after: '90s' },
  'It is restarted whenever a run ends, whatever the exit code, and also when it is unhealthy. The first attempt comes at once, and attempts are at least 250 ms apart, so a run that lasts longer is restarted at once. There is no limit to the attempts; a run of 1 h 30 min starts the count over.':
    { policy: 'always', backoff: '250ms', stable_after: '1h30m' },
  'It is restarted whenever a run ends, whatever the exit code, and also when it is unhealthy. The first attempt comes at once, and then the wait from one attempt to the next is 1 s, 2 s, 4 s and so on, doubling up to 5 min: a run that lasts longer than its wait is restarted at once. There is no limit to the attempts; a run of 10 min starts the count and the waits over.':
    { policy: 'always', backoff: '1s', max_backoff: '5m' },
  'It is restarted whenever a run ends, whatever the exit code, and also when it is unhealthy. The first attempt comes at once, and then the wait from one attempt to the next is 1 s, 2 s, then 4 s: a run that lasts longer than its wait is restarted at once. There is no limit to the attempts; a run of 10 min starts the count and the waits over.':
    { policy: 'always', backoff: '1s', max_backoff: '4s' },
  'It is restarted whenever a run ends, whatever the exit code, and also when it is unhealthy. The first attempt comes at once, and attempts are at least 1 s apart, so a run that lasts longer is restarted at once. There is no limit to the attempts; a run of 10 min starts the count over.':
    { policy: 'always', backoff: '1s', max_backoff: '1s' },
  'It is restarted whenever a run ends, whatever the exit code, and also when it is unhealthy. The first attempt comes at once, and then the wait from one attempt to the next is 1 s, 1.5 s, 2.25 s and so on, each 1.5 times the one before, up to 1 min: a run that lasts longer than its wait is restarted at once. There is no limit to the attempts; a run of 10 min starts the count and the waits over.':
    { policy: 'always', backoff: '1s', max_backoff: '1m', backoff_factor: 1.5 },
  'It is restarted whenever a run ends, whatever the exit code, and also when it is unhealthy. After an end it waits 1 s, 3 s, 9 s and so on, tripling up to 1 min, before the first attempt too; a restart without an end (bad health, a failed start) waits from the attempt before. There is no limit to the attempts; a run of 10 min starts the count and the waits over.':
    { policy: 'always', backoff: '1s', max_backoff: '1m', backoff_factor: 3, backoff_from: 'exit' },
  'It is restarted whenever a run ends, whatever the exit code, and also when it is unhealthy. After each end it waits 10 s, before the first attempt too; a restart without an end (bad health, a failed start) waits from the attempt before. There is no limit to the attempts; a run of 10 min starts the count over.':
    { policy: 'always', backoff: '10s', backoff_from: 'exit' },
  'It is restarted whenever a run ends, whatever the exit code, and also when it is unhealthy. After each end it waits 10 s, before the first attempt too; a restart without an end (bad health, a failed start) waits from the attempt before. Each wait is lengthened by up to 100 %, differently for each instance, so that what failed together comes back apart. There is no limit to the attempts; a run of 10 min starts the count over.':
    { policy: 'always', backoff: '10s', backoff_from: 'exit', jitter: 1 },
  'It is restarted whenever a run ends, whatever the exit code, and also when it is unhealthy. The first attempt comes at once, and attempts are at least 10 s apart, so a run that lasts longer is restarted at once. Each wait is lengthened by up to 7 %, differently for each instance, so that what failed together comes back apart, from the second attempt on. There is no limit to the attempts; a run of 10 min starts the count over.':
    { policy: 'always', backoff: '10s', jitter: 0.07 },
  'It is restarted when a run fails, with an exit code other than 0 or an unknown one, and also when it is unhealthy; after exit code 0 it stays down, even if its host ended the run. The first attempt comes at once, and attempts are at least 5 s apart, so a run that lasts longer is restarted at once. After 10 attempts within 30 min nothing more is done until a person starts it; a run of 10 min starts the count over.':
    { policy: 'on_failure', max_attempts: 10, limit_interval: '30m' },
  'It is restarted when a run fails, with an exit code other than 0 or an unknown one, and also when it is unhealthy; after exit code 0 it stays down, even if its host ended the run. The first attempt comes at once, and attempts are at least 5 s apart, so a run that lasts longer is restarted at once. After 10 attempts in a row nothing more is done for 2 days, then it begins anew; a run of 3650 days starts the count over.':
    { policy: 'on_failure', max_attempts: 10, cooldown: '48h', stable_after: '87600h' },
  'It is restarted whenever a run ends, whatever the exit code, and also when it is unhealthy. The first attempt comes at once, and attempts are at least 5 s apart, so a run that lasts longer is restarted at once. After 1 attempt within 1 min nothing more is done for 2 days 1 h, then it begins anew; a run of 10 min starts the count over.':
    { policy: 'always', max_attempts: 1, limit_interval: '1m', cooldown: '49h' },
  'It is restarted whenever a run ends, whatever the exit code, and also when it is unhealthy. The first attempt comes at once, and attempts are at least 5 s apart, so a run that lasts longer is restarted at once. There is no limit to the attempts; a run of 36 h starts the count over.':
    { policy: 'always', stable_after: '36h' },
  'It is restarted whenever a run ends, whatever the exit code, and also when it is unhealthy or still starting after 2 min. The first attempt comes at once, and attempts are at least 5 s apart, so a run that lasts longer is restarted at once. There is no limit to the attempts; a run of 10 min starts the count over.':
    { policy: 'always', start_timeout: '2m' },
  'It is restarted when a run fails, with an exit code other than 0 or an unknown one, and also when it is unhealthy or still starting after 2 min 30 s; after exit code 0 it stays down, even if its host ended the run. The first attempt comes at once, and attempts are at least 5 s apart, so a run that lasts longer is restarted at once. There is no limit to the attempts; a run of 10 min starts the count over.':
    { policy: 'on_failure', start_timeout: '2m30s' },
  'Whenever a run ends, it stays down. It is restarted only when it is unhealthy. The first attempt comes at once, and attempts are at least 5 s apart, so a run that lasts longer is restarted at once. There is no limit to the attempts; a run of 10 min starts the count over.':
    { policy: 'always', rules: [{ action: 'stop' }] },
  'Whenever a run ends, it is restarted and the first attempt is not counted. It is also restarted when it is unhealthy. The first attempt comes at once, and attempts are at least 5 s apart, so a run that lasts longer is restarted at once. There is no limit to the attempts; a run of 10 min starts the count over.':
    { policy: 'always', rules: [{ action: 'restart_uncounted' }, { exit_codes: [1], action: 'stop' }] },
  'When a run ends, the first of these applies: if the exit code is 78, it stays down; otherwise it is restarted. It is also restarted when it is unhealthy. The first attempt comes at once, and attempts are at least 5 s apart, so a run that lasts longer is restarted at once. There is no limit to the attempts; a run of 10 min starts the count over.':
    { policy: 'always', rules: [{ exit_codes: [78], action: 'stop' }] },
  'When a run ends, the first of these applies: if it was ended by its host, it is restarted and the first attempt is not counted; if it was ended by a lack of memory, a kernel panic or a signal, it is restarted; if it was ended by its own exit, with exit code 1, 3 to 5 or 7, it stays down; if it was ended by an unknown cause, it stays down; otherwise it is restarted unless the exit code is 0, whatever ended it. It is also restarted when it is unhealthy or still starting after 1 min. The first attempt comes at once, and attempts are at least 5 s apart, so a run that lasts longer is restarted at once. There is no limit to the attempts; a run of 10 min starts the count over.':
    {
      policy: 'on_failure',
      rules: [
        { causes: ['host'], action: 'restart_uncounted' },
        { causes: ['out_of_memory', 'panic', 'signal'], action: 'restart' },
        { causes: ['exit'], exit_codes: [1, [3, 5], [7, 7]], action: 'stop' },
        { causes: ['unknown'], action: 'stop' },
      ],
      start_timeout: '1m',
    },
  'When a run ends, the first of these applies: if it was ended by its host, it is restarted and the first attempt is not counted; if the exit code is 78, it stays down; otherwise it is restarted unless the exit code is 0, whatever ended it. It is also restarted when it is unhealthy or still starting after 2 min. After an end it waits 1 s, 2 s, 4 s and so on, doubling up to 5 min, before the first attempt too; a restart without an end (bad health, a failed start) waits from the attempt before. Each wait is lengthened by up to 50 %, differently for each instance, so that what failed together comes back apart. After 10 attempts within 30 min nothing more is done for 1 h, then it begins anew; a run of 10 min starts the count and the waits over.':
    {
      policy: 'on_failure',
      backoff: '1s',
      max_backoff: '5m',
      backoff_from: 'exit',
      jitter: 0.5,
      max_attempts: 10,
      limit_interval: '30m',
      cooldown: '1h',
      start_timeout: '2m',
      rules: [
        { causes: ['host'], action: 'restart_uncounted' },
        { exit_codes: [78], action: 'stop' },
      ],
    },
};

describe('a description', () => {
  test.each(Object.entries(descriptions))('%s', (text, wire) => {
    expect(said(wire)).toBe(text);
  });
});

// ---------------------------------------------------------------------------
// nothing is left out
// ---------------------------------------------------------------------------

const policy: RestartPolicy = {
  mode: 'on_failure',
  backoff: 1_000,
  maxBackoff: 60_000,
  backoffFactor: 3,
  jitter: 0.5,
  maxAttempts: 3,
  limitInterval: 300_000,
  cooldown: 600_000,
  stableAfter: 700_000,
  startTimeout: 120_000,
  rules: [
    { causes: ['host'], action: 'restart_uncounted' },
    { exitCodes: [78], action: 'stop' },
  ],
};

const others: ReadonlyArray<Partial<Record<keyof RestartPolicy, unknown>>> = [
  { mode: 'never' },
  { mode: 'always' },
  { backoff: 1_000.000_001 },
  { maxBackoff: 60_000.5 },
  { maxBackoff: undefined, backoffFactor: undefined },
  { backoffFactor: undefined },
  { backoffFactor: 3.000_000_000_000_000_4 },
  { backoffFrom: 'exit' },
  { jitter: undefined },
  { jitter: 0.500_000_000_000_000_1 },
  { maxAttempts: 2 },
  { maxAttempts: 1 },
  { maxAttempts: 0, limitInterval: undefined, cooldown: undefined },
  { limitInterval: undefined },
  { limitInterval: 300_000.25 },
  { cooldown: undefined },
  { cooldown: 600_001 },
  { stableAfter: 600_000 },
  { startTimeout: undefined },
  { startTimeout: 119_999.999_999 },
  { rules: undefined },
  { rules: [policy.rules?.[1], policy.rules?.[0]] },
  { rules: [{ causes: ['host'], action: 'restart' }, policy.rules?.[1]] },
  { rules: [{ causes: ['host', 'signal'], action: 'restart_uncounted' }, policy.rules?.[1]] },
  { rules: [{ causes: ['host'], exitCodes: [1], action: 'restart_uncounted' }, policy.rules?.[1]] },
  { rules: [policy.rules?.[0], { exitCodes: [[78, 79]], action: 'stop' }] },
  { rules: [policy.rules?.[0], { exitCodes: [78], action: 'restart' }] },
  { rules: [policy.rules?.[0], { action: 'stop' }] },
];

test.each(others)('is another one where the policy differs in %j', (part) => {
  const other = right(restartPolicy({ ...policy, ...part } as RestartPolicy));
  expect(describePolicy(right(restartPolicy(policy)))).not.toBe(describePolicy(other));
});

/** The policies that a policy becomes when one of its fields is that of another, where it may be. */
const withFieldsOf = (one: RestartPolicy, other: RestartPolicy): ReadonlyArray<RestartPolicy> =>
  fields.flatMap((field) => {
    const mixed = restartPolicy({ ...one, [field]: other[field] });
    return mixed._tag === 'Right' ? [mixed.right] : [];
  });

const fields = [
  'mode',
  'backoff',
  'maxBackoff',
  'backoffFactor',
  'backoffFrom',
  'jitter',
  'maxAttempts',
  'limitInterval',
  'cooldown',
  'stableAfter',
  'startTimeout',
  'rules',
] as const satisfies ReadonlyArray<keyof RestartPolicy>;

test('two policies that are described alike decide alike', () => {
  fc.assert(
    fc.property(arbQuestion, fc.oneof(arbScaledPolicy, arbRestartPolicy), (question, other) => {
      const { policy: one, status, event, now } = question;
      const decided = JSON.stringify(decide(one, status, event, now));
      for (const mixed of withFieldsOf(one, other)) {
        if (JSON.stringify(decide(mixed, status, event, now)) === decided) continue;
        expect(describePolicy(mixed)).not.toBe(describePolicy(one));
      }
    }),
    { numRuns: runs(5_000) },
  );
});

test('a description is one line of whole sentences, whatever the policy', () => {
  fc.assert(
    fc.property(arbRestartPolicy, (one) => {
      expect(describePolicy(one)).toMatch(/^[A-Z][^\n]*\.$/);
      expect(describePolicy(one)).not.toMatch(/undefined|NaN|Infinity| {2}|\b1 (?:attempts|days)\b/);
    }),
  );
});
