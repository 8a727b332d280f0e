/**
 * A first instance kept alive: a controller over real child processes.
 *
 *   npm start                                     a tour: crashes, backoff, limit, and a manual stop that holds
 *   npm start -- --policy JSON -- COMMAND ARG...  supervises your command until Ctrl-C, which is a manual stop
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createMemoryStore } from 'restart-policy/adapters/memory';
import { openProcessHypervisor, type ProcessCommand } from 'restart-policy/adapters/process';
import { systemClock } from 'restart-policy/adapters/system-clock';
import { decodeRestartPolicy } from 'restart-policy/codec';
import { createController } from 'restart-policy/controller';
import { complain, narrate } from './narrate.js';
import { supervise } from './supervise.js';
import { tour, tourCommands } from './tour.js';

const usage = `usage: npm start
       npm start -- [--policy '{"policy":"always","backoff":"2s"}'] -- COMMAND [ARG...]`;

const main = async (): Promise<number> => {
  // One Ctrl-C arrives twice, from the terminal and from npm: so from here on every one is handled, not only the first.
  const interrupted = new Promise<number>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve(130));
  });
  const asked = readArguments();
  if (asked === null) {
    console.error(usage);
    return 2;
  }
  const [command, ...args] = asked.command;
  const policy = decodeRestartPolicy(asked.policy);
  if (policy._tag === 'Left') {
    for (const { message } of policy.left) console.error(message);
    return 2;
  }

  const commands: Readonly<Record<string, ProcessCommand>> =
    command === undefined ? tourCommands : { [name]: { command, args, stdio: 'inherit' } };
  const directory = mkdtempSync(join(tmpdir(), 'restart-policy-'));
  const hypervisor = await openProcessHypervisor({
    directory,
    commandOf: (id) => commands[id] ?? null,
    graceMs: 5_000,
  })();
  if (hypervisor._tag === 'Left') {
    console.error(hypervisor.left.message);
    return 1;
  }
  const created = createController({
    store: createMemoryStore(),
    hypervisor: hypervisor.right,
    clock: systemClock,
    onDecision: narrate,
    onFault: complain,
  });
  if (created._tag === 'Left') {
    console.error(created.left.message);
    return 1;
  }
  const controller = created.right;

  const exitCode = await (command === undefined
    ? Promise.race([tour(controller), interrupted])
    : supervise(controller, name, policy.right, interrupted));

  // A drain is not a manual stop: the controller is closed first, so that it restarts nothing that is ended next.
  await controller.close()();
  await hypervisor.right.close();
  rmSync(directory, { recursive: true });
  return exitCode;
};

const name = 'command';

/** null: the arguments were not understood. */
const readArguments = (): { readonly policy: unknown; readonly command: ReadonlyArray<string> } | null => {
  try {
    const { values, positionals } = parseArgs({ options: { policy: { type: 'string' } }, allowPositionals: true });
    if (values.policy !== undefined && positionals.length === 0) return null;
    return { policy: JSON.parse(values.policy ?? '{"policy":"always","backoff":"2s"}'), command: positionals };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return null;
  }
};

process.exitCode = await main();
