/**
 * What came of it: the picture, and the summary beside it.
 */
import { drawTimeline, type Summary, type Timeline } from 'restart-policy/simulate';
import { names } from '../src/simulate/draw-lane.js';
import { type Phase, phases } from '../src/simulate/timeline.js';
import { shareText, spanText } from '../src/span-text.js';
import { byId, make } from './dom.js';
import type { Side } from './state.js';

/** A policy that is right, and what it did. */
export interface Lane {
  /** null: there is only one policy, and nothing to tell it from. */
  readonly side: Side | null;
  /** Whose policy it is; blank: nobody's. */
  readonly name: string;
  readonly timeline: Timeline;
}

// ---------------------------------------------------------------------------
// picture
// ---------------------------------------------------------------------------

/** How wide a picture may be; the page may be as wide as a wall. */
const widest = 1_600;

export const showPicture = (lanes: ReadonlyArray<Lane>, title: string): string => {
  const place = byId('picture');
  const width = Math.min(widest, place.clientWidth);
  const labels = lanes.map(({ side, name }) =>
    [side?.toUpperCase() ?? '', name].filter((part) => part !== '').join(' · '),
  );
  const svg = drawTimeline(
    lanes.map(({ timeline }) => timeline),
    { width, title, labels },
  );
  place.innerHTML = svg;
  return svg;
};

// ---------------------------------------------------------------------------
// summary
// ---------------------------------------------------------------------------

interface Line {
  readonly name: string;
  readonly phase?: Phase;
  readonly text: (summary: Summary) => string;
}

const lines: ReadonlyArray<Line> = [
  { name: 'up', text: ({ availability }) => shareText(availability) },
  { name: 'attempts', text: ({ attempts }) => attempts.toLocaleString('en') },
  { name: 'longest outage', text: ({ longestOutage }) => spanText(longestOutage) },
  { name: 'limit reached at', text: ({ blockedAt }) => (blockedAt === null ? '–' : spanText(blockedAt)) },
  ...phases.map((phase): Line => ({ name: names[phase], phase, text: (summary) => spanText(summary[phase]) })),
];

const badgeOf = (side: Side | null): ReadonlyArray<HTMLElement> =>
  side === null ? [] : [make('span', { class: `badge side-${side}` }, side.toUpperCase())];

export const showSummary = (lanes: ReadonlyArray<Lane>): void => {
  const isCompared = lanes.some(({ side }) => side !== null);
  const heads = lanes.map(({ side }) => make('th', { scope: 'col' }, ...badgeOf(side)));
  const rows = lines.map(({ name, phase, text }) =>
    make(
      'tr',
      phase === undefined ? {} : { class: 'phase' },
      make('th', { scope: 'row' }, ...(phase === undefined ? [] : [make('i', { class: phase })]), name),
      ...lanes.map(({ timeline }) => make('td', {}, text(timeline.summary))),
    ),
  );
  byId('summary').replaceChildren(
    make('caption', { class: 'unseen' }, 'How the time was spent'),
    make('thead', isCompared ? {} : { class: 'unseen' }, make('tr', {}, make('td'), ...heads)),
    make('tbody', {}, ...rows),
  );
};

/** The least of it, where the picture is out of sight. */
export const showGist = (lanes: ReadonlyArray<Lane>): void =>
  byId('gist').replaceChildren(
    ...lanes.map(({ side, timeline: { summary } }) =>
      make(
        'span',
        {},
        ...badgeOf(side),
        ` up ${shareText(summary.availability)}, ${summary.attempts === 1 ? '1 attempt' : `${summary.attempts} attempts`}`,
      ),
    ),
  );

/** What a screen reader is told. */
export const spokenSummary = (lanes: ReadonlyArray<Lane>): string =>
  lanes
    .map(({ side, timeline: { summary } }) => {
      const limit = summary.blockedAt === null ? '' : `, limit reached at ${spanText(summary.blockedAt)}`;
      return (
        `${side === null ? '' : `${side.toUpperCase()}: `}up ${shareText(summary.availability)} of ` +
        `${spanText(summary.for)}, ${summary.attempts} ${summary.attempts === 1 ? 'attempt' : 'attempts'}, ` +
        `longest outage ${spanText(summary.longestOutage)}${limit}`
      );
    })
    .join('. ');
