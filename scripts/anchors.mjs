/**
 * Places in source files that survive a refactoring: a place is named by the declaration that it is in, and by a snippet
 * of that declaration. Moves within the file, changes of other declarations, comments and formatting do not matter.
 *
 * - A declaration is a function or a method, or a constant of the module: `whenDue`. What it is inside of may be said too:
 *   `createWorld.spawn`. Where several have the name, the snippet must occur once in all of them together.
 * - A snippet is compared without white space, comments and trailing commas, and must occur exactly once. A regular
 *   expression is matched against the text as it stands, once too; in what replaces it, `$0` is what was matched, and `$1`
 *   its first group.
 *
 * @typedef {object} Edit
 * @property {string} file from the root of the project
 * @property {string} within the name of the declaration
 * @property {Change} change
 *
 * @typedef {{ readonly kind: 'replace', readonly find: string | RegExp, readonly by: string }
 *   | { readonly kind: 'answer', readonly value: string }} Change
 *
 * @typedef {object} Declaration
 * @property {string} path names from the outermost inward, joined by dots
 * @property {ts.Node} node
 */
import ts from 'typescript';

/**
 * Changes of one declaration.
 *
 * @type {(file: string, within: string) => {
 *   readonly replace: (find: string | RegExp, by: string) => Edit,
 *   readonly answer: (value: string) => Edit,
 * }}
 */
export const inFunction = (file, within) => ({
  replace: (find, by) => ({ file, within, change: { kind: 'replace', find, by } }),
  /** Instead of all that it does, the function answers with the value of an expression. */
  answer: (value) => ({ file, within, change: { kind: 'answer', value } }),
});

/**
 * The text of the file with the change in it. Throws where the place is not there, or is there more than once.
 *
 * @type {(text: string, edit: Edit) => string}
 */
export const applyEdit = (text, { file, within, change }) => {
  const source = parse(file, text);
  const found = named(source, within);
  const { start, end, by } =
    change.kind === 'replace' ? replacement(source, within, found, change) : answer(source, within, found, change);
  return text.slice(0, start) + by + text.slice(end);
};

/**
 * Applies edits one after another to what `read` gives; answers with the files that changed. Throws like
 * {@link applyEdit}.
 *
 * @type {(edits: ReadonlyArray<Edit>, read: (file: string) => string) => ReadonlyMap<string, string>}
 */
export const applyEdits = (edits, read) => {
  /** @type {Map<string, string>} */
  const texts = new Map();
  for (const edit of edits) texts.set(edit.file, applyEdit(texts.get(edit.file) ?? read(edit.file), edit));
  return texts;
};

/**
 * What stands between two offsets of a file: the innermost declaration around it (the empty text: it is in none), and its
 * text as snippets are compared.
 *
 * @type {(source: ts.SourceFile, start: number, end: number) => { readonly within: string, readonly snippet: string }}
 */
export const placeOf = (source, start, end) => {
  const around = declarations(source).filter(({ node }) => node.getStart(source) <= start && end <= node.getEnd());
  return { within: around.at(-1)?.path ?? '', snippet: compactSource(source, start, end).text };
};

/**
 * Whether a declaration, named from the outermost inward, is one that a name stands for.
 *
 * @type {(path: string, name: string) => boolean}
 */
export const isNamed = (path, name) => path === name || path.endsWith(`.${name}`);

/**
 * How often a snippet occurs in the declarations of that name. Throws where nothing has it.
 *
 * @type {(source: ts.SourceFile, within: string, snippet: string) => number}
 */
export const countIn = (source, within, snippet) => {
  const found = named(source, within).flatMap(({ node }) => occurrences(source, node, snippet));
  return distinct(found).length;
};

/** @type {(file: string, text: string) => ts.SourceFile} */
export const parse = (file, text) => ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);

// ---------------------------------------------------------------------------
// declarations
// ---------------------------------------------------------------------------

/** @type {(source: ts.SourceFile, name: string) => ReadonlyArray<Declaration>} at least one */
const named = (source, name) => {
  const all = declarations(source);
  const found = all.filter(({ path }) => isNamed(path, name));
  if (found.length > 0) return found;
  throw new Error(`${source.fileName} has no ${name}; there are: ${all.map(({ path }) => path).join(', ')}`);
};

/** @type {(source: ts.SourceFile) => ReadonlyArray<Declaration>} those around others come first */
const declarations = (source) => {
  /** @type {Array<Declaration>} */
  const found = [];
  /** @type {(node: ts.Node, outer: string) => void} */
  const visit = (node, outer) => {
    const name = nameOf(node);
    const path = name === null ? outer : `${outer}${outer === '' ? '' : '.'}${name}`;
    if (name !== null) found.push({ path, node });
    ts.forEachChild(node, (child) => visit(child, path));
  };
  visit(source, '');
  return found;
};

/** @type {(node: ts.Node) => string | null} null: it is nothing that a place is named after */
const nameOf = (node) => {
  if (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) return node.name?.text ?? null;
  if (ts.isMethodDeclaration(node) || ts.isAccessor(node)) return node.name.getText();
  if (ts.isPropertyAssignment(node) || ts.isPropertyDeclaration(node)) {
    return functionOf(node) === null ? null : node.name.getText();
  }
  if (!ts.isVariableDeclaration(node) || !ts.isIdentifier(node.name)) return null;
  const isOfModule = ts.isSourceFile(node.parent.parent.parent);
  return isOfModule || functionOf(node) !== null ? node.name.text : null;
};

/** @typedef {ts.FunctionLikeDeclaration & { readonly body: ts.Block | ts.Expression }} WithBody */

