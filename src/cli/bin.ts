#!/usr/bin/env node
/**
 * The program that the package's bin is.
 */
import { main } from './main.js';
import { terminalOf } from './terminal.js';

// Whoever reads may have seen enough (`| head`): that is no error, and what is supervised must not end with its reader.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

void main(process.argv.slice(2), terminalOf(process)).then((exitCode) => {
  process.exitCode = exitCode;
});
