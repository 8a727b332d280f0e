/**
 * The page of one system: its words, ours, what will be different, how both wait, and where it is written.
 */
import type { Gain, Loss, PeerName } from 'restart-policy/translate';
import { peers } from 'restart-policy/translate';
import { type Case, casesOf, translationOf } from '../../test/translate/cases.js';
import { publishing, type Table, tablesOf, waitsOf } from '../../test/translate/published.js';
import { code, inTypeScript, policyText, runsText, table, waitsText } from './markdown.js';
import { drawBoth } from './picture.js';

export interface Page {
  /** Below docs/. */
  readonly path: string;
  readonly text: string;
}

export const pagesOf = (system: PeerName): ReadonlyArray<Page> => {
  const picture = pictureOf(system);
  return [
    { path: `migration/${system}.md`, text: textOf(system, picture !== null) },
    ...(picture === null ? [] : [{ path: `migration/${system}.svg`, text: picture.svg }]),
  ];
};

const functionOf = (system: string): string => `from${system.slice(0, 1).toUpperCase()}${system.slice(1)}`;

const textOf = (system: PeerName, hasPicture: boolean): string => {
  const { title, versions, sources } = peers[system];
  const { cases } = casesOf(system);
  const translated = cases.flatMap((each) => ('policy' in each.expected ? [{ ...each, ...each.expected }] : []));
  const parts = [
    `# Coming from ${title}`,
    '<!-- Drawn from test/translate by `npm run migration`: edit the data, not this page. -->',
    `\`${functionOf(system)}\` of \`restart-policy/translate\` reads: ${versions} What is said of ${title} comes from ` +
      '[its own pages](#sources). [All systems](../migration.md).',
    example(system, cases),
    '## What it becomes',
    table(
      ['there', 'here'],
      shownOf(translated).map(({ shown, name, policy }) => [shown ?? name, policyText(policy)]),
    ),
    '## What will be different',
    `Each is a loss, \`{ field, value, effect }\`, where it applies${hasLosses(translated) ? ':' : '. There is none.'}`,
    notes(translated.flatMap(({ losses }) => losses)),
    ...section('## What is better', notes(translated.flatMap(({ gains }) => gains))),
    ...section('## What is refused', refused(cases)),
    ...(publishing.includes(system) ? waits(system, hasPicture) : []),
    '## Sources',
    sources.map(({ says, url, read }) => `- ${says}: <${url}> (${read})`).join('\n'),
    found(cases),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
};

/** Those that have a row, or all where none has. */
export const shownOf = <A extends Case>(cases: ReadonlyArray<A>): ReadonlyArray<A> => {
  const shown = cases.filter((each) => each.shown !== undefined);
  return shown.length > 0 ? shown : cases;
};

const hasLosses = (cases: ReadonlyArray<{ readonly losses: ReadonlyArray<Loss> }>): boolean =>
  cases.some(({ losses }) => losses.length > 0);

const section = (title: string, text: string): ReadonlyArray<string> => (text === '' ? [] : [title, text]);

// ---------------------------------------------------------------------------
// example
// ---------------------------------------------------------------------------

/** A program that the tests of the documents run. */
const example = (system: string, cases: ReadonlyArray<Case>): string => {
  const first =
    cases.find(({ example: isExample }) => isExample === true) ?? cases.find(({ expected }) => 'policy' in expected);
  if (first === undefined || !('policy' in first.expected)) throw new Error(`${system} has no example`);
  const { policy, losses } = first.expected;
  const given = inTypeScript(first.given);
  const options = first.options === undefined ? '' : `, ${inTypeScript(first.options)}`;
  const name = functionOf(system);
  return [
    '```ts',
    "import assert from 'node:assert/strict';",
    "import { RestartPolicyCodec } from 'restart-policy/codec';",
    `import { ${name} } from 'restart-policy/translate';`,
    '',
    `const translated = ${name}(${given}${options});`,
    "if (translated._tag === 'Left') throw new Error(translated.left.map(({ message }) => message).join('\\n'));",
    'const { policy, losses } = translated.right;',
    '',
    `assert.deepEqual(RestartPolicyCodec.encode(policy), ${inTypeScript(policy)});`,
    `assert.deepEqual(losses.map(({ field }) => field), ${inTypeScript(losses.map(({ field }) => field))});`,
    '```',
  ].join('\n');
};

// ---------------------------------------------------------------------------
// losses, gains, errors
// ---------------------------------------------------------------------------

/** Each kind of loss once, with the numbers of the first that there is, and every field that it is told of. */
const notes = (all: ReadonlyArray<Loss | Gain>): string => {
  const kinds = new Map<string, { readonly effect: string; readonly fields: Set<string> }>();
  for (const { field, effect } of all) {
    const kind = effect.replace(/\d\S*/g, '#').split(' ').slice(0, 12).join(' ');
    const known = kinds.get(kind) ?? { effect, fields: new Set() };
    kinds.set(kind, known);
    // An API and a file may spell it differently.
    if (![...known.fields].some((other) => other.toLowerCase() === leaf(field).toLowerCase()))
      known.fields.add(leaf(field));
  }
  return kinds.size === 0
    ? ''
    : table(
        ['where', 'what'],
        [...kinds.values()].map(({ effect, fields }) => [[...fields].map(code).join(', '), effect]),
      );
};

/** What people know a field by: its own name, without the way to it. */
const leaf = (field: string): string =>
  field
    .replace(/\[\d+\]/g, '')
    .split('.')
    .at(-1) ?? field;

const mostRefused = 8;

const refused = (cases: ReadonlyArray<Case>): string => {
  const messages = cases.flatMap(({ expected }) => ('errors' in expected ? expected.errors : []));
  return [...new Set(messages)]
    .slice(0, mostRefused)
    .map((message) => `- ${code(message)}`)
    .join('\n');
};

// ---------------------------------------------------------------------------
// how both wait
// ---------------------------------------------------------------------------

const simulated = (system: string, { given, options, runs }: Table): ReturnType<typeof waitsOf> => {
  const translated = translationOf(system)(given, options);
  if (translated._tag === 'Left') throw new Error(`${system}: ${translated.left[0].message}`);
  return waitsOf(translated.right.policy, runs);
};

const waits = (system: PeerName, hasPicture: boolean): ReadonlyArray<string> => {
  const tables = tablesOf(system);
  const compared = tables.reduce((sum, each) => sum + each.waits.length, 0);
  const differing = tables.reduce(
    (sum, { ours = {}, waits: theirs }) =>
      sum + Object.keys(ours).filter((index) => Number(index) < theirs.length).length,
    0,
  );
  const { title } = peers[system];
  return [
    '## How both wait',
    `What ${title} publishes of its waits, in its documents, its source and its own tests, is held against a simulation of the translation, wait by wait: ` +
      `${tables.length} scenarios, ${compared} waits${differing === 0 ? ', all the same' : `, of which ${differing} ${differing === 1 ? 'differs' : 'differ'}, as a loss says`}.`,
    ...(hasPicture
      ? [`![${pictureOf(system)?.title}: as ${title} waits, and as its translation does](${system}.svg)`]
      : []),
    table(
      ['scenario', 'runs end', 'waits there', 'waits here', 'from'],
      tables.map((each, index) => [
        each.name,
        runsText(each.runs),
        waitsText(each.waits),
        each.ours === undefined ? 'the same' : waitsText(simulated(system, each)),
        `[${index + 1}](${each.source})`,
      ]),
    ),
  ];
};

const pictureOf = (system: PeerName): { readonly svg: string; readonly title: string } | null => {
  if (!publishing.includes(system)) return null;
  const drawn = tablesOf(system).find(({ picture }) => picture !== undefined);
  if (drawn?.picture === undefined) return null;
  const translated = translationOf(system)(drawn.given, drawn.options);
  if (translated._tag === 'Left') throw new Error(`${system}: ${translated.left[0].message}`);
  return {
    title: drawn.picture,
    svg: drawBoth(drawn.picture, peers[system].title, drawn, translated.right.policy),
  };
};

const found = (cases: ReadonlyArray<Case>): string => {
  const urls = [...new Set(cases.flatMap((each) => (each.found === undefined ? [] : [each.found])))];
  return urls.length === 0
    ? ''
    : `Tested with ${cases.length} inputs, ${cases.filter((each) => each.found !== undefined).length} of them as people write them (values changed), from: ${urls
        .map((url, index) => `[${index + 1}](${url})`)
        .join(', ')}.`;
};
