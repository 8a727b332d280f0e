/** What a document asks its reader to run: its programs, and its commands. */

/** The TypeScript programs in a document, as they stand. */
export const programsIn = (markdown: string): ReadonlyArray<string> =>
  [...markdown.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);

/**
 * What stands in blocks of shell, each without what is said of it there, and the code within sentences; in the order of the
 * document.
 */
const shellIn = (markdown: string): ReadonlyArray<ReadonlyArray<string>> =>
  [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$|`([^`\n]+)`/gm)].flatMap(([, language, block = '', inline]) => {
    if (inline !== undefined) return [[inline]];
    if (language !== 'sh') return [];
    return [block.split('\n').flatMap((line) => line.replace(/(?:^|\s+)#.*$/, '') || [])];
  });

const isUse = (line: string): boolean => line.startsWith('npx restart-policy ');

/** Its uses of the command line, each once, with what stands in their blocks to prepare them; the mere name is none. */
export const usesIn = (markdown: string): ReadonlyArray<string> => [
  ...new Set(
    shellIn(markdown)
      .filter((lines) => lines.some(isUse))
      .flat(),
  ),
];

/** How it says that the package is installed, each way once. */
export const installLinesIn = (markdown: string): ReadonlyArray<string> => [
  ...new Set(
    shellIn(markdown)
      .flat()
      .filter((line) => /^npm install (?:.* )?restart-policy(?: |$)/.test(line)),
  ),
];

/** The reasons in words that a program prints, where it says them behind the `console.log`. */
export const promisedOutputOf = (program: string): ReadonlyArray<string> =>
  [...program.matchAll(/^console\.log\(explainReason\(.*\); \/\/ (.+)$/gm)].map(([, text = '']) => text);

/** The same program for CommonJS, where nothing can be waited for outside of functions: all but its imports in one. */
export const inCommonJs = (program: string): string => {
  const lines = program.split('\n');
  const imported = Math.max(...lines.map((line, index) => (/^(?:import |\} from )/.test(line) ? index + 1 : 0)));
  const [imports, body] = [lines.slice(0, imported), lines.slice(imported)];
  return [...imports, 'const main = async (): Promise<void> => {', ...body, '};', 'void main();', ''].join('\n');
};
