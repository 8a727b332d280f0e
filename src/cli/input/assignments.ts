/**
 * Files of sections with assignments, as systemd and supervisord have them: what is assigned, and where. What common parsers of
 * ini files make of them is neither: a section of the name `program:web.api` is one section, a key may stand several times, lines are
 * continued, and errors have lines.
 */
import { type Place, type Problem, problem } from '../problem.js';
import type { Text } from './text.js';

export interface Assignment {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  /** The file. */
  readonly source: string;
  readonly place: Place;
}

export interface Assignments {
  /** As they stand. */
  readonly all: ReadonlyArray<Assignment>;
  readonly problems: ReadonlyArray<Problem>;
}

interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

const linesOf = (text: string): ReadonlyArray<Line> =>
  text
    .replace(/^\ufeff/, '')
    .split('\n')
    .map((line, index) => ({ number: index + 1, text: line.replace(/\r$/, '') }));

const placeIn = ({ number, text }: Line): Place => {
  const indent = text.length - text.trimStart().length;
  return { line: number, column: indent + 1, text, length: Math.max(1, text.trim().length) };
};

/** Collects what lines say; `section` is the one that they stand in, null before the first. */
const collector = (source: string) => {
  const all: Array<Assignment> = [];
  const problems: Array<Problem> = [];
  let section: string | null = null;
  const tell = (line: Line, message: string): void => {
    problems.push(problem(source, message, placeIn(line)));
  };
  return {
    all,
    problems,
    tell,
    enter: (line: Line, header: string): void => {
      const name = /^\[(.*)\]$/.exec(header)?.[1];
      if (name === undefined) tell(line, 'is a section without its closing bracket');
      else section = name;
    },
    assign: (line: Line, key: string, value: string): void => {
      if (key === '') tell(line, 'has no key before the equals sign');
      else if (section === null) tell(line, 'is assigned before the first section');
      else all.push({ section, key, value, source, place: placeIn(line) });
    },
  };
};

/**
 * A unit of systemd, after systemd.syntax(7): a line that ends with a backslash goes on with the next that is no comment, and a
 * space stands for the backslash.
 */
export const parseUnitFile = ({ name, text }: Text): Assignments => {
  const { all, problems, tell, enter, assign } = collector(name);
  let begun: { readonly line: Line; readonly text: string } | null = null;
  for (const line of linesOf(text)) {
    if (/^[ \t]*[#;]/.test(line.text)) continue;
    const whole: string = begun === null ? line.text : begun.text + line.text;
    const first: Line = begun?.line ?? line;
    if (/(?<!\\)(?:\\\\)*\\$/.test(line.text)) {
      begun = { line: first, text: `${whole.slice(0, -1)} ` };
      continue;
    }
    begun = null;
    unitLine(first, whole.trim(), { tell, enter, assign });
  }
  if (begun !== null) unitLine(begun.line, begun.text.trim(), { tell, enter, assign });
  return { all, problems };
};

type Collector = Pick<ReturnType<typeof collector>, 'tell' | 'enter' | 'assign'>;

const unitLine = (line: Line, text: string, { tell, enter, assign }: Collector): void => {
  const at = text.indexOf('=');
  if (text === '') return;
  if (text.startsWith('[')) enter(line, text);
  else if (at < 0) tell(line, 'is no assignment: it has no equals sign');
  else assign(line, text.slice(0, at).trim(), text.slice(at + 1).trim());
};

/**
 * A configuration of supervisord, as Python's parser reads it: keys in any case, comments also behind a value, and lines that are
 * indented deeper than a key, which go on with its value. The keys of a section may all be indented.
 */
export const parseIni = ({ name, text }: Text): Assignments => {
  const { all, problems, tell, enter, assign } = collector(name);
  // How deep the key stands that a line may go on with; null: there is none yet in this section.
  let depth: number | null = null;
  for (const line of linesOf(text)) {
    const said = withoutComment(line.text).trim();
    if (said === '') continue;
    const indent = line.text.length - line.text.trimStart().length;
    const last = all.at(-1);
    if (depth !== null && indent > depth && last !== undefined) {
      all[all.length - 1] = { ...last, value: `${last.value}\n${said}`.trim() };
      continue;
    }
    if (said.startsWith('[')) {
      enter(line, said);
      depth = null;
      continue;
    }
    const [, key, value = ''] = /^([^=:]*)[=:](.*)$/.exec(said) ?? [];
    if (key === undefined) tell(line, 'is no assignment: it has no equals sign');
    else assign(line, key.trim().toLowerCase(), value.trim());
    depth = indent;
  }
  return { all, problems };
};

const withoutComment = (text: string): string => text.replace(/(?:^\s*|\s+)[;#].*$/, '');
