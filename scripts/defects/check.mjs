/**
 * Whether changes to plant still are what they were meant to be: each finds its place, and what comes out compiles. A
 * change that names what is not there any more would be noticed by every test, and show nothing.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { applyEdits } from '../anchors.mjs';

/** @typedef {{ readonly name: string, readonly edits: ReadonlyArray<import('../anchors.mjs').Edit> }} Planned */

/**
 * Answers with what is wrong with changes, in a sentence each.
 *
 * @type {(root: string) => (changes: ReadonlyArray<Planned>) => ReadonlyArray<string>}
 */
export const createCheck = (root) => {
  const problemsIn = createCompiler(root);
  return (changes) =>
    changes.flatMap(({ name, edits }) => {
      try {
        const texts = applyEdits(edits, (file) => readFileSync(join(root, file), 'utf8'));
        return problemsIn(texts).map((problem) => `"${name}" does not compile: ${problem}`);
      } catch (error) {
        return [`"${name}" has lost its place: ${error instanceof Error ? error.message : error}`];
      }
    });
};

/**
 * What the compiler says of files with other texts in them; but for what is unused, which a change may leave behind.
 *
 * @type {(root: string) => (texts: ReadonlyMap<string, string>) => ReadonlyArray<string>}
 */
const createCompiler = (root) => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  /** @type {ReadonlyMap<string, string>} */
  let replaced = new Map();
  let version = 0;
  /** @type {Map<string, number>} the files that ever had another text, and when that changed */
  const versions = new Map();

  const service = ts.createLanguageService({
    getScriptFileNames: () => [...versions.keys()],
    getScriptVersion: (path) => String(versions.get(path) ?? 0),
    getScriptSnapshot: (path) => {
      const text = replaced.get(path) ?? ts.sys.readFile(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => root,
    getCompilationSettings: () => ({ ...options, noUnusedLocals: false, noUnusedParameters: false }),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
  });

  return (texts) => {
    const former = replaced;
    replaced = new Map([...texts].map(([file, text]) => [join(root, file), text]));
    version++;
    for (const path of [...former.keys(), ...replaced.keys()]) versions.set(path, version);
    return [...texts.keys()].flatMap((file) => {
      const path = join(root, file);
      return [...service.getSyntacticDiagnostics(path), ...service.getSemanticDiagnostics(path)].map(
        ({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
      );
    });
  };
};
