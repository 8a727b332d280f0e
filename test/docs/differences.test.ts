import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const page = readFileSync(new URL('../../docs/differences.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| (D\d+) .*\| `([^`]+)`(?: "([^"]+)")? \|$/gm)].map(([, row, file, title]) => ({
  row,
  file,
  title,
}));

describe('the table of differences', () => {
  test('has all of its 17 rows', () => {
    expect(rows.map(({ row }) => row)).toEqual([...new Array(17).keys()].map((index) => `D${index + 1}`));
  });

  test.each(rows)('$row names a test that there is', ({ file, title }) => {
    const path = new URL(`../../${file}`, import.meta.url);
    expect(existsSync(path), file).toBe(true);
    if (title !== undefined) expect(readFileSync(path, 'utf8')).toContain(`'${title}'`);
  });
});
