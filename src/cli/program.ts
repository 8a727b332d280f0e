/**
 * The commands as a program: which one is meant, and what it is given.
 */
import { Command, CommanderError } from 'commander';
import type { CliCommand, ExitCode } from './command.js';
import type { Terminal } from './terminal.js';
import { paintWith } from './text/paint.js';

const wrongInput = 2;

/** All that `--help` prints. */
const helpOf = (commands: ReadonlyArray<CliCommand>): string => {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 2;
  return `Usage: restart-policy COMMAND [OPTION...]

What a restart policy does, before it does it. A policy is JSON or YAML in a
file (- is standard input), by itself or as the restart_policy of a document.

${commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`).join('\n')}

  restart-policy COMMAND --help    its options, with examples
  restart-policy --version

Examples:
  restart-policy check policy.yaml
  restart-policy simulate policy.yaml --crash-after 2s --exit 1 --for 1h
  restart-policy simulate policy.yaml --log runs.csv --svg runs.svg
  restart-policy run --policy policy.yaml -- node server.js

Exit code: 0 fine, 1 warnings with --strict, 2 wrong input.
`;
};

/** Runs the command that is meant. `version` is that of the package. */
export const runProgram = async (
  commands: ReadonlyArray<CliCommand>,
  version: string,
  given: ReadonlyArray<string>,
  terminal: Terminal,
): Promise<ExitCode> => {
  let exitCode: ExitCode = 0;
  const program = prepared(new Command('restart-policy'), helpOf(commands), terminal)
    .version(version, '-V, --version')
    .helpCommand(false)
    .enablePositionalOptions();
  for (const command of commands) {
    const own = prepared(program.command(command.name), command.help, terminal).allowExcessArguments(false);
    command.declare(own);
    own.action(async () => {
      exitCode = await command.run(own.args, own.opts(), terminal);
    });
  }
  // `help` alone and `help COMMAND` are what many try first.
  const [first, second] = given;
  const called = first === 'help' ? [...(second === undefined ? [] : [second]), '--help'] : given;
  const [name = ''] = called;
  // Of what is no command there is no help either: with nothing behind it, the parser says what was meant.
  const isKnown = name.startsWith('-') || commands.some((command) => command.name === name);
  const asked = isKnown ? called : called.slice(0, 1);
  if (asked.length === 0) {
    terminal.err(helpOf(commands));
    return wrongInput;
  }
  try {
    await program.parseAsync([...asked], { from: 'user' });
    return exitCode;
  } catch (error) {
    // What was asked of it was printed, or what was not understood was told.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrongInput;
    throw error;
  }
};

const prepared = (command: Command, help: string, terminal: Terminal): Command => {
  const paint = paintWith(terminal.errColour);
  command
    .exitOverride()
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      outputError: (text, write) => write(paint('red', text.replace(/^error: /, ''))),
    })
    .configureHelp({ formatHelp: () => help })
    .helpOption('-h, --help')
    .showHelpAfterError(
      `\nrestart-policy ${command.name() === 'restart-policy' ? '' : `${command.name()} `}--help says how`,
    );
  return command;
};
