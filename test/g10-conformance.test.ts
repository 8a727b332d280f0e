/**
 * G10: on runs of the reference, actions and statuses are equal at every step.
 *
 * The traces are outputs of the reference (test/data/README.md says how to read them). Where a step carries no
 * status, the reference differs by design and only the actions are compared.
 */
import { describe, expect, test } from 'vitest';
import { decodeRestartPolicy, RestartStatusCodec } from '../src/codec.js';
import { decide, initialStatus, type RestartPolicy, type RestartStatus } from '../src/index.js';
import { right } from './support/either.js';
import { noteFigures } from './support/proof.js';
import { eventOf, traces } from './support/traces.js';

describe('G10: on runs of the reference we do what it does', () => {
  test('the vectors hold 60 traces of 2,296 steps', () => {
    expect(traces).toHaveLength(60);
    expect(traces.flatMap((trace) => trace.steps)).toHaveLength(2_296);
  });

  test.each(traces)('trace $id', ({ policy: firstPolicy, steps }) => {
    let policy: RestartPolicy = right(decodeRestartPolicy(firstPolicy));
    let status: RestartStatus = initialStatus;
    for (const [index, step] of steps.entries()) {
      if (step.policy !== undefined) policy = right(decodeRestartPolicy(step.policy));
      const decision = decide(policy, status, eventOf(step.event), Date.parse(step.now));
      const where = `step ${index} (${step.event._tag} at ${step.now})`;
      expect(decision.actions, where).toEqual(step.expect.actions);
      if (step.expect.status !== undefined) {
        expect(RestartStatusCodec.encode(decision.status), where).toEqual(step.expect.status);
      }
      status = decision.status;
    }
    noteFigures({ guarantee: 'G10', method: "the reference's runs", counts: { traces: 1, steps: steps.length } });
  });
});
