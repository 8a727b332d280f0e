/** The timeline of an instance as a picture, drawn by the library. */
import { drawTimeline } from 'restart-policy/simulate';
import type { HistoryInWords } from '../routes/history.js';
import { make, write } from './dom.js';
import { timelineOf } from './timeline.js';
import { timeText } from './words.js';

const spans = [
  [15 * 60_000, 'last 15 minutes'],
  [60 * 60_000, 'last hour'],
  [24 * 60 * 60_000, 'last day'],
] as const;

export interface Picture {
  readonly show: (entries: HistoryInWords['entries'], now: number) => void;
}

export const createPicture = (parent: Element): Picture => {
  const section = make('section', parent, { className: 'timeline' });
  const top = make('div', section, { className: 'between' });
  make('h3', top, { text: 'Timeline' });
  const label = make('label', top, { className: 'sort' });
  make('span', label, { text: 'Of the', className: 'unseen' });
  const select = make('select', label);
  for (const [ms, text] of spans) make('option', select, { text }).value = String(ms);
  const image = make('img', section);
  const caption = make('p', section, { className: 'soft' });
  let last: { readonly entries: HistoryInWords['entries']; readonly now: number } | null = null;
  let drawn = '';

  const draw = (): void => {
    if (last === null) return;
    const { entries, now } = last;
    const wanted = Number(select.value);
    const timeline = timelineOf(entries, now - wanted, now);
    image.hidden = timeline === null;
    write(
      caption,
      timeline === null
        ? 'Nothing happened to it within this time.'
        : `From ${timeText(timeline.entries[0]?.at ?? now)} to ${timeText(now)}.`,
    );
    if (timeline === null) return;
    const svg = drawTimeline([timeline], {
      width: Math.max(240, Math.floor(section.clientWidth)),
      title: 'What happened',
    });
    if (svg === drawn) return;
    drawn = svg;
    image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    image.alt = /<desc[^>]*>([^<]*)</.exec(svg)?.[1] ?? '';
  };
  select.addEventListener('change', draw);
  new ResizeObserver(draw).observe(section);

  return {
    show: (entries, now) => {
      // A picture that is new at every second would be one that nobody can look at.
      const isSame = last !== null && last.entries[0]?.at === entries[0]?.at && now - last.now < 10_000;
      if (isSame && drawn !== '') return;
      last = { entries, now };
      draw();
    },
  };
};
