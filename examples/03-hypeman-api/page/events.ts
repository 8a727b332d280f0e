/** What happened to an instance, in words: the newest first, and more on request. */
import type { HistoryInWords } from '../routes/history.js';
import { historyOf } from './api.js';
import { make, makeButton } from './dom.js';
import { timeText, withTimes } from './words.js';

type Entry = HistoryInWords['entries'][number];

export interface Events {
  readonly show: (page: HistoryInWords) => void;
}

export const firstPage = 100;

/** Of the first page so many are shown at once: the rest is there for the timeline. */
const shownFirst = 15;

export const createEvents = (parent: Element, id: string): Events => {
  const section = make('section', parent, { className: 'events' });
  make('h3', section, { text: 'History' });
  const none = make('p', section, { className: 'soft', text: 'Nothing is known to have happened to it.' });
  const list = make('ol', section);
  let entries: ReadonlyArray<Entry> = [];
  let older: ReadonlyArray<Entry> = [];
  let next: string | null = null;
  let room = shownFirst;
  const shown = new Map<string, HTMLLIElement>();

  const more = makeButton(section, 'Show older', () => {
    const known = entries.length + older.length;
    room += 50;
    if (room <= known || next === null) return render();
    void historyOf(id, 50, next).then(
      (page) => {
        older = [...older, ...page.entries];
        next = page.next;
        render();
      },
      () => render(),
    );
  });

  [none.hidden, more.hidden] = [true, true];

  const render = (): void => {
    const all = [...entries, ...older];
    const wanted = all.slice(0, room);
    none.hidden = all.length > 0;
    more.hidden = wanted.length === all.length && next === null;
    const keys = new Set<string>();
    let before: Element | null = null;
    for (const entry of wanted) {
      const key = `${entry.at} ${entry._tag} ${entry.text}`;
      keys.add(key);
      const item: HTMLLIElement = shown.get(key) ?? createEntry(entry);
      shown.set(key, item);
      const place: Element | null = before === null ? list.firstElementChild : before.nextElementSibling;
      if (item !== place) list.insertBefore(item, place);
      before = item;
    }
    for (const [key, item] of shown) {
      if (keys.has(key)) continue;
      item.remove();
      shown.delete(key);
    }
  };

  return {
    show: (page) => {
      if (older.length === 0) next = page.next;
      // What has gone off the first page since older ones were asked for is not lost.
      else older = [...entries.filter((entry) => !page.entries.some(isSame(entry))), ...older];
      entries = page.entries;
      render();
    },
  };
};

const isSame =
  (a: Entry) =>
  (b: Entry): boolean =>
    a.at === b.at && a._tag === b._tag && a.text === b.text;

const createEntry = (entry: Entry): HTMLLIElement => {
  const item = make('li', null, { className: entry._tag });
  const time = make('time', item, { text: timeText(entry.at) });
  time.dateTime = new Date(entry.at).toISOString();
  make('span', item, { text: withTimes(entry.text) });
  const reason = 'reason' in entry ? entry.reason : null;
  if (reason !== null) {
    const link = make('a', item, { text: reason, className: 'reason' });
    link.href = `/manual#${reason}`;
  }
  return item;
};
