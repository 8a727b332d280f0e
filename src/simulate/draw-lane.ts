/**
 * One timeline of a picture: from above what it is called and what came of it, what people did, the bar, and the attempts.
 *
 * In the bar the height says it once more, for who sees no colours: what is up fills it, what boots or waits is lower, what is left
 * down is a thin line. Stretches that have room for it bear their name, and waits their length.
 */

import { shareText, spanText } from '../span-text.js';
import { type Act, actsIn } from './people.js';
import { attemptsText } from './print.js';
import { linesOf, round, textOf, widthOf } from './svg.js';
import { type Phase, phases, type Span, spansOf, type Timeline } from './timeline.js';

export interface Lane {
  readonly timeline: Timeline;
  /** Empty: it needs no name. */
  readonly label: string;
  readonly width: number;
  /** Pixels per millisecond. */
  readonly scale: number;
}

// ---------------------------------------------------------------------------
// layout
// ---------------------------------------------------------------------------

const barHeight = 40;
/** How high each phase stands in the bar. */
export const heights: Readonly<Record<Phase, number>> = { uptime: 40, booting: 28, waiting: 18, blocked: 40, done: 6 };
const actRow = 15;
const mostActRows = 3;

/** A label, the summary, people, the bar, the attempts, and air. */
export const laneHeight = (lane: Lane): number => tops(lane).bottom;

const tops = (lane: Lane) => {
  const summary = summaryLines(lane).length;
  const labels = labelLines(lane).length * 18;
  const acts = placedActs(lane).rows * actRow;
  const bar = labels + summary * 16 + acts + (acts > 0 ? 4 : 2);
  const attempts = lane.timeline.summary.attempts > 0 ? 30 : 8;
  return {
    summary: labels,
    acts: labels + summary * 16,
    bar,
    attempts: bar + barHeight,
    bottom: bar + barHeight + attempts + 12,
  };
};

const xOf = ({ timeline, scale }: Lane, at: number): number => (at - (timeline.entries[0]?.at ?? 0)) * scale;

export const drawLane = (lane: Lane): string => {
  const top = tops(lane);
  const label = labelLines(lane).map(
    (line, index) => `<text class="label" y="${11 + 18 * index}">${textOf(line)}</text>`,
  );
  const summary = summaryLines(lane).map(
    (line, index) => `<text class="dim" y="${top.summary + 11 + 16 * index}">${textOf(line)}</text>`,
  );
  return [
    ...label,
    ...summary,
    `<g transform="translate(0 ${top.bar})">${drawBar(lane)}</g>`,
    `<g transform="translate(0 ${top.attempts})">${drawAttempts(lane)}</g>`,
    `<g transform="translate(0 ${top.acts})">${drawActs(lane, top.attempts - top.acts)}</g>`,
  ].join('');
};

// ---------------------------------------------------------------------------
// summary
// ---------------------------------------------------------------------------

const summaryParts = ({ timeline }: Lane): ReadonlyArray<string> => {
  const { summary } = timeline;
  const start = timeline.entries[0]?.at ?? 0;
  return [
    `up ${shareText(summary.availability)} of ${spanText(summary.for)}`,
    attemptsText(summary),
    ...(summary.longestOutage > 0 ? [`longest outage ${spanText(summary.longestOutage)}`] : []),
    ...(summary.blockedAt === null ? [] : [`limit reached at ${spanText(summary.blockedAt - start)}`]),
  ];
};

const summaryLines = (lane: Lane): ReadonlyArray<string> => linesOf(summaryParts(lane), ' · ', lane.width / 1.05);

const labelLines = ({ label, width }: Lane): ReadonlyArray<string> =>
  label === '' ? [] : linesOf(label.split(' '), ' ', width / 1.25);

/** The same for who does not see the picture. */
export const describeTimeline = (lane: Lane): string => {
  const { timeline, label } = lane;
  const start = timeline.entries[0]?.at ?? 0;
  const spent = phases.slice(1).flatMap((phase) => {
    const ms = timeline.summary[phase];
    return ms > 0 ? [`${names[phase]} for ${spanText(ms)}`] : [];
  });
  const acts = actsIn(timeline)
    .slice(0, 10)
    .map(({ at, long }) => `at ${spanText(at - start)} a person ${long}`);
  return `${label === '' ? '' : `${label}: `}${[...summaryParts(lane), ...spent, ...acts].join(', ')}.`;
};

// ---------------------------------------------------------------------------
// bar
// ---------------------------------------------------------------------------

