/**
 * A timeline as text, for a terminal.
 */
import type { Millis } from '../duration.js';
import { shareText, spanText, ticksOf } from '../span-text.js';
import { actsIn } from './people.js';
import { type Phase, phases, type Span, type Summary, spansOf, type Timeline } from './timeline.js';

/**
 * How a timeline is printed.
 *
 * @since 0.2.0
 */
export interface PrintOptions {
  /** Columns of the terminal: what is below 20 counts as 20, and what is above 1,000 as 1,000. Default 80. */
  readonly width?: number | undefined;
  /** With the colours of a terminal (ANSI). Default false. */
  readonly colour?: boolean | undefined;
  /** Whether the summary stands below. Default true; false for whoever says elsewhere how the time was spent. */
  readonly summary?: boolean | undefined;
}

/** How each phase looks: its character where it fills a column, its colour, and its name. */
const looks: Readonly<Record<Phase, { readonly character: string; readonly colour: number; readonly name: string }>> = {
  uptime: { character: '█', colour: 32, name: 'up' },
  booting: { character: '▒', colour: 36, name: 'booting' },
  waiting: { character: '░', colour: 33, name: 'waiting' },
  blocked: { character: '×', colour: 31, name: 'blocked' },
  done: { character: '·', colour: 90, name: 'done' },
};

/** The higher, the longer it was up in that column. */
const heights = '▁▂▃▄▅▆▇█';

const least = 20;
const most = 1_000;

/**
 * A timeline for a terminal: a bar with a column for each part of the time, the attempts and what people did below it, an axis, and
 * the summary unless it is left out. Where it was up for a part of a column, the height says for how much of it. No line is longer than the width, and
 * none ends with a blank.
 *
 * @example
 * import { restartPolicyOrThrow } from 'restart-policy/promises'
 * import { crashLoop, printTimeline, simulate } from 'restart-policy/simulate'
 *
 * const policy = restartPolicyOrThrow({ mode: 'always', backoff: '10s', maxAttempts: 3 })
 * const simulated = simulate({ policy, workload: crashLoop({ runsFor: 5_000 }), for: 60_000 })
 * if (simulated._tag === 'Left') throw new Error(simulated.left.message)
 * assert.strictEqual(printTimeline(simulated.right, { width: 48 }).split('\n')[0], '████████░░░░████░░░░████××××××××××××××××××××××××')
 *
 * @since 0.2.0
 */
export const printTimeline = (
  timeline: Timeline,
  { width = 80, colour = false, summary = true }: PrintOptions = {},
): string => {
  const columns = Math.floor(Math.min(most, Math.max(least, Number.isNaN(width) ? least : width)));
  const paint = (text: string, code: number): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const shares = sharesOf(timeline, columns);
  const seen = phases.filter((phase) => timeline.summary[phase] > 0);
  const hasAttempts = timeline.summary.attempts > 0;
  const attempts = marks(timeline, columns, attemptsIn(timeline), attemptMark);
  const legend = [
    ...seen.map((phase) => ({ text: `${looks[phase].character} ${looks[phase].name}`, code: looks[phase].colour })),
    ...(hasAttempts ? [{ text: '▲ attempt', code: 0 }] : []),
    ...(/[2-9+]/.test(attempts) ? [{ text: '2: two, +: ten or more', code: 0 }] : []),
  ];
  return [
    inRuns(shares.map(cellOf), paint),
    ...(hasAttempts ? [attempts] : []),
    ...printedActs(timeline, columns),
    axis(timeline.summary.for, columns),
    ...wrapped(legend, columns, paint),
    ...(summary
      ? wrapped(
          summaryParts(timeline).map((text) => ({ text, code: 0 })),
          columns,
          (text) => text,
        )
      : []),
  ]
    .map((line) => line.trimEnd())
    .join('\n');
};

// ---------------------------------------------------------------------------
// the bar
// ---------------------------------------------------------------------------

type Shares = Readonly<Record<Phase, number>>;

/** How much of each column was spent in each phase. */
const sharesOf = (timeline: Timeline, columns: number): ReadonlyArray<Shares> => {
  const start = timeline.entries[0]?.at ?? 0;
  const perColumn = timeline.summary.for / columns;
  const shares = Array.from({ length: columns }, () => ({ uptime: 0, booting: 0, waiting: 0, blocked: 0, done: 0 }));
  for (const { phase, from, to } of spansOf(timeline)) {
    const [first, last] = [(from - start) / perColumn, (to - start) / perColumn];
    for (let column = Math.floor(first); column < Math.min(columns, last); column++) {
      const share = shares[column];
      if (share !== undefined) share[phase] += Math.min(last, column + 1) - Math.max(first, column);
    }
  }
  return shares;
};

interface Cell {
  readonly character: string;
  readonly colour: number;
}

const cellOf = (shares: Shares): Cell => {
  const { colour } = looks.uptime;
  if (shares.uptime > 0) {
    const height = Math.min(heights.length, Math.max(1, Math.round(shares.uptime * heights.length)));
    return { character: heights.charAt(height - 1), colour };
  }
  return looks[phases.reduce((most, phase) => (shares[phase] > shares[most] ? phase : most))];
};

