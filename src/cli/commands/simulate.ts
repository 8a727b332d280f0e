/**
 * `simulate`: what one policy would do with a workload, a log, or a fleet.
 */
import { printTimeline } from '../../simulate.js';
import type { CliCommand } from '../command.js';
import { readPolicies } from '../input/policy.js';
import { writePicture } from '../picture.js';
import { tellProblems } from '../problem.js';
import { createProgress } from '../progress.js';
import { declareScenario, readScenario, type Scenario, scenarioHelp } from '../scenario.js';
import { type Simulated, simulated } from '../simulated.js';
import type { Terminal } from '../terminal.js';
import { jsonText } from '../text/json.js';
import { loggedText, usedUpText } from '../text/logged.js';
import { summaryTable } from '../text/summary.js';
import { wireOfSimulated } from '../text/wire.js';
import { wrap } from '../text/wrap.js';

const help = `Usage: restart-policy simulate POLICY [OPTION...]

What the policy would do, by the decision itself: a timeline, and how the time
was spent. POLICY is a file, - for standard input, or a text that begins with {.

${scenarioHelp}
  --svg FILE         a picture too; --json: for machines, with every decision

  restart-policy simulate policy.yaml --log runs.csv --svg runs.svg
  restart-policy simulate policy.yaml --fleet 500 --mean-uptime 6h --for 7d`;

export const simulateCommand: CliCommand = {
  name: 'simulate',
  summary: 'show what a policy would do with crashes, a log of runs, or a fleet',
  help: `${help}\n`,
  declare: (command) => declareScenario(command.argument('<policy>')).option('--svg <file>').option('--json'),
  run: async (args, options, terminal) => {
    const [policies, scenario] = [await readPolicies(args, terminal), await readScenario(options, terminal)];
    const problems = [...policies, scenario].flatMap((each) => (each._tag === 'Left' ? each.left : []));
    const [policy] = policies.flatMap((each) => (each._tag === 'Right' ? [each.right] : []));
    if (scenario._tag === 'Left' || policy === undefined) return tellProblems(problems, terminal);

    const progress = createProgress(terminal);
    const done = simulated(policy, scenario.right, progress);
    progress.end();
    if (done._tag === 'Left') return tellProblems(done.left, terminal);
    const { description } = scenario.right;
    if (options['json'] === true) terminal.out(jsonText(wireOfSimulated(done.right, true)));
    else terminal.out(textOf(done.right, scenario.right, options['repeat'] === true, terminal));
    if (typeof options['svg'] !== 'string') return 0;
    const unwritten = await writePicture(options['svg'], `${policy.name}: ${description}`, [done.right]);
    return unwritten === null ? 0 : tellProblems([unwritten], terminal);
  },
};

const textOf = (one: Simulated, scenario: Scenario, isRepeated: boolean, terminal: Terminal): string => {
  const { columns, colour } = terminal;
  const { description, log } = scenario;
  const notes = [...(log === null ? [] : [loggedText(log)]), usedUpText(scenario, isRepeated, [one]) ?? []].flat();
  return [
    wrap(`${one.given.name}: ${description}`, columns),
    '',
    ...(one._tag === 'One' ? [printTimeline(one.timeline, { width: columns, colour, summary: false }), ''] : []),
    ...summaryTable([one], columns),
    ...notes.map((note) => `\n${wrap(note, columns)}`),
    '',
  ].join('\n');
};
