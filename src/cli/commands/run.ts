/**
 * `run`: supervises a command.
 */
import type { CliCommand } from '../command.js';
import { readOptions } from '../options.js';
import { tellProblems } from '../problem.js';
import { createNarrator } from '../run/narrate.js';
import { declarePolicy, readGivenPolicy } from '../run/policy-flags.js';
import { type Interruption, supervise } from '../run/supervise.js';

const help = `Usage: restart-policy run [--policy FILE | POLICY OPTION...] -- COMMAND [ARG...]

Runs a command and restarts it by the policy (default: always, 2s apart). Each
decision is a line on standard error. Ctrl-C (or SIGTERM) is a person's stop.

  --policy FILE        the policy; or its fields: --mode WORD, --backoff D,
                       --max-backoff D, --backoff-factor N, --backoff-from WORD,
                       --max-attempts N, --limit-interval D, --cooldown D,
                       --stable-after D, --start-timeout D, --jitter N
  --state DIR          remember a stop and the attempts for the next run in DIR
  --start              start it though a person stopped it (with --state)
  --grace D            from SIGTERM to SIGKILL when it is stopped (default 10s)
  --quiet              no lines, but for what fails

Exit code: the command's own when it is done for good (1 after a signal); 1 when
it used up its attempts, or a person stopped it before; 0 after Ctrl-C; 2 wrong
input. SIGHUP ends it without a person's word: the next run takes it up again.

  restart-policy run --mode on_failure --max-attempts 5 -- node server.js
  restart-policy run --policy policy.yaml --state /var/lib/web -- ./web -p 80
`;

export const run: CliCommand = {
  name: 'run',
  summary: 'supervise a command under a policy',
  help,
  declare: (command) =>
    declarePolicy(command.argument('<command...>'))
      .option('--state <directory>')
      .option('--start')
      .option('--grace <span>')
      .option('--quiet')
      // What follows the command's name is the command's.
      .passThroughOptions(),
  run: async (args, given, terminal) => {
    const options = readOptions(given);
    const policy = await readGivenPolicy(options, terminal);
    const graceMs = options.span('--grace', 0) ?? 10_000;
    const state = options.text('--state') ?? null;
    if (state === '') options.tell('--state', 'must be the path of a directory');
    if (options.isGiven('--start') && state === null) options.tell('--start', 'needs --state');
    if (policy._tag === 'Left' || options.problems.length > 0) {
      return tellProblems([...(policy._tag === 'Left' ? policy.left : []), ...options.problems], terminal);
    }
    const signals = listenToSignals();
    const [program = '', ...rest] = args;
    try {
      const supervision = {
        command: { command: program, args: rest, stdio: 'inherit' as const },
        policy: policy.right,
        state,
        isStart: options.isGiven('--start'),
        graceMs,
      };
      return await supervise(supervision, signals.interrupted, createNarrator(terminal, options.isGiven('--quiet')));
    } finally {
      signals.stop();
    }
  },
};

const meanings: ReadonlyArray<readonly [NodeJS.Signals, Interruption]> = [
  ['SIGINT', 'stop'],
  ['SIGTERM', 'stop'],
  ['SIGHUP', 'drain'],
];

/** Every one of them is handled, not only the first: one Ctrl-C arrives twice where npm hands it on. */
const listenToSignals = () => {
  const handlers: Array<() => void> = [];
  const interrupted = new Promise<Interruption>((resolve) => {
    for (const [signal, meaning] of meanings) {
      const handler = (): void => resolve(meaning);
      process.on(signal, handler);
      handlers.push(() => process.off(signal, handler));
    }
  });
  return {
    interrupted,
    stop: () => {
      for (const stop of handlers) stop();
    },
  };
};
