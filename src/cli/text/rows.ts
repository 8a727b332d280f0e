/**
 * Rows of cells, aligned.
 */

/** The first column to the left, the others to the right; `between` columns apart. No row ends with a blank. */
export const rows = (
  table: ReadonlyArray<ReadonlyArray<string>>,
  alignment: ReadonlyArray<'left' | 'right'> = [],
  between = 2,
): ReadonlyArray<string> => {
  const widths: Array<number> = [];
  for (const cells of table) {
    for (const [index, cell] of cells.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  return table.map((cells) =>
    cells
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return (alignment[index] ?? 'left') === 'right' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join(' '.repeat(between))
      .trimEnd(),
  );
};
