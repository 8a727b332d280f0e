/**
 * `check`: what policies do, in words, with their first waits; and what in them does not do what it seems to.
 */

import { RestartPolicyCodec } from '../../codec.js';
import { describePolicy, lintPolicy, type WireLintWarning, withWireNames } from '../../describe.js';
import type { RestartPolicy } from '../../policy.js';
import { spanText } from '../../span-text.js';
import type { CliCommand } from '../command.js';
import { firstWaits } from '../first-waits.js';
import { type NamedPolicy, readPolicies } from '../input/policy.js';
import { isInline } from '../input/text.js';
import { tellProblems } from '../problem.js';
import type { Terminal } from '../terminal.js';
import { cut } from '../text/cut.js';
import { jsonText } from '../text/json.js';
import { paintWith } from '../text/paint.js';
import { printable } from '../text/printable.js';
import { rows } from '../text/rows.js';
import { wrap } from '../text/wrap.js';

const help = `Usage: restart-policy check POLICY... [--strict] [--json]

Says what each policy does, in words, spells its first waits out, and warns of
what in it does not do what it seems to.

  POLICY    a file with a policy in JSON or YAML, by itself or as the
            restart_policy of a document; - is standard input; a text that
            begins with { is the policy itself
  --strict  exit with 1 where there are warnings
  --json    the same for machines: an array, with one object for each policy

Its fields are policy (never, always, on_failure), backoff, max_backoff,
backoff_factor, backoff_from (attempt, exit), jitter, max_attempts,
limit_interval, cooldown, stable_after, start_timeout, and rules, each with
causes, exit_codes and an action (restart, restart_uncounted, stop).

Examples:
  restart-policy check policy.yaml
  restart-policy check --strict policies/*.yaml
  restart-policy check '{"policy": "always", "max_backoff": "5m"}'
  curl -s localhost:8080/instances/web | restart-policy check - --json
`;

export const check: CliCommand = {
  name: 'check',
  summary: 'say what policies do, and what in them does not do what it seems to',
  help,
  declare: (command) => command.argument('<policy...>').option('--strict').option('--json'),
  run: async (args, { strict, json }, terminal) => {
    const read = await readPolicies(args, terminal);
    const checked = read.flatMap((each, index) =>
      each._tag === 'Right' ? [reportOf(each.right, args[index] ?? '')] : [],
    );
    if (json === true) terminal.out(jsonText(checked.map(wireOf)));
    else terminal.out(checked.map((each) => textOf(each, read.length > 1, terminal)).join('\n'));
    const problems = read.flatMap((each) => (each._tag === 'Left' ? each.left : []));
    if (problems.length > 0) return tellProblems(problems, terminal);
    return strict === true && checked.some(({ warnings }) => warnings.length > 0) ? 1 : 0;
  },
};

interface Report extends NamedPolicy {
  /** The argument that it was given by. */
  readonly from: string;
  readonly description: string;
  readonly warnings: ReadonlyArray<WireLintWarning>;
}

const reportOf = ({ name, policy }: NamedPolicy, from: string): Report => ({
  from,
  name,
  policy,
  description: describePolicy(policy),
  warnings: lintPolicy(policy).map(withWireNames),
});

const wireOf = ({ name, policy, description, warnings }: Report): object => ({
  source: name,
  restart_policy: RestartPolicyCodec.encode(policy),
  description,
  first_waits_ms: firstWaits(policy).waits,
  warnings,
});

const textOf = (
  { from, name, policy, description, warnings }: Report,
  isOneOfSeveral: boolean,
  terminal: Terminal,
): string => {
  const { columns, colour } = terminal;
  const paint = paintWith(colour);
  const lines = [
    ...(isOneOfSeveral ? [`${paint('bold', name)}${paint('dim', shortOf(from, columns - name.length))}`] : []),
    wrap(description, columns),
    ...waitsTable(policy, columns),
    ...warnings.flatMap(({ code, fields, message, hint }) => [
      '',
      wrap(`warning ${code} (${fields.join(', ')})`, columns).replace(
        `warning ${code}`,
        `${paint('yellow', 'warning')} ${paint('bold', code)}`,
      ),
      wrap(message, columns, '  '),
      paint('cyan', wrap(hint, columns, '  ')),
    ]),
  ];
  return `${lines.join('\n')}\n`;
};

/** Of a policy that is right there, for its name is a number; empty: the name says it. */
const shortOf = (from: string, columns: number): string =>
  isInline(from) ? `  ${cut(printable(from.trim().replace(/\s+/g, ' ')), columns - 2)}` : '';

const waitsTable = (policy: RestartPolicy, columns: number): ReadonlyArray<string> => {
  const { waits, goesOn } = firstWaits(policy);
  if (waits.length === 0) return [];
  let since = 0;
  const table = waits.map((wait, index) => {
    since += wait;
    return [`${index + 1}`, wait === 0 ? 'at once' : spanText(wait), spanText(since)];
  });
  return [
    '',
    wrap('Of an instance that ends at once, each time:', columns),
    ...rows(
      [['attempt', 'waits', 'after the first end'], ...table, ...(goesOn ? [['…', '…', '…']] : [])],
      ['right', 'right', 'right'],
    ),
  ];
};
