/**
 * The command line: `restart-policy COMMAND`. It never throws; the answer is the exit code.
 */
import { commands } from './commands.js';
import { runProgram } from './program.js';
import type { Terminal } from './terminal.js';
import { packageVersion } from './version.js';

export const main = (given: ReadonlyArray<string>, terminal: Terminal): Promise<number> =>
  runProgram(commands, packageVersion(), given, terminal);
