import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  manuallyStarted,
  manuallyStopped,
  policyUpdated,
  supervisionPaused,
  supervisionResumed,
} from '../../src/index.js';
import {
  crashLoop,
  drawTimeline,
  fixedRuns,
  printTimeline,
  type SimulationOptions,
  simulate,
  type Timeline,
} from '../../src/simulate.js';
import { shareText, spanText, ticksOf } from '../../src/span-text.js';
import { right } from '../support/either.js';
import { policyWith } from '../support/values.js';
import { arbGiven } from './given.js';

const minute = 60_000;

const of = (options: Partial<SimulationOptions>): Timeline =>
  right(
    simulate({
      policy: policyWith({ backoff: 10_000 }),
      workload: crashLoop({ runsFor: 5_000 }),
      for: minute,
      ...options,
    }),
  );

const withPeople = (): Timeline =>
  of({
    policy: policyWith({ backoff: 10_000, maxAttempts: 3 }),
    for: 2 * minute,
    words: [
      { at: 2_000, event: supervisionPaused },
      { at: 20_000, event: supervisionResumed },
      { at: 80_000, event: policyUpdated, policy: policyWith({ backoff: 1_000 }) },
      { at: 90_000, event: manuallyStopped },
      { at: 100_000, event: manuallyStarted },
    ],
  });