/** @type {(node: ts.Node) => WithBody | null} */
const functionOf = (node) => {
  if (ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node) || ts.isPropertyDeclaration(node)) {
    return node.initializer === undefined ? null : functionOf(node.initializer);
  }
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) {
    return functionOf(node.expression);
  }
  // A function that answers with a function: what is done is done by the innermost.
  if (ts.isArrowFunction(node) && ts.isArrowFunction(node.body)) return functionOf(node.body);
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined ? /** @type {WithBody} */ (node) : null;
};

// ---------------------------------------------------------------------------
// changes
// ---------------------------------------------------------------------------

/** @typedef {{ readonly start: number, readonly end: number, readonly by: string }} Replacement */

/**
 * @type {(
 *   source: ts.SourceFile,
 *   name: string,
 *   found: ReadonlyArray<Declaration>,
 *   change: Extract<Change, { kind: 'answer' }>,
 * ) => Replacement}
 */
const answer = (source, name, found, { value }) => {
  const bodies = found.flatMap(({ node }) => functionOf(node)?.body ?? []);
  const [body] = bodies;
  if (body === undefined || bodies.length > 1) {
    throw new Error(`${source.fileName} has ${bodies.length} functions, not one, of the name ${name}`);
  }
  const by = ts.isBlock(body) ? `{ return ${value}; }` : `(${value})`;
  return { start: body.getStart(source), end: body.getEnd(), by };
};

/**
 * @type {(
 *   source: ts.SourceFile,
 *   name: string,
 *   found: ReadonlyArray<Declaration>,
 *   change: Extract<Change, { kind: 'replace' }>,
 * ) => Replacement}
 */
const replacement = (source, name, found, { find, by }) => {
  const all = found.flatMap(({ node }) =>
    typeof find === 'string' ? occurrences(source, node, find) : matches(source, node, find),
  );
  const [first, ...others] = distinct(all);
  if (first === undefined || others.length > 0) {
    const times = first === undefined ? 0 : 1 + others.length;
    throw new Error(`${source.fileName}: ${name} has this ${times} times, not once: ${find}`);
  }
  return { start: first.start, end: first.end, by: first.groups === null ? by : expand(by, first.groups) };
};

/** @typedef {{ readonly start: number, readonly end: number, readonly groups: ReadonlyArray<string | undefined> | null }} Place */

/**
 * One declaration of a name may be inside of another.
 *
 * @type {(places: ReadonlyArray<Place>) => ReadonlyArray<Place>}
 */
const distinct = (places) => [...new Map(places.map((place) => [place.start, place])).values()];

/** @type {(by: string, groups: ReadonlyArray<string | undefined>) => string} */
const expand = (by, groups) => by.replace(/\$(\d)/g, (_, group) => groups[group] ?? '');

/** @type {(source: ts.SourceFile, node: ts.Node, expression: RegExp) => ReadonlyArray<Place>} */
const matches = (source, node, expression) => {
  const from = node.getStart(source);
  return [...node.getText(source).matchAll(new RegExp(expression, `${expression.flags}g`))].map((match) => {
    const start = from + match.index;
    return { start, end: start + match[0].length, groups: [...match] };
  });
};

/** @type {(source: ts.SourceFile, node: ts.Node, snippet: string) => ReadonlyArray<Place>} */
const occurrences = (source, node, snippet) => {
  const { text, offsets } = compactSource(source, node.getStart(source), node.getEnd());
  const wanted = compact(snippet);
  if (wanted === '') throw new Error(`${source.fileName}: an empty snippet stands for no place`);
  /** @type {Array<Place>} */
  const found = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const start = offsets[at] ?? 0;
    const end = (offsets[at + wanted.length - 1] ?? 0) + 1;
    // A part of a word is another word.
    if (!isWithinWord(source.text, start) && !isWithinWord(source.text, end)) found.push({ start, end, groups: null });
  }
  return found;
};

/** @type {(text: string, offset: number) => boolean} */
const isWithinWord = (text, offset) => /^[\w$]{2}$/.test(text.slice(offset - 1, offset + 1));

// ---------------------------------------------------------------------------
// comparing
// ---------------------------------------------------------------------------

/**
 * Without white space and trailing commas.
 *
 * @type {(snippet: string) => string}
 */
export const compact = (snippet) => snippet.replace(/\s/g, '').replace(/,(?=[)\]}])/g, '');

/**
 * The same of a part of a file, without its comments; `offsets` says where in the file each character stands.
 *
 * @type {(source: ts.SourceFile, start: number, end: number) => { text: string, offsets: ReadonlyArray<number> }}
 */
const compactSource = (source, start, end) => {
  /** @type {Array<number>} */
  const kept = [];
  /** @type {(node: ts.Node) => void} */
  const visit = (node) => {
    if (node.getEnd() <= start || node.getFullStart() >= end || ts.isJSDoc(node)) return;
    const children = node.getChildren(source);
    if (children.length > 0) {
      for (const child of children) visit(child);
      return;
    }
    for (let at = Math.max(start, node.getStart(source)); at < Math.min(end, node.getEnd()); at++) {
      if (!/\s/.test(source.text.charAt(at))) kept.push(at);
    }
  };
  visit(source);
  const charAt = (/** @type {number | undefined} */ at) => (at === undefined ? '' : source.text.charAt(at));
  const offsets = kept.filter((at, n) => !(charAt(at) === ',' && /^[)\]}]$/.test(charAt(kept[n + 1]))));
  return { text: offsets.map(charAt).join(''), offsets };
};
