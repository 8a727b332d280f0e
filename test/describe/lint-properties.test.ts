/**
 * A warning is given where its trap is seen to happen, and nowhere else: over random policies, each driven by `decide` and
 * `nextWakeAt`.
 */
import fc from 'fast-check';
import { type LintWarning, lintCodes, lintPolicy, withWireNames } from 'restart-policy/describe';
import { expect, test } from 'vitest';
import { RestartPolicyCodec } from '../../src/codec.js';
import { arbRestartPolicy } from '../../src/testing/arbitraries.js';
import { arbSalt } from '../support/arbitraries.js';
import { runs } from '../support/proof.js';
import { drive } from './drive.js';
import { mendsOf } from './mends.js';
import { arbScaledPolicy } from './policies.js';
import { crashes, forEver, hangs, trapsOf } from './traps.js';

test('a policy has a warning exactly where what it warns of is seen to happen', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(arbScaledPolicy, (policy) => {
      const codes = lintPolicy(policy).map(({ code }) => code);
      for (const code of codes) seen.add(code);
      const given = Object.fromEntries(lintCodes.map((code) => [code, codes.filter((other) => other === code).length]));
      expect(given).toEqual(trapsOf(policy));
    }),
    { numRuns: runs(600) },
  );
  expect([...seen].sort()).toEqual([...lintCodes].sort());
});

test('what is warned of happens to every instance, whatever its jitter', () => {
  fc.assert(
    fc.property(arbScaledPolicy, arbSalt, (policy, salt) => {
      for (const { code, fields } of lintPolicy({ ...policy, jitter: policy.jitter ?? 1 })) {
        const jittery = { ...policy, jitter: policy.jitter ?? 1 };
        if (code === 'limit_unreachable' && fields[0] === 'limitInterval') {
          const { blockedAfter } = drive(jittery, crashes(jittery, 0), forEver(jittery), salt);
          expect(blockedAfter).toBeNull();
        }
        if (code === 'start_timeout_without_effect') {
          const { attempts } = drive(jittery, hangs, 2, salt);
          expect(attempts[1]?.pause).toBeGreaterThan(Math.ceil(policy.startTimeout ?? Number.POSITIVE_INFINITY));
        }
      }
    }),
    { numRuns: runs(600) },
  );
});

test('to do what a hint says takes the warning away, whichever of its ways', () => {
  fc.assert(
    fc.property(fc.oneof(arbScaledPolicy, arbRestartPolicy), (policy) => {
      for (const { code, fields, hint } of lintPolicy(policy)) {
        for (const { mended, rule } of mendsOf(policy, hint)) {
          // A rule that is removed is gone; one that is moved has another index.
          const isAbout = (other: LintWarning): boolean =>
            code.startsWith('rule_') ? other.fields[0] === rule : String(other.fields) === String(fields);
          const left = lintPolicy(mended).filter((other) => other.code === code && isAbout(other));
          expect({ hint, left }).toEqual({ hint, left: [] });
        }
      }
    }),
    { numRuns: runs(1_000) },
  );
});

test('a warning names fields that its policy has, and on the wire by the names that they have there', () => {
  fc.assert(
    fc.property(arbRestartPolicy, (policy) => {
      const wire = RestartPolicyCodec.encode(policy);
      for (const warning of lintPolicy(policy)) {
        expect(warning.fields.length).toBeGreaterThan(0);
        for (const field of warning.fields) expect(policy).toHaveProperty(field);
        const { fields, hint, message } = withWireNames(warning);
        // Where there is no limit the wire leaves it out.
        for (const field of fields) if (field !== 'max_attempts') expect(wire).toHaveProperty(field);
        expect(`${fields} ${hint} ${message}`).not.toMatch(/[a-z][A-Z]|\bmode\b/);
      }
    }),
  );
});