/** Neighbours of one colour are painted together. */
const inRuns = (cells: ReadonlyArray<Cell>, paint: (text: string, code: number) => string): string => {
  let line = '';
  let run = '';
  for (const [index, { character, colour }] of cells.entries()) {
    run += character;
    if (cells[index + 1]?.colour === colour) continue;
    line += paint(run, colour);
    run = '';
  }
  return line;
};

// ---------------------------------------------------------------------------
// below the bar
// ---------------------------------------------------------------------------

const attemptsIn = ({ entries }: Timeline): ReadonlyArray<{ readonly at: number; readonly letter: string }> =>
  entries.filter(({ action }) => action !== null).map(({ at }) => ({ at, letter: '▲' }));

const attemptMark = (marked: ReadonlyArray<string>): string => {
  if (marked.length <= 1) return marked[0] ?? ' ';
  return marked.length < 10 ? String(marked.length) : '+';
};

/** Of several acts in one column only that there are several is said; what they were stands below. */
const actMark = (marked: ReadonlyArray<string>): string => (marked.length <= 1 ? (marked[0] ?? ' ') : '*');

const marks = (
  timeline: Timeline,
  columns: number,
  moments: ReadonlyArray<{ readonly at: number; readonly letter: string }>,
  markOf: (marked: ReadonlyArray<string>) => string,
): string => {
  const start = timeline.entries[0]?.at ?? 0;
  const cells = Array.from({ length: columns }, (): Array<string> => []);
  for (const { at, letter } of moments) {
    cells[Math.min(columns - 1, Math.floor(((at - start) / timeline.summary.for) * columns))]?.push(letter);
  }
  return cells.map(markOf).join('');
};

const mostActs = 8;

const printedActs = (timeline: Timeline, columns: number): ReadonlyArray<string> => {
  const acts = actsIn(timeline);
  if (acts.length === 0) return [];
  const start = timeline.entries[0]?.at ?? 0;
  const more = acts.length - mostActs;
  return [
    marks(timeline, columns, acts, actMark),
    ...acts.slice(0, mostActs).flatMap(({ at, long, letter }) =>
      // No line is longer than the terminal is wide.
      wrapped(
        `${letter} at ${spanText(at - start)} a person ${long}`.split(' ').map((text) => ({ text, code: 0 })),
        columns,
        (text) => text,
        ' ',
      ),
    ),
    ...(more > 0 ? [`* and ${more} more`] : []),
  ];
};

const axis = (span: Millis, columns: number): string => {
  let line = '';
  for (const tick of ticksOf(span, Math.max(2, Math.floor(columns / 12)))) {
    const column = Math.floor((tick / span) * columns);
    const label = spanText(tick);
    if (column + label.length <= columns) line = `${line.padEnd(column)}${label}`;
  }
  return line;
};

const summaryParts = (timeline: Timeline): ReadonlyArray<string> => {
  const { summary } = timeline;
  const start = timeline.entries[0]?.at ?? 0;
  const waits = waitsText(timeline);
  return [
    `up ${shareText(summary.availability)} of ${spanText(summary.for)}`,
    ...phases
      .slice(1)
      .filter((phase) => summary[phase] > 0)
      .map((phase) => `${looks[phase].name} ${spanText(summary[phase])}`),
    attemptsText(summary),
    ...(summary.blockedAt === null ? [] : [`limit reached at ${spanText(summary.blockedAt - start)}`]),
    ...(summary.longestOutage > 0 ? [`longest outage ${spanText(summary.longestOutage)}`] : []),
    ...(waits === null ? [] : [waits]),
  ];
};

export const attemptsText = ({ attempts }: Summary): string => (attempts === 1 ? '1 attempt' : `${attempts} attempts`);

const mostWaits = 5;

/** How the waits grow; null: there was none. */
export const waitsText = (timeline: Timeline): string | null => {
  const waits = spansOf(timeline).filter(({ phase }) => phase === 'waiting');
  if (waits.length === 0) return null;
  const lengths = waits.slice(0, mostWaits).map(({ from, to }: Span) => spanText(to - from));
  return `waits ${lengths.join(', ')}${waits.length > mostWaits ? ', …' : ''}`;
};

/** Parts side by side, in as many lines as they need; a part that is longer than a line is cut into several. */
const wrapped = (
  parts: ReadonlyArray<{ readonly text: string; readonly code: number }>,
  columns: number,
  paint: (text: string, code: number) => string,
  between = '  ',
): ReadonlyArray<string> => {
  const lines: Array<string> = [];
  let line = '';
  let length = 0;
  for (const { text, code } of parts.flatMap((part) => cutTo(part, columns))) {
    if (length > 0 && length + between.length + text.length > columns) {
      lines.push(line);
      [line, length] = ['', 0];
    }
    const gap = length === 0 ? '' : between;
    line += gap + (code === 0 ? text : paint(text, code));
    length += gap.length + text.length;
  }
  return [...lines, line];
};

const cutTo = <P extends { readonly text: string }>(part: P, columns: number): ReadonlyArray<P> => {
  if (part.text.length <= columns) return [part];
  const words = part.text.split(' ');
  const texts: Array<string> = [];
  for (const word of words) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) texts[texts.length - 1] = `${last} ${word}`;
    else texts.push(word);
  }
  return texts.map((text) => ({ ...part, text }));
};
