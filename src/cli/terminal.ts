/**
 * What the command line is given of the world: where it prints, how wide that is, and whether there are colours.
 */
import type { Readable, Writable } from 'node:stream';

export interface Terminal {
  /** Results. */
  readonly out: (text: string) => void;
  /** Whatever is not a result. */
  readonly err: (text: string) => void;
  /** All of standard input. */
  readonly input: () => Promise<string>;
  readonly columns: number;
  /** Whether results have colours. */
  readonly colour: boolean;
  /** The same of what is not a result. */
  readonly errColour: boolean;
  /** Whether a person sees what is not a result as it comes. */
  readonly isWatched: boolean;
}

/** What of a process makes a terminal. */
export interface Streams {
  readonly stdin: Readable;
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What is printed into a pipe or a file is as wide as this, unless COLUMNS says otherwise. */
const columnsElsewhere = 80;

export const terminalOf = ({ stdin, stdout, stderr, env }: Streams): Terminal => ({
  out: (text) => void stdout.write(text),
  err: (text) => void stderr.write(text),
  input: async () => {
    const parts: Array<Buffer> = [];
    for await (const part of stdin) parts.push(Buffer.from(part));
    return Buffer.concat(parts).toString('utf8');
  },
  columns: stdout.columns || stderr.columns || Number.parseInt(env['COLUMNS'] ?? '', 10) || columnsElsewhere,
  colour: hasColours(stdout, env),
  errColour: hasColours(stderr, env),
  isWatched: stderr.isTTY === true && env['TERM'] !== 'dumb',
});

/** FORCE_COLOR is the stronger word, as in Node itself. */
const hasColours = (stream: Streams['stdout'], env: Streams['env']): boolean => {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
};