describe('a printed timeline', () => {
  test('shows how the time was spent, the attempts, an axis and the summary', () => {
    expect(
      printTimeline(of({ policy: policyWith({ backoff: 10_000, maxAttempts: 3 }) }), { width: 48 }).split('\n'),
    ).toEqual([
      '████████░░░░████░░░░████××××××××××××××××××××××××',
      '    ▲       ▲       ▲',
      '0           15s         30s         45s',
      '█ up  ░ waiting  × blocked  ▲ attempt',
      'up 33.3 % of 1m  waiting 10s  blocked 30s',
      '3 attempts  limit reached at 30s',
      'longest outage 30s  waits 5s, 5s',
    ]);
  });

  test('shows what people did, and when', () => {
    expect(printTimeline(withPeople(), { width: 60 }).split('\n')).toEqual([
      '██▄×××××××██▄░░██▄░░██▄×××××××××××××××××█████·····██████████',
      '          ▲    ▲    ▲                   ▲ ▲  ▲      ▲  ▲ ▲',
      ' p        r                             u    s    S',
      'p at 2s a person paused supervision',
      'r at 20s a person resumed supervision',
      'u at 1m 20s a person gave it a new policy',
      's at 1m 30s a person stopped it',
      'S at 1m 40s a person started it',
      ...printTimeline(withPeople(), { width: 60 }).split('\n').slice(8),
    ]);
  });

  test('says by the height how much of a column it was up, and counts the attempts in it', () => {
    const [bar, attempts] = printTimeline(of({ for: 60 * minute }), { width: 20 }).split('\n');
    expect(bar).toBe('▄'.repeat(20));
    expect(attempts).toBe('+'.repeat(20));
  });

  test('counts several attempts in a column', () => {
    const lines = printTimeline(of({ for: 10 * minute }), { width: 20 }).split('\n');
    expect(lines[1]).toBe('3'.repeat(20));
    expect(lines.join(' ')).toContain('2: two, +: ten or more');
  });

  test('has colours only when they are asked for', () => {
    expect(printTimeline(of({}))).not.toContain('\u001b');
    const coloured = printTimeline(of({}), { colour: true });
    expect(coloured).toContain('\u001b[32m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(printTimeline(of({})));
  });

  test('fits into a terminal of any width, and ends no line with a blank', () => {
    fc.assert(
      fc.property(arbGiven, fc.integer({ min: 20, max: 200 }), ({ options }, width) => {
        const lines = printTimeline(right(simulate(options)), { width }).split('\n');
        for (const line of lines) {
          expect(line.length).toBeLessThanOrEqual(width);
          expect(line).toBe(line.trimEnd());
        }
        expect(lines[0]).toHaveLength(width);
        expect(lines.join()).not.toMatch(/NaN|undefined|Infinity/);
      }),
    );
  });

  test('takes a terminal that is too narrow for one of 20 columns, and one without an end for one of 1,000', () => {
    const [bar] = printTimeline(of({}), { width: Number.POSITIVE_INFINITY }).split('\n');
    expect(bar).toHaveLength(1_000);
    expect(printTimeline(of({}), { width: 5 })).toBe(printTimeline(of({}), { width: 20 }));
    expect(printTimeline(of({}), { width: Number.NaN })).toBe(printTimeline(of({}), { width: 20 }));
  });
});

describe('a drawn timeline', () => {
  /** The tags, if each is closed in its order; it is what an XML parser asks for first. */
  const tagsOf = (svg: string): ReadonlyArray<string> => {
    const open: Array<string> = [];
    const names: Array<string> = [];
    for (const [, close, name = '', alone] of svg.matchAll(/<(\/?)([a-z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
      if (close === '/') expect(open.pop()).toBe(name);
      else {
        names.push(name);
        if (alone !== '/') open.push(name);
      }
    }
    expect(open).toEqual([]);
    return names;
  };

  test('is of bounded size and without a number that is none, whatever was simulated and how wide it is', () => {
    fc.assert(
      fc.property(fc.array(arbGiven, { maxLength: 3 }), fc.integer({ min: 1, max: 2_000 }), (given, width) => {
        const timelines = given.map(({ options }) => right(simulate(options)));
        const svg = drawTimeline(timelines, { width });
        tagsOf(svg);
        expect(svg).not.toMatch(/NaN|undefined|Infinity/);
        expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" /);
        // Nothing but the ids and the texts depends on what it is called.
        expect(svg.length).toBeLessThan(2_500 + timelines.length * 40_000);
      }),
    );
    const month = of({
      policy: policyWith({ backoff: 1_000 }),
      workload: crashLoop({ runsFor: 100 }),
      for: 24 * 60 * minute,
    });
    expect(month.entries.length).toBeGreaterThan(250_000);
    expect(drawTimeline([month]).length).toBeLessThan(15_000);
  });

  test('has a title, and a description that says in words what it shows', () => {
    const svg = drawTimeline([withPeople()], { title: 'A <crash> & what people did', labels: ['web "1"'] });
    expect(svg).toContain('>A &lt;crash&gt; &amp; what people did</title>');
    const description = /<desc[^>]*>(.*?)<\/desc>/.exec(svg)?.[1];
    expect(description).toMatch(/^web &quot;1&quot;: up [\d.]+ % of 2m, \d+ attempts, longest outage /);
    for (const part of [
      'limit reached at',
      'waiting for',
      'blocked for',
      'left down for 10s',
      'at 2s a person paused supervision',
    ])
      expect(description).toContain(part);
    const [, ids] = /aria-labelledby="([^"]*)"/.exec(svg) ?? [];
    for (const id of ids?.split(' ') ?? []) expect(svg).toContain(`id="${id}"`);
  });

  test('names what has room for it: the waits by their length, and what people did', () => {
    const policy = policyWith({ backoff: 10_000, maxBackoff: 80_000, backoffFrom: 'exit' });
    const svg = drawTimeline([of({ policy, for: 4 * minute })]);
    const texts = [...svg.matchAll(/<text class="in"[^>]*>([^<]*)</g)].map(([, text]) => text);
    expect(texts).toEqual(['10s', 'waiting 20s', 'waiting 40s', 'waiting 1m 20s', 'waiting 1m 5s']);
    expect(svg).toContain('>attempt 1<');
    const acts = [...drawTimeline([withPeople()]).matchAll(/<text class="small said-name"[^>]*>([^<]*)</g)];
    expect(acts.map(([, text]) => text)).toEqual(['pause', 'resume', 'new policy', 'stop', 'start']);
  });

  test('puts several timelines on one axis, as long as the longest', () => {
    const svg = drawTimeline([of({}), of({ for: 2 * minute })], { labels: ['short'] });
    expect(svg).toContain('>short<');
    expect(svg).toContain('>Policy 2<');
    expect(svg.match(/class="label"/g)).toHaveLength(2);
    expect(svg).toContain('>2m<');
    expect(drawTimeline([of({})])).not.toContain('class="label"');
  });

  test('is light or dark as its reader has it, and changes nothing in a page that holds it', () => {
    const svg = drawTimeline([of({})]);
    const [, style = ''] = /<style>(.*?)<\/style>/.exec(svg) ?? [];
    expect(style).toContain('@media (prefers-color-scheme:dark){');
    const [, name] = /class="(rp[a-z0-9]+)"/.exec(svg) ?? [];
    const selectors = style.replace('@media (prefers-color-scheme:dark){', '').match(/[^{}]+(?=\{)/g) ?? [];
    expect(selectors.length).toBeGreaterThan(10);
    for (const selector of selectors) expect(selector).toMatch(new RegExp(`^\\.${name}( |$)`));
    expect(drawTimeline([of({ for: 2 * minute })])).not.toContain(`"${name}"`);
  });

  test('is the same each time', () => {
    expect(drawTimeline([withPeople()])).toBe(drawTimeline([withPeople()]));
  });

  test('is at least 240 pixels wide, and at most 10,000', () => {
    const widthOf = (width: number) => /width="([^"]*)"/.exec(drawTimeline([of({})], { width }))?.[1];
    expect([1, Number.NaN, 500.5, Number.POSITIVE_INFINITY].map(widthOf)).toEqual(['240', '240', '500', '10000']);
  });

  /** Boxes of one phase, as numbers. */
  const boxesOf = (svg: string, phase: string) =>
    [
      ...(new RegExp(`<path class="${phase}" d="([^"]*)"/><`).exec(svg)?.[1] ?? '').matchAll(
        /M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)/g,
      ),
    ].map(([, ...numbers]) => {
      const [left = 0, top = 0, across = 0, down = 0] = numbers.map(Number);
      return { left, top, right: left + across, area: across * down };
    });

  test('of short waits between runs of a few pixels shows no more waiting than there is', () => {
    const waits = of({
      policy: policyWith({ backoff: 100, backoffFrom: 'exit' }),
      workload: crashLoop({ runsFor: 20_000 }),
      for: 60 * minute,
    });
    const svg = drawTimeline([waits], { width: 632 });
    const area = boxesOf(svg, 'waiting').reduce((sum, box) => sum + box.area, 0);
    expect(waits.summary.waiting / waits.summary.for).toBeLessThan(0.006);
    expect(area / (600 * 40)).toBeLessThan(0.012);
  });

  test('of what fills the bar leaves no gap in it', () => {
    const workload = fixedRuns([], { bootsFor: 1_000, runsFor: 1_500, exitCode: 1 });
    const runs = of({ policy: policyWith({ backoff: 1 }), workload, for: 7 * minute });
    for (const width of [333, 500, 634]) {
      const boxes = boxesOf(drawTimeline([runs], { width }), 'uptime');
      expect(boxes.length).toBeGreaterThan(10);
      for (const [index, { right: edge }] of boxes.slice(0, -1).entries()) {
        expect(boxes[index + 1]?.left, `at ${edge} of ${width}`).toBeCloseTo(edge, 5);
      }
    }
  });

  test('of runs that never end shows one box', () => {
    const svg = drawTimeline([of({ workload: fixedRuns([]) })]);
    expect(svg).toContain('running 1m');
    expect(svg).not.toContain('class="attempt"');
  });
});

