/**
 * What a command of the command line is: a file in `commands/` that exports one of these, and its line in `commands.ts`.
 */
import type { Command } from 'commander';
import type { Terminal } from './terminal.js';

/** 0: fine; 1: warnings with --strict, or what was run did not end well; 2: wrong input. */
export type ExitCode = number;

/** Texts as they were given; what they must be, each command says by `readOptions`. */
export type GivenOptions = Readonly<Record<string, unknown>>;

export interface CliCommand {
  readonly name: string;
  /** A few words for the list of commands. */
  readonly summary: string;
  /** All that `--help` prints: how it is called, its options, examples. No longer than a screen of 24 lines of 80 columns. */
  readonly help: string;
  /** Its arguments and options. Their descriptions stand in `help`, which a test compares with them. */
  readonly declare: (command: Command) => void;
  readonly run: (args: ReadonlyArray<string>, options: GivenOptions, terminal: Terminal) => Promise<ExitCode>;
}