/** What each phase is called in pictures. */
export const names: Readonly<Record<Phase, string>> = {
  uptime: 'running',
  booting: 'booting',
  waiting: 'waiting',
  blocked: 'blocked',
  done: 'left down',
};

/** What is narrower is told by its share of the columns that it is in. */
const narrow = 2;
/** So is what is narrower than this beside such a one: widened to be seen, that would cover much of it. */
const tight = 6;

const drawBar = (lane: Lane): string => {
  const wide = createPaths();
  // Over the others: what is widened to be seen must not be covered.
  const crowded = createPaths();
  const texts: Array<string> = [];
  const crowd = createCrowd((phase, x, width, from, to) =>
    crowded.add(phase, x, barHeight * (1 - to), Math.min(width, lane.width - x), barHeight * (to - from)),
  );
  const spans = spansOf(lane.timeline);
  const widthAt = (index: number): number => {
    const span = spans[index];
    return span === undefined ? tight : (span.to - span.from) * lane.scale;
  };
  for (const [index, span] of spans.entries()) {
    const [from, to] = [xOf(lane, span.from), xOf(lane, span.to)];
    const isCrowded = to - from < tight && Math.min(widthAt(index - 1), widthAt(index + 1)) < narrow;
    if (to - from < narrow || isCrowded) {
      crowd.add(span.phase, from, to);
      continue;
    }
    crowd.flush();
    const height = heights[span.phase];
    wide.add(span.phase, from, barHeight - height, to - from, height);
    texts.push(nameIn(span, from, to));
  }
  crowd.flush();
  return `<path class="line" d="M0 ${barHeight}h${lane.width}"/>${wide.drawn()}${crowded.drawn()}${texts.join('')}`;
};

/** Boxes, those of one phase as one path: a picture of thousands of stretches stays small. */
const createPaths = () => {
  const paths: Record<Phase, string> = { uptime: '', booting: '', waiting: '', blocked: '', done: '' };
  return {
    add: (phase: Phase, x: number, y: number, width: number, height: number): void => {
      // Edges are rounded, not widths: neighbours meet, and no gap between them shows as a line.
      const [left, top] = [round(x), round(y)];
      const [across, down] = [round(round(x + width) - left), round(round(y + height) - top)];
      paths[phase] += `M${left} ${top}h${across}v${down}h${-across}z`;
    },
    drawn: (): string =>
      phases.map((phase) => (paths[phase] === '' ? '' : `<path class="${phase}" d="${paths[phase]}"/>`)).join(''),
  };
};

/** The longest text that there is room for, or none. */
const nameIn = ({ phase, from, to }: Span, left: number, right: number): string => {
  const length = spanText(to - from);
  const fitting = [`${names[phase]} ${length}`, ...(phase === 'waiting' ? [length] : [names[phase]])].find(
    (text) => widthOf(text) + 6 <= right - left,
  );
  if (fitting === undefined) return '';
  const height = heights[phase];
  // What is too low for a text bears it above itself.
  const y = height < 16 ? barHeight - height - 5 : barHeight - height / 2 + 4;
  const isFilled = phase === 'uptime' || phase === 'blocked';
  return `<text class="${isFilled ? 'on' : 'in'}" x="${round((left + right) / 2)}" y="${y}">${fitting}</text>`;
};

type Column = (phase: Phase, x: number, width: number, from: number, to: number) => void;

/** Stretches that are too narrow to be seen, one after another: columns, filled from below by the share of each phase. */
const createCrowd = (draw: Column) => {
  let parts: Array<{ readonly phase: Phase; readonly from: number; readonly to: number }> = [];
  return {
    add: (phase: Phase, from: number, to: number): void => {
      parts.push({ phase, from, to });
    },
    flush: (): void => {
      const [from, to] = [parts[0]?.from ?? 0, parts.at(-1)?.to ?? 0];
      // Of a pattern that repeats within a few pixels narrow columns would show another pattern, which there is not.
      const columns = Math.max(1, Math.floor((to - from) / (parts.length > 8 ? 8 : narrow)));
      const width = (to - from) / columns;
      const shares = Array.from({ length: columns }, nothingSpent);
      for (const part of parts) {
        const [first, last] = [(part.from - from) / width, (part.to - from) / width];
        for (let column = Math.floor(first); column < Math.min(columns, last); column++) {
          const share = shares[column];
          if (share !== undefined) share[part.phase] += Math.min(last, column + 1) - Math.max(first, column);
        }
      }
      for (const [column, share] of shares.entries())
        stack(draw, share, from + column * width, Math.max(width, narrow));
      parts = [];
    },
  };
};