describe('what a picture says of time', () => {
  test.each([
    [0, '0'],
    [1, '1ms'],
    [999, '999ms'],
    [1_500, '1.5s'],
    [59_000, '59s'],
    [60_000, '1m'],
    [90_400, '1m 30s'],
    [59_960, '1m'],
    [3_599_900, '1h'],
    [86_399_900, '1d'],
    [3_660_000, '1h 1m'],
    [86_400_000, '1d'],
    [100_800_000, '1d 4h'],
  ])('is for people: %i ms is %s', (ms, text) => {
    expect(spanText(ms)).toBe(text);
  });

  test.each([
    [0, '0 %'],
    [1, '100 %'],
    [0.999_99, '> 99.9 %'],
    [0.000_01, '< 0.1 %'],
    [0.123_4, '12.3 %'],
  ])('does not say all or nothing where it is not so: %d is %s', (share, text) => {
    expect(shareText(share)).toBe(text);
  });

  test('has marks at round spans, as many as there is room for', () => {
    expect(ticksOf(60_000, 5)).toEqual([0, 15_000, 30_000, 45_000, 60_000]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e13 }), fc.integer({ min: 2, max: 20 }), (span, most) => {
        const ticks = ticksOf(span, most);
        expect(ticks.length).toBeGreaterThanOrEqual(1);
        expect(ticks.length).toBeLessThanOrEqual(most + 1);
        expect(ticks.at(-1)).toBeLessThanOrEqual(span);
      }),
    );
  });
});
