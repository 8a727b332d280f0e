/**
 * A document in JSON or YAML (of which JSON is a part), and where in its text each value stands.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js';
import {
  type Document,
  type DocumentOptions,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  type ParseOptions,
  parseAllDocuments,
  parseDocument,
  type SchemaOptions,
} from 'yaml';
import { messageOf } from '../../adapters/common/answers.js';
import { left, right } from '../../either.js';
import { type Place, type Problem, problem } from '../problem.js';
import type { Text } from './text.js';

export interface Parsed {
  readonly value: unknown;
  /**
   * Where the value at a path stands, or its key; where there is none, what is nearest to it on the way there. null: the
   * document is empty.
   */
  readonly placeOf: (path: ReadonlyArray<PropertyKey>, part: 'key' | 'value') => Place | null;
}

/** Left: all that keeps it from being read. */
export const parseText = (text: Text): Either<NonEmptyArray<Problem>, Parsed> => {
  const lines = new LineCounter();
  return parsedOf(parseDocument(text.text, optionsWith(lines)), text, lines);
};

/** Every document of a text, each as {@link parseText} has it: YAML separates them by `---`. */
export const parseTexts = (text: Text): ReadonlyArray<Either<NonEmptyArray<Problem>, Parsed>> => {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text.text, optionsWith(lines));
  return Array.isArray(documents) ? documents.map((document) => parsedOf(document, text, lines)) : [];
};

const optionsWith = (lineCounter: LineCounter): ParseOptions & DocumentOptions & SchemaOptions => ({
  lineCounter,
  prettyErrors: false,
  merge: true,
});

const parsedOf = (
  document: Document.Parsed,
  { name, text }: Text,
  lines: LineCounter,
): Either<NonEmptyArray<Problem>, Parsed> => {
  const placeAt = placesOf(text, lines);
  // What is left open behind it, each level of it, is only its consequence.
  const tooDeep = document.errors.find(({ message }) => isOverflow(message));
  if (tooDeep !== undefined) return left([problem(name, nestedTooDeeply, placeAt(...tooDeep.pos))]);
  const [first, ...rest] = document.errors.map(({ code, message, pos: [from, to] }) =>
    problem(name, code === 'MULTIPLE_DOCS' ? oneDocument : worded(message), placeAt(from, to)),
  );
  if (first !== undefined) return left([first, ...rest]);
  try {
    if (writtenOut(document.contents) > mostWrittenOut) return left([problem(name, tooManyAliases)]);
    const value: unknown = document.toJS({ maxAliasCount: -1 });
    return right({ value, placeOf: (path, part) => placeOf(document, path, part, placeAt) });
  } catch (error) {
    // An alias without its anchor.
    const message = messageOf(error);
    return left([problem(name, isOverflow(message) ? nestedTooDeeply : worded(message))]);
  }
};

const isOverflow = (message: string): boolean => message.includes('call stack');

const nestedTooDeeply = 'cannot be read: it is nested too deeply';

const tooManyAliases = 'cannot be read: its aliases, written out, would fill the memory';

/**
 * How many values more a document has where each alias is written out. A file may well use one a hundred times, and it may stand
 * in another one, as the defaults of services do; the parser's own limit takes that for an attack.
 */
const writtenOut = (contents: unknown): number => {
  const anchors = new Map<string, number>();
  let values = 0;
  const sizeOf = (node: unknown): number => {
    if (isAlias(node)) return anchors.get(node.source) ?? 1;
    values++;
    const anchor = isNode(node) ? node.anchor : undefined;
    // Until its end is known: one that holds itself has none.
    if (anchor !== undefined) anchors.set(anchor, Number.POSITIVE_INFINITY);
    let size = 1;
    if (isMap(node)) for (const { key, value } of node.items) size += sizeOf(key) + sizeOf(value);
    if (isSeq(node)) for (const item of node.items) size += sizeOf(item);
    if (anchor !== undefined) anchors.set(anchor, size);
    return size;
  };
  return sizeOf(contents) - values;
};

const mostWrittenOut = 1_000_000;

const oneDocument = 'is a second document: one file holds one';

const worded = (message: string): string => `cannot be read: ${message.slice(0, 1).toLowerCase()}${message.slice(1)}`;

type PlaceAt = (from: number, to: number) => Place;

const placesOf =
  (text: string, lines: LineCounter): PlaceAt =>
  (from, to) => {
    const { line, col } = lines.linePos(from);
    const start = lines.lineStarts[line - 1] ?? 0;
    const whole = text.slice(start).split('\n', 1)[0] ?? '';
    // At the very end of a text there is no character to count from.
    const column = Math.max(1, col);
    const before = [...whole.slice(0, column - 1)].length;
    const meant = [...text.slice(from, Math.min(to, start + whole.length))].length;
    return { line: Math.max(1, line), column: before + 1, text: whole.replace(/\r$/, ''), length: Math.max(1, meant) };
  };

const placeOf = (
  document: Document.Parsed,
  path: ReadonlyArray<PropertyKey>,
  part: 'key' | 'value',
  placeAt: PlaceAt,
): Place | null => {
  let node: ParsedNode | null = document.contents;
  let range = node?.range;
  for (const [index, step] of path.entries()) {
    const isLast = index === path.length - 1;
    if (isMap(node)) {
      const pair: { readonly key: unknown; readonly value: unknown } | undefined = node.items.find(
        ({ key }) => isScalar(key) && String(key.value) === String(step),
      );
      // A field that is missing, or comes from elsewhere by an alias: what it should stand in is the nearest.
      if (pair === undefined) break;
      node = pair.value as ParsedNode | null;
      range = (isLast && part === 'key') || node === null ? (pair.key as ParsedNode).range : node.range;
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(step)];
      if (item === undefined) break;
      node = item as ParsedNode;
      range = node.range;
    } else break;
  }
  return range === undefined || range === null ? null : placeAt(range[0], range[1]);
};
