/** Runs of the reference, step by step; test/data/README.md says how to read them. */
import { readFileSync } from 'node:fs';
import type { InstanceObservation, RestartEvent } from '../../src/event.js';
import type { Timestamp } from '../../src/status.js';

interface WireObservation extends Omit<InstanceObservation, 'startedAt' | 'stoppedAt'> {
  readonly startedAt: string | null;
  readonly stoppedAt: string | null;
}
type WireEvent =
  | { readonly _tag: 'Observed'; readonly instance: WireObservation }
  | Exclude<RestartEvent, { readonly _tag: 'Observed' }>;

export interface Trace {
  readonly id: number | string;
  readonly policy: unknown;
  readonly steps: ReadonlyArray<{
    readonly now: string;
    readonly event: WireEvent;
    readonly policy?: unknown;
    /** Without a status where the reference differs by design. */
    readonly expect: { readonly actions: ReadonlyArray<unknown>; readonly status?: unknown };
  }>;
}

export const traces: ReadonlyArray<Trace> = JSON.parse(
  readFileSync(new URL('../data/decide-traces.json', import.meta.url), 'utf8'),
);

const time = (text: string | null): Timestamp | null => (text === null ? null : Date.parse(text));

export const eventOf = (event: WireEvent): RestartEvent =>
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
