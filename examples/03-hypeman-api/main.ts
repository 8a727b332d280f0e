/**
 * hypeman's instances API over child processes, with a page to look at.
 *
 *   node --import ./scripts/typescript.mjs examples/03-hypeman-api/main.ts [--demo]
 *
 * It prints its address. `--demo` creates a few instances to look at. From the environment: PORT (8080; 0: any that is
 * free), HOST (127.0.0.1; whoever may reach another one may run commands here), DATA_DIR (a temporary directory, removed at
 * the end) and BEYOND (1: policies may have the fields that hypeman's API does not know, and are shown with them).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemble } from './assemble.js';
import { createDemo } from './demo.js';

const main = async (): Promise<number> => {
  // From here on, and as often as it comes: Ctrl-C reaches the program from the terminal, and once more from npm.
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
  const { PORT = '8080', HOST: host = '127.0.0.1', DATA_DIR, BEYOND } = process.env;
  const port = Number(PORT);
  if (PORT.trim() === '' || !Number.isInteger(port) || port < 0 || port > 65_535) {
    console.error(`PORT must be a whole number from 0 to 65535, not "${PORT}"`);
    return 2;
  }

  const directory = DATA_DIR ?? mkdtempSync(join(tmpdir(), 'restart-policy-'));
  try {
    return await serve({ directory, host, port, beyond: BEYOND === '1', interrupted });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  } finally {
    if (DATA_DIR === undefined) rmSync(directory, { recursive: true });
  }
};

interface Serving {
  readonly directory: string;
  readonly host: string;
  readonly port: number;
  readonly beyond: boolean;
  readonly interrupted: Promise<void>;
}

const serve = async ({ directory, host, port, beyond, interrupted }: Serving): Promise<number> => {
  const assembled = await assemble(directory, host, beyond);
  if (assembled._tag === 'Left') {
    console.error(assembled.left);
    return 1;
  }
  const { server, close } = assembled.right;
  try {
    console.log(`listening on ${await server.listen({ host, port })}`);
    if (process.argv.includes('--demo')) await createDemo(server);
    await interrupted;
    return 0;
  } finally {
    await close();
  }
};

process.exitCode = await main();
