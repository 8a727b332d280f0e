/**
 * A first instance kept alive, by the command line: `restart-policy run`.
 *
 *   npm start                                     a tour: crashes, backoff, limit, and a manual stop that holds
 *   npm start -- --policy FILE -- COMMAND ARG...  supervises your command until Ctrl-C, which is a manual stop
 */
import { main } from '../../src/cli/main.js';
import { terminalOf } from '../../src/cli/terminal.js';
import { tour } from './tour.js';

const given = process.argv.slice(2);

process.exitCode = given.length === 0 ? await tour() : await main(['run', ...given], terminalOf(process));
