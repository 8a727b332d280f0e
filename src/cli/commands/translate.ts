/**
 * `translate`: what another system was told of restarts, as policies, with what will be different.
 */
import { stringify } from 'yaml';
import { RestartPolicyCodec } from '../../codec.js';
import type { Gain, Loss, PeerName, Translation } from '../../translate.js';
import type { CliCommand } from '../command.js';
import { readOptions, wordOf } from '../options.js';
import { type Problem, problem, tellProblems } from '../problem.js';
import type { Terminal } from '../terminal.js';
import { cut } from '../text/cut.js';
import { jsonText } from '../text/json.js';
import { paintWith } from '../text/paint.js';
import { printable } from '../text/printable.js';
import { wrap } from '../text/wrap.js';
import { systemMeant, systemNames } from './translate/system-names.js';
import { systems } from './translate/systems.js';
import { together, type Unit } from './translate/unit.js';

const help = `Usage: restart-policy translate SYSTEM FILE... [--strict] [--yaml | --json]

Translates what another system was told of restarts into policies, and says
what will be different.

  SYSTEM    systemd, docker, compose, podman, swarm, kubernetes, nomad, fly,
            ecs, pm2, supervisord, s6, runit
  FILE      what the system has: unit files (drop-ins beside them are read),
            compose or pod YAML, what docker or podman inspect prints, a job
            of Nomad in JSON, fly.toml, a task definition, ecosystem.json,
            supervisord.conf, service directories; - is standard input
  --run-by compose|swarm    who runs a compose file (compose)
  --systemd-version N       what came later is ignored (262)
  --strict  exit with 1 where something is lost
  --yaml, --json            the same for machines

Examples:
  restart-policy translate systemd /etc/systemd/system/web.service
  restart-policy translate docker on-failure:3
  docker inspect web | restart-policy translate docker - --json
  kubectl get deploy,sts -o yaml | restart-policy translate kubernetes -
`;

export const translate: CliCommand = {
  name: 'translate',
  summary: "translate other systems' restart policies, and say what is lost",
  help,
  declare: (command) =>
    command
      .argument('<system>')
      .argument('<file...>')
      .option('--run-by <who>')
      .option('--systemd-version <n>')
      .option('--strict')
      .option('--yaml')
      .option('--json'),
  run: async ([system = '', ...sources], given, terminal) => {
    const options = readOptions(given);
    const asked = {
      runBy: options.word('--run-by', ['compose', 'swarm']),
      systemdVersion: options.count('--systemd-version', 1, 9_999),
    };
    const name = wordOf(system, systemNames, systemMeant);
    const wrong = [...(name._tag === 'Left' ? [problem(null, `the system ${name.left}`)] : []), ...options.problems];
    if (name._tag === 'Left' || wrong.length > 0) return tellProblems(wrong, terminal);
    const read = together(await Promise.all(sources.map((source) => systems[name.right](source, terminal, asked))));
    const problems = [...read.problems, ...read.units.flatMap(problemsOf)];
    const results = read.units.flatMap(resultOf);
    terminal.out(printed(results, name.right, given, terminal));
    if (problems.length > 0) return tellProblems(problems, terminal);
    return given['strict'] === true && results.some(({ losses }) => losses.length > 0) ? 1 : 0;
  },
};

/** Each error where it stands, where that is known. */
const problemsOf = ({ label, translated, placeOf }: Unit): ReadonlyArray<Problem> =>
  translated._tag === 'Right'
    ? []
    : translated.left.map(({ field, message }) => {
        const { source, place } = placeOf(field);
        return problem(source, label === '' ? message : `${label}: ${message}`, place);
      });

interface Result extends Translation {
  readonly name: string;
}

const resultOf = ({ source, label, translated }: Unit): ReadonlyArray<Result> =>
  translated._tag === 'Left' ? [] : [{ name: label === '' ? source : `${source}: ${label}`, ...translated.right }];

// ---------------------------------------------------------------------------
// printing
// ---------------------------------------------------------------------------

const printed = (
  results: ReadonlyArray<Result>,
  system: PeerName,
  given: Readonly<Record<string, unknown>>,
  terminal: Terminal,
): string => {
  if (given['json'] === true) return jsonText(results.map((result) => wireOf(result, system)));
  if (given['yaml'] === true) {
    return results.map((result) => `---\n${stringify(wireOf(result, system), { lineWidth: 0 })}`).join('');
  }
  return results.map((result) => textOf(result, terminal)).join('\n');
};

const wireOf = ({ name, policy, losses, gains }: Result, system: PeerName): object => ({
  source: name,
  system,
  restart_policy: RestartPolicyCodec.encode(policy),
  losses,
  gains,
});

const textOf = ({ name, policy, losses, gains }: Result, { columns, colour }: Terminal): string => {
  const paint = paintWith(colour);
  const policyText = stringify({ restart_policy: RestartPolicyCodec.encode(policy) }, { lineWidth: 0 }).trimEnd();
  const differences = [
    ...losses.map((loss) => differenceText('lost', paint('yellow', 'lost'), loss, columns, paint)),
    ...gains.map((gain) => differenceText('gained', paint('green', 'gained'), gain, columns, paint)),
  ];
  return `${[paint('bold', printable(name)), policyText, ...differences.flatMap((text) => ['', text])].join('\n')}\n`;
};

const mostOfValue = 40;

const differenceText = (
  word: string,
  painted: string,
  { field, value, effect }: Loss | Gain,
  columns: number,
  paint: ReturnType<typeof paintWith>,
): string => {
  const text = value === null ? '(not set)' : JSON.stringify(value);
  const [where, shown] = [printable(field), printable(cut(text, mostOfValue))];
  const fits = word.length + where.length + shown.length + 2 <= columns;
  return `${painted} ${paint('bold', where)}${fits ? ` ${paint('dim', shown)}` : ''}\n${wrap(printable(effect), columns, '  ')}`;
};
