/** A line for each step, with its time; on a terminal also what is going on, until the step is over. */
import { Unexpected } from './unexpected.js';

export interface Screen {
  readonly write: (text: string) => void;
  /** Width of the terminal; null: it is none, and lines are not written over. */
  readonly columns: () => number | null;
  /** Milliseconds, of a clock that nobody sets. */
  readonly now: () => number;
}

export interface Steps {
  /** Does it, and says what came of it. What it throws is told, and thrown on. */
  readonly step: <A>(name: string, act: () => Promise<A>, outcomeOf: (answer: A) => string) => Promise<A>;
  /** Something goes on within the step: the last of it is shown on a terminal. */
  readonly progress: (line: string) => void;
  /** Lines of their own, between the steps. */
  readonly say: (text: string) => void;
}

const erased = '\r\x1b[K';
const refreshEvery = 500;

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`.padStart(8);

const indented = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `                    ${line}`)
    .join('\n')
    .trimStart();

const problemOf = (error: unknown): string => {
  if (!(error instanceof Unexpected))
    return `         error      ${indented(String((error as Error)?.stack ?? error))}\n`;
  return `         expected   ${indented(error.expected)}\n         seen       ${indented(error.seen)}\n`;
};

export const createSteps = ({ write, columns, now }: Screen): Steps => {
  let last = '';

  const showing = (name: string, began: number): (() => void) => {
    const show = (): void => {
      const width = columns();
      if (width === null) return;
      const text = `…     ${seconds(now() - began)}  ${name}${last === '' ? '' : `: ${last}`}`;
      write(`${erased}${text.slice(0, width - 1)}`);
    };
    show();
    const timer = setInterval(show, refreshEvery);
    return () => {
      clearInterval(timer);
      if (columns() !== null) write(erased);
    };
  };

  return {
    async step(name, act, outcomeOf) {
      last = '';
      const began = now();
      const hide = showing(name, began);
      try {
        const answer = await act();
        hide();
        write(`ok    ${seconds(now() - began)}  ${name}: ${outcomeOf(answer)}\n`);
        return answer;
      } catch (error) {
        hide();
        write(`FAILED${seconds(now() - began)}  ${name}\n${problemOf(error)}`);
        throw error;
      }
    },
    progress(line) {
      last = line.trim();
    },
    say: write,
  };
};
