/**
 * Every command there is, in the order in which help lists them.
 */
import type { CliCommand } from './command.js';
import { check } from './commands/check.js';
import { compare } from './commands/compare.js';
import { run } from './commands/run.js';
import { simulateCommand } from './commands/simulate.js';
import { translate } from './commands/translate.js';

export const commands: ReadonlyArray<CliCommand> = [check, simulateCommand, compare, translate, run];
