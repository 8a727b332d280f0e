/**
 * The part of hypeman's client that the adapter uses, by its shape: `@onkernel/hypeman` fits as it is.
 */
import { left, right } from '../../either.js';
import { port } from '../../options.js';
import { describeValue } from '../../quote.js';
import type { Check } from '../../validation.js';

/**
 * What the adapter needs of a client of hypeman's API; `new Hypeman(...)` of `@onkernel/hypeman` fits.
 *
 * @since 0.2.0
 */
export interface HypemanClient {
  readonly instances: HypemanInstances;
}

/**
 * Calls of the instances API. Each rejects with an error that has the response's `status`, where there was a response,
 * and its JSON body as `error`.
 *
 * @since 0.2.0
 */
export interface HypemanInstances {
  // Methods and not properties: the client's own are stricter in what they take, which only a method's looser check
  // lets in.
  get(id: string, options?: HypemanCallOptions): PromiseLike<HypemanInstance>;
  start(id: string, body: Readonly<Record<string, never>>, options?: HypemanCallOptions): PromiseLike<unknown>;
  stop(id: string, options?: HypemanCallOptions): PromiseLike<{ readonly state: string }>;
  wait(
    id: string,
    query: { readonly state: 'Running' | 'Stopped'; readonly timeout: string },
    options?: HypemanCallOptions,
  ): PromiseLike<{ readonly state: string; readonly timed_out: boolean }>;
}

/**
 * How one call is made. The names are the client's.
 *
 * @since 0.2.0
 */
export interface HypemanCallOptions {
  /** How often the client repeats a call that failed; the adapter allows 0 where a call has an effect. */
  readonly maxRetries?: number;
  /** Milliseconds until the client gives the response up. */
  readonly timeout?: number;
  /** Calls the call off: always an `AbortSignal`, whose type not every host's compiler knows. */
  readonly signal?: { readonly aborted: boolean } | null | undefined;
}

/**
 * What the adapter reads of an instance.
 *
 * @since 0.2.0
 */
export interface HypemanInstance {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  /** RFC 3339; null or absent: it never ran. */
  readonly started_at?: string | null;
  /** RFC 3339; of the last stop that was asked for, which need not be the end of the last run. */
  readonly stopped_at?: string | null;
  /** Above 128: the workload's own, or 128 and the number of the signal that ended it. */
  readonly exit_code?: number | null;
  readonly health_status?: { readonly status: string };
  /** The state in lower case, as it is counted; absent in earlier versions of hypeman. */
  readonly current_phase?: string;
  /** RFC 3339; when that phase began. */
  readonly current_phase_since?: string;
  /** Milliseconds in each phase, over all runs. */
  readonly phase_durations_ms?: { readonly [phase: string]: number };
  readonly restart_policy?: { readonly policy?: string };
}

const checkInstances = port<HypemanInstances>('instances', 'get', 'start', 'stop', 'wait');

export const checkClient: Check<HypemanClient> = (u) => {
  const isClient =
    typeof u === 'object' && u !== null && 'instances' in u && checkInstances(u.instances)._tag === 'Right';
  return isClient
    ? right(u as HypemanClient)
    : left(
        `must be a client of hypeman's API, whose instances have get, start, stop and wait, not ${describeValue(u)}`,
      );
};
