/**
 * From the former version to this one, back, and forward again, with one SQLite file: the programs of upgrade/, each in the
 * project with the version that is installed then.
 */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Commands, Place } from './commands.js';
import { install, installedVersion } from './consumer.js';
import { Unexpected } from './unexpected.js';

interface Row {
  readonly id: string;
  readonly policy: string;
  readonly status: string;
}

export interface Day {
  /** By instance: what the first look at it came to. */
  readonly seen: Readonly<Record<string, string>>;
  readonly rows: ReadonlyArray<Row>;
  /** What came of the stop of a record that cannot be read. */
  readonly refused?: string;
}

export type Table = ReadonlyArray<ReadonlyArray<string>>;

const cellsOf = (line: string): ReadonlyArray<string> => line.split('|').map((cell) => cell.trim());

/**
 * What must be seen: of each day what the first look came to, then the attempts and the block that are stored at its end. Before
 * each day but the first every instance crashed. What the former version cannot read stands as the present one left it.
 */
const expected: Table = `
instance      | 0.1                     | upgraded                 | back on 0.1              | forward again
counted       | 1                       | started, 2               | started, 0 manual_stop   | manual_stop, 0
blocked       | 1 max_attempts_exceeded | max_attempts_exceeded, 1 | max_attempts_exceeded, 1 | max_attempts_exceeded, 1
never         | 0                       | policy_never, 0          | policy_never, 0          | policy_never, 0
stopped       | 0 manual_stop           | manual_stop, 0           | manual_stop, 0           | manual_stop, 0
stopped-later | 0                       | started, 0 manual_stop   | manual_stop, 0           | manual_stop, 0
unhealthy     | 1                       | started, 2               | started, 3               | started, 4
renewed       | 0                       | started, 1               | not readable, as it was  | started, 2
paused        | 0                       | started, 1 paused        | not readable, as it was  | paused, 1
held          | 0                       | started, 0 manual_stop   | not readable, as it was  | manual_stop, 0
limited       |                         | 2 max_attempts_exceeded  | not readable, as it was  | started, 1
`
  .trim()
  .split('\n')
  .map(cellsOf);

/** What was seen of an instance on a day; empty where it was not there yet. */
const cellOf = (id: string, { seen, rows }: Day, before: Day | undefined): string => {
  const row = rows.find((one) => one.id === id);
  if (row === undefined) return '';
  const look = seen[id];
  if (look === 'InvalidRecord') {
    const former = before?.rows.find((one) => one.id === id);
    const isAsItWas = former?.policy === row.policy && former.status === row.status;
    return `not readable, ${isAsItWas ? 'as it was' : 'and changed'}`;
  }
  const { attempts = 0, blocked_reason: blocked = look } = JSON.parse(row.status);
  return [...(look === undefined ? [] : [`${look},`]), attempts, ...(blocked === look ? [] : [blocked])].join(' ');
};

const tableOf = (days: ReadonlyArray<Day>): Table => {
  const [head = [], ...lines] = expected;
  const ids = [...new Set([...lines.map(([id = '']) => id), ...days.flatMap(({ rows }) => rows.map(({ id }) => id))])];
  return [head, ...ids.map((id) => [id, ...days.map((day, index) => cellOf(id, day, days[index - 1]))])];
};

/** In columns. */
export const printTable = (table: Table): string => {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

/** The lines that differ, of what was expected and of what was seen. */
const differenceOf = (seen: Table): readonly [string, string] | null => {
  const differs = (row: number): boolean => JSON.stringify(expected[row]) !== JSON.stringify(seen[row]);
  const rows = [...(expected.length > seen.length ? expected : seen).keys()].filter(differs);
  if (rows.length === 0) return null;
  const of = (table: Table): string => printTable(rows.map((row) => table[row] ?? []));
  return [of(expected), of(seen)];
};

/** The programs in their order, each with the version that it is for. */
export const programs = [
  { program: '1-first-host.mjs', by: 'former' },
  { program: '2-upgraded.mjs', by: 'present' },
  { program: '3-back.mjs', by: 'former' },
  { program: '4-forward.mjs', by: 'present' },
] as const;

/** What was seen, where it is what must be seen. */
export const judge = (days: ReadonlyArray<Day>): Table => {
  const seen = tableOf(days);
  const difference = differenceOf(seen);
  if (difference !== null) throw new Unexpected(...difference);
  const refused = days.flatMap((day) => day.refused ?? []);
  if (String(refused) !== 'InvalidRecord') {
    throw new Unexpected('the former version to refuse to stop what it cannot read', String(refused));
  }
  return seen;
};

/** `driver` is libsql, which is installed beside it, or node:sqlite. Answers with what was seen. */
export const upgrade = async (
  commands: Commands,
  project: Place,
  place: Place,
  driver: string,
  versions: { readonly former: string; readonly present: string },
): Promise<Table> => {
  await cp(join(project.directory, 'scripts/rehearse/upgrade'), place.directory, { recursive: true });
  const days: Array<Day> = [];
  for (const { program, by } of programs) {
    const wanted = `restart-policy@${by === 'former' ? versions.former : 'latest'}`;
    await install(commands, place, `npm install ${wanted}${driver === 'node:sqlite' ? '' : ` ${driver}`}`);
    const installed = await installedVersion(place);
    if (installed !== versions[by]) throw new Unexpected(`${wanted} to install ${versions[by]}`, installed);
    const { stdout } = await commands.run(place, 'node', program, 'records.db', driver);
    days.push(JSON.parse(stdout));
  }
  return judge(days);
};
