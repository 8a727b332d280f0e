/**
 * Results as Markdown tables.
 */

/** Numbers have three digits: more would be noise. */
export const short = (value: number): string =>
  value >= 1_000
    ? Math.round(Number(value.toPrecision(3))).toLocaleString('en-US')
    : String(Number(value.toPrecision(3)));

/** The first column is text, the others are numbers. */
export const tableOf = (header: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string | number>>): string => {
  const line = (cells: ReadonlyArray<string>): string => `| ${cells.join(' | ')} |`;
  return [
    line(header),
    `|${header.map((_, column) => (column === 0 ? '---' : '--:')).join('|')}|`,
    ...rows.map((cells) => line(cells.map((cell) => (typeof cell === 'number' ? short(cell) : cell)))),
  ].join('\n');
};
