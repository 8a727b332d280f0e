/**
 * Runs of the benchmark over pretended parts: what is printed and written, and what of the document stays.
 */
import { expect, test } from 'vitest';
import { documentOf, headOf, withPart } from '../../bench/document.js';
import { askedOf } from '../../bench/flags.js';
import type { Machine } from '../../bench/machine.js';
import { type Part, partOf } from '../../bench/part.js';
import { documentFile, type Run, runAlone, runWhole } from '../../bench/run.js';

const machine: Machine = { cpu: 'A processor', cores: 2, node: 'v20.0.0', load: 1.5 };
const apart = '\n\nThis part was measured apart from the others (A processor, 2 cores, Node v20.0.0, load 1.5).';

const pretended = (title: string, flag: `--${string}`, isByFlagAlone = false): Part =>
  partOf({
    title,
    flag,
    isByFlagAlone,
    sizes: { full: 1_000, tiny: 1 },
    measure: (size) => size,
    text: (size) => `size ${size}\n\n### More of ${title}\n\nmore`,
    pictures: () => (flag === '--picture' ? [{ file: 'picture.svg', text: '<svg/>' }] : []),
  });

const parts = [
  pretended('A part', '--picture'),
  pretended('A part that is long', '--long', true),
  pretended('A part, and more', '--last'),
];
const [first, long, last] = ['A part', 'A part that is long', 'A part, and more'].map(
  (title) => `## ${title}\n\nsize 1\n\n### More of ${title}\n\nmore`,
) as [string, string, string];

const formers = ['## A part\n\nformer', '## A part that is long\n\nformer, kept', '## A part, and more\n\nformer'];
const former = documentOf('# Benchmarks\n\nSee ## A part', formers);

const worldOf = (document: string) => {
  const printed: Array<string> = [];
  const said: Array<string> = [];
  const files = new Map([[documentFile, document]]);
  const run: Run = {
    parts,
    size: 'tiny',
    describeMachine: () => machine,
    read: () => files.get(documentFile) ?? '',
    print: (text) => printed.push(text),
    write: (file, text) => files.set(file, text),
    notify: (message) => said.push(message),
  };
  return { run, printed, said, files };
};

const head = headOf(machine, parts);

test('a whole run writes all parts and pictures, says of none that it was apart, and leaves one of a flag alone as it stands', async () => {
  const { run, printed, said, files } = worldOf(former);
  await runWhole(run);
  const document = documentOf(head, [first, '## A part that is long\n\nformer, kept', last]);
  expect(Object.fromEntries(files)).toEqual({ [documentFile]: document, 'picture.svg': '<svg/>' });
  expect(printed).toEqual([document]);
  expect(document).not.toContain('apart');
  expect(said).toContain(
    'NOT MEASURED, and left as it stands in the document: A part that is long (npm run bench -- --long --write)',
  );
});

test('a whole run has nothing of a part of a flag alone that was never measured, and says so', async () => {
  const { run, said, files } = worldOf('# Benchmarks\n');
  await runWhole(run);
  expect(files.get(documentFile)).toBe(documentOf(head, [first, last]));
  expect(said.filter((message) => message.startsWith('NOT MEASURED, and so not in the document'))).toHaveLength(1);
});

test('parts that are measured alone say so, one by one, and replace themselves', async () => {
  const { run, printed, files } = worldOf(former);
  await runAlone(run, askedOf(['--last', '--long'], parts).parts);
  const [kept = ''] = formers;
  expect(files.get(documentFile)).toBe(
    documentOf('# Benchmarks\n\nSee ## A part', [kept, `${long}${apart}`, `${last}${apart}`]),
  );
  expect(printed).toEqual([`${long}${apart}`, `${last}${apart}`]);
  expect([...files.keys()]).toEqual([documentFile]);
});

test('a part that was measured alone writes its picture too', async () => {
  const { run, files } = worldOf(former);
  await runAlone(run, parts.slice(0, 1));
  expect(files.get('picture.svg')).toBe('<svg/>');
});

test.each([runWhole, (run: Run) => runAlone(run, parts)])('nothing is written unless it is asked for', async (runs) => {
  const { run, printed, files } = worldOf(former);
  await runs({ ...run, write: null });
  expect(Object.fromEntries(files)).toEqual({ [documentFile]: former });
  expect(printed).not.toEqual([]);
});

const titles = parts.map(({ title }) => title);

test.each(titles)('the text of a part replaces exactly that part: %s', (title) => {
  const place = titles.indexOf(title);
  const text = `## ${title}\n\nnew\n\n### Within it\n\nnew`;
  const others = formers.map((one, index) => (index === place ? text : one));
  expect(withPart(former, title, text, titles)).toBe(documentOf('# Benchmarks\n\nSee ## A part', others));
  // What people wrote between the other parts stays, to the last blank line.
  const strange = (document: string) => document.replace('# Benchmarks\n\n', '# Benchmarks\n\n\n\n## Of nobody\n\n');
  expect(withPart(strange(former), title, text, titles)).toBe(
    strange(documentOf('# Benchmarks\n\nSee ## A part', others)),
  );
});

test.each(titles)('the text of a part that the document has not yet comes to its place in the order: %s', (title) => {
  const place = titles.indexOf(title);
  const without = documentOf(
    '# Benchmarks',
    formers.filter((_, index) => index !== place),
  );
  expect(withPart(without, title, formers[place] ?? '', titles)).toBe(documentOf('# Benchmarks', formers));
});

test('flags are those of the parts, any number of them, and --write; all others are unknown', () => {
  expect(askedOf([], parts)).toEqual({ parts: [], isWrite: false, unknown: [] });
  expect(askedOf(['--last', '--write', '--picture'], parts)).toEqual({
    parts: [parts[0], parts[2]],
    isWrite: true,
    unknown: [],
  });
  expect(askedOf(['--lasting', '--last', 'last', '--write=yes'], parts).unknown).toEqual([
    '--lasting',
    'last',
    '--write=yes',
  ]);
});
