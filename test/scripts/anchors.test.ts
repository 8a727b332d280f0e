import { describe, expect, test } from 'vitest';
import { applyEdit, applyEdits, countIn, inFunction, parse, placeOf } from '../../scripts/anchors.mjs';

const source = `
/** How long: \`whenDue\`. */
export const limits = {
  most: 3, // at most
};

export const whenDue = (at: number | null, span: number): number => {
  // at once
  if (at === null) return 0;
  return at + Math.ceil(span);
};

const half = (n: number): number => n / 2;

export const create = () => {
  const runs = 0;
  const stop = async (id: string): Promise<void> => {
    await end(
      id,
      runs,
    );
  };
  return {
    stop,
    start: (id: string) => async () => (await begin(id)) ?? null,
    close() {
      return runs;
    },
  };
};

const script = \`
read -r _ && exit 0
\`;
`;

const file = 'src/made-up.ts';
const within = (name: string) => inFunction(file, name);

/** The one line that an edit makes of another. */
const changed = (edit: Parameters<typeof applyEdit>[1]): string => {
  const lines = new Set(source.split('\n'));
  return applyEdit(source, edit)
    .split('\n')
    .filter((line) => !lines.has(line))
    .join('\n');
};

describe('a snippet', () => {
  test('is found in the function that is named, and replaced there alone', () => {
    expect(changed(within('whenDue').replace('at === null', 'at !== null'))).toBe('  if (at !== null) return 0;');
  });

  test('is found however it is broken into lines, commented and closed', () => {
    expect(changed(within('stop').replace('await end(id, runs);', 'done();'))).toBe('    done();');
    expect(changed(within('whenDue').replace('{ if (at', '{ if (span'))).toContain('{ if (span === null) return 0;');
  });

  test('is no part of a longer word', () => {
    expect(() => applyEdit(source, within('whenDue').replace('pan', 'pin'))).toThrow('0 times');
    expect(changed(within('whenDue').replace('Math.ceil', 'Math.floor'))).toBe('  return at + Math.floor(span);');
  });

  test('may stand in a constant of the module, in a text too', () => {
    expect(changed(within('limits').replace('most: 3', 'most: 4'))).toBe('  most: 4, // at most');
    expect(changed(within('script').replace('read -r _ && exit 0', 'read -r _'))).toBe('read -r _');
  });

  test('replaces itself by what it is given, dollars and all', () => {
    expect(changed(within('half').replace('n / 2', "'$1$&'"))).toContain("=> '$1$&';");
  });
});

describe('a regular expression', () => {
  test('stands for what it matches, whatever that is called', () => {
    const edit = within('whenDue').replace(/(\w+) \+ Math\.ceil\((\w+)\)/, '$2 - $1 /* $0 */');
    expect(changed(edit)).toBe('  return span - at /* at + Math.ceil(span) */;');
  });

  test('matches within the function that is named alone', () => {
    expect(() => applyEdit(source, within('half').replace(/Math/, 'M'))).toThrow('0 times');
  });
});

describe('a function that is to answer something else', () => {
  test('has another body, whatever it was', () => {
    expect(changed(within('half').answer('0'))).toBe('const half = (n: number): number => (0);');
    expect(applyEdit(source, within('whenDue').answer('7'))).toContain(
      'span: number): number => { return 7; };\n\nconst',
    );
    expect(applyEdit(source, within('close').answer('1'))).toContain('close() { return 1; },');
  });

  test('has it in the function that it answers with, if that is what it does', () => {
    expect(changed(within('start').answer('{}'))).toBe('    start: (id: string) => async () => ({}),');
  });

  test('must be a function', () => {
    expect(() => applyEdit(source, within('limits').answer('1'))).toThrow('0 functions, not one, of the name limits');
  });
});

describe('a place that is not there, or not one', () => {
  test('is an error that says what was looked for, and where', () => {
    expect(() => applyEdit(source, within('whenDue').replace('gone()', ''))).toThrow(
      `${file}: whenDue has this 0 times, not once: gone()`,
    );
    expect(() => applyEdit(source, within('whenDue').replace('at', 'on'))).toThrow('3 times, not once: at');
    expect(() => applyEdit(source, within('whenDue').replace(/return/, ''))).toThrow('2 times, not once: /return/');
  });

  test('is an error that lists the names there are', () => {
    expect(() => applyEdit(source, within('whenDone').answer('1'))).toThrow(
      `${file} has no whenDone; there are: limits, whenDue, half, create, create.stop, create.start, create.close, script`,
    );
  });

  test('is an error where several functions of the name could be meant; the outer name tells them apart', () => {
    const twice = `${source}\nconst other = () => { const stop = () => 1; return stop(); };`;
    expect(() => applyEdit(twice, within('stop').answer('0'))).toThrow('2 functions, not one, of the name stop');
    expect(applyEdit(twice, within('other.stop').answer('0'))).toContain('const stop = () => (0);');
    expect(applyEdit(twice, within('stop').replace('1', '0'))).toContain('const stop = () => 0;');
  });

  test('is an error for a snippet that says nothing', () => {
    expect(() => applyEdit(source, within('half').replace(' ', ''))).toThrow('empty snippet');
  });
});

describe('several edits', () => {
  test('are made one after another, each on what the former left', () => {
    const texts = applyEdits(
      [within('half').replace('n / 2', 'n / 3'), within('half').replace('3', '4'), within('whenDue').answer('0')],
      () => source,
    );
    expect([...texts.keys()]).toEqual([file]);
    expect(texts.get(file)).toContain('const half = (n: number): number => n / 4;');
    expect(texts.get(file)).toContain('=> { return 0; };');
  });
});

describe('a range of a file', () => {
  const parsed = parse(file, source);
  const placeAround = (text: string) => placeOf(parsed, source.indexOf(text), source.indexOf(text) + text.length);

  test('is named by the innermost function around it, and compared without comments and white space', () => {
    expect(placeAround('await end(\n      id,\n      runs,\n    )')).toEqual({
      within: 'create.stop',
      snippet: 'awaitend(id,runs)',
    });
    expect(placeAround('{\n  // at once\n  if (at === null) return 0;').snippet).toBe('{if(at===null)return0;');
    expect(placeAround('most: 3').within).toBe('limits');
  });

  test('outside of all declarations has no name', () => {
    expect(placeAround(source)).toMatchObject({ within: '' });
  });

  test('is found again by its name, as often as it stands there', () => {
    expect(countIn(parsed, 'whenDue', 'at')).toBe(3);
    expect(countIn(parsed, 'whenDue', 'at\n + Math.ceil(span)')).toBe(1);
    expect(countIn(parsed, 'create.close', 'runs')).toBe(1);
    expect(countIn(parsed, 'close', 'runs')).toBe(1);
    expect(() => countIn(parsed, 'gone', 'runs')).toThrow(`${file} has no gone; there are: limits`);
  });
});
