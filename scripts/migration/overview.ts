/**
 * The page of all systems: what is drawn stands between two marks, and the rest is written by hand.
 */
import { type PeerName, peers } from 'restart-policy/translate';
import { casesOf } from '../../test/translate/cases.js';
import { code, policyText, table } from './markdown.js';
import { shownOf } from './page.js';

const names = Object.keys(peers) as ReadonlyArray<PeerName>;

const marks = { begin: '<!-- systems: drawn by `npm run migration` -->', end: '<!-- end of systems -->' };

/** The page with what is drawn drawn anew. */
export const overviewOf = (page: string): string => {
  const [before, rest] = page.split(marks.begin);
  const after = rest?.split(marks.end)[1];
  if (before === undefined || after === undefined)
    throw new Error('docs/migration.md has lost the marks of what is drawn');
  return `${before}${marks.begin}\n\n${drawn()}\n\n${marks.end}${after}`;
};

/** The rows that are marked for this page, or the first that there is. */
const rowsOf = (name: PeerName): ReadonlyArray<ReadonlyArray<string>> => {
  const rows = shownOf(casesOf(name).cases).flatMap(({ overview, shown, name: said, expected }) =>
    'policy' in expected ? [{ overview, row: [shown ?? said, policyText(expected.policy)] }] : [],
  );
  const marked = rows.filter(({ overview }) => overview === true);
  return (marked.length > 0 ? marked : rows.slice(0, 1)).map(({ row }) => row);
};

const drawn = (): string => {
  const counts = names.map((name) => casesOf(name).cases);
  const found = counts.flat().filter((each) => each.found !== undefined).length;
  return [
    table(
      ['system', 'there', 'here'],
      names.flatMap((name) =>
        rowsOf(name).map((row, index) => [index === 0 ? `[${peers[name].title}](migration/${name}.md)` : '', ...row]),
      ),
    ),
    `Each page says what is lost, how both wait, and where that is written; ${counts.flat().length} inputs are tested, ${found} of them as ` +
      `people write them. From TypeScript: ${names.map((name) => code(`from${name.slice(0, 1).toUpperCase()}${name.slice(1)}`)).join(', ')}.`,
  ].join('\n\n');
};

export const systemNames = names;
