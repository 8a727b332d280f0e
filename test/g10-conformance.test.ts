/**
 * G10: on runs of the reference, actions and statuses are equal at every step.
 *
 * The traces are outputs of the reference (test/data/README.md says how to read them). Where a step carries no
 * status, the reference differs by design and only the actions are compared.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeRestartPolicy, RestartStatusCodec } from '../src/codec.js';
import {
  decide,
  type InstanceObservation,
  initialStatus,
  type RestartEvent,
  type RestartPolicy,
  type RestartStatus,
} from '../src/index.js';
import { right } from './support/either.js';
import { noteFigures } from './support/proof.js';

interface WireObservation extends Omit<InstanceObservation, 'startedAt' | 'stoppedAt'> {
  readonly startedAt: string | null;
  readonly stoppedAt: string | null;
}
type WireEvent =
  | { readonly _tag: 'Observed'; readonly instance: WireObservation }
  | Exclude<RestartEvent, { readonly _tag: 'Observed' }>;
interface Trace {
  readonly id: number;
  readonly policy: unknown;
  readonly steps: ReadonlyArray<{
    readonly now: string;
    readonly event: WireEvent;
    readonly policy?: unknown;
    readonly expect: { readonly actions: ReadonlyArray<unknown>; readonly status?: unknown };
  }>;
}

const traces: ReadonlyArray<Trace> = JSON.parse(
  readFileSync(new URL('./data/decide-traces.json', import.meta.url), 'utf8'),
);

const time = (text: string | null): number | null => (text === null ? null : Date.parse(text));

const eventOf = (event: WireEvent): RestartEvent =>
  event._tag === 'Observed'
    ? {
        _tag: 'Observed',
        instance: {
          ...event.instance,
          startedAt: time(event.instance.startedAt),
          stoppedAt: time(event.instance.stoppedAt),
        },
      }
    : event;

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
