/**
 * Each history here breaks one rule, and the suite must say which.
 */
import { left, map, right as ofRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { createMemoryHistory, type History, type HistoryEntry, historyFailed } from '../../src/history.js';
import { type HistoryContractBounds, type HistoryUnderTest, historyContract } from '../../src/testing.js';
import { right } from '../support/either.js';
import { type Broken, failuresOf } from './support.js';

type Make = (bounds: HistoryContractBounds) => Promise<HistoryUnderTest>;

const wrapped =
  (change: (history: History, bounds: HistoryContractBounds) => Partial<History>): Make =>
  async (bounds) => {
    const history = right(createMemoryHistory(bounds));
    const changed = { ...history, ...change(history, bounds) };
    return { history: changed, another: async () => changed };
  };

/** What a page says, changed. */
const paged = (change: (entries: ReadonlyArray<HistoryEntry>) => ReadonlyArray<HistoryEntry>): Make =>
  wrapped((history) => ({
    ofInstance: (id, page) => async () =>
      map((found: { readonly entries: ReadonlyArray<HistoryEntry> }) => ({
        ...found,
        next: null,
        unreadable: 0,
        entries: change(found.entries),
      }))(await history.ofInstance(id, page)()),
  }));

const withBounds =
  (bounds: object): Make =>
  async () => ({ history: right(createMemoryHistory(bounds)) });

/** Forgets what is the same by giving each entry told another moment. */
const withoutMemory = wrapped((history) => {
  let n = 0;
  return {
    add: (entries) => {
      for (const entry of entries) {
        history.add([entry._tag === 'RunEnded' ? { ...entry, startedAt: entry.startedAt - ++n * 1e6 } : entry]);
      }
    },
  };
});

interface BrokenHistory {
  readonly what: string;
  readonly make: Make;
  readonly fails: Broken<unknown>['fails'];
}

const broken: ReadonlyArray<BrokenHistory> = [
  {
    what: 'shows the oldest first',
    make: paged((entries) => [...entries].reverse()),
    fails: [/^1 every kind/, /^4 what differs/],
  },
  {
    what: 'leaves out what is null',
    make: paged((entries) =>
      entries.map((entry) => Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null)) as never),
    ),
    fails: [/^1 every kind/],
  },
  {
    what: 'shows what was told only when it is told the next',
    make: wrapped((history) => {
      let held: ReadonlyArray<HistoryEntry> = [];
      return {
        add: (entries) => {
          history.add(held);
          held = entries;
        },
      };
    }),
    fails: [/^2 what was told/],
  },
  {
    what: 'pages by how many entries there are before',
    make: wrapped((history) => ({
      ofInstance:
        (id, page = {}) =>
        async () => {
          const all = right(await history.ofInstance(id, { limit: 1_000 })()).entries;
          const from = Number(page.before ?? 0);
          const to = from + (page.limit ?? 100);
          return ofRight({ entries: all.slice(from, to), next: all.length > to ? String(to) : null, unreadable: 0 });
        },
    })),
    fails: [/^3 pages go on/],
  },
  {
    what: 'ends its pages one entry too late',
    make: wrapped((history) => ({
      ofSpan: (span) => async () => {
        const page = await history.ofSpan({ ...span, limit: Math.min(1_000, (span.limit ?? 100) + 1) })();
        return map((found: { readonly entries: ReadonlyArray<HistoryEntry>; next: string | null }) => ({
          ...found,
          unreadable: 0,
        }))(page);
      },
    })),
    fails: [/^3 pages of any length/],
  },
  {
    what: 'shows all kinds whatever was asked for',
    make: wrapped((history) => ({
      ofInstance: (id, { tags: _, ...page } = {}) => history.ofInstance(id, page),
    })),
    fails: [/^3 a page has only/],
  },
  { what: 'takes each end of a run for another', make: withoutMemory, fails: [/^4 a run has one end/] },
  {
    what: 'keeps what is told again',
    make: wrapped((history) => {
      let n = 0;
      return { add: (entries) => history.add(entries.map((entry) => ({ ...entry, at: entry.at + n++ }))) };
    }),
    fails: [/^4 what is told again/],
  },
  {
    what: 'takes entries of one kind at one moment for the same',
    make: wrapped((history) => {
      const seen = new Set<string>();
      return {
        add: (entries) =>
          history.add(
            entries.filter(({ _tag, id, at }) => {
              const key = `${_tag} ${id} ${at}`;
              const isNew = !seen.has(key);
              seen.add(key);
              return isNew;
            }),
          ),
      };
    }),
    fails: [/^4 what differs/],
  },
  {
    what: 'keeps all of each instance',
    make: withBounds({}),
    fails: [/^5 of each instance/, /^5 what is too old/, /^6 where entries/],
  },
  {
    what: 'bounds all instances together',
    make: async ({ perInstance, maxAge }) => ({
      history: right(createMemoryHistory({ perInstance, maxAge, total: perInstance })),
    }),
    fails: [/^5 of each instance/],
  },
  {
    what: 'takes the end of a span into it',
    make: wrapped((history) => ({
      ofSpan: (span) => history.ofSpan(span.to === undefined ? span : { ...span, to: span.to + 1 }),
    })),
    fails: [/^6 a span begins/],
  },
  {
    what: 'orders equals by units of UTF-16',
    make: wrapped((history) => ({
      busiest: (span) => async () => {
        const all = right(await history.busiest({ ...span, limit: 1_000 })());
        const order = [...all].sort((a, b) => b.attempts - a.attempts || (a.id < b.id ? -1 : 1));
        return ofRight(order.slice(0, span.limit ?? 20));
      },
    })),
    fails: [/^6 the busiest/],
  },
  {
    what: 'knows exactly what it cannot know',
    make: wrapped((history) => ({
      busiest: (span) => async () =>
        ofRight(right(await history.busiest(span)()).map((one) => ({ ...one, atLeast: false }))),
    })),
    fails: [/^6 where entries/],
  },
  {
    what: 'puts what is asked wrongly right',
    make: wrapped((history) => ({ ofInstance: (id) => history.ofInstance(id) })),
    fails: [/^7 what is asked wrongly/],
  },
  {
    what: 'throws without its medium',
    make: async (bounds) => {
      const history = right(createMemoryHistory(bounds));
      let isDown = false;
      const flush = async () => (isDown ? left(historyFailed('down')) : history.flush());
      const add: History['add'] = (entries) => {
        if (isDown) throw new Error('down');
        history.add(entries);
      };
      return {
        history: { ...history, add, flush },
        breakDown: async () => {
          isDown = true;
        },
      };
    },
    fails: [/^7 without its medium/],
  },
  {
    what: 'loses what waits while its medium is away',
    make: async (bounds) => {
      const history = right(createMemoryHistory(bounds));
      let isDown = false;
      return {
        history: {
          ...history,
          add: (entries) => {
            if (!isDown) history.add(entries);
          },
          flush: async () => (isDown ? left(historyFailed('down')) : history.flush()),
        },
        breakDown: async () => {
          isDown = true;
        },
        mend: async () => {
          isDown = false;
        },
      };
    },
    fails: [/^7 with its medium back/],
  },
  {
    what: 'does not count what is lost after its close',
    make: wrapped((history) => ({ state: () => ({ ...history.state(), lost: 0 }) })),
    fails: [/^7 after its close/, /^7 what is no entry/],
  },
  {
    what: 'leaves out what cannot be read, and says nothing',
    make: async (bounds) => {
      const history = right(createMemoryHistory(bounds));
      let isCorrupt = false;
      return {
        history: {
          ...history,
          ofInstance: (id, page) =>
            isCorrupt && id === 'web'
              ? async () => ofRight({ entries: [], next: null, unreadable: 0 })
              : history.ofInstance(id, page),
        },
        corrupt: async () => {
          isCorrupt = true;
        },
      };
    },
    fails: [/^7 what cannot be read/],
  },
  {
    what: 'ends an id at a NUL',
    make: wrapped((history) => {
      const cut = (id: string): string => id.split('\0')[0] ?? '';
      return {
        add: (entries) => history.add(entries.map((entry) => ({ ...entry, id: cut(entry.id) }))),
        ofInstance: (id, page) => history.ofInstance(cut(id), page),
      };
    }),
    fails: [/^8 an id that cannot/],
  },
  {
    what: 'has ids without regard to case',
    make: wrapped((history) => ({
      add: (entries) => history.add(entries.map((entry) => ({ ...entry, id: entry.id.toLowerCase() }))),
      ofInstance: (id, page) => history.ofInstance(id.toLowerCase(), page),
    })),
    fails: [/^8 any text/],
  },
];

describe('a history that', () => {
  test.concurrent.each(broken)('$what', async ({ make, fails }) => {
    const cases = historyContract(async (bounds) => ({ patienceMs: 200, ...(await make(bounds)) })).filter(({ name }) =>
      fails.some((start) => start.test(name)),
    );
    expect(cases).toHaveLength(fails.length);
    const failures = await failuresOf(cases);
    expect([...failures.keys()]).toEqual(cases.map(({ name }) => name));
    for (const [name, message] of failures) expect(message).toContain(`history rule ${name}`);
  });
});
