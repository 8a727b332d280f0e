/**
 * Timelines as one picture: SVG for people.
 */
import type { Millis } from '../duration.js';
import { saltOf } from '../salt.js';
import { spanText, ticksOf } from '../span-text.js';
import { describeTimeline, drawLane, heights, laneHeight, names } from './draw-lane.js';
import { styleOf } from './draw-style.js';
import { linesOf, round, textOf, widthOf } from './svg.js';
import { type Phase, phases, type Timeline } from './timeline.js';

/**
 * How timelines are drawn.
 *
 * @since 0.2.0
 */
export interface DrawOptions {
  /** In pixels; what is below 240 counts as 240, and what is above 10,000 as 10,000. It is as high as it needs to be. Default 960. */
  readonly width?: number | undefined;
  /** What the picture is of. Default "What the policy does", or "What the policies do". */
  readonly title?: string | undefined;
  /** What each timeline is called, in their order. Default "Policy 1", "Policy 2" and so on, and nothing where there is only one. */
  readonly labels?: ReadonlyArray<string> | undefined;
}

const margin = 16;
const leastWidth = 240;
const mostWidth = 10_000;

/**
 * Timelines under each other on one axis, as the text of an SVG file: what each instance was in, its attempts, how long it waited,
 * and what people did. Light or dark as the reader's system is; with a title and a description for those who do not see it. What
 * is shorter than a pixel is shown by its share of the time.
 *
 * @example
 * import { restartPolicyOrThrow } from 'restart-policy/promises'
 * import { crashLoop, drawTimeline, simulate } from 'restart-policy/simulate'
 *
 * const policy = restartPolicyOrThrow({ mode: 'always', maxBackoff: '5m' })
 * const simulated = simulate({ policy, workload: crashLoop({ runsFor: 2_000 }), for: 3_600_000 })
 * if (simulated._tag === 'Left') throw new Error(simulated.left.message)
 * assert.match(drawTimeline([simulated.right], { title: 'A crash loop' }), /^<svg .*<title id="[^"]*">A crash loop<\/title>/s)
 *
 * @since 0.2.0
 */
export const drawTimeline = (timelines: ReadonlyArray<Timeline>, options: DrawOptions = {}): string => {
  const { width: asked = 960 } = options;
  const width = Math.floor(Math.min(mostWidth, Math.max(leastWidth, Number.isNaN(asked) ? leastWidth : asked)));
  const title = options.title ?? (timelines.length === 1 ? 'What the policy does' : 'What the policies do');
  const span = timelines.reduce((longest, { summary }) => Math.max(longest, summary.for), 1);
  const inner = width - 2 * margin;
  const labelOf = (index: number): string =>
    options.labels?.[index] ?? (timelines.length === 1 ? '' : `Policy ${index + 1}`);

  const lanes: Array<string> = [];
  const description: Array<string> = [];
  const titleLines = linesOf(title.split(' '), ' ', inner / 1.35);
  let top = margin + 6 + 18 * titleLines.length;
  for (const [index, timeline] of timelines.entries()) {
    const lane = { timeline, label: labelOf(index), width: inner, scale: inner / span };
    lanes.push(`<g transform="translate(${margin} ${top})">${drawLane(lane)}</g>`);
    description.push(describeTimeline(lane));
    top += laneHeight(lane);
  }
  const legend = drawLegend(timelines, inner);
  const height = top + 58 + legend.height;
  const text = description.join(' ');
  // The ids of two pictures in one page must differ.
  const id = `rp${saltOf(title + text + width).toString(36)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="${id}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    ` role="img" aria-labelledby="${id}t ${id}d">`,
    `<title id="${id}t">${textOf(title)}</title><desc id="${id}d">${textOf(text)}</desc>`,
    styleOf(id),
    `<rect class="ground" width="${width}" height="${height}" rx="8"/>`,
    ...titleLines.map(
      (line, index) => `<text class="title" x="${margin}" y="${margin + 10 + 18 * index}">${textOf(line)}</text>`,
    ),
    ...lanes,
    `<g transform="translate(${margin} ${top})">${drawAxis(span, inner)}</g>`,
    `<g transform="translate(${margin} ${top + 52})">${legend.drawn}</g>`,
    '</svg>\n',
  ].join('');
};

const drawAxis = (span: Millis, width: number): string => {
  const ticks = ticksOf(span, Math.max(2, Math.floor(width / 90))).map((tick) => {
    const x = round((tick / span) * width);
    // A label at an edge stays within the picture.
    const edge = x > width - 20 ? 'end' : 'middle';
    const anchor = x < 20 ? 'start' : edge;
    return `<path class="line" d="M${x} 0v5"/><text class="small" x="${x}" y="18" text-anchor="${anchor}">${spanText(tick)}</text>`;
  });
  const name = `<text class="small dim" x="${round(width / 2)}" y="36" text-anchor="middle">time since the first start</text>`;
  return `<path class="line" d="M0 0h${width}"/>${ticks.join('')}${name}`;
};

/** What there was no room to name, small: each phase that occurs, as it looks. */
const drawLegend = (
  timelines: ReadonlyArray<Timeline>,
  width: number,
): { readonly drawn: string; readonly height: number } => {
  const seen = phases.filter((phase) => timelines.some(({ summary }) => summary[phase] > 0));
  const items = [
    ...seen.map((phase) => ({ name: names[phase], shape: (x: number, y: number) => swatch(phase, x, y) })),
    ...(timelines.some(({ summary }) => summary.attempts > 0)
      ? [{ name: 'attempt', shape: (x: number, y: number) => `<path class="attempt" d="M${x + 6} ${y + 4}l4 7h-8z"/>` }]
      : []),
  ];
  let [x, y] = [0, 0];
  const drawn = items.map(({ name, shape }) => {
    const needs = round(18 + widthOf(name) + 14);
    if (x > 0 && x + needs > width) [x, y] = [0, y + 18];
    const item = `${shape(x, y)}<text class="small dim" x="${x + 18}" y="${y + 11}">${name}</text>`;
    x = round(x + needs);
    return item;
  });
  return { drawn: drawn.join(''), height: y + 14 };
};

const swatch = (phase: Phase, x: number, y: number): string => {
  const height = Math.max(2, Math.round((heights[phase] / heights.uptime) * 12));
  return `<path class="${phase}" d="M${x} ${y + 13 - height}h12v${height}h-12z"/>`;
};
