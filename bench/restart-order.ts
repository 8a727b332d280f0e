/**
 * What the process of one side is told, and what it runs.
 */
import type { HostSide } from './restart-sides.js';

export interface HostOrder {
  readonly side: HostSide;
  readonly directory: string;
}

export type HostRequest =
  | { readonly do: 'restart'; readonly times: number }
  | { readonly do: 'hold'; readonly children: number }
  | { readonly do: 'release' }
  | { readonly do: 'collect garbage' }
  | { readonly do: 'close' };

export interface Supervisor {
  /** Answers when the command has exited so many times, and what runs after the last one is a command that sleeps. */
  readonly restart: (times: number) => Promise<void>;
  /** Answers when so many run, which sleep. */
  readonly hold: (children: number) => Promise<void>;
  /** Ends all that runs. */
  readonly release: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface Command {
  readonly command: string;
  readonly args: ReadonlyArray<string>;
}

export const failing: Command = { command: '/bin/false', args: [] };
export const sleeping: Command = { command: '/bin/sleep', args: ['86400'] };
