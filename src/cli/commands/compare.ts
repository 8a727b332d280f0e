/**
 * `compare`: the same workload under several policies, side by side.
 */
import { printTimeline } from '../../simulate.js';
import type { CliCommand } from '../command.js';
import { readPolicies, severalInline } from '../input/policy.js';
import type { Text } from '../input/text.js';
import { writePicture } from '../picture.js';
import { tellProblems } from '../problem.js';
import { createProgress } from '../progress.js';
import { declareScenario, readScenario, type Scenario, scenarioHelp } from '../scenario.js';
import { type Simulated, simulated } from '../simulated.js';
import type { Terminal } from '../terminal.js';
import { jsonText } from '../text/json.js';
import { loggedText, usedUpText } from '../text/logged.js';
import { paintWith } from '../text/paint.js';
import { printable } from '../text/printable.js';
import { summaryTable } from '../text/summary.js';
import { wireOfSimulated } from '../text/wire.js';
import { wrap } from '../text/wrap.js';

const help = `Usage: restart-policy compare POLICY POLICY... [OPTION...]

The same under each policy: timelines under each other, summaries side by side.

${scenarioHelp}
  --svg FILE         a picture too; --json: for machines, the summaries

  restart-policy compare now.yaml better.yaml --log runs.csv --svg both.svg
  restart-policy compare a.yaml '{"policy": "always"}' --crash-after 30s`;

export const compare: CliCommand = {
  name: 'compare',
  summary: 'show the same under several policies, side by side',
  help: `${help}\n`,
  declare: (command) => declareScenario(command.argument('<policy...>')).option('--svg <file>').option('--json'),
  run: async (args, options, terminal) => {
    const [policies, scenario] = [await readPolicies(args, terminal), await readScenario(options, terminal)];
    const problems = [...policies, scenario].flatMap((each) => (each._tag === 'Left' ? each.left : []));
    if (scenario._tag === 'Left' || problems.length > 0) return tellProblems(problems, terminal);

    const progress = createProgress(terminal);
    const done = policies.flatMap((each) =>
      each._tag === 'Right' ? [simulated(each.right, scenario.right, progress)] : [],
    );
    progress.end();
    const failed = done.flatMap((each) => (each._tag === 'Left' ? each.left : []));
    if (failed.length > 0) return tellProblems(failed, terminal);
    const all = done.flatMap((each) => (each._tag === 'Right' ? [each.right] : []));
    if (options['json'] === true) terminal.out(jsonText(all.map((one) => wireOfSimulated(one, false))));
    else terminal.out(textOf(all, severalInline(args), scenario.right, options['repeat'] === true, terminal));
    if (typeof options['svg'] !== 'string') return 0;
    const unwritten = await writePicture(options['svg'], scenario.right.description, all);
    return unwritten === null ? 0 : tellProblems([unwritten], terminal);
  },
};

const textOf = (
  all: ReadonlyArray<Simulated>,
  inline: ReadonlyArray<Text>,
  scenario: Scenario,
  isRepeated: boolean,
  terminal: Terminal,
): string => {
  const { columns, colour } = terminal;
  const paint = paintWith(colour);
  const { description, log } = scenario;
  const notes = [...(log === null ? [] : [loggedText(log)]), usedUpText(scenario, isRepeated, all) ?? []].flat();
  return [
    wrap(description, columns),
    // Which number is which.
    ...inline.map(({ name, text }) => `${paint('bold', name)}\n${wrap(printable(text).trim(), columns, '  ')}`),
    ...all.flatMap((one) =>
      one._tag === 'One'
        ? ['', paint('bold', one.given.name), printTimeline(one.timeline, { width: columns, colour, summary: false })]
        : [],
    ),
    '',
    ...summaryTable(all, columns),
    ...notes.map((note) => `\n${wrap(note, columns)}`),
    '',
  ].join('\n');
};
