/**
 * Comma-separated values, as spreadsheets and databases export them: quoted cells, and other separators too.
 */
import type { Place } from '../problem.js';

export interface Cell {
  readonly text: string;
  readonly place: Place;
}

/** The rows that have anything in them. A quote that is never closed reaches to the end. */
export const cellsOf = (text: string): ReadonlyArray<ReadonlyArray<Cell>> => {
  const lines = text.split('\n');
  const separator = separatorOf(lines[0] ?? '');
  const rows: Array<ReadonlyArray<Cell>> = [];
  for (let index = 0; index < lines.length; index++) {
    const first = index;
    let whole = (lines[index] ?? '').replace(/\r$/, '');
    // A quoted cell may hold ends of lines.
    while (isOpen(whole) && index + 1 < lines.length) whole += `\n${lines[++index]?.replace(/\r$/, '')}`;
    if (whole.trim() !== '') rows.push(cellsIn(whole, separator, first + 1));
  }
  return rows;
};

/** Whichever the header has most of. */
const separatorOf = (header: string): string => {
  const count = (separator: string): number => header.split(separator).length;
  return [',', ';', '\t'].reduce((most, separator) => (count(separator) > count(most) ? separator : most));
};

const isOpen = (line: string): boolean => (line.match(/"/g)?.length ?? 0) % 2 === 1;

const cellsIn = (row: string, separator: string, line: number): ReadonlyArray<Cell> => {
  const cells: Array<Cell> = [];
  const shown = row.split('\n', 1)[0] ?? '';
  let [from, isQuoted] = [0, false];
  for (let at = 0; at <= row.length; at++) {
    if (row[at] === '"') isQuoted = !isQuoted;
    if (at < row.length && (isQuoted || row[at] !== separator)) continue;
    const raw = row.slice(from, at);
    const place = { line, column: from + 1, text: shown, length: Math.max(1, raw.length) };
    cells.push({ text: unquoted(raw.trim()), place });
    from = at + 1;
  }
  return cells;
};

const unquoted = (cell: string): string =>
  cell.startsWith('"') ? cell.replace(/^"|"$/g, '').replaceAll('""', '"') : cell;
