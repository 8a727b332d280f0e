/**
 * How long the event loop went without a turn: for so long nothing else in the process was answered.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as after } from 'node:timers/promises';

/** Long enough for the watch, which looks every millisecond, to look before and after what it is to see. */
const aWhile = 10;

export interface Watched<A> {
  readonly result: A;
  /** Milliseconds between two looks, and so about 1 where nothing holds the loop up. */
  readonly longestTurn: number;
}

export const watchTurns = async <A>(run: () => Promise<A>): Promise<Watched<A>> => {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  // Its first look only begins the count.
  await after(aWhile);
  const result = await run();
  await after(aWhile);
  delays.disable();
  return { result, longestTurn: delays.max / 1e6 };
};
