/**
 * Sentences in lines of a terminal.
 */

/** No line is longer than so many columns, but for a word that is. `indent` stands before each. */
export const wrap = (text: string, columns: number, indent = ''): string => {
  const room = Math.max(1, columns - indent.length);
  const lines: Array<string> = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => `${indent}${each}`).join('\n');
};
