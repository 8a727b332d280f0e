/**
 * Files of sections with assignments: what systemd and supervisord read in them. Of units this is what systemd 252 takes them for.
 */
import { describe, expect, test } from 'vitest';
import { type Assignments, parseIni, parseUnitFile } from '../../src/cli/input/assignments.js';

const said = ({ all }: Assignments): ReadonlyArray<string> =>
  all.map(({ section, key, value, place }) => `${place.line} ${section}.${key}=${value}`);

const wrong = ({ problems }: Assignments): ReadonlyArray<string> =>
  problems.map(({ place, message }) => `${place?.line}:${place?.column} ${message}`);

describe('a unit of systemd', () => {
  const parse = (text: string): Assignments => parseUnitFile({ name: 'a.service', text });

  test.each<[name: string, text: string, assignments: ReadonlyArray<string>]>([
    ['blanks around the equals sign mean nothing', '[A]\n k  =\t v w \n', ['2 A.k=v w']],
    ['a value may hold more of them, and quotes as they stand', '[A]\nk="a=b" c\n', ['2 A.k="a=b" c']],
    ['comments begin a line, and no value', '# x\n[A]\n ; y\nk=v # w\n', ['4 A.k=v # w']],
    [
      'a backslash at the end goes on with the next line',
      '[A]\nk=a \\\n  b\\\nc\nl=d\n',
      ['2 A.k=a    b c', '5 A.l=d'],
    ],
    ['comments between these are passed over', '[A]\nk=a\\\n# x\n; y\n\tb\nl=d\n', ['2 A.k=a \tb', '6 A.l=d']],
    ['a backslash that is escaped ends nothing', '[A]\nk=a\\\\\nl=d\n', ['2 A.k=a\\\\', '3 A.l=d']],
    ['a backslash at the very end', '[A]\nk=a\\', ['2 A.k=a']],
    [
      'the same section and the same key may come again',
      '[A]\nk=1\n[B]\nk=2\n[A]\nk=\n',
      ['2 A.k=1', '4 B.k=2', '6 A.k='],
    ],
    ['lines of Windows, and a byte order mark', '\ufeff[A]\r\nk=v\r\n', ['2 A.k=v']],
  ])('%s', (_, text, assignments) => {
    const parsed = parse(text);
    expect(said(parsed)).toEqual(assignments);
    expect(wrong(parsed)).toEqual([]);
  });

  test('all that is wrong is told by its line, and the rest is read', () => {
    const parsed = parse('k=v\n[A\n[B]\n  what is this\n=x\nk=v\n');
    expect(wrong(parsed)).toEqual([
      '1:1 is assigned before the first section',
      '2:1 is a section without its closing bracket',
      '4:3 is no assignment: it has no equals sign',
      '5:1 has no key before the equals sign',
    ]);
    expect(said(parsed)).toEqual(['6 B.k=v']);
  });
});

describe('a configuration of supervisord', () => {
  const parse = (text: string): Assignments => parseIni({ name: 'a.conf', text });

  test.each<[name: string, text: string, assignments: ReadonlyArray<string>]>([
    ['a name with dots and colons is one', '[program:web.api:x]\nk=v\n', ['2 program:web.api:x.k=v']],
    ['keys in any case, with a colon too', '[a]\nAutoStart = true\nB: c=d\n', ['2 a.autostart=true', '3 a.b=c=d']],
    [
      'comments behind a value need a blank before them',
      '[a]\nk=v;w ; x\nl=1 # y\n# z\n;w\n',
      ['2 a.k=v;w', '3 a.l=1'],
    ],
    ['an indented line goes on with the value', '[a]\nk=v\n  w\n\n\tx\nl=1\n', ['2 a.k=v\nw\nx', '6 a.l=1']],
    [
      'keys may be indented, and only what stands deeper than one goes on with its value',
      '[a]\nk=v\n[b]\n  k=v\n    w\n  l=1\n  [c]\n  k=x\n',
      ['2 a.k=v', '4 b.k=v\nw', '6 b.l=1', '8 c.k=x'],
    ],
  ])('%s', (_, text, assignments) => {
    const parsed = parse(text);
    expect(said(parsed)).toEqual(assignments);
    expect(wrong(parsed)).toEqual([]);
  });

  test('what is no assignment is told', () => {
    expect(wrong(parse('[a]\nk\n'))).toEqual(['2:1 is no assignment: it has no equals sign']);
  });
});
