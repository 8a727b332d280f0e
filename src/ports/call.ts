/**
 * What a port is told of a call besides its arguments.
 *
 * @since 0.2.0
 */

/** What is used of an `AbortSignal`, for hosts whose compiler does not know that type. */
interface SignalShape {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * An `AbortSignal`, with the type that the host's platform gives it.
 *
 * @since 0.2.0
 */
// biome-ignore lint/style/noRestrictedGlobals: a type, which asks what the host's platform declares.
export type CallSignal = typeof globalThis extends { readonly AbortSignal: { readonly prototype: infer Signal } }
  ? Signal
  : SignalShape;

/**
 * One call of a port.
 *
 * @since 0.2.0
 */
export interface PortCall {
  /**
   * Aborted once nobody waits for the answer any more: the deadline has passed, or the controller has closed. A port that
   * heeds it ends what it has begun and answers only when nothing more will come of the call. To cut a connection is not
   * enough, for the request may still arrive. Absent: the call is never given up.
   */
  readonly signal?: CallSignal | undefined;
}
