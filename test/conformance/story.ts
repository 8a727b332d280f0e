import type { RestartEvent } from '../../src/event.js';
import type { RestartPolicy } from '../../src/policy.js';
import type { Timestamp } from '../../src/status.js';

/** What is decided on in a trace, in order, from a window with nothing in it. */
export interface Story {
  readonly id: string;
  readonly questions: ReadonlyArray<{
    /** In force from this event on. */
    readonly policy: RestartPolicy;
    readonly event: RestartEvent;
    readonly now: Timestamp;
  }>;
}