const nothingSpent = (): Record<Phase, number> => ({ uptime: 0, booting: 0, waiting: 0, blocked: 0, done: 0 });

const stack = (draw: Column, share: Readonly<Record<Phase, number>>, x: number, width: number): void => {
  const total = phases.reduce((sum, phase) => sum + share[phase], 0);
  let from = 0;
  for (const phase of phases) {
    if (share[phase] === 0) continue;
    const to = from + share[phase] / total;
    draw(phase, x, width, from, to);
    from = to;
  }
};

// ---------------------------------------------------------------------------
// attempts
// ---------------------------------------------------------------------------

/** Marks that are nearer to each other are one. */
const apart = 9;

const drawAttempts = (lane: Lane): string => {
  const attempts = lane.timeline.entries.flatMap(({ at, action }) =>
    action === null ? [] : [{ x: xOf(lane, at), number: action.attempt }],
  );
  const groups: Array<{ readonly x: number; last: number; count: number; readonly number: number }> = [];
  for (const { x, number } of attempts) {
    const group = groups.at(-1);
    if (group !== undefined && x - group.last < apart) Object.assign(group, { count: group.count + 1, last: x });
    else groups.push({ x, last: x, count: 1, number });
  }
  const marks: Array<string> = [];
  let free = Number.NEGATIVE_INFINITY;
  let isNamed = false;
  const isCrowded = groups.some(({ count }) => count > 1);
  for (const { x, last, count, number } of groups) {
    const middle = round((x + last) / 2);
    const [left, right] = [round(Math.max(0, x - 2)), round(Math.min(lane.width, last + 2))];
    marks.push(
      count === 1
        ? `<path class="attempt" d="M${middle} 3l4 7h-8z"/>`
        : `<path class="attempt" d="M${left} 3H${right}v7H${left}z"/>`,
    );
    // In a crowd there is only room to say how many they are; the name of the first says what is numbered.
    const text = isCrowded ? '' : labelOf(isNamed, number);
    const width = widthOf(text);
    const from = Math.min(Math.max(0, middle - width / 2), lane.width - width);
    if (text === '' || from < free) continue;
    marks.push(`<text class="small dim" x="${round(from)}" y="23">${text}</text>`);
    isNamed = true;
    free = from + width + 5;
  }
  if (isCrowded) {
    marks.push(`<text class="small dim" y="25">▲ one attempt, ■ several: ${attempts.length} in all</text>`);
  }
  return marks.join('');
};

const labelOf = (isNamed: boolean, number: number): string => (isNamed ? String(number) : `attempt ${number}`);

// ---------------------------------------------------------------------------
// people
// ---------------------------------------------------------------------------

interface Placed extends Act {
  readonly x: number;
  /** From the bar upwards; null: there is no room for its name. */
  readonly row: number | null;
}

/** Names beside each other where there is room, else above each other. */
const placedActs = (lane: Lane): { readonly acts: ReadonlyArray<Placed>; readonly rows: number } => {
  const ends: Array<number> = [];
  const acts = actsIn(lane.timeline).map((act): Placed => {
    const x = xOf(lane, act.at);
    const width = widthOf(act.short) + 12;
    const from = leftOf(x, width, lane.width);
    const free = Array.from({ length: mostActRows }, (_, row) => row).find((row) => (ends[row] ?? 0) <= from);
    if (free !== undefined) ends[free] = from + width;
    return { ...act, x, row: free ?? null };
  });
  return { acts, rows: ends.length };
};

const leftOf = (x: number, width: number, whole: number): number => (x + width > whole ? x - width : x);

const drawActs = (lane: Lane, height: number): string => {
  const { acts, rows } = placedActs(lane);
  const topOf = (row: number | null): number => (row === null ? rows * actRow : (rows - 1 - row) * actRow + 4);
  const lines = acts.map(
    ({ x, row, long }) =>
      `<g><title>a person ${long}</title><path class="said" d="M${round(x)} ${topOf(row)}V${height}"/>` +
      `<circle class="person" cx="${round(x)}" cy="${topOf(row) + 4}" r="3.5"/></g>`,
  );
  // Above the lines, which would cross them.
  const texts = acts.map(({ x, row, short }) => {
    if (row === null) return '';
    const isLeft = x + widthOf(short) + 12 > lane.width;
    const [at, anchor] = isLeft ? [x - 6, 'end'] : [x + 6, 'start'];
    return `<text class="small said-name" x="${round(at)}" y="${topOf(row) + 8}" text-anchor="${anchor}">${short}</text>`;
  });
  return [...lines, ...texts].join('');
};
